//! The second pass: the same bytes once more, cut at the rows that the first pass found, and written as batches.

use std::fmt;
use std::ops::Range;

use crate::batch::{BatchTotals, Cutter, Envelope};
use crate::field::report;
use crate::finding::code::{Code, Severity};
use crate::finding::issue::{Issue, param};
use crate::finding::pointer::Pointer;
use crate::message::{Message, Place};
use crate::pass::checksum::Checksum;
use crate::pass::duplicates::{Dropped, Repeated};
use crate::pass::gathered::Gathered;
use crate::pass::noted::against;
use crate::pass::refused::Refused;
use crate::reader::scan::Reader;
use crate::recipient::rows::{LARGEST_ROW, trimmed};
use crate::request::SendMessages;
use crate::verdict::{Checked, Totals};

/// One row as it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its place in the request's `to`.
    pub index: u64,
    /// Its JSON, normalized.
    pub bytes: &'a [u8],
    /// Whether it stands for a stored group of people, and so has a batch to itself.
    pub group: bool,
    /// Whether it begins a batch.
    pub begins_batch: bool,
    /// What it takes of the sender's pace: the most segments of an SMS, which counts too where it is not known over
    /// which channel the message goes; one message over any other. A content template, whose text is not known, counts
    /// for two segments as SMS, and a stored group for one person. A text with Liquid is not measured, and counts for one,
    /// without [`Facts::measure`](crate::Facts::measure).
    pub units: u32,
}

/// Takes what the second pass writes.
pub trait Sink {
    /// Called once, before the first row: what stands around the rows of every batch, and the most bytes that a batch will
    /// have, or 0 where most of them are copied by a [`Copier`].
    fn begin(&mut self, envelope: &Envelope, largest: u64);
    /// The next row.
    ///
    /// # Errors
    ///
    /// [`Fault::OutOfMemory`] when there is no room for it.
    fn row(&mut self, row: Row<'_>) -> Result<(), Fault>;
}

/// A sink that has the request at hand, and can copy from it what is sent as it came.
pub trait Copier: Sink {
    /// The next rows, which stand at `place` in the request with a comma between two, and go into one batch.
    ///
    /// # Errors
    ///
    /// [`Fault::OutOfMemory`] when there is no room for it.
    fn copy(&mut self, place: Range<u64>, begins_batch: bool) -> Result<(), Fault>;
}

/// Why the result of a second pass is worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes are not those of the first pass.
    DifferentBytes,
    /// There is no memory for what is written.
    OutOfMemory,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DifferentBytes => "the second pass got other bytes than the first",
            Self::OutOfMemory => "there is no memory for what is written",
        })
    }
}

impl std::error::Error for Fault {}

/// The second pass: takes the same bytes again and hands the normalized rows to a [`Sink`].
pub struct Bodies {
    progress: Progress,
    gathered: Box<Gathered>,
    totals: Totals,
}

/// How far the second pass has come.
pub(crate) struct Progress {
    /// Whether rows are handed over: so far no error was found.
    sends: bool,
    /// Whether rows that are not edited are sent as they came, with nothing left to be said of them.
    copies: bool,
    /// Whether rows with errors are none of the estimate's: then all are judged once more.
    lenient: bool,
    envelope: Envelope,
    largest: u64,
    cutter: Cutter,
    batches: Vec<BatchTotals>,
    repeated: Repeated,
    /// How many bytes came in, and the row that comes next.
    offset: u64,
    next: usize,
    /// The part of a row that came with earlier pieces.
    carried: Vec<u8>,
    message: Message,
    line: Vec<u8>,
    checksum: Checksum,
    fault: Option<Fault>,
}

impl Progress {
    pub(crate) fn new(
        gathered: &mut Gathered,
        envelope: Envelope,
        largest: u64,
        repeated: Repeated,
        message: Message,
    ) -> Self {
        let lenient = gathered.options.lenient;
        gathered.report.silent = !lenient;
        let Gathered { rows, .. } = &*gathered;
        let sends = gathered.findings.ok();
        let looks = message.judges(rows) || !repeated.is_empty() || gathered.refused().is_some();
        // A checksum is over all bytes, so all have to come by.
        let trusts = gathered.checksum.is_none();
        Self {
            sends,
            lenient,
            copies: sends && trusts && !looks && !rows.spaced && rows.groups.is_empty(),
            cutter: Cutter::new(gathered.limits.batch, envelope.len()),
            envelope,
            largest,
            batches: Vec::new(),
            repeated,
            offset: 0,
            next: 0,
            carried: Vec::new(),
            message,
            line: Vec::new(),
            checksum: Checksum::default(),
            fault: None,
        }
    }

