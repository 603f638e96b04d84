//! Moments: milliseconds of the Unix epoch inside, RFC 3339 outside.
//!
//! The edge's time is the platform's, unless development turned it: to run faster, or to jump ahead. Whoever hands a
//! moment or a time to the platform has it translated here.

use std::cell::Cell;

use serde::Deserialize;

/// Milliseconds of the Unix epoch, or as many of a time.
pub type Millis = u64;

/// One second.
pub const SECOND: Millis = 1_000;
/// One minute.
pub const MINUTE: Millis = 60 * SECOND;
/// One hour.
pub const HOUR: Millis = 60 * MINUTE;

/// A jump: a year, which nothing that is kept outlives.
const FARTHEST: Millis = 366 * 24 * HOUR;
/// A day in a minute and a half.
const FASTEST: u64 = 1_000;

/// How the edge's time runs: from a moment of the platform's on, when it was `time`, so many times as fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Running {
    since: Millis,
    time: Millis,
    speed: u64,
}

thread_local! {
    /// Gone with the instance of the module, so that a restart is back in the platform's time.
    static RUNNING: Cell<Running> = const { Cell::new(Running { since: 0, time: 0, speed: 1 }) };
}

/// What the clock of development is told: `{"speed": …, "advance": …}`; what is left out stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    speed: Option<u64>,
    #[serde(default)]
    advance: Millis,
}

impl Turn {
    /// Reads one; none if it is no turn of a clock: a speed is 1 to 1,000, a jump a year at most, in milliseconds.
    pub fn read(body: &[u8]) -> Option<Self> {
        let turn: Self = serde_json::from_slice(body).ok()?;
        let known = turn.speed.is_none_or(|speed| (1..=FASTEST).contains(&speed)) && turn.advance <= FARTHEST;
        known.then_some(turn)
    }
}

impl Running {
    fn now(self, platform: Millis) -> Millis {
        self.time + platform.saturating_sub(self.since) * self.speed
    }

    fn platform(self, moment: Millis) -> Millis {
        self.since + moment.saturating_sub(self.time).div_ceil(self.speed)
    }

    fn turned(self, platform: Millis, turn: Turn) -> Self {
        Self { since: platform, time: self.now(platform) + turn.advance, speed: turn.speed.unwrap_or(self.speed) }
    }
}

/// The present moment. It stands still while no I/O happens.
pub fn now() -> Millis {
    RUNNING.get().now(worker::Date::now().as_millis())
}

/// The moment of the platform's clock at which this moment has come.
pub fn platform(moment: Millis) -> Millis {
    RUNNING.get().platform(moment)
}

/// How long a time takes by the platform's clock.
pub fn lasting(time: Millis) -> Millis {
    time.div_ceil(RUNNING.get().speed)
}

/// Turns the clock; how fast it now runs. What the platform was told before, it does when it was told to.
pub fn turn(turn: Turn) -> u64 {
    let turned = RUNNING.get().turned(worker::Date::now().as_millis(), turn);
    RUNNING.set(turned);
    turned.speed
}

/// A moment as the API writes it, in UTC with milliseconds.
pub fn rfc3339(moment: Millis) -> String {
    let (days, in_day) = (moment / (24 * HOUR), moment % (24 * HOUR));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (in_day / HOUR, in_day / MINUTE % 60, in_day / SECOND % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", in_day % SECOND)
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Source: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>, for days after the epoch only.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Years that begin in March end in a leap day, if there is one.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untouched_it_is_the_platforms_time() {
        let running = RUNNING.get();
        assert_eq!(
            (running.now(1_763_913_600_123), running.platform(1_763_913_600_123)),
            (1_763_913_600_123, 1_763_913_600_123)
        );
        assert_eq!(lasting(MINUTE), MINUTE);
    }

    #[test]
    fn it_is_turned_ahead_and_never_back() {
        let turn = |body: &str| Turn::read(body.as_bytes());
        let start = 1_763_900_000_000;
        let fast = RUNNING.get().turned(start, turn(r#"{"speed":20}"#).unwrap());
        assert_eq!((fast.now(start), fast.now(start + 1_000)), (start, start + 20_000));
        let ahead = fast.turned(start + 1_000, turn(r#"{"advance":3600000}"#).unwrap());
        assert_eq!(ahead.now(start + 1_001), start + 20_000 + HOUR + 20);
        for moment in [0, 1, 7, 999, HOUR].map(|later| ahead.now(start + 1_000) + later) {
            let platform = ahead.platform(moment);
            assert!(ahead.now(platform) >= moment && ahead.now(platform - 1) < moment + 20);
        }
        // What was due before is due now.
        assert_eq!(ahead.platform(start), start + 1_000);
        for wrong in [
            r#"{"speed":0}"#,
            r#"{"speed":1001}"#,
            r#"{"advance":-1}"#,
            r#"{"advance":31622400001}"#,
            r#"{"sped":1}"#,
            "[]",
            "",
        ] {
            assert_eq!(turn(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_are_written_as_the_api_does() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(rfc3339(1_763_913_600_123), "2025-11-23T16:00:00.123Z");
        assert_eq!(rfc3339(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
    }
}
