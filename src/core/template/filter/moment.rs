//! What the filter `date` reads: an instant, and the offset from UTC that it was written with.
//!
//! Ruby's `Time.parse` takes what looks like a part of a date and ignores the rest, so that any word may become a month.
//! Here all of a text has to be a date, in one of the forms that Ruby reads; else it is none.

use crate::instant::{Instant, civil, days_from_epoch};
use crate::template::failure::Failure;
use crate::template::integer::whole_int;

/// Longest text that is read as a date, in bytes, as in Ruby.
const LONGEST: usize = 128;

/// The furthest from 1970 that is read, in seconds: about 30 million years.
const FURTHEST: u64 = 1_000_000_000_000_000;

/// Names of months, of which the first three letters are enough.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Names of days, of which the first three letters are enough.
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Names of zones and their hours from UTC: those of RFC 2822.
const ZONES: [(&str, i64); 12] = [
    ("z", 0),
    ("utc", 0),
    ("gmt", 0),
    ("ut", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
];

/// An instant as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Since 1970-01-01T00:00:00Z.
    pub(super) seconds: i64,
    /// After the second.
    pub(super) nanos: u32,
    /// Seconds east of UTC.
    pub(super) offset: i64,
}

impl Moment {
    /// That many seconds since 1970-01-01T00:00:00Z, in UTC. None where no calendar reaches.
    pub(super) fn of_unix(seconds: i64) -> Option<Self> {
        (seconds.unsigned_abs() <= FURTHEST).then_some(Self { seconds, nanos: 0, offset: 0 })
    }

    /// Reads a text: `now`, `today`, Unix seconds, ISO 8601, RFC 2822, and what people write in English.
    ///
    /// Units that it lacks are those of the present instant where they are larger than those it has, and the least there are
    /// where they are smaller: `March` is the first of March of this year. Without a zone it is taken as UTC.
    ///
    /// # Errors
    ///
    /// Where the present instant is needed and not given.
    pub(super) fn parse(text: &str, now: Option<Instant>) -> Result<Option<Self>, Failure> {
        if text.eq_ignore_ascii_case("now") || text.eq_ignore_ascii_case("today") {
            return Self::of(now).map(Some);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(whole_int(text).and_then(Self::of_unix));
        }
        if text.len() > LONGEST {
            return Ok(None);
        }
        let mut parser = Parser { text: text.as_bytes(), at: 0, found: Found::default() };
        while parser.at < text.len() {
            if parser.element().is_none() {
                return Ok(None);
            }
        }
        parser.found.moment(now)
    }

    fn of(now: Option<Instant>) -> Result<Self, Failure> {
        let Some(Instant(now)) = now else {
            return Err(Failure::invalid("a date that does not ask for the present one"));
        };
        let nanos = u32::try_from(now.rem_euclid(1_000)).unwrap_or_default() * 1_000_000;
        Ok(Self { seconds: now.div_euclid(1_000), nanos, offset: 0 })
    }
}

/// A number as it was written.
#[derive(Clone, Copy)]
struct Number {
    value: i64,
    digits: usize,
}

impl Number {
    /// Whether it can only be a year.
    fn is_year(self) -> bool {
        self.digits > 2
    }

    /// As a year: two digits are one from 1969 to 2068.
    fn year(self) -> i64 {
        match self.value {
            year if self.is_year() => year,
            year @ 0..=68 => 2_000 + year,
            year => 1_900 + year,
        }
    }
}

/// What was found of a date so far.
#[derive(Default)]
struct Found {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    /// Whether a number stands by itself, which says something only beside a month that is a word.
    loose: bool,
    /// Hour, minute, second.
    time: Option<[i64; 3]>,
    nanos: u32,
    offset: Option<i64>,
}

/// Sets a part of the date that was not set before: one that is given twice makes no date.
fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

impl Found {
    /// Three numbers: the year stands first, unless only the last can be one.
    fn date(&mut self, [first, month, last]: [Number; 3]) -> Option<()> {
        let (year, day) = if last.is_year() && !first.is_year() { (last, first) } else { (first, last) };
        set(&mut self.year, year.year())?;
        set(&mut self.month, month.value)?;
        set(&mut self.day, day.value)
    }

