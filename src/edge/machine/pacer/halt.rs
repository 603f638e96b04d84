//! The halt of an account: nobody posts for a while, and then one alone tries.
//!
//! Two things bring it about. The upstream refuses our credentials: a person has to act. Or it is silent, which is that it
//! answers nothing by which one could tell whether it took a batch. Behind silence, who tries asks first whether it
//! answers, which leaves nothing in doubt: so an outage leaves open what was posted when it began, and little more.

use serde::{Deserialize, Serialize};

use crate::clock::{MINUTE, Millis, SECOND};
use crate::machine::record::Outcome;
use crate::mutation::broken;

/// From how many failures in a row on nobody posts for a while. Fewer may be the doing of one send, which halts by two.
const SILENT: u32 = 3;
/// How long that is at first, and at most; each further failure doubles it.
pub const SILENCE: (Millis, Millis) = (15 * SECOND, 5 * MINUTE);

/// Why an account does not post as it would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// The upstream refuses our credentials.
    Credentials {
        /// HTTP status.
        status: u16,
    },
    /// The upstream answered nothing that could be relied on.
    Silence {
        /// How often in a row.
        times: u32,
    },
}

/// A halt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// Why.
    pub why: Why,
    /// Since when it is so.
    #[serde(default)]
    pub since: Millis,
    /// Until when nobody tries.
    pub until: Millis,
}

impl Halt {
    /// The halt after the end of a turn.
    pub fn behind(before: Option<Self>, now: Millis, outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Credentials { status, wait } => {
                let refused = before.filter(|halt| matches!(halt.why, Why::Credentials { .. }));
                let since = refused.map_or(now, |halt| halt.since);
                Some(Self { why: Why::Credentials { status }, since, until: now + wait })
            }
            Outcome::Doubtful if broken!(PostIntoSilence) => None,
            Outcome::Doubtful => Some(Self::silence(before, now, 1)),
            // That is no send's doing.
            Outcome::NoAnswer { .. } => Some(Self::silence(before, now, SILENT)),
            Outcome::Unused => before,
            Outcome::Posted | Outcome::TooMany { .. } => None,
        }
    }

    fn silence(before: Option<Self>, now: Millis, least: u32) -> Self {
        let (before, since) = match before {
            Some(Self { why: Why::Silence { times }, since, .. }) => (times, since),
            _ => (0, now),
        };
        let times = before.saturating_add(1).max(least);
        let wait = times.checked_sub(SILENT).map_or(0, |more| (SILENCE.0 << more.min(8)).min(SILENCE.1));
        Self { why: Why::Silence { times }, since, until: now + wait }
    }

    /// Since when the upstream is silent, if that is why. Then who tries asks first.
    pub fn silent(&self) -> Option<Millis> {
        matches!(self.why, Why::Silence { .. }).then_some(self.since)
    }

    /// Whether it is worth telling, where something waits or not: while nothing does, nobody tries, and so nobody would
    /// notice that a silence is over.
    pub fn is_told(&self, waits: bool) -> bool {
        match self.why {
            Why::Credentials { .. } => true,
            Why::Silence { times } => times >= SILENT && waits,
        }
    }
}
