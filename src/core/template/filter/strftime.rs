//! Formats of the filter `date`: the directives of Ruby's `Time#strftime`, with its flags and widths.
//!
//! Source: <https://docs.ruby-lang.org/en/3.4/strftime_formatting_rdoc.html>.

use super::moment::{DAYS, MONTHS, Moment};
use super::writer::Writer;
use crate::instant::{civil, days_from_epoch};
use crate::template::integer::int_text;

/// The greatest width that a directive is filled up to. With a larger one it is no directive, as in Ruby.
const WIDEST: usize = 1_024;

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// What fills it up to the width: `0` or a blank, and `-` for nothing.
    fill: Option<u8>,
    upper: bool,
    /// Turns the case about, which for most means capitals.
    change: bool,
    colons: usize,
    width: Option<usize>,
}

/// Directives that stand for others. None of these stands for one that stands for others.
const FORMATS: [(u8, &str); 9] = [
    (b'c', "%a %b %e %H:%M:%S %Y"),
    (b'D', "%m/%d/%y"),
    (b'x', "%m/%d/%y"),
    (b'F', "%Y-%m-%d"),
    (b'T', "%H:%M:%S"),
    (b'X', "%H:%M:%S"),
    (b'R', "%H:%M"),
    (b'r', "%I:%M:%S %p"),
    (b'v', "%e-%^b-%Y"),
];

/// An instant as calendars and clocks show it.
struct Shown {
    moment: Moment,
    /// Days since 1970-01-01.
    days: i64,
    date: [i64; 3],
    /// Seconds since midnight.
    clock: i64,
}

/// Writes an instant by a format. What is no directive is written as it stands.
pub(super) fn strftime(moment: Moment, format: &str, out: &mut Writer<'_>) {
    let local = moment.seconds + moment.offset;
    let days = local.div_euclid(86_400);
    let shown = Shown { moment, days, date: civil(days), clock: local.rem_euclid(86_400) };
    let mut rest = format;
    while let Some((before, behind)) = rest.split_once('%') {
        out.push(before);
        let (flags, letter) = Flags::read(behind.as_bytes());
        let mut piece = String::new();
        // Letters of directives take one byte.
        let known = behind.as_bytes().get(letter).is_some_and(|byte| shown.directive(*byte, flags, &mut piece));
        rest = if known { behind.get(letter + 1..).unwrap_or_default() } else { behind };
        out.push(if known { &piece } else { "%" });
    }
    out.push(rest);
}

