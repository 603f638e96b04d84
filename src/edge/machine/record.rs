//! The records of a send, as they are written to its storage: what was sealed, what became of each batch, and how far
//! the whole has come.

use postgate_core::BatchLimits;
use serde::{Deserialize, Serialize};

use crate::clock::{HOUR, Millis};
use crate::head::Sender;
use crate::machine::counters::Counters;
use crate::machine::warning::Warning;

/// How long a send may take from its seal, or from its instant.
pub const WINDOW: Millis = 24 * HOUR;

/// What is fixed when a send is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sealed {
    /// The whole operation id.
    pub id: String,
    /// Whose it is.
    pub tenant: String,
    /// When.
    pub created: Millis,
    /// SHA-256 of the caller's body, in hexadecimal.
    pub fingerprint: String,
    /// Bytes of the caller's body.
    pub bytes: u64,
    /// Rows to be posted.
    pub rows: u32,
    /// What they take of the sender's pace.
    pub units: u64,
    /// Pieces that hold them.
    pub pieces: u32,
    /// Most rows of a batch.
    pub batch_rows: u32,
    /// Most bytes of a batch.
    pub batch_bytes: u64,
    /// Batches that the judgement foresaw.
    pub batches: u32,
    /// How long after acceptance a batch is first asked for.
    pub first_look: Millis,
    /// Rows of the caller's that were refused by themselves, and so are none of these.
    #[serde(default)]
    pub refused: u64,
    /// What the sender should know.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// Who sends.
    pub sender: Sender,
    /// When it may begin, if the caller named an instant.
    pub send_at: Option<Millis>,
    /// How long it may take from there.
    pub window: Millis,
    /// Whether its batches carry the reserved tag, so that a lost one can be looked for.
    pub tagged: bool,
    /// Whether those after a refused batch go on.
    pub lenient: bool,
}

impl Sealed {
    /// What a batch may hold.
    pub fn limits(&self) -> BatchLimits {
        BatchLimits { rows: self.batch_rows, bytes: self.batch_bytes }
    }

    /// When the first batch may be posted. Never by the moment of the seal: a clock may be behind the one that it was
    /// made by, or be turned back.
    pub fn not_before(&self) -> Millis {
        self.send_at.unwrap_or(0)
    }

    /// From when on it takes of its lane and its window.
    pub fn start(&self) -> Millis {
        self.send_at.unwrap_or(self.created).max(self.created)
    }

    /// When what is still unsent expires.
    pub fn deadline(&self) -> Millis {
        self.start().saturating_add(self.window)
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum State {
    /// To be posted, again.
    Ready,
    /// Being posted.
    InFlight,
    /// The upstream has it.
    Accepted(Accepted),
    /// The upstream will not have it.
    Refused(Refused),
    /// The upstream may have it; it is looked for.
    Unknown(Doubt),
    /// The upstream may have it; nothing but a person will find out.
    Held(Doubt),
    /// Taken back by the caller, or after a refusal, before it was posted.
    Canceled,
    /// Not posted before its deadline.
    Expired,
}

/// What is known of a batch that the upstream has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The upstream's operation, once it is known.
    pub operation: Option<String>,
    /// When it was accepted.
    pub at: Millis,
    /// How often the counters, or the id, were asked for.
    pub looks: u32,
    /// When they are asked for next.
    pub due: Millis,
    /// The counters as last seen, and when.
    pub seen: Option<(Counters, Millis)>,
    /// The counters will not change any more, or not so that we could know.
    pub frozen: bool,
}

/// Why the upstream will not have a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// Its errors, as far as they could be read.
    pub errors: Vec<Refusal>,
}

impl Refused {
    /// The first number that it names.
    pub fn code(&self) -> Option<u64> {
        self.errors.iter().find_map(|error| error.code)
    }
}

/// One error of the upstream. Its sentence is not kept: nobody knows what it repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// The upstream's own number.
    pub code: Option<u64>,
    /// Which of the caller's recipients, if it was about one.
    pub row: Option<u32>,
    /// JSON Pointer into the caller's request, if it named a place.
    pub pointer: Option<String>,
}

/// What is known of a batch that may have been taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What left it open.
    pub why: String,
    /// Since when.
    pub since: Millis,
    /// How often it was looked for.
    pub tries: u32,
    /// When it is looked for next.
    pub due: Millis,
}

/// Some rows that are posted together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its first row.
    pub first: u32,
    /// How many rows.
    pub rows: u32,
    /// What they take of the pace.
    pub units: u64,
    /// SHA-256 of the body last posted, in hexadecimal.
    pub hash: String,
    /// How often it was claimed.
    pub attempt: u32,
    /// When it was last claimed.
    pub claimed: Millis,
    /// What became of it.
    pub state: State,
}

