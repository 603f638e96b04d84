//! The findings of a judgement: the first of each severity in document order, and an exact count for each code.

use crate::finding::code::{Code, Severity};
use crate::finding::issue::Issue;
use crate::limits::LISTED;
use crate::text::digits;

/// Collects issues, however many and in whatever order they are found, in bounded memory.
#[derive(Default)]
pub(crate) struct Findings {
    /// Sorted; no more of each severity than its share.
    kept: Vec<Issue>,
    /// By severity in its order: how many are kept, and where the last of them is once they are as many as may be.
    listed: [usize; 3],
    last: [Option<u64>; 3],
    /// By code, in the registry's order.
    counts: Vec<u64>,
    errors: u64,
    total: u64,
    /// Rows whose issues are all wanted, with the first of them.
    watched: Vec<(u64, Vec<Issue>)>,
}

/// Most issues that are kept of a row that is watched. Our own choice.
const WATCHED: usize = 100;

impl Findings {
    /// Adds an issue, whose offset is into the request.
    pub(crate) fn add(&mut self, issue: Issue) {
        self.count(issue.code, 1);
        self.list(issue);
    }

    fn list(&mut self, issue: Issue) {
        if !self.watched.is_empty() {
            self.note_watched(&issue);
        }
        let severity = issue.severity();
        let place = severity as usize;
        if self.last[place].is_some_and(|last| last < issue.offset) {
            return;
        }
        let behind = self.kept.partition_point(|earlier| !issue.is_before(earlier));
        self.kept.insert(behind, issue);
        let last = |kept: &[Issue]| kept.iter().rposition(|issue| issue.severity() == severity);
        if self.listed[place] < LISTED[place] {
            self.listed[place] += 1;
        } else if let Some(last) = last(&self.kept) {
            self.kept.remove(last);
        }
        if self.listed[place] == LISTED[place] {
            self.last[place] = last(&self.kept).map(|last| self.kept[last].offset);
        }
    }

    /// Has the issues of a row kept, however many there are of others.
    pub(crate) fn watch(&mut self, row: u64) {
        self.watched.push((row, Vec::new()));
    }

    /// Whether the issues of a row are kept.
    pub(crate) fn watches(&self, row: u64) -> bool {
        self.watched.iter().any(|(watched, _)| *watched == row)
    }

    /// What was found about a row that was watched, in the order in which it was found.
    pub(crate) fn take_watched(&mut self, row: u64) -> Vec<Issue> {
        let watched = self.watched.iter_mut().find(|(watched, _)| *watched == row);
        watched.map(|(_, issues)| std::mem::take(issues)).unwrap_or_default()
    }

    fn note_watched(&mut self, issue: &Issue) {
        let row = issue.at.strip_prefix("/to/").and_then(|rest| digits(rest.split('/').next()?));
        let watched = self.watched.iter_mut().find(|(watched, _)| Some(*watched) == row);
        if let Some((_, issues)) = watched.filter(|(_, issues)| issues.len() < WATCHED) {
            issues.push(issue.clone());
        }
    }

    /// Counts issues that are not listed.
    pub(crate) fn count(&mut self, code: Code, more: u64) {
        self.counts.resize(Code::ALL.len(), 0);
        if let Some(count) = self.counts.get_mut(code as usize) {
            *count += more;
        }
        self.total += more;
        self.errors += if code.severity() == Severity::Error { more } else { 0 };
    }

    /// For which severities, in their order, an issue at that offset or after it is only counted, so that its place need not
    /// be told.
    #[inline(always)]
    pub(crate) fn only_counted(&self, offset: u64) -> [bool; 3] {
        let [first, second, third] = self.last;
        // Not by map, which std leaves a loop.
        let behind = |last: Option<u64>| last.is_some_and(|last| last < offset);
        [behind(first), behind(second), behind(third)]
    }

    /// Adds a unit's issues, whose offsets are into the unit.
    #[inline(always)]
    pub(crate) fn add_unit(&mut self, issues: &mut Vec<Issue>, unit_at: u64) {
        if !issues.is_empty() {
            self.add_all(issues, unit_at);
        }
    }

    #[inline(never)]
    fn add_all(&mut self, issues: &mut Vec<Issue>, unit_at: u64) {
        for mut issue in issues.drain(..) {
            issue.offset += unit_at;
            self.add(issue);
        }
    }

    /// Adds what was found apart.
    pub(crate) fn merge(&mut self, other: Self) {
        for (&code, count) in Code::ALL.iter().zip(other.counts) {
            self.count(code, count);
        }
        for issue in other.kept {
            self.list(issue);
        }
    }

    /// Whether no error was found.
    pub(crate) fn ok(&self) -> bool {
        self.errors == 0
    }

    /// The issues that are listed, in document order; the count for each code; how many are not listed.
    pub(crate) fn into_parts(self) -> (Vec<Issue>, Vec<(Code, u64)>, u64) {
        let omitted = self.total - self.kept.len() as u64;
        let mut counts = Vec::new();
        for (code, count) in Code::ALL.iter().zip(self.counts) {
            if count > 0 {
                counts.push((*code, count));
            }
        }
        (self.kept, counts, omitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_severity_are_listed_whatever_the_order() {
        let issue = |code, offset| Issue { code, at: String::new(), offset, span: None, params: vec![] };
        let mut findings = Findings::default();
        for offset in (0..2_000).rev() {
            findings.add(issue(Code::NotE164, offset));
            findings.add(issue(Code::WordCase, offset));
        }
        findings.add(issue(Code::UnknownField, 5_000));
        assert!(!findings.ok());
        assert_eq!(findings.only_counted(999), [false, false, true]);
        assert_eq!(findings.only_counted(u64::MAX), [true, false, true]);
        let (issues, counts, omitted) = findings.into_parts();
        assert_eq!(issues.len(), LISTED[0] + LISTED[2] + 1);
        assert_eq!(omitted, 4_001 - issues.len() as u64);
        assert!(counts.contains(&(Code::NotE164, 2_000)));
        assert!(issues.is_sorted_by_key(|issue| issue.offset));
        assert_eq!(
            issues.iter().filter(|issue| issue.code == Code::NotE164).map(|issue| issue.offset).max(),
            Some(999)
        );
        assert_eq!(issues.last().map(|issue| issue.code), Some(Code::UnknownField));
    }
}