impl Shown {
    /// Writes what a directive stands for; false where it is none.
    fn directive(&self, letter: u8, mut flags: Flags, out: &mut String) -> bool {
        let mut made = String::new();
        let (mut width, mut fill) = (0, b' ');
        if let Some((number, digits)) = self.number(letter) {
            int_text(number, &mut made);
            width = digits;
            fill = if matches!(letter, b'e' | b'k' | b'l') { b' ' } else { b'0' };
        } else if let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == letter) {
            let mut rest = *format;
            while let Some((before, behind)) = rest.split_once('%') {
                made.push_str(before);
                let (flags, letter) = Flags::read(behind.as_bytes());
                self.directive(behind.as_bytes().get(letter).copied().unwrap_or_default(), flags, &mut made);
                rest = behind.get(letter + 1..).unwrap_or_default();
            }
        } else if !self.word(letter, &mut flags, &mut made) {
            return false;
        }
        if flags.change && matches!(letter, b'p' | b'Z') {
            flags.upper = false;
            flags.change = false;
            made.make_ascii_lowercase();
        }
        flags.fill_up(&made, width, fill, out);
        true
    }

    /// The number that a directive stands for, and how many digits it has at least.
    fn number(&self, letter: u8) -> Option<(i64, usize)> {
        let [year, month, day] = self.date;
        let of_year = self.days - days_from_epoch(year, 1, 1);
        let since_sunday = self.weekday();
        let since_monday = (since_sunday + 6) % 7;
        let hour = self.clock / 3_600;
        // A week belongs to the year of its Thursday.
        let thursday = self.days - since_monday + 3;
        let [week_year, ..] = civil(thursday);
        let years = |year: i64| (year, if year < 0 { 5 } else { 4 });
        Some(match letter {
            b'Y' => years(year),
            b'C' => (year.div_euclid(100), 2),
            b'y' => (year.rem_euclid(100), 2),
            b'm' => (month, 2),
            b'd' | b'e' => (day, 2),
            b'j' => (of_year + 1, 3),
            b'H' | b'k' => (hour, 2),
            b'I' | b'l' => ((hour + 11) % 12 + 1, 2),
            b'M' => (self.clock / 60 % 60, 2),
            b'S' => (self.clock % 60, 2),
            b's' => (self.moment.seconds, 1),
            b'u' => (since_monday + 1, 1),
            b'w' => (since_sunday, 1),
            b'G' => years(week_year),
            b'g' => (week_year.rem_euclid(100), 2),
            b'V' => ((thursday - days_from_epoch(week_year, 1, 1)) / 7 + 1, 2),
            b'U' => ((of_year + 7 - since_sunday) / 7, 2),
            b'W' => ((of_year + 7 - since_monday) / 7, 2),
            _ => return None,
        })
    }

    /// Days since Sunday; the epoch was a Thursday.
    fn weekday(&self) -> i64 {
        (self.days + 4).rem_euclid(7)
    }

    /// Appends the text that a directive stands for; false where it stands for none.
    fn word(&self, letter: u8, flags: &mut Flags, made: &mut String) -> bool {
        let afternoon = self.clock >= 12 * 3_600;
        let word = match letter {
            b'A' => name(&DAYS, self.weekday()),
            b'a' => short(name(&DAYS, self.weekday())),
            b'B' => name(&MONTHS, self.date[1] - 1),
            b'b' | b'h' => short(name(&MONTHS, self.date[1] - 1)),
            b'p' => ["AM", "PM"][usize::from(afternoon)],
            b'P' => ["am", "pm"][usize::from(afternoon)],
            b'Z' => ["", "UTC"][usize::from(self.moment.offset == 0)],
            b'n' => "\n",
            b't' => "\t",
            b'%' => "%",
            b'L' | b'N' => {
                let places = flags.width.unwrap_or(if letter == b'L' { 3 } else { 9 });
                let mut rest = self.moment.nanos;
                for _ in 0..places {
                    push_digit(rest / 100_000_000, made);
                    rest = rest % 100_000_000 * 10;
                }
                ""
            }
            b'z' => {
                self.zone(flags, made);
                ""
            }
            _ => return false,
        };
        made.push_str(word);
        true
    }

    /// The offset from UTC, with as many colons as there are before the `z`.
    fn zone(&self, flags: &mut Flags, made: &mut String) {
        let offset = self.moment.offset;
        made.push(if offset < 0 { '-' } else { '+' });
        let seconds = offset.unsigned_abs() as u32;
        let parts = if flags.colons == 2 { 3 } else { 2 };
        for (place, number) in [seconds / 3_600, seconds / 60 % 60, seconds % 60].into_iter().enumerate().take(parts) {
            if place > 0 && flags.colons > 0 {
                made.push(':');
            }
            // After a blank the first digit is left out where it is none.
            if place > 0 || number > 9 || flags.fill != Some(b' ') {
                push_digit(number / 10, made);
            }
            push_digit(number % 10, made);
        }
        flags.fill = flags.fill.or(Some(b'0'));
        flags.width = flags.width.max(Some([5, 6, 9, 6][flags.colons.min(3)]));
    }
}

impl Flags {
    /// Reads what stands before the letter, and where that stands.
    fn read(behind: &[u8]) -> (Self, usize) {
        let mut flags = Self::default();
        for (at, byte) in behind.iter().enumerate() {
            match byte {
                b'-' => flags.fill = Some(0),
                b'_' => flags.fill = Some(b' '),
                b'0' if flags.width.is_none() => flags.fill = Some(b'0'),
                b'^' => flags.upper = true,
                b'#' => flags.change = true,
                b':' => flags.colons += 1,
                b'0'..=b'9' => {
                    let width = flags.width.unwrap_or(0) * 10 + usize::from(byte - b'0');
                    if width > WIDEST {
                        break;
                    }
                    flags.width = Some(width);
                }
                // Another calendar or other digits, where the language has them; English has none.
                b'E' | b'O' => {
                    let letters: &[u8] = if *byte == b'E' { b"cCxXyY" } else { b"deHkIlmMSuUVwWy" };
                    if !behind.get(at + 1).is_some_and(|letter| letters.contains(letter)) {
                        break;
                    }
                }
                b'z' if flags.colons <= 3 => return (flags, at),
                _ if flags.colons == 0 => return (flags, at),
                _ => break,
            }
        }
        (flags, behind.len())
    }

    /// Appends a text, in capitals and filled up as the flags say.
    fn fill_up(self, text: &str, width: usize, fill: u8, out: &mut String) {
        let fill = self.fill.unwrap_or(fill);
        let width = if fill == 0 { 0 } else { self.width.unwrap_or(width) };
        let sign = usize::from(fill == b'0' && text.starts_with(['-', '+']));
        let (sign, digits) = text.split_at_checked(sign).unwrap_or(("", text));
        let begin = out.len();
        out.push_str(sign);
        for _ in text.len()..width {
            out.push(char::from(fill));
        }
        out.push_str(digits);
        if let Some(filled) = out.get_mut(begin..).filter(|_| self.upper || self.change) {
            filled.make_ascii_uppercase();
        }
    }
}

fn push_digit(digit: u32, out: &mut String) {
    out.push(char::from(b'0' + digit as u8));
}

fn name(names: &[&'static str], place: i64) -> &'static str {
    usize::try_from(place).ok().and_then(|place| names.get(place).copied()).unwrap_or_default()
}

fn short(name: &'static str) -> &'static str {
    name.get(..3).unwrap_or(name)
}