    /// Writes a row, which `bytes` begin with.
    fn row(&mut self, bytes: &[u8], gathered: &mut Gathered, dropped: &mut u64, sink: &mut dyn Sink) {
        let (row, index) = (self.next, self.next as u32);
        self.next += 1;
        // No recipient at all, as was said already; and a number that ends with its bytes cannot be read by itself.
        if bytes.first() != Some(&b'{') {
            return;
        }
        gathered.report.clear();
        gathered.row_judge.named.clear();
        let mut mistake = None;
        let again = self.lenient || gathered.judges_again();
        if again || gathered.rows.edited.contains(row) || self.repeated.needs_id(index) {
            let mut reader = Reader::new(bytes, 2);
            let judged = gathered.row_judge.judge(&mut reader, &Pointer::Root, &mut gathered.report);
            let Some(recipient) = judged.ok().filter(|_| reader.at() == bytes.len()) else {
                self.fault = Some(Fault::DifferentBytes);
                return;
            };
            mistake = against(&gathered.head.value, recipient).filter(|_| again);
        }
        let mut wrong = mistake.is_some() || is_wrong(&gathered.report.issues);
        let Gathered { row_judge, rows, refused, findings, .. } = gathered;
        // As `Gathered::refused`, which would borrow the rest, too.
        let refused = refused.as_ref().filter(|_| cfg!(feature = "refusals"));
        match self.repeated.drops(index, &row_judge.named.id, rows, refused, findings) {
            Dropped::No => {}
            Dropped::ByNumber => return,
            Dropped::ById => return *dropped += 1,
            Dropped::Refused => wrong = true,
            Dropped::Instead => *dropped = dropped.saturating_sub(1),
        }
        let offset = gathered.rows.start(row).unwrap_or_default();
        if let Some((code, params)) = mistake
            && gathered.refuse(index, code, offset, params)
        {
            return;
        }
        let [whatsapp, group] = [&gathered.rows.whatsapp, &gathered.rows.groups].map(|rows| rows.contains(row));
        let place = Place { index: row as u64, offset, whatsapp, group };
        if self.message.judge(place, bytes, &gathered.findings).is_err() {
            self.fault = Some(Fault::DifferentBytes);
            return;
        }
        wrong |= is_wrong(self.message.issues());
        if gathered.refused().is_some() && wrong {
            return gathered.refuse_for(index, self.message.issues(), offset);
        }
        gathered.findings.add_unit(self.message.issues(), offset);
        let counts = !(self.lenient && wrong);
        let units = self.message.take(place, bytes, &gathered.head.value, counts);
        if !self.sends {
            return;
        }
        let edits = &gathered.report.edits;
        let bytes = if edits.is_empty() {
            bytes
        } else {
            self.line.clear();
            report::apply(bytes, edits, &mut self.line);
            &self.line
        };
        let limit = gathered.limits.batch.bytes;
        if bytes.len() as u64 + self.envelope.len() > limit
            && gathered.refuse(index, Code::RecipientTooLarge, offset, param("limit", limit))
        {
            return;
        }
        let begins_batch = add(&mut self.cutter, &mut self.batches, bytes.len() as u64, group);
        self.fault = sink.row(Row { index: row as u64, bytes, group, begins_batch, units }).err();
    }

    /// Keeps a part of a row that a piece cuts. No row is larger than that, only what stands after it.
    fn carry(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(..LARGEST_ROW - self.carried.len()).unwrap_or(bytes);
        if self.carried.try_reserve(bytes.len()).is_err() {
            self.fault = Some(Fault::OutOfMemory);
        } else {
            self.carried.extend_from_slice(bytes);
        }
    }
}

/// Whether one of a row's issues is an error.
fn is_wrong(issues: &[Issue]) -> bool {
    issues.iter().any(|issue| issue.severity() == Severity::Error)
}

/// Adds a row to the batches; whether it begins one.
fn add(cutter: &mut Cutter, batches: &mut Vec<BatchTotals>, bytes: u64, group: bool) -> bool {
    let first = batches.is_empty() && cutter.is_empty();
    let closed = cutter.add(bytes, group);
    batches.extend(closed);
    first || closed.is_some()
}

impl Bodies {
    pub(crate) fn new(progress: Progress, gathered: Box<Gathered>, totals: Totals) -> Self {
        Self { progress, gathered, totals }
    }

    /// What stands around the rows of every batch.
    pub fn envelope(&self) -> &Envelope {
        &self.progress.envelope
    }

    /// The rows refused so far, where they are refused one by one: see [`Facts::refuse_rows`](crate::Facts::refuse_rows).
    pub fn refused(&self) -> Option<&Refused> {
        self.gathered.refused()
    }

