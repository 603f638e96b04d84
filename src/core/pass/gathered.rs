//! What the first pass gathers of a request, and what it finds, unit by unit.

use crate::batch::{BatchTotals, Cutter};
use crate::channel::WHATSAPP;
use crate::field::report::{self, Report};
use crate::finding::code::{Code, Severity};
use crate::finding::findings::Findings;
use crate::finding::issue::{Issue, Params, above, param};
use crate::finding::pointer::{Pointer, TO};
use crate::limits::{BatchLimits, IDENTITIES, Limits};
use crate::message::Asked;
use crate::options::{Duplicates, Options};
use crate::pass::checksum::Checksum;
use crate::pass::duplicates::Repeated;
use crate::pass::noted::Notes;
use crate::pass::refused::Refused;
use crate::reader::frame::{Judge, Unit};
use crate::reader::scan::{Reader, Why};
use crate::recipient::identity::{Identities, Identity};
use crate::recipient::rows::{Full, Rows};
use crate::recipient::{Recipient, RowJudge};
use crate::request::{Head, SendMessages};
use crate::verdict::{Checked, Recipients, Totals, Verdict};

/// Which row it is, and where it stands in the request.
#[derive(Clone, Copy)]
struct Place {
    index: u64,
    offset: u64,
}

/// The state of the first pass, which the second begins with.
pub(crate) struct Gathered {
    pub options: Options,
    pub limits: Limits,
    pub asked: Asked,
    pub head: Head,
    pub findings: Findings,
    pub report: Report,
    pub recipients: Recipients,
    pub row_judge: RowJudge,
    /// Whom all rows name.
    identities: Identities,
    pub rows: Rows,
    /// Whether there was no memory to keep where a row stands.
    pub full: bool,
    /// Where `to` opens.
    to_at: u64,
    /// The rows that are refused by themselves, where the others are sent all the same.
    pub refused: Option<Refused>,
    /// The largest row: its bytes when normalized, its index and its place.
    largest: (u64, u64, u64),
    /// Batches as they come out when no body is too large; they lack the envelope.
    pub cutter: Cutter,
    pub batches: Vec<BatchTotals>,
    pub checksum: Option<Checksum>,
    pub notes: Notes,
}

fn verdict(findings: Findings, totals: Totals) -> Verdict {
    let ok = findings.ok();
    let (issues, counts, omitted) = findings.into_parts();
    Verdict { ok, issues, counts, omitted, totals, estimate: None, previews: Vec::new() }
}

impl Gathered {
    /// Nothing yet. A checksum is made where the bytes may differ when they come again.
    #[inline(always)]
    pub(crate) fn new(options: &Options, checksum: Option<Checksum>) -> Self {
        let limits = options.limits;
        let by_rows = BatchLimits { bytes: u64::MAX, ..limits.batch };
        Self {
            limits,
            options: options.clone(),
            asked: Asked::default(),
            head: Head::new(options),
            findings: Findings::default(),
            report: Report::default(),
            recipients: Recipients::default(),
            row_judge: RowJudge::new(options.default_region),
            identities: Identities::default(),
            rows: Rows::default(),
            full: false,
            refused: None,
            to_at: 0,
            largest: (0, 0, 0),
            cutter: Cutter::new(by_rows, 0),
            batches: Vec::new(),
            checksum,
            notes: Notes::default(),
        }
    }

    /// The verdict of a request that is refused or read to its end. Where nothing is sent, rows that were refused by
    /// themselves are part of it.
    pub(crate) fn done(&mut self, totals: Totals) -> Checked<SendMessages> {
        if totals.batches.is_empty()
            && let Some(findings) = self.refused_mut().map(Refused::take_findings)
        {
            self.findings.merge(findings);
        }
        let (value, findings) = (std::mem::take(&mut self.head.value), std::mem::take(&mut self.findings));
        Checked { value, verdict: verdict(findings, totals) }
    }

    /// The rows that are refused by themselves, where the caller chose so; nobody can without the feature, and then the
    /// compiler leaves out what is done for it.
    pub(crate) fn refused(&self) -> Option<&Refused> {
        self.refused.as_ref().filter(|_| cfg!(feature = "refusals"))
    }

    fn refused_mut(&mut self) -> Option<&mut Refused> {
        self.refused.as_mut().filter(|_| cfg!(feature = "refusals"))
    }

