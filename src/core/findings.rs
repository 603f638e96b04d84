//! The findings of a judgement: the first of each severity in document order, and an exact count for each code.

use std::collections::BTreeMap;

use crate::code::{Code, Severity};
use crate::issue::Issue;
use crate::limits::LISTED;

/// Collects issues, however many and in whatever order they are found, in bounded memory.
#[derive(Default)]
pub(crate) struct Findings {
    /// By severity, each sorted and never longer than its share.
    kept: [Vec<Issue>; 3],
    counts: BTreeMap<&'static str, u64>,
    errors: u64,
    total: u64,
}

impl Findings {
    /// Adds an issue, whose offset is into the request.
    pub(crate) fn add(&mut self, issue: Issue) {
        *self.counts.entry(issue.code.as_str()).or_default() += 1;
        self.total += 1;
        let place = match issue.severity() {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Note => 2,
        };
        self.errors += u64::from(place == 0);
        let (kept, most) = (&mut self.kept[place], LISTED[place]);
        let behind = kept.partition_point(|earlier| earlier.order() <= issue.order());
        if behind < most {
            kept.truncate(most - 1);
            kept.insert(behind, issue);
        }
    }

    /// Counts issues that are not listed.
    pub(crate) fn count(&mut self, code: Code, more: u64) {
        if more > 0 {
            *self.counts.entry(code.as_str()).or_default() += more;
            self.total += more;
            self.errors += if code.severity() == Severity::Error { more } else { 0 };
        }
    }

    /// Adds a unit's issues, whose offsets are into the unit.
    pub(crate) fn add_unit(&mut self, issues: &mut Vec<Issue>, unit_at: u64) {
        for mut issue in issues.drain(..) {
            issue.offset += unit_at;
            self.add(issue);
        }
    }

    /// Whether no error was found.
    pub(crate) fn ok(&self) -> bool {
        self.errors == 0
    }

    /// The issues that are listed, in document order; the count for each code; how many are not listed.
    pub(crate) fn into_parts(self) -> (Vec<Issue>, BTreeMap<&'static str, u64>, u64) {
        let mut issues: Vec<Issue> = self.kept.into_iter().flatten().collect();
        issues.sort_by(|a, b| a.order().cmp(&b.order()));
        let omitted = self.total - issues.len() as u64;
        (issues, self.counts, omitted)
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
        let (issues, counts, omitted) = findings.into_parts();
        assert_eq!(issues.len(), LISTED[0] + LISTED[2] + 1);
        assert_eq!(omitted, 4_001 - issues.len() as u64);
        assert_eq!(counts["address/not-e164"], 2_000);
        assert!(issues.is_sorted_by_key(|issue| issue.offset));
        assert_eq!(
            issues.iter().filter(|issue| issue.code == Code::NotE164).map(|issue| issue.offset).max(),
            Some(999)
        );
        assert_eq!(issues.last().map(|issue| issue.code), Some(Code::UnknownField));
    }
}