impl Batch {
    /// The row after its last.
    pub fn end(&self) -> u32 {
        self.first.saturating_add(self.rows)
    }
}

/// What holds a send up that is not halted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// From when on.
    #[serde(default)]
    pub from: Millis,
    /// Until when nothing is posted.
    pub until: Millis,
    /// What it waits for.
    #[serde(default)]
    pub by: Cause,
    /// The upstream's status that caused it, if one did.
    pub status: Option<u16>,
    /// Since when the account is halted, if it is for that.
    #[serde(default)]
    pub since: Option<Millis>,
}

impl Pause {
    /// What of it stays the same from one pause to the next, as long as the send waits for the same.
    pub fn wait(&self) -> Wait {
        let known = match self.by {
            Cause::Pace | Cause::TooMany => true,
            // It is tried again then, maybe in vain.
            Cause::Hold | Cause::Credentials | Cause::Silence | Cause::Gate => false,
        };
        Wait { by: self.by, until: known.then_some(self.until) }
    }
}

/// Why a send waits, for who sees many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What it waits for.
    pub by: Cause,
    /// When that is over, where it is known.
    pub until: Option<Millis>,
}

/// What a send waits for that is paused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The pace of its sender.
    #[default]
    Pace,
    /// The operator, by the setting `HOLD`.
    Hold,
    /// The upstream said 429 to its last batch.
    TooMany,
    /// The upstream refuses our credentials.
    Credentials,
    /// The upstream does not answer.
    Silence,
    /// Something of our own that failed.
    Gate,
}

/// Why nothing more is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Closed {
    /// The caller took it back.
    Canceled,
    /// Its deadline passed.
    Expired,
    /// The upstream refused a batch of a strict send.
    Refused,
}

/// What a person decided about a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settlement {
    /// The batch.
    pub batch: u32,
    /// The attempt that it is about.
    pub attempt: u32,
    /// What it is to count as.
    pub r#as: Verdict,
    /// The upstream's operation, if the person knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
    /// Under which key it was decided.
    #[serde(default)]
    pub key: String,
    /// When.
    #[serde(default)]
    pub at: Millis,
}

/// What a batch is to count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The upstream has it.
    Accepted,
    /// The upstream does not have it; it may be posted again.
    NotSent,
}

/// The pacer's answer, as long as it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The turn it was given for.
    pub turn: u64,
    /// Most units to be posted.
    pub units: u64,
    /// Until when the batch must have been claimed.
    pub until: Millis,
    /// Since when the upstream was silent by then.
    #[serde(default)]
    pub silent: Option<Millis>,
}

/// A turn that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The turn.
    pub turn: u64,
    /// How.
    pub outcome: Outcome,
    /// Whether the send has nothing to post any more.
    pub last: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The upstream has it, or has read it.
    Posted,
    /// Nothing left this machine.
    Unused,
    /// The upstream did not take it, and will not for so long.
    TooMany {
        /// How long.
        wait: Millis,
    },
    /// The upstream does not know us.
    Credentials {
        /// HTTP status.
        status: u16,
        /// How long nobody is to try.
        wait: Millis,
    },
    /// It was posted, and the upstream may have it or not.
    Doubtful,
    /// The upstream did not answer a question that was asked first, so nothing was posted.
    NoAnswer {
        /// Until when the grant was good: it belongs to a grant, of which a turn may have several.
        until: Millis,
    },
}

/// The status of a send, in the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It waits for its instant.
    Scheduled,
    /// Something about it may still change.
    Processing,
    /// Nothing will change any more.
    Completed,
    /// It was taken back, and nothing more will be posted.
    Canceled,
}

impl Status {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Processing => "PROCESSING",
            Self::Completed => "COMPLETED",
            Self::Canceled => "CANCELED",
        }
    }
}

/// What of a ledger changes beside its batches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// When anything last changed.
    pub updated: Millis,
    /// What holds it up.
    pub pause: Option<Pause>,
    /// Why nothing more is posted.
    pub closed: Option<Closed>,
    /// What persons decided, in order.
    pub settlements: Vec<Settlement>,
    /// What the pacer last granted.
    pub slot: Option<Slot>,
    /// Whether the pacer counts this send among those that wait.
    pub joined: bool,
    /// How the last turn ended, until the pacer has heard of it.
    pub unreported: Option<Ended>,
    /// Counts changes.
    pub changes: u64,
    /// The change that the directory has acknowledged.
    pub told: u64,
    /// When the directory is told next, if it has to be.
    pub tell_at: Millis,
}