    /// Whether more of them show only when the rows are judged once more, by the head.
    pub(crate) fn judges_again(&self) -> bool {
        self.refused().is_some_and(|refused| refused.more)
    }

    fn issue(&mut self, code: Code, at: &Pointer<'_>, offset: u64, params: Params) {
        self.findings.add(Issue { code, at: at.text(), offset, span: None, params });
    }

    pub(crate) fn judge_count(&mut self, rows: u64) {
        let limit = self.limits.recipients;
        if rows > u64::from(limit) {
            let params = above("count", rows, limit);
            self.issue(Code::TooManyRecipients, &TO, self.to_at, params);
        } else if rows == 0 && self.to_at > 0 {
            self.issue(Code::NoRecipient, &TO, self.to_at, vec![]);
        }
    }

    /// Judges the noted rows, now that the head is known.
    pub(crate) fn judge_notes(&mut self) {
        let Self { notes, head, refused, findings, .. } = self;
        // As `refused_mut`, which would borrow the rest, too.
        let refused = refused.as_mut().filter(|_| cfg!(feature = "refusals"));
        notes.judge(&head.value, refused, findings);
    }

    /// Refuses a row by itself. False where that is not what the caller chose.
    pub(crate) fn refuse(&mut self, row: u32, code: Code, offset: u64, params: Params) -> bool {
        let Some(refused) = self.refused_mut() else { return false };
        let at = Pointer::Index(&TO, row.into()).text();
        let added = refused.add(row, [Issue { code, at, offset, span: None, params }]);
        self.full |= added.is_err();
        true
    }

    /// Refuses a row by itself for its issues, whose offsets are into the row.
    pub(crate) fn refuse_for(&mut self, row: u32, issues: &mut Vec<Issue>, offset: u64) {
        if let Some(refused) = self.refused_mut() {
            issues.iter_mut().for_each(|issue| issue.offset += offset);
            let added = refused.add(row, issues.drain(..));
            self.full |= added.is_err();
        }
    }

    /// Prepares the report for a row.
    fn prepare(&mut self, index: u64, offset: u64) {
        self.report.clear();
        let listed = self.findings.watches(index) || self.refused().is_some_and(Refused::has_room);
        self.report.only_counted = if listed { [false; 3] } else { self.findings.only_counted(offset) };
    }

    /// Takes a row of `length` bytes, with what is reported of it.
    fn take(&mut self, index: u64, offset: u64, length: u64, recipient: Recipient) {
        match recipient.group {
            false => self.recipients.listed += 1,
            true => self.recipients.groups += 1,
        }
        // After the limit the whole request is refused.
        let alone = self.refused().is_some() && index < u64::from(self.limits.recipients);
        if alone && self.report.issues.iter().any(|issue| issue.severity() == Severity::Error) {
            let mut issues = std::mem::take(&mut self.report.issues);
            self.refuse_for(index as u32, &mut issues, offset);
            self.full |= self.rows.add(offset, offset + length).is_err();
            self.report.issues = issues;
            return;
        }
        // Issues of one row are found member by member, but what is missing only at its end.
        self.findings.add_unit(&mut self.report.issues, offset);
        let written = length.saturating_add_signed(report::growth(&self.report.edits));
        let named = std::mem::take(&mut self.row_judge.named.identities);
        self.gather(Place { index, offset }, length, written, recipient, &named);
        self.row_judge.named.identities = named;
        if !self.report.edits.is_empty() && index < u64::from(self.limits.recipients) {
            self.full |= self.rows.edited.insert(index as usize).is_err();
        }
    }

    /// Gathers what is to be known of a row in the end: of its bytes as it came and as it is `written`, and whom it names.
    fn gather(&mut self, at: Place, length: u64, written: u64, recipient: Recipient, named: &[Identity]) {
        let Place { index, offset } = at;
        self.notes.add(recipient, index, offset);
        if written > self.largest.0 {
            self.largest = (written, index, offset);
        }
        if recipient.group || !self.cutter.grow(written) {
            self.batches.extend(self.cutter.add(written, recipient.group));
        }
        // After the limit nothing will be sent.
        if index < u64::from(self.limits.recipients) {
            self.identities.add(named, index as u32);
            self.full |= self.keep(index as usize, offset, length, recipient).is_err();
        }
    }

