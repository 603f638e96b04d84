//! Patterns: rows of one request are written alike, so most need not be read member by member.
//!
//! Once a row was judged whole and nothing was found, what it looks like apart from its address and its values is kept.
//! The next row is compared with that, sixteen bytes at a time, and only its address and values are read. Rows that begin
//! alike and then differ, as those without some variable do, share what they have in common: the patterns are a tree. A
//! row that differs in anything else (another member, another order, another space) matches nothing, and is judged whole.

use std::ops::Range;

use crate::limits::TEMPLATE_VALUE;
use crate::reader::block::{PIECE, Piece, padded};
use crate::reader::scan::{Reader, short_plain, unescaped};
use crate::recipient::variables::REFERENCE;

/// Most steps that are kept, of all patterns together. Our own choice.
const STEPS: usize = 1_024;
/// Most steps that may stand in each other's place. Our own choice.
const OTHERS: usize = 32;
/// Where no step is.
const NONE: u16 = u16::MAX;
/// By how many the rows that match nothing may exceed those that match before trying is not worth it; and how many rows
/// are then judged whole before it is tried again. Our own choice.
const PATIENCE: u32 = 128;
const PAUSE: u32 = 512;

/// The strings of a row that may differ from those of other rows.
#[derive(Default)]
pub(crate) struct Holes {
    /// Where each begins and ends, with its quotes.
    places: Vec<(usize, usize)>,
    /// Which of them is the address.
    address: Option<usize>,
}

impl Holes {
    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.address = None;
    }

    /// Adds the address.
    pub(crate) fn address(&mut self, begin: usize, end: usize) {
        self.address = Some(self.places.len());
        self.value(begin, end);
    }

    /// Adds a variable's value.
    pub(crate) fn value(&mut self, begin: usize, end: usize) {
        // More than are kept are never looked at.
        if self.places.len() < STEPS {
            self.places.push((begin, end));
        }
    }
}

/// What comes after a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Step,
    Address,
    Value,
    /// The end of the row.
    End,
}

/// Up to [`PIECE`] bytes that have to be there, and what comes next.
struct Step<T> {
    piece: Piece,
    length: u8,
    then: Then,
    /// At the end, what is known of each row that is written so.
    known: T,
    /// The first of the steps that may follow, and the next of those that may stand in this one's place.
    next: u16,
    other: u16,
}

/// A row that is written like an earlier one.
pub(crate) struct Found<T> {
    /// Where its address stands, between the quotes.
    pub address: Range<usize>,
    /// Where it ends.
    pub end: usize,
    /// What else is to be known of it.
    pub known: T,
}

/// The patterns that rows were written in, as far as they were seen.
#[derive(Default)]
pub(crate) struct Patterns<T> {
    /// The first leads to where all begin.
    steps: Vec<Step<T>>,
    /// How many rows more matched nothing than matched.
    missed: u32,
    /// How many rows are not looked at.
    pause: u32,
}

impl<T: Copy + Default + PartialEq> Patterns<T> {
    /// Takes note that rows were found.
    pub(crate) fn hit(&mut self, rows: u64) {
        self.missed = self.missed.saturating_sub(rows.try_into().unwrap_or(u32::MAX));
    }

    /// Takes note that a row was not found.
    pub(crate) fn miss(&mut self) {
        if self.pause > 0 {
            self.pause -= 1;
            return;
        }
        self.missed += 1;
        if self.missed > PATIENCE {
            *self = Self { missed: PATIENCE / 2, pause: PAUSE, steps: Vec::new() };
        }
    }

