//! The two passes over a request, and their order: the only file that knows it.
//!
//! The first pass ([`Facts`]) reads everything and judges what needs no other part of the request. The second
//! ([`Bodies`]) reads the same bytes again, now that the head is known, and writes the batches. The second is skipped
//! where nothing is left for it.

use std::iter::Peekable;
use std::vec::IntoIter;

use crate::batch::{Cutter, Envelope};
use crate::checksum::Checksum;
use crate::code::Code;
use crate::findings::Findings;
use crate::frame::{Document, Judge, Unit};
use crate::identity::{Identities, Identity};
use crate::instant::Instant;
use crate::issue::{Issue, Params};
use crate::limits::{BatchLimits, IDENTITIES, Limits, ROWS_NAMED, TEMPLATE_VALUE};
use crate::phone::Region;
use crate::pointer::Pointer;
use crate::recipient::{self, Recipient};
use crate::request::{Head, SendMessages};
use crate::scan::{Reader, Stop};
use crate::sender::SenderChannel;
use crate::shape::{self, Report};
use crate::verdict::{BatchTotals, Checked, Recipients, Totals, Verdict};
use crate::whole::Nowhere;

/// How a request is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What a request may hold, and into what it is split.
    pub limits: Limits,
    /// The present instant; without one nothing is said of a schedule that is over or far ahead.
    pub now: Option<Instant>,
    /// The region whose numbers may be written without their country code; without one they are errors.
    pub default_region: Option<Region>,
}

/// What a caller is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// The verdict only.
    Verdict,
    /// The verdict and the normalized rows.
    Bodies,
}

fn verdict(findings: Findings, totals: Totals) -> Verdict {
    let ok = findings.ok();
    let (issues, counts, omitted) = findings.into_parts();
    Verdict { ok, issues, counts, omitted, totals }
}

/// The first pass: takes the request in pieces of any size and finds what can be said without a second look.
pub struct Facts {
    document: Document,
    state: Gathered,
    wants: Wants,
}

/// What comes behind the first pass.
#[allow(clippy::large_enum_variant, reason = "made once a request; not large where pointers are small")]
pub enum Need {
    /// All was said, or an error makes the rest pointless.
    Done(Checked<SendMessages>),
    /// The same bytes once more.
    Again(Box<Bodies>),
}

struct Gathered {
    limits: Limits,
    region: Option<Region>,
    head: Head,
    findings: Findings,
    report: Report,
    recipients: Recipients,
    /// Whom the present row names, and whom all of them.
    named: Vec<Identity>,
    identities: Identities,
    /// Where `to` opens.
    to_at: u64,
    /// The largest row: its bytes when normalized, its index and its place.
    largest: (u64, u64, u64),
    /// Batches as they come out when no body is too large; they lack the envelope.
    cutter: Cutter,
    batches: Vec<BatchTotals>,
    edited: bool,
    checksum: Option<Checksum>,
    /// Rows that only a PHONE sender reaches, only a WHATSAPP sender, and that no template may have.
    only_phone: Rows,
    only_whatsapp: Rows,
    long_values: Rows,
}

/// Rows that share something, which is a mistake or not depending on the head: how many, and where the first are.
#[derive(Default)]
struct Rows {
    count: u64,
    first: Vec<(u64, u64)>,
}

impl Rows {
    fn add(&mut self, index: u64, offset: u64) {
        self.count += 1;
        if self.first.len() < ROWS_NAMED {
            self.first.push((index, offset));
        }
    }
}

impl Facts {
    /// Begins the first pass over a request.
    pub fn new(options: &Options, wants: Wants) -> Self {
        Self::with(options, wants, Some(Checksum::default()))
    }

    /// As [`Facts::new`], for bytes that are known to be the same in both passes.
    pub(crate) fn trusting(options: &Options, wants: Wants) -> Self {
        Self::with(options, wants, None)
    }

    fn with(options: &Options, wants: Wants, checksum: Option<Checksum>) -> Self {
        let limits = options.limits;
        let by_rows = BatchLimits { bytes: u64::MAX, ..limits.batch };
        let state = Gathered {
            limits,
            region: options.default_region,
            head: Head::new(options.now, options.default_region),
            findings: Findings::default(),
            report: Report::default(),
            recipients: Recipients::default(),
            named: Vec::new(),
            identities: Identities::default(),
            to_at: 0,
            largest: (0, 0, 0),
            cutter: Cutter::new(by_rows, 0),
            batches: Vec::new(),
            edited: false,
            checksum,
            only_phone: Rows::default(),
            only_whatsapp: Rows::default(),
            long_values: Rows::default(),
        };
        Self { document: Document::new(), state, wants }
    }

