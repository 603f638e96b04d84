//! Letters in the other case.
//!
//! The table is `letters.bin`, generated: std's own are ten times as large.

use std::sync::LazyLock;

use crate::packed::number;

/// A line that names the source, the runs of letters that have a capital, and of those that have a small letter, and
/// the letters that become several.
const TABLE: &[u8] = include_bytes!("letters.bin");
const UPPER_AT: usize = line_end(TABLE);
const LOWER_AT: usize = end(UPPER_AT);

static UPPER: LazyLock<Vec<Run>> = LazyLock::new(|| runs(UPPER_AT));
static LOWER: LazyLock<Vec<Run>> = LazyLock::new(|| runs(LOWER_AT));

/// Texts with blanks between: a letter, and what it becomes.
static SEVERAL: &str = match str::from_utf8(TABLE.split_at(end(LOWER_AT)).1) {
    Ok(text) => text,
    Err(_) => panic!("letters.bin does not end in a text"),
};

/// Letters at equal steps that all become what lies as far from them; at distance 0 lie those that become several.
#[derive(Clone, Copy)]
struct Run {
    first: u32,
    last: u32,
    step: u32,
    distance: i32,
}

/// What a letter becomes as a capital: up to three, and NUL after them. What has none stays.
pub(super) fn upper(c: char) -> [char; 3] {
    changed(c, c.to_ascii_uppercase(), &UPPER)
}

/// What a letter becomes as a small one, in the same way. What has none stays.
pub(super) fn lower(c: char) -> [char; 3] {
    changed(c, c.to_ascii_lowercase(), &LOWER)
}

fn changed(c: char, ascii: char, runs: &[Run]) -> [char; 3] {
    let mut letters = [ascii, '\0', '\0'];
    let distance = if c.is_ascii() { None } else { distance(c, runs) };
    if distance == Some(0) {
        let several = SEVERAL.split(' ').find_map(|text| text.strip_prefix(c)).unwrap_or_default();
        for (letter, other) in letters.iter_mut().zip(several.chars()) {
            *letter = other;
        }
    } else if let Some(other) = distance.and_then(|distance| u32::from(c).checked_add_signed(distance)) {
        letters[0] = char::from_u32(other).unwrap_or(c);
    }
    letters
}

fn distance(c: char, runs: &[Run]) -> Option<i32> {
    let point = u32::from(c);
    let run = runs.get(runs.partition_point(|run| run.last < point))?;
    (point >= run.first && (point - run.first).is_multiple_of(run.step)).then_some(run.distance)
}

const fn line_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while bytes[at] != b'\n' {
        at += 1;
    }
    at + 1
}

/// Where the runs end.
const fn end(at: usize) -> usize {
    let (mut left, mut at) = number(TABLE, at);
    left *= 3;
    while left > 0 {
        at = number(TABLE, at).1;
        left -= 1;
    }
    at
}

/// Unpacks runs: unpacked they are five times as large, so that waits until somebody asks.
fn runs(at: usize) -> Vec<Run> {
    let (count, mut at) = number(TABLE, at);
    let mut next = || {
        let (read, behind) = number(TABLE, at);
        at = behind;
        read
    };
    let mut behind = 0;
    let mut runs = Vec::new();
    for _ in 0..count {
        let (gap, length, distance) = (next(), next(), next());
        let step = 1 + length % 2;
        let first = behind + gap;
        behind = first + length / 2 * step;
        runs.push(Run { first, last: behind, step, distance: (distance >> 1) as i32 ^ -((distance & 1) as i32) });
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those that this Unicode knows, and std's does not, or the other way round, were no letters before.
    #[test]
    fn letters_become_what_std_says() {
        let mut newer = 0;
        // NUL alone becomes itself.
        let are = |letters: [char; 3], of_std: Vec<char>| {
            let count = letters.iter().skip(1).take_while(|letter| **letter != '\0').count() + 1;
            letters.get(..count) == Some(&*of_std)
        };
        for c in '\0'..=char::MAX {
            if !are(upper(c), c.to_uppercase().collect()) {
                assert!(!c.is_alphabetic() || c.to_uppercase().eq([c]), "{c:?} in capitals");
                newer += 1;
            }
            if !are(lower(c), c.to_lowercase().collect()) {
                assert!(!c.is_alphabetic() || c.to_lowercase().eq([c]), "{c:?} in small letters");
                newer += 1;
            }
        }
        assert!(newer < 100, "{newer} letters differ");
    }
}
