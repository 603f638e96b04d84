//! What the pacer keeps: rows of its storage, as they are written.

use serde::{Deserialize, Serialize};

use super::{Halt, Pacer};
use crate::clock::Millis;
use crate::json;

/// A row of the pacer's storage that was changed: its kind, its key, and what it now holds.
pub type Change = (&'static str, String, Option<String>);

/// What is kept of a lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Thousandths of a unit a second.
    pub rate: u64,
    /// When it will have sent all that was posted.
    pub done: Millis,
    /// The upstream asked for quiet until then.
    pub not_before: Millis,
}

/// A send that has something to post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its lane.
    pub lane: String,
    /// What it still has to post.
    pub remaining: u64,
    /// When it may begin.
    pub start: Millis,
    /// When it will be over.
    pub until: Millis,
    /// Its turn.
    pub turn: u64,
    /// What it asked for.
    pub units: u64,
    /// Its place; none while it has not asked.
    pub ticket: Option<u64>,
    /// When it was told to ask again.
    pub again: Millis,
    /// The upstream refused our credentials with its last batch.
    #[serde(default)]
    pub refused: bool,
}

/// What was granted and not yet reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The send.
    pub operation: String,
    /// Its turn.
    pub turn: u64,
    /// Its lane.
    pub lane: String,
    /// How much.
    pub units: u64,
    /// When.
    pub at: Millis,
    /// Whether that was after a halt.
    #[serde(default)]
    pub tries: bool,
    /// It was posted, and the upstream may have it or not.
    #[serde(default)]
    pub doubtful: bool,
}

impl Grant {
    /// Whether it is the try that the others wait for. Not one that was granted without a halt, at whatever time: the clock
    /// may have been turned back since.
    pub fn is_tried_behind(&self, halt: &Halt) -> bool {
        self.tries && self.at >= halt.until && !self.doubtful
    }
}

/// What is kept of an account beside its lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Counts tickets.
    pub tickets: u64,
    /// When it was last asked, or a little before.
    #[serde(default)]
    pub seen: Millis,
    /// What keeps it from posting as it would.
    #[serde(default)]
    pub halt: Option<Halt>,
}

impl Pacer {
    /// Takes a row as it was written.
    pub fn restore(&mut self, kind: &str, key: &str, value: &str) -> Result<(), serde_json::Error> {
        match kind {
            "account" => self.account = json::read(value)?,
            "lane" => drop(self.lanes.insert(key.to_owned(), json::read(value)?)),
            "waiting" => drop(self.waiting.insert(key.to_owned(), json::read(value)?)),
            "grant" => {
                if let Ok(ticket) = key.parse() {
                    self.grants.insert(ticket, json::read(value)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The rows that were changed since this was last asked. They are written before an answer leaves.
    pub fn take_changes(&mut self) -> Vec<Change> {
        let json = |value: Result<String, _>| value.ok();
        let changed = std::mem::take(&mut self.changed);
        let rows = changed.into_iter().map(|(kind, key)| {
            let value = match kind {
                "account" => json(serde_json::to_string(&self.account)),
                "lane" => self.lanes.get(&key).and_then(|lane| json(serde_json::to_string(lane))),
                "waiting" => self.waiting.get(&key).and_then(|waiting| json(serde_json::to_string(waiting))),
                _ => key.parse().ok().and_then(|ticket: u64| {
                    self.grants.get(&ticket).and_then(|grant| json(serde_json::to_string(grant)))
                }),
            };
            (kind, key, value)
        });
        rows.collect()
    }
}