    /// Takes the next bytes of the request. Bytes above the limit are not read.
    pub fn push(&mut self, chunk: &[u8]) {
        let limit = self.state.limits.bytes;
        let room = limit.saturating_sub(self.document.offset());
        let readable = chunk.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        self.document.push(&chunk[..readable], &mut self.state);
        if readable < chunk.len() {
            self.document.fail(Code::TooLarge, String::new(), limit, vec![("limit", limit.into())]);
            self.document.push(&chunk[readable..], &mut self.state);
        }
    }

    /// Takes the end of the request.
    pub fn finish(self) -> Need {
        let Self { mut document, mut state, wants } = self;
        let fatal = document.finish(&mut state);
        let mut totals = Totals { recipients: state.recipients, bytes: document.offset(), batches: Vec::new() };
        if let Some(issue) = fatal {
            state.findings.add(issue);
            return Need::Done(state.done(totals));
        }
        state.head.finish(document.root_at(), &mut state.findings);
        state.judge_count(document.rows());
        state.judge_rows();
        let envelope = state.head.envelope();
        state.judge_largest(envelope.len());
        if !state.findings.ok() {
            return Need::Done(state.done(totals));
        }
        state.batches.extend(state.cutter.clone().finish());
        for batch in &mut state.batches {
            batch.bytes += envelope.len();
        }
        if state.identities.overflowed {
            let to = Pointer::Name(&Pointer::Root, "to");
            state.issue(Code::NotCompared, to, state.to_at, vec![("limit", IDENTITIES.into())]);
        }
        let repeated = std::mem::take(&mut state.identities).into_repeated();
        let fits = state.batches.iter().all(|batch| batch.bytes <= state.limits.batch.bytes);
        if fits && wants == Wants::Verdict && repeated.is_empty() {
            totals.batches = std::mem::take(&mut state.batches);
            return Need::Done(state.done(totals));
        }
        Need::Again(Box::new(Bodies {
            document: Document::new(),
            state: Written {
                region: state.region,
                cutter: Cutter::new(state.limits.batch, envelope.len()),
                report: Report { silent: true, ..Report::default() },
                edited: state.edited,
                named: Vec::new(),
                repeated: repeated.into_iter().peekable(),
                findings: std::mem::take(&mut state.findings),
                line: Vec::new(),
                batches: Vec::new(),
                checksum: state.checksum.is_some().then(Checksum::default),
                fault: None,
            },
            envelope,
            gathered: state,
            totals,
        }))
    }
}

impl Gathered {
    fn done(self, totals: Totals) -> Checked<SendMessages> {
        Checked { value: self.head.value, verdict: verdict(self.findings, totals) }
    }

    fn issue(&mut self, code: Code, at: Pointer<'_>, offset: u64, params: Params) {
        self.findings.add(Issue { code, at: at.text(), offset, span: None, params });
    }

    fn judge_count(&mut self, rows: u64) {
        let limit = self.limits.recipients;
        let to = Pointer::Name(&Pointer::Root, "to");
        if rows > u64::from(limit) {
            let params = vec![("count", rows.into()), ("limit", limit.into())];
            self.issue(Code::TooManyRecipients, to, self.to_at, params);
        } else if rows == 0 && self.to_at > 0 {
            self.issue(Code::NoRecipient, to, self.to_at, vec![]);
        }
    }

    /// Notes what of a row may be a mistake once the head is known, which may stand behind it.
    fn against_head(&mut self, recipient: Recipient, index: u64, offset: u64) {
        match recipient.channels {
            recipient::PHONE => self.only_phone.add(index, offset),
            recipient::WHATSAPP => self.only_whatsapp.add(index, offset),
            _ => {}
        }
        if recipient.long_value {
            self.long_values.add(index, offset);
        }
    }

