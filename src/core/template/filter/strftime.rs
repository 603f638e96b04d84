//! Formats of the filter `date`: the directives of Ruby's `Time#strftime`, with its flags and widths.
//!
//! Source: <https://docs.ruby-lang.org/en/3.4/strftime_formatting_rdoc.html>.

use super::moment::{DAYS, MONTHS, Moment};
use super::writer::Writer;
use crate::instant::{civil, days_from_epoch};
use crate::template::failure::Failure;
use crate::template::number::int_text;

/// Widest that a directive is filled up to. With a larger width it is none, as in Ruby with one that is out of range.
const WIDEST: usize = 1_024;

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// What is in front up to the width: `0` or a blank, and `-` for nothing.
    fill: Option<u8>,
    upper: bool,
    /// Turns the case about, which for most means capitals.
    change: bool,
    colons: usize,
    width: Option<usize>,
}

/// An instant as calendars and clocks show it.
struct Shown {
    moment: Moment,
    /// Days since 1970-01-01.
    days: i64,
    date: [i64; 3],
    /// Seconds since midnight.
    clock: i64,
}

/// Where text goes to.
type Put<'p> = &'p mut dyn FnMut(&str) -> Result<(), Failure>;

/// Writes an instant by a format. What is no directive is written as it stands.
pub(super) fn strftime(moment: Moment, format: &str, out: &mut Writer<'_>) -> Result<(), Failure> {
    let local = moment.seconds + moment.offset;
    let days = local.div_euclid(86_400);
    let shown = Shown { moment, days, date: civil(days), clock: local.rem_euclid(86_400) };
    shown.write(format, &mut |piece| out.push(piece))
}

impl Shown {
    fn write(&self, format: &str, put: Put<'_>) -> Result<(), Failure> {
        let mut rest = format;
        while let Some((before, behind)) = rest.split_once('%') {
            put(before)?;
            let (flags, letter) = Flags::read(behind.as_bytes());
            // Letters of directives take one byte.
            let piece = behind.get(letter..letter + 1).and_then(|letter| self.directive(letter, flags));
            rest = if piece.is_some() { behind.get(letter + 1..).unwrap_or_default() } else { behind };
            put(piece.as_deref().unwrap_or("%"))?;
        }
        put(rest)
    }