    /// The row that stands at the front of some bytes, where it is written like an earlier one.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<Found<T>> {
        let mut at = 0;
        let mut address = 0..0;
        let mut place = self.steps.first()?.next;
        loop {
            let step = self.steps.get(usize::from(place))?;
            let rest = bytes.get(at..)?;
            let same = match rest.first_chunk() {
                Some(block) => step.piece.leads(block),
                None => step.piece.leads(&padded(rest)),
            };
            if !same {
                place = step.other;
                continue;
            }
            place = step.next;
            let length = usize::from(step.length);
            match step.then {
                Then::Step => at += PIECE,
                Then::End => return Some(Found { address, end: at + length, known: step.known }),
                then => {
                    at += length;
                    let begin = at;
                    at += match short_plain(bytes, at) {
                        Some(length) => length,
                        None => plain(bytes, at, then)?,
                    };
                    if then == Then::Address {
                        address = begin..at;
                    }
                }
            }
        }
    }

    /// Keeps how a row is written, of which nothing was to be said but what its address is.
    pub(crate) fn keep(&mut self, row: &[u8], holes: &Holes, known: T) {
        if self.pause > 0 || holes.address.is_none() {
            return;
        }
        if self.steps.is_empty() {
            self.steps.push(Step::of(&[], Then::Step, T::default()));
        }
        let mut last = 0;
        let mut from = 0;
        let end = (row.len(), row.len());
        for (hole, &(begin, behind)) in holes.places.iter().chain([&end]).enumerate() {
            let then = match hole {
                _ if begin == row.len() => Then::End,
                _ if holes.address == Some(hole) => Then::Address,
                _ => Then::Value,
            };
            // With the quotes of the strings before and after.
            let mut rest = row.get(from..row.len().min(begin + 1)).unwrap_or_default();
            while let Some((piece, more)) = rest.split_at_checked(rest.len().min(PIECE)).filter(|_| !rest.is_empty()) {
                let then = if more.is_empty() { then } else { Then::Step };
                let known = if then == Then::End { known } else { T::default() };
                let Some(step) = self.follow(last, Step::of(piece, then, known)) else { return };
                (last, rest) = (step, more);
            }
            from = behind.saturating_sub(1);
        }
    }

    /// Has a step follow another, unless it does already; its place, if there is room.
    fn follow(&mut self, last: usize, step: Step<T>) -> Option<usize> {
        let (mut place, mut before, mut others) = (self.steps.get(last)?.next, None, 0);
        while let Some(other) = self.steps.get(usize::from(place)) {
            if (other.piece, other.then, other.known) == (step.piece, step.then, step.known) {
                return Some(place.into());
            }
            (before, place, others) = (Some(place), other.other, others + 1);
        }
        if others == OTHERS || self.steps.len() == STEPS {
            return None;
        }
        let place = self.steps.len();
        self.steps.push(step);
        // Behind the others: what came first is there most often.
        match before {
            Some(before) => self.steps.get_mut(usize::from(before))?.other = place as u16,
            None => self.steps.get_mut(last)?.next = place as u16,
        }
        Some(place)
    }
}

impl<T> Step<T> {
    fn of(piece: &[u8], then: Then, known: T) -> Self {
        Self { piece: Piece::of(piece), length: piece.len() as u8, then, known, next: NONE, other: NONE }
    }
}

/// How long the string is whose opening quote ends before a place: an address, or a value of which there is nothing to be
/// said, whatever the rest of the request.
#[inline(never)]
fn plain(bytes: &[u8], start: usize, then: Then) -> Option<usize> {
    let raw = match unescaped(bytes, start) {
        Some(raw) => raw,
        None => Reader::string_of(bytes, start.checked_sub(1)?).filter(|text| !text.has_lone_surrogate())?.raw,
    };
    let is_plain = (1..=TEMPLATE_VALUE).contains(&raw.len()) && !raw.starts_with(REFERENCE);
    (then == Then::Address || is_plain).then_some(raw.len())
}

#[cfg(test)]
mod tests {
    use crate::field::report::Report;
    use crate::finding::pointer::Pointer;
    use crate::reader::scan::Reader;
    use crate::recipient::{Recipient, RowJudge};

    const FIRST: &str =
        r#"{"address":"+14155550132","channel":"PHONE","variables":{"name":"Ada","a name of many letters":"x"}}"#;

    /// What comes of a row: what it is and where it ends, what is said of it, and whether it matches a pattern.
    fn judged(judge: &mut RowJudge, row: &[u8]) -> (Option<(Recipient, usize)>, String, bool) {
        let matches = judge.patterns.find(row).is_some();
        let (mut reader, mut report) = (Reader::new(row, 2), Report::default());
        let recipient = judge.judge(&mut reader, &Pointer::Root, &mut report);
        let said = format!("{:?} {:?} {:?}", report.issues, report.edits, judge.named.identities);
        (recipient.ok().map(|recipient| (recipient, reader.at())), said, matches)
    }

    /// Asserts that a row is judged after the first one as it is by itself; whether it matches.
    fn matches(row: &[u8]) -> bool {
        let mut judge = RowJudge::default();
        judged(&mut judge, FIRST.as_bytes());
        let behind = judged(&mut judge, row);
        let alone = judged(&mut RowJudge::default(), row);
        assert_eq!((behind.0, behind.1), (alone.0, alone.1), "{}", String::from_utf8_lossy(row));
        behind.2
    }