    /// A number by itself: the day, then the year.
    fn number(&mut self, number: Number) -> Option<()> {
        self.loose = true;
        if number.is_year() || self.day.is_some() {
            set(&mut self.year, number.year())
        } else {
            set(&mut self.day, number.value)
        }
    }

    fn moment(self, now: Option<Instant>) -> Result<Option<Moment>, Failure> {
        let empty = self.year.is_none() && self.month.is_none() && self.day.is_none() && self.time.is_none();
        if empty || (self.loose && self.month.is_none()) {
            return Ok(None);
        }
        let offset = self.offset.unwrap_or_default();
        let mut date = match self.year {
            Some(year) => [year, 1, 1],
            None => civil((Moment::of(now)?.seconds + offset).div_euclid(86_400)),
        };
        let mut given = false;
        for (part, slot) in [self.year, self.month, self.day].into_iter().zip(&mut date) {
            given |= part.is_some();
            if given {
                *slot = part.unwrap_or(1);
            }
        }
        let [year, month, day] = date;
        let [hour, minute, second] = self.time.unwrap_or_default();
        let possible = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && minute < 60
            && second <= 60
            && (hour < 24 || (hour == 24 && minute + second == 0));
        if !possible {
            return Ok(None);
        }
        // The 30th of February is one of the first of March, as in Ruby.
        let days = days_from_epoch(year, month, 1) + day - 1;
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset;
        Ok(Some(Moment { seconds, nanos: self.nanos, offset }))
    }
}

