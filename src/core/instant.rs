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
    /// None for anything else, a time without an offset included. A leap second counts as the second after it. Source:
    /// <https://www.rfc-editor.org/rfc/rfc3339>.
    pub fn parse(text: &str) -> Option<Self> {
        match read(text)? {
            Written::Full(instant) => Some(instant),
            Written::Zoneless(_) => None,
        }
    }
}

/// Reads a date and a time, with or without a zone.
pub(crate) fn read(text: &str) -> Option<Written> {
    let (moment, mut rest) = text.as_bytes().split_at_checked(MOMENT.len())?;
    let mut numbers = [0; 6];
    read_numbers(moment, MOMENT, &mut numbers)?;
    let [year, month, day, hour, minute, second] = numbers;
    let days = days_from_epoch(year, month, day);
    // A day that there is not in its month counts on into another one.
    if civil(days) != [year, month, day] || hour >= 24 || minute >= 60 || second > 60 {
        return None;
    }
    let mut millis = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000;
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        for (digit, unit) in fraction[..digits].iter().zip([100, 10, 1]) {
            millis += i64::from(digit - b'0') * unit;
        }
        rest = &fraction[digits..];
    }
    match rest {
        [] => Some(Written::Zoneless(Instant(millis))),
        [b'Z' | b'z'] => Some(Written::Full(Instant(millis))),
        [sign @ (b'+' | b'-'), zone @ ..] => {
            let mut numbers = [0; 2];
            read_numbers(zone, ZONE, &mut numbers)?;
            let [hours, minutes] = numbers;
            let offset = (hours * 60 + minutes) * 60_000;
            let offset = if *sign == b'-' { -offset } else { offset };
            (hours < 24 && minutes < 60).then_some(Written::Full(Instant(millis - offset)))
        }
        _ => None,
    }
}

/// How a moment and a zone are written: zeros stand for digits.
const MOMENT: &[u8] = b"0000-00-00T00:00:00";
const ZONE: &[u8] = b"00:00";

/// Reads the numbers of a text that is written so.
fn read_numbers(text: &[u8], form: &[u8], numbers: &mut [i64]) -> Option<()> {
    let mut numbers = numbers.iter_mut();
    let mut number = numbers.next()?;
    for (byte, expected) in text.iter().zip(form) {
        match (expected, byte) {
            (b'0', b'0'..=b'9') => *number = *number * 10 + i64::from(byte - b'0'),
            (b'T', b'T' | b't' | b' ') | (b'-', b'-') | (b':', b':') => number = numbers.next()?,
            _ => return None,
        }
    }
    (text.len() == form.len()).then_some(())
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
        assert_eq!(Instant::parse("2016-12-31T23:59:60z"), Instant::parse("2017-01-01t00:00:00Z"));
        assert_eq!(Instant::parse("2016-12-31T23:59:61Z"), None);
    }

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        for days in (-1_000_000..1_000_000).step_by(97).chain([-719_529, -1, 0, 59, 60, 11_016, 11_017]) {
            let [year, month, day] = civil(days);
            assert_eq!(days_from_epoch(year, month, day), days);
            assert!((1..=12).contains(&month) && (1..=31).contains(&day));
        }
        assert_eq!(civil(11_016), [2000, 2, 29]);
    }

    #[test]
    fn a_month_has_its_own_days() {
        for (year, february) in [(1900, 28), (2000, 29), (2024, 29), (2026, 28)] {
            let days = [0, 31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0];
            for (month, most) in days.into_iter().enumerate() {
                for day in 0..=32 {
                    let text = format!("{year}-{month:02}-{day:02}T00:00:00Z");
                    assert_eq!(Instant::parse(&text).is_some(), (1..=most).contains(&day), "{text}");
                }
            }
        }
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
