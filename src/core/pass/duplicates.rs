//! What to do with recipients who are named twice.

use crate::finding::code::Code;
use crate::finding::findings::Findings;
use crate::finding::issue::{Issue, param};
use crate::finding::pointer::{Pointer, TO};
use crate::options::Duplicates;
use crate::order;
use crate::pass::refused::Refused;
use crate::recipient::identity::{Repeat, Repeats};
use crate::recipient::rows::{RowSet, Rows};

/// Most stored people and groups whose ids are compared before a row is left out. Further ones are kept, with the warning
/// that they are there twice.
const COMPARED: usize = 65_536;

/// Longest id that is kept to be compared, in bytes. Those that are documented have less than 64.
const COMPARED_BYTES: usize = 256;

impl Duplicates {
    /// Judges the rows that repeat an earlier one. The result: those that may be left out, if only of a `lenient` estimate,
    /// and how many surely are.
    pub(crate) fn judge(
        self,
        mut repeats: Repeats,
        rows: &Rows,
        lenient: bool,
        findings: &mut Findings,
    ) -> (Repeated, u64) {
        let mut repeated = Repeated::default();
        if self == Self::Drop {
            repeated.remember(&repeats);
        }
        let mut dropped = 0;
        for repeat in repeats.iter() {
            let code = match self {
                Self::Keep => Code::DuplicateRecipient,
                Self::Refuse => Code::DuplicateRefused,
                Self::Drop if !repeat.whole => Code::DuplicateRecipient,
                Self::Drop if !repeat.hashed => Code::DuplicateDropped,
                // The second pass compares the ids.
                Self::Drop if repeated.first(repeat.first).is_some() => continue,
                Self::Drop => Code::DuplicateRecipient,
            };
            dropped += u64::from(code == Code::DuplicateDropped);
            report(repeat, code, rows, findings);
        }
        repeated.refuses = self == Self::Refuse;
        repeats.retain(|repeat| if self == Self::Drop { repeat.whole } else { repeated.refuses && lenient });
        repeated.repeats = repeats;
        (repeated, dropped)
    }
}

fn report(repeat: Repeat, code: Code, rows: &Rows, findings: &mut Findings) {
    let offset = rows.start(repeat.row as usize).unwrap_or_default();
    if findings.only_counted(offset)[code.severity() as usize] && !findings.watches(repeat.row.into()) {
        return findings.count(code, 1);
    }
    let at = Pointer::Index(&TO, repeat.row.into()).text();
    findings.add(Issue { code, at, offset, span: None, params: param("first", repeat.first) });
}

/// Rows that may be left out, and what has to be compared for that. Asked once for each row, in their order.
#[derive(Default)]
pub(crate) struct Repeated {
    repeats: Repeats,
    next: usize,
    /// The ids that first rows name, once those came by.
    firsts: Vec<(u32, String)>,
    /// First rows that were refused by themselves, and in whose place another is sent.
    taken: RowSet,
    /// Whether they are all errors, and counted as such.
    refuses: bool,
}

impl Repeated {
    /// Whether no row is left out.
    pub(crate) fn is_empty(&self) -> bool {
        self.repeats.get(0).is_none()
    }

    /// Whether the id that a row names has to be known.
    pub(crate) fn needs_id(&self, row: u32) -> bool {
        self.first(row).is_some() || self.repeats.get(self.next).is_some_and(|next| next.row == row && next.hashed)
    }

    /// Whether a row is left out. `id` is the one that it names, where [`Repeated::needs_id`] asked for it.
    pub(crate) fn drops(
        &mut self,
        row: u32,
        id: &str,
        rows: &Rows,
        refused: Option<&Refused>,
        findings: &mut Findings,
    ) -> Dropped {
        if let Some(first) = self.first(row).filter(|_| id.len() <= COMPARED_BYTES) {
            id.clone_into(&mut self.firsts[first].1);
        }
        let Some(repeat) = self.repeats.get(self.next).filter(|next| next.row == row) else { return Dropped::No };
        self.next += 1;
        if self.refuses {
            return Dropped::Refused;
        }
        if refused.is_some_and(|refused| refused.has(repeat.first)) && !self.taken.contains(repeat.first as usize) {
            // Nothing goes out for the first row, so this one counts. Without memory to note that, another may too.
            let _ = self.taken.insert(repeat.first as usize);
            return if repeat.hashed { Dropped::No } else { Dropped::Instead };
        }
        if !repeat.hashed {
            return Dropped::ByNumber;
        }
        let first = self.first(repeat.first).and_then(|place| self.firsts.get(place));
        match first.map(|(_, first)| first.as_str()) {
            Some("") => {
                // Too long to have been kept.
                report(repeat, Code::DuplicateRecipient, rows, findings);
                Dropped::No
            }
            Some(first) if first == id => {
                report(repeat, Code::DuplicateDropped, rows, findings);
                Dropped::ById
            }
            _ => Dropped::No,
        }
    }

    /// Notes the rows whose ids have to be kept.
    fn remember(&mut self, repeats: &Repeats) {
        let hashed = repeats.iter().filter(|repeat| repeat.whole && repeat.hashed);
        let rows: Vec<u32> = hashed.take(COMPARED).map(|repeat| repeat.first).collect();
        for place in order::places(rows.len(), &|a, b| rows[a] < rows[b]) {
            if self.firsts.last().is_none_or(|(row, _)| *row != rows[place]) {
                self.firsts.push((rows[place], String::new()));
            }
        }
    }

    fn first(&self, row: u32) -> Option<usize> {
        self.firsts.binary_search_by_key(&row, |(first, _)| *first).ok()
    }
}

/// Whether a row is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// It is written.
    No,
    /// As the first pass knew already.
    ByNumber,
    /// As comparing the ids has shown.
    ById,
    /// It is written, though the first pass had counted it as left out: the first row was refused.
    Instead,
    /// Nothing is written, and it is none of the estimate's.
    Refused,
}