    /// What a directive stands for. None where it is none.
    fn directive(&self, letter: &str, mut flags: Flags) -> Option<String> {
        let [year, month, day] = self.date;
        let of_year = self.days - days_from_epoch(year, 1, 1);
        // The epoch was a Thursday.
        let since_sunday = (self.days + 4).rem_euclid(7);
        let since_monday = (since_sunday + 6) % 7;
        let hour = self.clock / 3_600;
        let twelve = (hour + 11) % 12 + 1;
        // A week belongs to the year of its Thursday.
        let thursday = self.days - since_monday + 3;
        let [week_year, ..] = civil(thursday);
        let years = |year: i64| if year < 0 { 5 } else { 4 };

        let number = match letter {
            "Y" => Some((year, years(year))),
            "C" => Some((year.div_euclid(100), 2)),
            "y" => Some((year.rem_euclid(100), 2)),
            "m" => Some((month, 2)),
            "d" | "e" => Some((day, 2)),
            "j" => Some((of_year + 1, 3)),
            "H" | "k" => Some((hour, 2)),
            "I" | "l" => Some((twelve, 2)),
            "M" => Some((self.clock / 60 % 60, 2)),
            "S" => Some((self.clock % 60, 2)),
            "s" => Some((self.moment.seconds, 1)),
            "u" => Some((since_monday + 1, 1)),
            "w" => Some((since_sunday, 1)),
            "G" => Some((week_year, years(week_year))),
            "g" => Some((week_year.rem_euclid(100), 2)),
            "V" => Some(((thursday - days_from_epoch(week_year, 1, 1)) / 7 + 1, 2)),
            "U" => Some(((of_year + 7 - since_sunday) / 7, 2)),
            "W" => Some(((of_year + 7 - since_monday) / 7, 2)),
            _ => None,
        };
        if let Some((number, width)) = number {
            let fill = if matches!(letter, "e" | "k" | "l") { b' ' } else { b'0' };
            let mut digits = String::new();
            int_text(number, &mut digits);
            return Some(flags.fill_up(&digits, width, fill));
        }

        let mut made = String::new();
        let text = match letter {
            "A" => name(&DAYS, since_sunday),
            "a" => short(name(&DAYS, since_sunday)),
            "B" => name(&MONTHS, month - 1),
            "b" | "h" => short(name(&MONTHS, month - 1)),
            "p" => ["AM", "PM"][usize::from(hour >= 12)],
            "P" => ["am", "pm"][usize::from(hour >= 12)],
            "Z" => ["", "UTC"][usize::from(self.moment.offset == 0)],
            "n" => "\n",
            "t" => "\t",
            "%" => "%",
            "L" | "N" => {
                let places = flags.width.unwrap_or(if letter == "L" { 3 } else { 9 });
                let mut nanos = String::new();
                int_text(1_000_000_000 + i64::from(self.moment.nanos), &mut nanos);
                made.extend(nanos.chars().skip(1).chain(std::iter::repeat('0')).take(places));
                &made
            }
            "z" => {
                made = self.zone(&mut flags);
                &made
            }
            _ => {
                let format = match letter {
                    "c" => "%a %b %e %H:%M:%S %Y",
                    "D" | "x" => "%m/%d/%y",
                    "F" => "%Y-%m-%d",
                    "T" | "X" => "%H:%M:%S",
                    "R" => "%H:%M",
                    "r" => "%I:%M:%S %p",
                    "v" => "%e-%^b-%Y",
                    _ => return None,
                };
                // None of these stands for one that stands for others.
                let written = self.write(format, &mut |piece| {
                    made.push_str(piece);
                    Ok(())
                });
                written.ok()?;
                &made
            }
        };
        if flags.change && matches!(letter, "p" | "Z") {
            flags.upper = false;
            flags.change = false;
            return Some(flags.fill_up(&text.to_ascii_lowercase(), 0, b' '));
        }
        Some(flags.fill_up(text, 0, b' '))
    }

    /// The offset from UTC, with as many colons as there are in front of the `z`.
    fn zone(&self, flags: &mut Flags) -> String {
        let offset = self.moment.offset;
        let mut made = String::from(if offset < 0 { "-" } else { "+" });
        let seconds = offset.abs();
        for (place, number) in [seconds / 3_600, seconds / 60 % 60, seconds % 60].into_iter().enumerate() {
            if place == 2 && flags.colons != 2 {
                break;
            }
            if place > 0 && flags.colons > 0 {
                made.push(':');
            }
            // Behind a blank the first digit is left out where it is none.
            if place > 0 || number > 9 || flags.fill != Some(b' ') {
                made.push(char::from(b'0' + u8::try_from(number / 10).unwrap_or_default()));
            }
            made.push(char::from(b'0' + u8::try_from(number % 10).unwrap_or_default()));
        }
        if flags.fill.is_none() {
            flags.fill = Some(b'0');
        }
        flags.width = flags.width.max(Some([5, 6, 9, 6][flags.colons.min(3)]));
        made
    }
}

impl Flags {
    /// Reads what stands in front of the letter, and where that stands.
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
                        return (flags, behind.len());
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

    /// A text in capitals and filled up as the flags say.
    fn fill_up(self, text: &str, width: usize, fill: u8) -> String {
        let fill = self.fill.unwrap_or(fill);
        let width = if fill == 0 { 0 } else { self.width.unwrap_or(width) };
        let sign = usize::from(fill == b'0' && text.starts_with(['-', '+']));
        let (sign, digits) = text.split_at_checked(sign).unwrap_or(("", text));
        let mut filled = String::from(sign);
        filled.extend((text.len()..width).map(|_| char::from(fill)));
        filled.push_str(digits);
        if self.upper || self.change {
            filled.make_ascii_uppercase();
        }
        filled
    }
}

fn name(names: &[&'static str], place: i64) -> &'static str {
    usize::try_from(place).ok().and_then(|place| names.get(place).copied()).unwrap_or_default()
}

fn short(name: &'static str) -> &'static str {
    name.get(..3).unwrap_or(name)
}
