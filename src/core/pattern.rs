//! Patterns: rows of one request are written alike, so most need not be read member by member.
//!
//! What a row looks like apart from its address and its values is kept once it was judged whole and nothing was to be
//! said of it. The next row is compared with that, byte by byte, and only what stands between is read. Whatever differs
//! in anything (a member more, another order, another space) matches nothing, and is judged whole.

use crate::limits::TEMPLATE_VALUE;
use crate::recipient::Recipient;
use crate::scan::Reader;
use crate::text::Text;
use crate::variables::REFERENCE;

/// Bytes that are compared in one step.
const WIDTH: usize = 16;
/// Most steps of a pattern; longer rows are judged whole.
const STEPS: usize = 128;
/// Patterns that are kept: a request may have rows with and without some variable.
const KEPT: usize = 4;
/// How many rows more may match nothing than match, until it is not worth the try; and how many rows are then judged
/// whole before it is tried again.
const PATIENCE: u32 = 32;
const PAUSE: u32 = 512;

/// Where a string begins and where it ends, with its quotes.
type Hole = (usize, usize);

/// The strings of a row that may differ from those of other rows.
#[derive(Default)]
pub(crate) struct Holes {
    places: Vec<Hole>,
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
        if self.places.len() < STEPS {
            self.places.push((begin, end));
        }
    }
}

/// What comes behind a step.
#[derive(Clone, Copy)]
enum Then {
    Step,
    Address,
    Value,
}

/// Up to [`WIDTH`] bytes that have to be there, and what comes next.
struct Step {
    bytes: u128,
    /// All bits of the bytes that count.
    mask: u128,
    length: usize,
    then: Then,
}

struct Pattern {
    steps: Vec<Step>,
    /// What is known of each row that is written so.
    recipient: Recipient,
}

impl Pattern {
    /// The pattern of a row; none if it has more steps than are kept.
    fn of(row: &[u8], holes: &Holes, recipient: Recipient) -> Option<Self> {
        let mut steps = Vec::new();
        let mut from = 0;
        let end = (row.len(), row.len());
        for (hole, &(start, behind)) in holes.places.iter().chain([&end]).enumerate() {
            let then = if holes.address == Some(hole) { Then::Address } else { Then::Value };
            // With the quotes of the strings before and behind.
            let mut pieces = row.get(from..row.len().min(start + 1))?.chunks(WIDTH).peekable();
            while let Some(piece) = pieces.next() {
                let length = piece.len();
                let mask = u128::MAX >> (8 * (WIDTH - length));
                let then = if pieces.peek().is_some() || start == row.len() { Then::Step } else { then };
                steps.push(Step { bytes: block(piece), mask, length, then });
            }
            from = behind.saturating_sub(1);
        }
        (steps.len() <= STEPS).then_some(Self { steps, recipient })
    }

    /// Reads a row that is written so; its address and where it ends.
    fn read<'a>(&self, reader: &Reader<'a>) -> Option<(Text<'a>, usize)> {
        let mut at = reader.at();
        let mut address = None;
        for step in &self.steps {
            let rest = reader.bytes().get(at..)?;
            let found = rest.first_chunk().map_or_else(|| block(rest), |block| u128::from_le_bytes(*block));
            if (found ^ step.bytes) & step.mask != 0 {
                return None;
            }
            at += step.length;
            if let Then::Step = step.then {
                continue;
            }
            let text = reader.string_behind(at)?;
            if text.is_escaped() && text.has_lone_surrogate() {
                return None;
            }
            match step.then {
                Then::Address => address = Some(text),
                _ if is_plain(&text) => {}
                _ => return None,
            }
            at += text.raw.len();
        }
        Some((address?, at))
    }
}

/// Whether there is nothing to be said of a variable's value, whatever the rest of the request.
fn is_plain(value: &Text<'_>) -> bool {
    let refers = value.raw.first() == Some(&b'$') && value.raw.starts_with(REFERENCE);
    (1..=TEMPLATE_VALUE).contains(&value.raw.len()) && !refers
}

/// Up to [`WIDTH`] bytes, the first the lowest, with zeros behind: no byte of a row outside of its strings is zero.
#[inline(never)]
fn block(bytes: &[u8]) -> u128 {
    bytes.iter().take(WIDTH).rev().fold(0, |block, byte| block << 8 | u128::from(*byte))
}