    /// Goes on in a request that is in memory, and has `sink` copy what is sent as it came. The result is the range of
    /// bytes to push before this is called again, or none at the end.
    ///
    /// This takes the place of pushing everything; unless the first pass was [`Facts::trusting`](crate::Facts::trusting),
    /// all bytes are asked for at once.
    pub fn copy(&mut self, sink: &mut dyn Copier) -> Option<Range<u64>> {
        let Self { progress, gathered, totals } = self;
        if !progress.copies {
            let rest = progress.offset..totals.bytes;
            return (!rest.is_empty()).then_some(rest);
        }
        if progress.offset == 0 {
            sink.begin(&progress.envelope, 0);
        }
        let rows = &gathered.rows;
        while progress.fault.is_none()
            && let Some(start) = rows.start(progress.next)
        {
            if rows.edited.contains(progress.next) {
                progress.offset = start;
                return Some(start..rows.limit(progress.next));
            }
            let mut end = rows.end(progress.next);
            let begins_batch = add(&mut progress.cutter, &mut progress.batches, end - start, false);
            progress.next += 1;
            while let Some(start) = rows.start(progress.next)
                && !rows.edited.contains(progress.next)
                && progress.cutter.grow(rows.end(progress.next) - start)
            {
                end = rows.end(progress.next);
                progress.next += 1;
            }
            progress.fault = sink.copy(start..end, begins_batch).err();
        }
        progress.offset = totals.bytes;
        None
    }

    /// Takes the next bytes of the request, in pieces of any size.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        let Self { progress, gathered, totals } = self;
        if progress.offset == 0 && !chunk.is_empty() && progress.sends {
            sink.begin(&progress.envelope, progress.largest);
        }
        if gathered.checksum.is_some() {
            progress.checksum.add(chunk);
        }
        let begin = progress.offset;
        progress.offset += chunk.len() as u64;
        while progress.fault.is_none()
            && let Some(start) = gathered.rows.start(progress.next)
        {
            if gathered.refused().is_some_and(|refused| refused.has(progress.next as u32)) {
                progress.next += 1;
                continue;
            }
            if start >= progress.offset {
                break;
            }
            let limit = gathered.rows.limit(progress.next);
            let here = chunk.get(start.saturating_sub(begin) as usize..).unwrap_or_default();
            let here = here.get(..(limit - start.max(begin)) as usize).unwrap_or(here);
            let (cut, whole) = (start < begin, limit <= progress.offset);
            if cut || !whole {
                progress.carry(here);
            }
            if !whole || progress.fault.is_some() {
                break;
            }
            let mut carried = std::mem::take(&mut progress.carried);
            let row = trimmed(if cut { &carried } else { here });
            progress.row(row, gathered, &mut totals.recipients.dropped, sink);
            carried.clear();
            progress.carried = carried;
        }
    }

    /// Takes the end of the request. Where the verdict is not ok, what the sink took is to be thrown away.
    ///
    /// # Errors
    ///
    /// When the bytes differ from those of the first pass, or the sink had no room: what it took is to be thrown away.
    pub fn finish(mut self) -> Result<Checked<SendMessages>, Fault> {
        let Self { progress, gathered, totals } = &mut self;
        if let Some(fault) = progress.fault {
            return Err(fault);
        }
        let same = gathered.checksum.is_none_or(|checksum| checksum == progress.checksum);
        if !same || progress.offset != totals.bytes || gathered.rows.start(progress.next).is_some() {
            return Err(Fault::DifferentBytes);
        }
        if gathered.findings.ok() {
            progress.batches.extend(progress.cutter.finish());
            totals.batches = std::mem::take(&mut progress.batches);
        }
        let (estimate, mut previews) = progress.message.finish(&mut gathered.findings);
        for preview in &mut previews {
            preview.issues = gathered.findings.take_watched(preview.row);
        }
        let mut checked = gathered.done(std::mem::take(totals));
        (checked.verdict.estimate, checked.verdict.previews) = (estimate, previews);
        Ok(checked)
    }
}

#[cfg(test)]
#[expect(clippy::panic, clippy::unwrap_used, reason = "that is how a test fails")]
mod tests {
    use super::*;
    use crate::options::Options;
    use crate::pass::{Facts, Need, Wants};

    struct Units(Vec<u32>);

    impl Sink for Units {
        fn begin(&mut self, _: &Envelope, _: u64) {}
        fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
            self.0.push(row.units);
            Ok(())
        }
    }

    #[test]
    fn a_text_with_liquid_is_measured_where_somebody_asks_for_it() {
        let [long, short] = ["x".repeat(320), "x".to_owned()]
            .map(|value| format!(r#"{{"address":"+14155550132","channel":"PHONE","variables":{{"name":"{value}"}}}}"#));
        let head = r#""from":{"address":"+15017122661","channel":"SMS"},"content":{"text":"{{name}}"}"#;
        let request = format!(r#"{{{head},"to":[{long},{short}]}}"#);
        for (measured, units) in [(true, [3, 1]), (false, [1, 1])] {
            let mut facts = Facts::new(&Options::default(), Wants::Bodies);
            if measured {
                facts.measure();
            }
            facts.push(request.as_bytes());
            let Need::Again(mut bodies) = facts.finish() else { panic!("there are errors") };
            let mut sink = Units(Vec::new());
            bodies.push(request.as_bytes(), &mut sink);
            bodies.finish().unwrap();
            assert_eq!(sink.0, units);
        }
    }
}