    /// Keeps what the second pass has to know of a row.
    #[inline(always)]
    fn keep(&mut self, row: usize, start: u64, length: u64, recipient: Recipient) -> Result<(), Full> {
        self.rows.add(start, start + length)?;
        if recipient.channels == WHATSAPP {
            self.rows.whatsapp.insert(row)?;
        }
        if recipient.group {
            self.rows.groups.insert(row)?;
        }
        Ok(())
    }

    /// Judges who is named twice. The result: the rows that may be left out for it, and how many surely are.
    pub(crate) fn judge_repeated(&mut self) -> (Repeated, u64) {
        if self.full {
            self.issue(Code::OutOfMemory, &TO, self.to_at, vec![]);
            return (Repeated::default(), 0);
        }
        if self.identities.overflowed {
            self.issue(Code::NotCompared, &TO, self.to_at, param("limit", IDENTITIES));
        }
        let repeats = std::mem::take(&mut self.identities).into_repeats();
        if self.options.duplicates == Duplicates::Refuse && self.refused().is_some() {
            for repeat in repeats.iter() {
                let offset = self.rows.start(repeat.row as usize).unwrap_or_default();
                self.refuse(repeat.row, Code::DuplicateRefused, offset, param("first", repeat.first));
            }
            return (Repeated::default(), 0);
        }
        self.options.duplicates.judge(repeats, &self.rows, self.options.lenient, &mut self.findings)
    }

    pub(crate) fn judge_largest(&mut self, envelope: u64) {
        let limit = self.limits.batch.bytes;
        let (bytes, index, offset) = self.largest;
        // Where rows are refused one by one, the second pass finds all that are too large.
        if self.refused().is_none() && bytes > 0 && bytes + envelope > limit {
            self.issue(Code::RecipientTooLarge, &Pointer::Index(&TO, index), offset, param("limit", limit));
        }
    }
}

impl Judge for Gathered {
    fn member(&mut self, name: &[u8], text: &str, value: Unit<'_>) -> Result<usize, Why> {
        self.report.only_counted = self.findings.only_counted(value.offset);
        self.head.member(name, text, value, &mut self.report, &mut self.findings)
    }

    fn open_rows(&mut self, offset: u64) -> bool {
        let first = self.head.open_rows(offset, &mut self.findings);
        if first {
            self.to_at = offset;
        }
        first
    }

    fn rows(&mut self, index: u64, rows: Unit<'_>) -> (u64, usize) {
        let (mut next, mut begin, mut end) = (index, 0, 0);
        while let Some(row) = rows.bytes.get(begin..)
            && let Some(found) = self.row_judge.patterns.find(row)
        {
            let offset = rows.offset + begin as u64;
            let length = found.end as u64;
            if let Some(identity) = RowJudge::plain(row, &found) {
                self.recipients.listed += 1;
                self.gather(Place { index: next, offset }, length, length, found.known, &[identity]);
            } else {
                self.prepare(next, offset);
                let at = Pointer::Index(&TO, next);
                let recipient = self.row_judge.judge_found(row, &found, &at, &mut self.report);
                self.take(next, offset, length, recipient);
            }
            next += 1;
            end = begin + found.end;
            if row.get(found.end) != Some(&b',') {
                break;
            }
            begin = end + 1;
        }
        self.row_judge.patterns.hit(next - index);
        (next - index, end)
    }

    fn row(&mut self, index: u64, row: Unit<'_>) -> Result<usize, Why> {
        self.prepare(index, row.offset);
        let mut reader = Reader::new(row.bytes, 2);
        let at = &Pointer::Index(&TO, index);
        let recipient = self.row_judge.judge_whole(&mut reader, at, &mut self.report).map_err(|_| reader.why())?;
        self.take(index, row.offset, reader.at() as u64, recipient);
        Ok(reader.at())
    }

    fn too_large(&mut self, at: &Pointer<'_>, offset: u64) {
        let params = param("limit", self.limits.batch.bytes);
        match at {
            Pointer::Index(_, index) if self.refused().is_some() && *index < u64::from(self.limits.recipients) => {
                self.full |= self.rows.add(offset, offset).is_err();
                self.refuse(*index as u32, Code::RecipientTooLarge, offset, params);
            }
            _ => {
                if let Pointer::Name(_, name) = at {
                    self.head.pass_over(name);
                }
                self.issue(Code::RecipientTooLarge, at, offset, params);
            }
        }
    }

    fn byte_order_mark(&mut self) {
        self.issue(Code::ByteOrderMark, &Pointer::Root, 0, vec![]);
    }
}