    #[test]
    fn a_row_is_judged_the_same_by_a_pattern_and_whole() {
        let long = "x".repeat(2_000);
        let values = [
            ("Grace", true),
            ("exactly 16 bytes", true),
            ("more than sixteen bytes, and more than thirty-two", true),
            ("José", true),
            (r#"\"Ada\" \u00e9\ud83d\ude00"#, true),
            ("$5", true),
            ("${Twilio.Profile.name}", false),
            ("", false),
            (r"\ud83d", false),
            (r"\x", false),
            ("a\tb", false),
            (&long, false),
        ];
        for (value, plain) in values {
            for (address, expected) in [
                ("+14155550132", plain),
                ("+1 (415) 555-0132", plain),
                ("whatsapp:+14155550132", plain),
                ("+1415", plain),
                ("4155550132", plain),
                ("", plain),
                (r"\u002b14155550132", plain),
                (r"\ud83d", false),
            ] {
                let row = FIRST.replacen("+14155550132", address, 1).replacen("Ada", value, 1);
                for behind in ["", "}", ",{", "                    "] {
                    let row = format!("{row}{behind}");
                    assert_eq!(matches(row.as_bytes()), expected, "{row}");
                }
            }
        }
    }

    #[test]
    fn a_row_that_differs_in_anything_else_matches_nothing() {
        for (from, to) in [
            ("PHONE", "WHATSAPP"),
            ("PHONE", "phone"),
            (r#":"Ada""#, r#": "Ada""#),
            (r#":"Ada""#, ":7"),
            (r#""name":"Ada","#, ""),
            ("letters", "letterz"),
            ("}}", "}"),
            ("}}", ""),
            ("}}", r#"},"profileId":"x"}"#),
        ] {
            let row = FIRST.replacen(from, to, 1);
            assert!(!matches(row.as_bytes()), "{row}");
        }
        // What is not UTF-8 is found in both ways.
        let mut row = FIRST.as_bytes().to_vec();
        row.iter_mut().filter(|byte| **byte == b'A').for_each(|byte| *byte = 0xFF);
        assert!(!matches(&row));
    }

    #[test]
    fn a_row_is_kept_if_nothing_was_said_but_of_its_address() {
        for (row, kept) in [
            (FIRST.replacen("+14155550132", "(415) 555", 1), true),
            (FIRST.replacen("Ada", "", 1), false),
            (FIRST.replacen("\"+14155550132\"", "14155550132", 1), false),
            (FIRST.replacen("PHONE", "phone", 1), false),
            (FIRST.replacen("name", "a name of many letters", 1), false),
            (r#"{"address":"+14155550132","channel":"PHONE"}"#.to_owned(), true),
            (r#"{"addresses":[{"address":"+14155550132","channel":"PHONE"}]}"#.to_owned(), false),
            (FIRST.replacen("Ada", &"\",\"x\":\"".repeat(200), 1), false),
        ] {
            let mut judge = RowJudge::default();
            judged(&mut judge, row.as_bytes());
            assert_eq!(judged(&mut judge, row.as_bytes()).2, kept, "{row}");
        }
    }

    #[test]
    fn rows_that_lack_some_variable_share_what_they_have_in_common() {
        let mut judge = RowJudge::default();
        let row = |kinds: usize| {
            let has = |name: &usize| kinds >> name & 1 == 1;
            let variables: Vec<String> = (0..5).filter(has).map(|name| format!(r#""name {name}":"x""#)).collect();
            FIRST.replacen(r#""name":"Ada","#, &(variables.join(",") + ","), 1).replacen("{,", "{", 1)
        };
        for round in 0..3 {
            for kinds in 0..32 {
                assert_eq!(judged(&mut judge, row(kinds).as_bytes()).2, round > 0, "{}", row(kinds));
            }
        }
    }

    #[test]
    fn rows_that_differ_in_what_is_known_of_them_share_what_they_have_in_common() {
        let mut judge = RowJudge::default();
        let without = r#"{"address":"+14155550132","channel":"PHONE"}"#;
        for round in 0..3 {
            for row in [FIRST, without] {
                assert_eq!(judged(&mut judge, row.as_bytes()).2, round > 0, "{row}");
            }
        }
    }

    #[test]
    fn rows_of_a_kind_are_found_among_others_of_which_each_is_written_otherwise() {
        let mut judge = RowJudge::default();
        judged(&mut judge, FIRST.as_bytes());
        for row in 0..500 {
            judged(&mut judge, FIRST.replacen("name", &format!("name{row}"), 1).as_bytes());
            for _ in 0..2 {
                assert!(judged(&mut judge, FIRST.as_bytes()).2);
                judge.patterns.hit(1);
            }
        }
        assert!(judge.patterns.steps.len() < 10 * super::OTHERS);
    }

    #[test]
    fn what_is_kept_is_bounded_and_none_is_looked_for_where_rows_have_no_pattern() {
        let mut judge = RowJudge::default();
        for row in 0..500 {
            judged(&mut judge, FIRST.replacen("name", &format!("name{row}"), 1).as_bytes());
            assert!(judge.patterns.steps.len() <= super::STEPS);
        }
        assert!(judge.patterns.pause > 0);
    }
}