    /// Judges the noted rows by the head.
    fn judge_rows(&mut self) {
        let unreachable = match self.head.value.from.as_ref().and_then(|from| from.channel) {
            Some(SenderChannel::WhatsApp) => Some((std::mem::take(&mut self.only_phone), "WHATSAPP")),
            Some(SenderChannel::Sms | SenderChannel::Rcs) => Some((std::mem::take(&mut self.only_whatsapp), "PHONE")),
            None => None,
        };
        if let Some((rows, expected)) = unreachable {
            self.issue_rows(Code::AgainstSender, rows, vec![("expected", expected.into())]);
        }
        if self.head.value.content.as_ref().is_some_and(|content| content.content_id.is_some()) {
            let rows = std::mem::take(&mut self.long_values);
            self.issue_rows(Code::LongTemplateValue, rows, vec![("limit", TEMPLATE_VALUE.into())]);
        }
    }

    fn issue_rows(&mut self, code: Code, rows: Rows, params: Params) {
        let to = Pointer::Name(&Pointer::Root, "to");
        self.findings.count(code, rows.count - rows.first.len() as u64);
        for (index, offset) in rows.first {
            self.issue(code, Pointer::Index(&to, index), offset, params.clone());
        }
    }

    fn judge_largest(&mut self, envelope: u64) {
        let limit = self.limits.batch.bytes;
        let (bytes, index, offset) = self.largest;
        if bytes > 0 && bytes + envelope > limit {
            let to = Pointer::Name(&Pointer::Root, "to");
            self.issue(Code::RecipientTooLarge, Pointer::Index(&to, index), offset, vec![("limit", limit.into())]);
        }
    }
}

impl Judge for Gathered {
    fn member(&mut self, name: &[u8], text: &str, value: Unit<'_>) -> Result<usize, Stop> {
        let read = self.head.member(name, text, value, &mut self.report, &mut self.findings)?;
        if let Some(checksum) = &mut self.checksum {
            checksum.add(&value.bytes[..read]);
        }
        Ok(read)
    }

    fn open_rows(&mut self, offset: u64) -> bool {
        let first = self.head.open_rows(offset, &mut self.findings);
        if first {
            self.to_at = offset;
        }
        first
    }

    fn row(&mut self, index: u64, row: Unit<'_>) -> Result<usize, Stop> {
        self.report.clear();
        self.named.clear();
        let to = Pointer::Name(&Pointer::Root, "to");
        let mut reader = Reader::new(row.bytes, 2);
        let recipient =
            recipient::judge(&mut reader, Pointer::Index(&to, index), self.region, &mut self.report, &mut self.named)?;
        let read = reader.at();
        match recipient.group {
            false => self.recipients.listed += 1,
            true => self.recipients.groups += 1,
        }
        self.against_head(recipient, index, row.offset);
        for identity in self.named.drain(..) {
            self.identities.add(identity, index as u32);
        }
        // Issues of one row are found member by member, but what is missing only at its end.
        self.findings.add_unit(&mut self.report.issues, row.offset);
        self.edited |= !self.report.edits.is_empty();
        let bytes = (read as u64).saturating_add_signed(shape::growth(&self.report.edits));
        if bytes > self.largest.0 {
            self.largest = (bytes, index, row.offset);
        }
        self.batches.extend(self.cutter.add(bytes));
        if let Some(checksum) = &mut self.checksum {
            checksum.add(&row.bytes[..read]);
        }
        Ok(read)
    }

    fn too_large(&mut self, at: Pointer<'_>, offset: u64) {
        let limit = self.limits.batch.bytes;
        self.issue(Code::RecipientTooLarge, at, offset, vec![("limit", limit.into())]);
    }

    fn byte_order_mark(&mut self) {
        self.issue(Code::ByteOrderMark, Pointer::Root, 0, vec![]);
    }
}

/// One row as it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its place in the request's `to`.
    pub index: u64,
    /// Its JSON, normalized.
    pub bytes: &'a [u8],
    /// Whether it begins a batch.
    pub begins_batch: bool,
}

/// Takes what the second pass writes.
pub trait Sink {
    /// What stands around the rows of every batch; called once, in front of the first row.
    fn begin(&mut self, envelope: &Envelope);
    /// The next row.
    ///
    /// # Errors
    ///
    /// [`Fault::OutOfMemory`] when there is no room for it.
    fn row(&mut self, row: Row<'_>) -> Result<(), Fault>;
}

/// Why a second pass is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes are not those of the first pass.
    DifferentBytes,
    /// There is no memory for what is written.
    OutOfMemory,
}

