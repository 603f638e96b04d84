//! Instants as RFC 3339 writes them. The present one is always given by the caller: the core has no clock.

/// An instant, in milliseconds since 1970-01-01T00:00:00Z; finer fractions are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// What a text says of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// One full instant.
    Full(Instant),
    /// A date and a time without a zone, taken as UTC.
    Zoneless(Instant),
}

impl Instant {
    /// Reads an instant: `2026-12-01T09:00:00Z`, with a fraction or another offset where there is one.
    ///
    /// Source: <https://www.rfc-editor.org/rfc/rfc3339>. A leap second counts as the second behind it.
    pub fn parse(text: &str) -> Option<Self> {
        match read(text)? {
            Written::Full(instant) => Some(instant),
            Written::Zoneless(_) => None,
        }
    }
}

/// Reads a date and a time, with or without a zone.
pub(crate) fn read(text: &str) -> Option<Written> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        bytes
            .get(from..to)?
            .iter()
            .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    };
    let is = |at: usize, set: &[u8]| bytes.get(at).is_some_and(|byte| set.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let possible = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !possible {
        return None;
    }
    let mut millis = ((days_from_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000;
    let mut at = 19;
    if is(at, b".") {
        let digits = bytes.get(20..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        for place in 0..3.min(digits) {
            millis += number(20 + place, 21 + place)? * [100, 10, 1][place];
        }
        at += 1 + digits;
    }
    match bytes.get(at..)? {
        [] => Some(Written::Zoneless(Instant(millis))),
        [b'Z' | b'z'] => Some(Written::Full(Instant(millis))),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
            let offset = (hours * 60 + minutes) * 60_000;
            let offset = if *sign == b'-' { -offset } else { offset };
            (hours < 24 && minutes < 60).then_some(Written::Full(Instant(millis - offset)))
        }
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day comes last.
pub(crate) fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub(crate) fn civil(days: i64) -> [i64; 3] {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    [era * 400 + years + i64::from(month <= 2), month, day]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_whatever_their_zone() {
        let noon = Instant(1_796_126_400_000);
        for text in ["2026-12-01T12:00:00Z", "2026-12-01t14:30:00+02:30", "2026-12-01 04:00:00.0009-08:00"] {
            assert_eq!(Instant::parse(text), Some(noon), "{text}");
        }
        assert_eq!(Instant::parse("1970-01-01T00:00:00.25Z"), Some(Instant(250)));
        assert_eq!(Instant::parse("2024-02-29T00:00:00Z"), Some(Instant(1_709_164_800_000)));
        assert_eq!(read("2026-12-01T12:00:00"), Some(Written::Zoneless(noon)));
    }

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        for days in (-1_000_000..1_000_000).step_by(97).chain([-719_529, -1, 0, 59, 60, 11_016, 11_017]) {
            let [year, month, day] = civil(days);
            assert_eq!(days_from_epoch(year, month, day), days);
            assert!((1..=days_in(year, month)).contains(&day));
        }
        assert_eq!(civil(11_016), [2000, 2, 29]);
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        let texts =
            ["", "tomorrow", "2026-12-01", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-12-01T24:00:00Z"];
        for text in texts.into_iter().chain([
            "2026-12-01T12:00:00+25:00",
            "2026-12-01T12:00:00.Z",
            "2026-12-01T12:00:00ZZ",
            "２026-12-01T12:00:00Z",
        ]) {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
