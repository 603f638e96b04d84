//! The records of a send, as they are written to its storage: what was sealed, and what became of each batch.

use postgate_core::BatchLimits;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::counters::Counters;
use crate::warning::Warning;

/// What is fixed when a send is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The whole operation id.
    pub id: String,
    /// Who may see it.
    pub tenant: String,
    /// When.
    pub created: Millis,
    /// SHA-256 of the caller's body, in hexadecimal.
    pub fingerprint: String,
    /// Bytes of the caller's body.
    pub bytes: u64,
    /// Rows to be posted.
    pub rows: u32,
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
}

impl Sealed {
    /// What a batch may hold.
    pub fn limits(&self) -> BatchLimits {
        BatchLimits { rows: self.batch_rows, bytes: self.batch_bytes }
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
    Refused {
        /// HTTP status.
        status: u16,
        /// The upstream's own number for the first error.
        code: Option<u64>,
    },
    /// The upstream may have it.
    Unknown {
        /// What left it open.
        why: String,
    },
}

/// What is known of a batch that the upstream has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The upstream's operation, if its answer named one.
    pub operation: Option<String>,
    /// When it was accepted.
    pub at: Millis,
    /// How often the counters were asked for.
    pub looks: u32,
    /// When they are asked for next.
    pub due: Millis,
    /// The counters as last seen, and when.
    pub seen: Option<(Counters, Millis)>,
    /// The counters will not change any more, or not so that we could know.
    pub frozen: bool,
}

/// Some rows that are posted together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its first row.
    pub first: u32,
    /// How many rows.
    pub rows: u32,
    /// SHA-256 of the body, in hexadecimal.
    pub hash: String,
    /// How often it was claimed.
    pub attempt: u32,
    /// What became of it.
    pub state: State,
}

/// What holds a send up that is not halted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Until when nothing is posted.
    pub until: Millis,
    /// The upstream's status that caused it; none for an error of our own.
    pub status: Option<u16>,
}
