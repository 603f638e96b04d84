//! The sandbox's time: the machine's, until it is told to run faster, to stand still, or to jump ahead.
//!
//! Everything that happens is reckoned in this time, so that ten hours of a queue can be seen in a second. It never
//! goes back, and goes on over a restart as if nothing had been.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::operation::rfc3339;
use crate::problem::{INVALID, Problem, Refusal, UNREADABLE};

/// A day in a second and a half.
const FASTEST: f64 = 60_000.0;
/// A jump: a year, which no record outlives.
const FARTHEST: i64 = 366 * 24 * 60 * 60 * 1000;

/// From when on the time runs as fast as it does. All in milliseconds of the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// The machine's time then.
    real: i64,
    /// The sandbox's time then.
    time: i64,
    /// Milliseconds of the sandbox in one of the machine.
    speed: f64,
}

/// What a clock is told.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    speed: Option<f64>,
    #[serde(default)]
    advance: i64,
}

impl Change {
    /// Reads `{"speed": …, "advance": …}`; what is left out stays as it is.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let refuse = |context, code, message: String| Err(Refusal::invalid(vec![Problem::at(context, code, message)]));
        let change: Self = match serde_json::from_slice(body) {
            Ok(change) => change,
            Err(error) => return refuse("$", UNREADABLE, format!("This is no change of the clock: {error}.")),
        };
        if change.speed.is_some_and(|speed| !(0.0..=FASTEST).contains(&speed)) {
            return refuse("$.speed", INVALID, format!("A speed is 0 to {FASTEST}."));
        }
        if !(0..=FARTHEST).contains(&change.advance) {
            return refuse("$.advance", INVALID, format!("A jump is 0 to {FARTHEST} milliseconds."));
        }
        Ok(change)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self { real: 0, time: 0, speed: 1.0 }
    }
}

impl Clock {
    /// The sandbox's time at a moment of the machine's.
    pub fn now(self, real: i64) -> i64 {
        self.time + ((real - self.real) as f64 * self.speed) as i64
    }

    /// The moment of the machine's by which the sandbox's time has come; none while the clock stands.
    pub fn real(self, time: i64) -> Option<i64> {
        (self.speed > 0.0).then(|| self.real + ((time - self.time) as f64 / self.speed).ceil() as i64)
    }

    /// The clock after a change at a moment of the machine's.
    pub fn change(self, real: i64, change: &Change) -> Self {
        Self { real, time: self.now(real) + change.advance, speed: change.speed.unwrap_or(self.speed) }
    }

    /// What the test door shows.
    pub fn resource(self, real: i64) -> Value {
        json!({"now": rfc3339(self.now(real)), "speed": self.speed})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: i64 = 1_763_900_000_000;

    fn change(body: &str) -> Change {
        Change::read(body.as_bytes()).unwrap()
    }

    #[test]
    fn untold_it_is_the_machines_time() {
        assert_eq!(Clock::default().now(REAL), REAL);
        assert_eq!(Clock::default().real(REAL), Some(REAL));
    }

    #[test]
    fn it_goes_on_from_where_it_was() {
        let fast = Clock::default().change(REAL, &change(r#"{"speed":100}"#));
        assert_eq!(fast.now(REAL), REAL);
        assert_eq!(fast.now(REAL + 1_000), REAL + 100_000);
        let slow = fast.change(REAL + 1_000, &change(r#"{"speed":1,"advance":50}"#));
        assert_eq!(slow.now(REAL + 1_001), REAL + 100_051);
    }

    #[test]
    fn what_is_due_has_come_by_the_moment_named() {
        for speed in [0.1, 1.0, 3.0, 7.7, 60_000.0] {
            let clock = Clock::default().change(REAL, &Change { speed: Some(speed), advance: 12_345 });
            for later in [0, 1, 7, 999, 36_000_000] {
                let due = clock.now(REAL) + later;
                assert!(clock.now(clock.real(due).unwrap()) >= due, "{speed} {later}");
            }
        }
        let still = Clock::default().change(REAL, &change(r#"{"speed":0}"#));
        assert_eq!((still.now(REAL + 5_000), still.real(REAL + 1)), (REAL, None));
    }

    #[test]
    fn it_cannot_be_sent_back() {
        for wrong in [r#"{"advance":-1}"#, r#"{"speed":-1}"#, r#"{"speed":60001}"#, r#"{"sped":1}"#, "", "[]", "null"] {
            assert!(Change::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
