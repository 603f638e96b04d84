//! What the ledger hears, and what it says is to be done.

use crate::clock::Millis;
use crate::machine::answer::Answer;
use crate::machine::counters::Counters;
use crate::machine::pacer::Appointment;
use crate::machine::record::Outcome;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The object was loaded from its storage.
    Loaded,
    /// The alarm rang.
    Rang,
    /// Somebody wonders whether the alarm is still set.
    Poked,
    /// The pacer knows of this send.
    Joined,
    /// The next batch was measured as [`Effect::Measure`] asked.
    Measured {
        /// Its number.
        batch: u32,
        /// What its rows take of the pace.
        units: u64,
    },
    /// The pacer answered, or did not.
    Appointed {
        /// The turn that it was asked for.
        turn: u64,
        /// Its answer.
        appointment: Option<Appointment>,
    },
    /// The pacer has heard how a turn ended.
    Reported(u64),
    /// The upstream was asked whether it answers.
    Probed {
        /// The turn for which it was.
        turn: u64,
        /// Whether it does.
        answers: bool,
    },
    /// A batch was cut as [`Effect::Cut`] asked.
    Cut {
        /// Its number.
        batch: u32,
        /// How many rows it has.
        rows: u32,
        /// What they take of the pace.
        units: u64,
        /// SHA-256 of the body, in hexadecimal.
        hash: String,
    },
    /// A post came to an end.
    Answered {
        /// The batch.
        batch: u32,
        /// The attempt that ended.
        attempt: u32,
        /// How it ended.
        answer: Answer,
    },
    /// An upstream operation was asked for.
    Looked {
        /// Its batch.
        batch: u32,
        /// Its counters and whether they are final; none if it could not be read.
        seen: Option<(Counters, bool)>,
    },
    /// A batch was looked for.
    Searched {
        /// The batch.
        batch: u32,
        /// The attempt.
        attempt: u32,
        /// What was found: that the upstream has it, and its operation if that was seen.
        found: Option<Option<String>>,
    },
    /// The directory has heard.
    Told(u64),
}

/// What is to be done, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write this batch and the ledger's own row, together.
    Keep(u32),
    /// Write the ledger's own row.
    Note,
    /// Set the alarm.
    Wake(Millis),
    /// Tell the pacer that this send has rows to post, then report [`Event::Joined`] if it heard.
    Join,
    /// Measure the batch that begins at `first`, then report [`Event::Measured`].
    Measure {
        /// Its number.
        batch: u32,
        /// Its first row.
        first: u32,
    },
    /// Ask the pacer, then report [`Event::Appointed`].
    Ask {
        /// Counts claims: an older turn is over.
        turn: u64,
        /// What the batch takes.
        units: u64,
        /// Whether it must be granted as a whole.
        whole: bool,
    },
    /// Ask the upstream whether it answers, then report [`Event::Probed`].
    Probe {
        /// The turn for which it is.
        turn: u64,
    },
    /// Put the batch together that begins at `first`, then report [`Event::Cut`].
    Cut {
        /// Its number.
        batch: u32,
        /// Its first row.
        first: u32,
        /// Its rows, if it was cut before.
        rows: Option<u32>,
        /// Most units, unless one row alone has more.
        units: u64,
        /// The attempt that it is cut for, which its tag names.
        attempt: u32,
    },
    /// Once everything kept is on disk, post the batch that was cut; then report [`Event::Answered`].
    Post {
        /// Its number.
        batch: u32,
        /// The attempt that this is.
        attempt: u32,
    },
    /// Tell the pacer how a turn ended, then report [`Event::Reported`] if it heard.
    Report {
        /// The turn.
        turn: u64,
        /// How it ended.
        outcome: Outcome,
        /// Whether this send waits no more.
        last: bool,
    },
    /// Tell the pacer that this send waits no more.
    Leave,
    /// Ask for an upstream operation, then report [`Event::Looked`].
    Look {
        /// Its batch.
        batch: u32,
        /// Its id.
        operation: String,
    },
    /// Look for a batch among what the upstream has, then report [`Event::Searched`].
    Search {
        /// The batch.
        batch: u32,
        /// The attempt.
        attempt: u32,
        /// When it was posted.
        posted: Millis,
        /// How many rows it has.
        rows: u32,
        /// How often it was looked for before.
        tries: u32,
    },
    /// Delete what holds none of these rows: ranges of first row and the row after the last, in order.
    Forget(Vec<(u32, u32)>),
    /// Tell the directory how things stand, then report [`Event::Told`] if it heard.
    Tell,
    /// Delete everything, and the directory's row.
    Vanish,
}
