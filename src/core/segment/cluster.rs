//! Grapheme clusters: what readers see as one character.
//!
//! The rules are those of UAX 29, <https://www.unicode.org/reports/tr29/>, with three of them widened, so that a cluster
//! is never smaller than there: a zero width joiner and the linkers of Indic scripts join whatever follows that is not
//! ASCII, a leading jamo too, and marks join line ends. What the characters do is in `clusters.bin`, generated, where
//! unassigned ones count as what is before them.

use super::table::Table;
use super::{character, slice};

static TABLE: Table<10> = Table::read(include_bytes!("clusters.bin"));

/// A character joins what stands before it.
const JOINED: u8 = 1;
/// What follows joins it, unless it is ASCII.
const LINKS: u8 = 2;
/// What follows joins it, unless it is a control character.
const PREPENDED: u8 = 4;
/// One half of a flag.
const INDICATOR: u8 = 8;

/// What a character does: a bit for each.
fn class(c: char) -> u8 {
    // None below joins anything.
    if c < '\u{300}' { 0 } else { TABLE.floor(c).map_or(0, |(_, class)| class) }
}

/// Reads characters and tells where clusters begin.
#[derive(Default)]
pub(super) struct Clusters {
    /// What joins the characters so far: characters from this one on.
    least: Option<char>,
    carriage_return: bool,
    /// Whether half a flag waits for its other half.
    half: bool,
}

impl Clusters {
    /// Whether a character belongs to the cluster of the one before it.
    pub(super) fn joins(&mut self, c: char) -> bool {
        let class = class(c);
        let joined = class & JOINED != 0
            || self.least.is_some_and(|least| c >= least)
            || self.half && class & INDICATOR != 0
            || self.carriage_return && c == '\n';
        self.half = class & INDICATOR != 0 && !joined;
        self.carriage_return = c == '\r';
        if class & (LINKS | PREPENDED) != 0 {
            self.least = Some(if class & PREPENDED != 0 { ' ' } else { '\u{80}' });
        } else if class & JOINED == 0 {
            self.least = None;
        }
        joined
    }
}

/// Where the last cluster of `start..end` begins if it goes on after `end`; else `end`, and so if it is all of it.
///
/// Takes time for the part, not for the text: clusters have no bound.
pub(super) fn cut(text: &str, start: usize, end: usize) -> usize {
    let Some(mut behind) = character(text, end) else { return end };
    // Back to where two characters meet that join nothing.
    let mut safe = end;
    for front in slice(text, start, end).chars().rev() {
        if class(front) | class(behind) == 0 && (front, behind) != ('\r', '\n') {
            break;
        }
        safe -= front.len_utf8();
        behind = front;
    }
    if safe == end {
        return end;
    }
    let mut clusters = Clusters::default();
    let (mut at, mut begin) = (safe, safe);
    while let Some(c) = character(text, at) {
        if !clusters.joins(c) {
            begin = at;
        }
        if at >= end {
            break;
        }
        at += c.len_utf8();
    }
    if begin == start { end } else { begin }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(text: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut reader = Clusters::default();
        for c in text.chars() {
            match found.last_mut() {
                Some(last) if reader.joins(c) => last.push(c),
                Some(_) => found.push(c.into()),
                None => {
                    reader.joins(c);
                    found.push(c.into());
                }
            }
        }
        found
    }

    #[test]
    fn what_readers_see_as_one_character_is_one_cluster() {
        for whole in ["e\u{301}", "👨‍👩‍👧‍👦", "👍🏽", "❤️", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "नि", "क्ष", "각", "각", "\r\n"]
        {
            assert_eq!(clusters(whole), [whole]);
            assert_eq!(clusters(&format!("a{whole}b")), ["a", whole, "b"]);
        }
        assert_eq!(clusters("🇩🇪🇫🇷🇮"), ["🇩🇪", "🇫🇷", "🇮"]);
        assert_eq!(clusters("中文😀😀\n\r"), ["中", "文", "😀", "😀", "\n", "\r"]);
        assert_eq!(clusters("सत् न"), ["स", "त्", " ", "न"]);
    }

    #[test]
    fn a_cut_goes_back_to_the_beginning_of_a_cluster() {
        let text = "ab👍🏽e\u{301}🇩🇪🇫🇷";
        let begins: Vec<usize> = [0, 1, 2, 10, 13, 21, 29].to_vec();
        assert_eq!(text.len(), 29);
        for (end, _) in text.char_indices().skip(1).chain([(29, ' ')]) {
            let begin = begins.iter().rfind(|begin| **begin <= end).copied();
            assert_eq!(Some(cut(text, 0, end)), begin, "up to {end}");
        }
    }

    #[test]
    fn a_cluster_longer_than_the_part_is_cut() {
        let text = format!("a{}", "\u{301}".repeat(100));
        assert_eq!(cut(&text, 0, 101), 101);
        assert_eq!(cut(&text, 51, 101), 101);
    }
}