/// The second pass: takes the same bytes again and hands the normalized rows to a [`Sink`].
pub struct Bodies {
    document: Document,
    state: Written,
    envelope: Envelope,
    gathered: Gathered,
    totals: Totals,
}

struct Written {
    region: Option<Region>,
    cutter: Cutter,
    report: Report,
    /// Whether any row is written otherwise than it came.
    edited: bool,
    line: Vec<u8>,
    /// Whom the present row names; not looked at again.
    named: Vec<Identity>,
    /// Rows that repeat an earlier one, and the findings of both passes.
    repeated: Peekable<IntoIter<(u32, u32)>>,
    findings: Findings,
    batches: Vec<BatchTotals>,
    checksum: Option<Checksum>,
    fault: Option<Fault>,
}

struct Writing<'a> {
    state: &'a mut Written,
    sink: &'a mut dyn Sink,
}

impl Bodies {
    /// What stands around the rows of every batch.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Takes the next bytes of the request, in pieces of any size.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        if self.state.fault.is_none() {
            self.document.push(chunk, &mut Writing { state: &mut self.state, sink });
        }
    }

    /// Takes the end of the request.
    ///
    /// # Errors
    ///
    /// When the bytes differ from those of the first pass, or the sink had no room: what it took is to be thrown away.
    pub fn finish(mut self) -> Result<Checked<SendMessages>, Fault> {
        let bytes = self.document.offset();
        // A row is written when its last byte comes in, so nothing is left for a sink.
        let whole = self.document.finish(&mut Writing { state: &mut self.state, sink: &mut Nowhere }).is_none();
        if let Some(fault) = self.state.fault {
            return Err(fault);
        }
        if !whole || bytes != self.totals.bytes || self.state.checksum != self.gathered.checksum {
            return Err(Fault::DifferentBytes);
        }
        self.totals.batches = self.state.batches;
        self.totals.batches.extend(self.state.cutter.finish());
        self.gathered.findings = self.state.findings;
        Ok(self.gathered.done(self.totals))
    }
}

impl Judge for Writing<'_> {
    fn member(&mut self, _: &[u8], _: &str, value: Unit<'_>) -> Result<usize, Stop> {
        let mut reader = Reader::new(value.bytes, 1);
        reader.skip()?;
        if let Some(checksum) = &mut self.state.checksum {
            checksum.add(&value.bytes[..reader.at()]);
        }
        Ok(reader.at())
    }

    fn open_rows(&mut self, _: u64) -> bool {
        true
    }

    fn row(&mut self, index: u64, row: Unit<'_>) -> Result<usize, Stop> {
        let state = &mut *self.state;
        state.report.clear();
        state.named.clear();
        let mut reader = Reader::new(row.bytes, 2);
        if state.edited {
            recipient::judge(&mut reader, Pointer::Root, state.region, &mut state.report, &mut state.named)?;
        } else {
            reader.skip()?;
        }
        let read = &row.bytes[..reader.at()];
        if let Some(checksum) = &mut state.checksum {
            checksum.add(read);
        }
        let bytes = if state.report.edits.is_empty() {
            read
        } else {
            state.line.clear();
            shape::apply(read, &state.report.edits, &mut state.line);
            &state.line
        };
        if let Some((_, first)) = state.repeated.next_if(|(row, _)| u64::from(*row) == index) {
            let to = Pointer::Name(&Pointer::Root, "to");
            let (at, params) = (Pointer::Index(&to, index).text(), vec![("first", first.into())]);
            let issue = Issue { code: Code::DuplicateRecipient, at, offset: row.offset, span: None, params };
            state.findings.add(issue);
        }
        let closed = state.cutter.add(bytes.len() as u64);
        let begins_batch = index == 0 || closed.is_some();
        state.batches.extend(closed);
        if state.fault.is_none() {
            state.fault = self.sink.row(Row { index, bytes, begins_batch }).err();
        }
        Ok(reader.at())
    }

    fn too_large(&mut self, _: Pointer<'_>, _: u64) {
        self.state.fault = Some(Fault::DifferentBytes);
    }

    fn byte_order_mark(&mut self) {}
}