/// Reads a text in one pass.
struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    found: Found,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).map(u8::to_ascii_lowercase)
    }

    /// Passes over a byte if it is the next.
    fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    fn run(&mut self, of: fn(&u8) -> bool) -> &'t [u8] {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let run = rest.split(|byte| !of(byte)).next().unwrap_or_default();
        self.at += run.len();
        run
    }

    /// At most nine digits.
    fn number(&mut self) -> Option<Number> {
        let digits = self.run(u8::is_ascii_digit);
        if !(1..=9).contains(&digits.len()) {
            return None;
        }
        let value = digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        Some(Number { value, digits: digits.len() })
    }

    /// Reads the next thing of which dates are made.
    fn element(&mut self) -> Option<()> {
        let byte = self.peek()?;
        match byte {
            b' ' | b',' | b'\t' | b'\n' => self.at += 1,
            // Programs add the name of the zone in brackets.
            b'(' => {
                self.run(|byte| *byte != b')');
                return self.take(b')').then_some(());
            }
            b'\'' => {
                self.at += 1;
                let year = self.number()?.year();
                set(&mut self.found.year, year)?;
            }
            b'0'..=b'9' => return self.digits(),
            b'a'..=b'z' => return self.word(),
            _ => return None,
        }
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let word = self.run(u8::is_ascii_alphabetic);
        if let Some(month) = place(&MONTHS, word) {
            set(&mut self.found.month, month)?;
        } else if let Some((_, hours)) = ZONES.iter().find(|(zone, _)| zone.as_bytes().eq_ignore_ascii_case(word)) {
            self.found.time?;
            let signed = matches!(self.peek(), Some(b'+' | b'-'));
            return if signed { self.offset() } else { set(&mut self.found.offset, hours * 3_600) };
        } else if place(&DAYS, word).is_none() && !matches!(word, b"T" | b"t" | b"at" | b"on" | b"of" | b"the") {
            return None;
        }
        // An abbreviation may end in a point, and a month may stand between dashes.
        self.take(b'.');
        self.take(b'-');
        Some(())
    }

    /// Reads what begins with a digit.
    fn digits(&mut self) -> Option<()> {
        let run = self.text.get(self.at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if matches!(run, 8 | 14) {
            return self.compact(run == 14);
        }
        if run == 6 && self.found.day.is_some() {
            return self.compact_time();
        }
        let first = self.number()?;
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                let minute = self.number()?.value;
                let second = if self.take(b':') { self.number()?.value } else { 0 };
                self.time([first.value, minute, second])
            }
            Some(mark @ (b'-' | b'/' | b'.')) if self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit) => {
                self.at += 1;
                let second = self.number()?;
                if self.take(mark) {
                    let third = self.number()?;
                    return self.found.date([first, second, third]);
                }
                if mark != b'/' {
                    return None;
                }
                // A month and a day, or a month and a year.
                set(&mut self.found.month, first.value)?;
                self.found.number(second)
            }
            Some(b'-') => {
                self.at += 1;
                self.found.number(first)
            }
            _ => {
                if let Some(half) = self.meridian() {
                    return self.time([first.value % 12 + half, 0, 0]);
                }
                let suffix = self.text.get(self.at..self.at + 2).unwrap_or_default();
                if [b"st", b"nd", b"rd", b"th"].iter().any(|ordinal| suffix.eq_ignore_ascii_case(*ordinal)) {
                    self.at += 2;
                    return set(&mut self.found.day, first.value);
                }
                self.found.number(first)
            }
        }
    }

    /// `20160314`, and with a time `20160314101112`.
    fn compact(&mut self, time: bool) -> Option<()> {
        let [year, month, day] = [self.pair()? * 100 + self.pair()?, self.pair()?, self.pair()?];
        set(&mut self.found.year, year)?;
        set(&mut self.found.month, month)?;
        set(&mut self.found.day, day)?;
        if time { self.compact_time() } else { Some(()) }
    }

    fn compact_time(&mut self) -> Option<()> {
        let time = [self.pair()?, self.pair()?, self.pair()?];
        self.time(time)
    }

    /// Two digits.
    fn pair(&mut self) -> Option<i64> {
        let [tens, ones] = *self.text.get(self.at..)?.first_chunk()?;
        self.at += 2;
        let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
        Some(digit(tens)? * 10 + digit(ones)?)
    }

    /// What stands after a time: a fraction, the half of the day, an offset.
    fn time(&mut self, mut time: [i64; 3]) -> Option<()> {
        if matches!(self.peek(), Some(b'.' | b',')) && self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            let digits = self.run(u8::is_ascii_digit);
            self.found.nanos = 0;
            for place in 0..9 {
                let digit = digits.get(place).map_or(0, |digit| u32::from(digit - b'0'));
                self.found.nanos = self.found.nanos * 10 + digit;
            }
        }
        if let Some(half) = self.meridian() {
            time[0] = time[0] % 12 + half;
        }
        set(&mut self.found.time, time)?;
        self.run(|byte| *byte == b' ');
        if matches!(self.peek(), Some(b'+' | b'-')) { self.offset() } else { Some(()) }
    }

    /// `am`, `pm`, `a.m.`, `p.m.`: the hours at which that half of the day begins.
    fn meridian(&mut self) -> Option<i64> {
        let begin = self.at;
        self.run(|byte| *byte == b' ');
        let half = if self.take(b'p') { 12 } else { 0 };
        let whole = (half == 12 || self.take(b'a')) && {
            let point = self.take(b'.');
            self.take(b'm') && self.take(b'.') == point
        };
        if whole && !self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return Some(half);
        }
        self.at = begin;
        None
    }

    /// `+02:00`, `+0200`, `+02`
    fn offset(&mut self) -> Option<()> {
        let east = self.take(b'+');
        self.at += usize::from(!east);
        let hours = self.pair()?;
        let minutes =
            if self.take(b':') || self.peek().is_some_and(|byte| byte.is_ascii_digit()) { self.pair()? } else { 0 };
        let seconds = (hours * 60 + minutes) * 60;
        (hours < 24 && minutes < 60).then_some(())?;
        set(&mut self.found.offset, if east { seconds } else { -seconds })
    }
}

/// Which of the names a word is, counted from one: the whole of it, or its first letters.
fn place(names: &[&str], word: &[u8]) -> Option<i64> {
    let is = |name: &&str| name.as_bytes().get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word));
    let place = names.iter().position(|name| word.len() >= 3 && is(name))?;
    i64::try_from(place + 1).ok()
}
