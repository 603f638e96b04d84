//! What sends and the pacer say to each other.

use serde::{Deserialize, Serialize};

use super::Halt;
use crate::clock::Millis;

/// A lane as it is configured at this moment. Rates are in thousandths of a unit a second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// Its rate.
    pub rate: u64,
    /// The account's rate, if it has one.
    pub account: Option<u64>,
    /// Whether the operator holds what would be sent through it.
    pub held: bool,
}

impl Lane {
    /// The rate of what goes through the lane, which is within the account's, too.
    pub fn narrowest(&self) -> u64 {
        self.account.map_or(self.rate, |account| account.min(self.rate)).max(1)
    }
}

/// What a send says of itself when it joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// The send.
    pub operation: String,
    /// What it still has to post.
    pub units: u64,
    /// When it may begin.
    pub start: Millis,
    /// When it will be over. None before the seal.
    pub until: Option<Millis>,
    /// What its first batch takes, where its first turn is asked for as well. Before the seal only.
    #[serde(default)]
    pub first: Option<u64>,
}

/// What a send asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// The send.
    pub operation: String,
    /// The turn: each claim of the send is one more.
    pub turn: u64,
    /// What the batch takes.
    pub units: u64,
    /// Whether that cannot be made less.
    pub whole: bool,
    /// What the send still has to post, this included.
    pub remaining: u64,
    /// When it will be over.
    pub until: Millis,
}

/// Whether there is room for a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Admission {
    /// There is.
    Admitted,
    /// There is, and the first turn is granted.
    Granted {
        /// At most so many units.
        units: u64,
        /// Claimed by then.
        until: Millis,
    },
    /// There will be.
    Later {
        /// When.
        at: Millis,
        /// Units that a window has, and how many of them are left.
        units: (u64, u64),
    },
    /// It is more than the lane can send in a window.
    Never,
}

/// The answer to who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Appointment {
    /// Post now.
    Go {
        /// At most so many units.
        units: u64,
        /// Claimed by then.
        until: Millis,
        /// Since when the upstream is silent, if it is: then it is first to be asked if it answers.
        silent: Option<Millis>,
    },
    /// Ask again.
    Wait {
        /// When.
        until: Millis,
        /// What it waits for, if that is not its pace.
        halt: Option<Halt>,
    },
    /// Ask again; until then the operator holds the lane.
    Hold {
        /// When.
        until: Millis,
    },
}

/// How the account stands, for `/health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Why what waits is not posted, if that is not its pace.
    pub halted: Option<Halt>,
    /// Sends that have something to post.
    pub waiting: usize,
    /// What those have to post, in seconds of the lane that has most.
    pub backlog: u64,
}