/// The patterns that rows were written in, as far as they were seen.
#[derive(Default)]
pub(crate) struct Patterns {
    kept: Vec<Pattern>,
    latest: usize,
    /// How many rows more matched nothing than matched.
    missed: u32,
    /// How many rows are not looked at.
    pause: u32,
}

impl Patterns {
    /// Reads a row that is written like an earlier one; its address and all else that is to be known of it. Of any other
    /// row nothing is read.
    pub(crate) fn read<'a>(&mut self, reader: &mut Reader<'a>) -> Option<(Text<'a>, Recipient)> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        let latest = self.latest;
        for pattern in (latest..self.kept.len()).chain(0..latest) {
            let kept = self.kept.get(pattern)?;
            if let Some((address, end)) = kept.read(reader) {
                self.latest = pattern;
                self.missed = self.missed.saturating_sub(1);
                reader.pass(end);
                return Some((address, kept.recipient));
            }
        }
        self.missed += 1;
        if self.missed > PATIENCE {
            self.missed = PATIENCE / 2;
            self.pause = PAUSE;
        }
        None
    }

    /// Keeps how a row is written, of which nothing was to be said but what its address is.
    pub(crate) fn keep(&mut self, row: &[u8], holes: &Holes, recipient: Recipient) {
        if self.pause > 0 || holes.address.is_none() {
            return;
        }
        let Some(pattern) = Pattern::of(row, holes, recipient) else { return };
        self.latest = (self.latest + 1) % KEPT;
        match self.kept.get_mut(self.latest) {
            Some(oldest) => *oldest = pattern,
            None => {
                self.latest = self.kept.len();
                self.kept.push(pattern);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::pointer::Pointer;
    use crate::recipient::{Recipient, RowJudge};
    use crate::scan::Reader;
    use crate::shape::Report;

    const FIRST: &str =
        r#"{"address":"+14155550132","channel":"PHONE","variables":{"name":"Ada","a name of many letters":"x"}}"#;

    /// What comes of a row: what it is and where it ends, what is said of it, and whether it matches a pattern.
    fn judged(judge: &mut RowJudge, row: &[u8]) -> (Option<(Recipient, usize)>, String, bool) {
        let matches = judge.patterns.read(&mut Reader::new(row, 2)).is_some();
        let (mut reader, mut report) = (Reader::new(row, 2), Report::default());
        let recipient = judge.judge(&mut reader, &Pointer::Root, &mut report);
        let said = format!("{:?} {:?} {:?}", report.issues, report.edits, judge.named.identities);
        (recipient.ok().map(|recipient| (recipient, reader.at())), said, matches)
    }

    /// Asserts that a row is judged behind the first one as it is by itself; whether it matches.
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
            (FIRST.replacen("+14155550132", "(415) 555", 1), 1),
            (FIRST.replacen("Ada", "", 1), 0),
            (FIRST.replacen("PHONE", "phone", 1), 0),
            (FIRST.replacen("name", "a name of many letters", 1), 0),
            (r#"{"address":"+14155550132","channel":"PHONE"}"#.to_owned(), 1),
            (r#"{"addresses":[{"address":"+14155550132","channel":"PHONE"}]}"#.to_owned(), 0),
            (FIRST.replacen("Ada", &"\",\"x\":\"".repeat(200), 1), 0),
        ] {
            let mut judge = RowJudge::default();
            judged(&mut judge, row.as_bytes());
            assert_eq!(judge.patterns.kept.len(), kept, "{row}");
        }
    }

    #[test]
    fn a_few_are_kept_and_none_is_looked_for_where_rows_have_none() {
        let mut judge = RowJudge::default();
        let row = |variant: usize| FIRST.replacen("name", &format!("name{variant}"), 1);
        for round in 0..10 {
            for variant in 0..super::KEPT {
                assert_eq!(judged(&mut judge, row(variant).as_bytes()).2, round > 0);
            }
        }
        for variant in 0..200 {
            judged(&mut judge, row(variant).as_bytes());
        }
        assert!(judge.patterns.pause > 0 && judge.patterns.kept.len() == super::KEPT);
    }
}
