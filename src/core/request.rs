//! The head of a request: every member but `to`, judged as it comes by and written once for all batches.

pub(crate) mod content;
mod media;
pub(crate) mod module;
pub(crate) mod reach;
pub(crate) mod schedule;
pub(crate) mod sender;
pub(crate) mod tags;

use crate::batch::Envelope;
use crate::field::report::{self, Report};
use crate::field::shape::{self, Field};
use crate::field::wording::Wording;
use crate::finding::code::Code;
use crate::finding::findings::Findings;
use crate::finding::issue::param;
use crate::finding::pointer::Pointer;
use crate::instant::Instant;
use crate::options::Options;
use crate::phone::Region;
use crate::reader::frame::Unit;
use crate::reader::scan::{Kind, Reader, Stop, Why};
use crate::request::content::Content;
use crate::request::reach::judge_for;
use crate::request::schedule::Schedule;
use crate::request::sender::Sender;
use crate::request::tags::Tags;

/// The body of `POST /v1/Messages` without its recipients, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendMessages {
    /// Who the send comes from; nobody named lets the service choose.
    pub from: Option<Sender>,
    /// What it says.
    pub content: Option<Content>,
    /// When it goes out; none is at once.
    pub schedule: Option<Schedule>,
    /// Its metadata.
    pub tags: Option<Tags>,
}

const KNOWN: &[&str] = &["to", "from", "content", "schedule", "tags"];
const TO: usize = 0;
const CONTENT: usize = 2;

/// The head while it is read.
#[derive(Default)]
pub(crate) struct Head {
    pub value: SendMessages,
    /// The present instant, where the caller gave one.
    now: Option<Instant>,
    /// The region of numbers without a country code.
    region: Option<Region>,
    /// Which of [`KNOWN`] came by, and which of them with a value.
    named: [bool; KNOWN.len()],
    given: [bool; KNOWN.len()],
    /// Where the text stands, in bytes into the request.
    text_at: u64,
    /// Texts with Liquid, to be rendered for each recipient.
    pub wordings: Vec<Wording>,
    /// How many there are with those that cannot be read.
    wordings_count: usize,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Head {
    pub(crate) fn new(options: &Options) -> Self {
        let mut head = Self { now: options.now, region: options.default_region, ..Self::default() };
        // Where there are only rows, nobody misses it.
        head.given[CONTENT] = options.rows_only;
        head
    }

    /// Judges a member and keeps it for the envelope; how many bytes its value has.
    pub(crate) fn member(
        &mut self,
        name: &[u8],
        text: &str,
        value: Unit<'_>,
        report: &mut Report,
        findings: &mut Findings,
    ) -> Result<usize, Why> {
        report.clear();
        let mut reader = Reader::new(value.bytes, 1);
        let noted = (self.named, self.given, report.wordings_count, report.names_count);
        if self.judge(&mut reader, text, value.offset, report).is_err() {
            // The member may come again, whole.
            (self.named, self.given, report.wordings_count, report.names_count) = noted;
            return Err(reader.why());
        }
        let read = reader.at();
        self.wordings_count = report.wordings_count;
        self.wordings.append(&mut report.wordings);
        findings.add_unit(&mut report.issues, value.offset);
        let out = if self.named[TO] { &mut self.after } else { &mut self.before };
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name);
        out.extend_from_slice(b"\":");
        report::apply(&value.bytes[..read], &report.edits, out);
        Ok(read)
    }

    /// Notes the bracket that opens `to`; false when there was a `to` already.
    pub(crate) fn open_rows(&mut self, offset: u64, findings: &mut Findings) -> bool {
        if self.named[TO] {
            let mut report = Report::default();
            repeated(TO, 0, &mut report);
            findings.add_unit(&mut report.issues, offset);
            return false;
        }
        self.named[TO] = true;
        self.given[TO] = true;
        true
    }

    /// Notes that a member is too large to be read: it is not missing.
    pub(crate) fn pass_over(&mut self, name: &str) {
        if let Some(member) = KNOWN.iter().position(|known| *known == name) {
            self.given[member] = true;
        }
    }

    fn judge(&mut self, reader: &mut Reader<'_>, name: &str, offset: u64, report: &mut Report) -> Result<(), Stop> {
        let mut field = Field::new(reader, report, Pointer::Name(&Pointer::Root, name))?;
        let Some(member) = KNOWN.iter().position(|known| *known == name) else {
            return field.unknown(name, KNOWN);
        };
        if self.named[member] {
            field.issue(Code::RepeatedField, param("field", KNOWN[member]));
            return field.reader.skip();
        }
        self.named[member] = true;
        if field.kind == Kind::Null {
            field.found(Code::NullField);
            return field.reader.skip();
        }
        self.given[member] = true;
        match name {
            "to" => drop(field.is(Kind::Array)?),
            "from" => self.value.from = sender::judge(&mut field, self.region)?,
            "content" => {
                if let Some(judged) = content::judge(&mut field)? {
                    self.text_at = offset + judged.text_at as u64;
                    self.value.content = Some(judged.content);
                }
            }
            "tags" => self.value.tags = tags::judge(&mut field)?,
            _ => self.value.schedule = schedule::judge(&mut field, self.now)?,
        }
        Ok(())
    }

    /// Whether it is known which variables the message uses. Of one that says nothing yet, it is not.
    pub(crate) fn knows_its_variables(&self) -> bool {
        let Some(Content { text, media, content_id: None, modules }) = &self.value.content else { return false };
        let says = match modules {
            Some(modules) => !modules.whatsapp,
            None => text.as_ref().is_some_and(|text| !text.is_empty()) || !media.is_empty(),
        };
        says && self.wordings.len() == self.wordings_count
    }

    /// Judges what only the whole head shows; `root_at` is where the request begins.
    pub(crate) fn finish(&self, root_at: u64, findings: &mut Findings) {
        let mut report = Report::default();
        for member in [TO, CONTENT] {
            if !self.given[member] {
                shape::missing(&mut report, &Pointer::Root, 0, KNOWN[member]);
            }
        }
        findings.add_unit(&mut report.issues, root_at);
        if let Some(content) = &self.value.content {
            judge_for(content, self.value.from.as_ref(), &mut report);
            findings.add_unit(&mut report.issues, self.text_at);
        }
    }

    /// What stands around the rows of every batch.
    pub(crate) fn envelope(&mut self) -> Envelope {
        let (mut before, mut after) = (std::mem::take(&mut self.before), vec![b']']);
        before.extend_from_slice(b",\"to\":[");
        // The comma before the first member is where the brace belongs.
        before[0] = b'{';
        after.append(&mut self.after);
        after.push(b'}');
        Envelope { before, after }
    }
}

fn repeated(member: usize, offset: usize, report: &mut Report) {
    let at = &Pointer::Name(&Pointer::Root, KNOWN[member]);
    report.issue(Code::RepeatedField, at, offset, param("field", KNOWN[member]));
}
