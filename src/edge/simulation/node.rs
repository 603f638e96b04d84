//! An operation's object, with what its platform does and does not promise: writes that are not waited for may be lost
//! in a crash, an alarm rings at least once, and code stops wherever it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::clock::Millis;
use crate::machine::ledger::{Effect, Event, Ledger};
use crate::machine::record::{Batch, Progress, Sealed, Slot};

/// Rows of a piece.
const PIECE: u32 = 8;

/// What is in an object's storage.
#[derive(Clone, Debug)]
pub struct Disk {
    /// The ledger's own row.
    pub progress: Progress,
    /// A row a batch.
    pub batches: BTreeMap<u32, Batch>,
    /// Pieces of [`PIECE`] rows that are still there.
    pub pieces: BTreeSet<u32>,
    /// When the alarm rings.
    pub alarm: Option<Millis>,
}

/// A write that may still be lost.
#[derive(Clone, Debug)]
pub enum Write {
    /// A batch, and the ledger's own row.
    Keep(u32, Box<Batch>, Progress),
    /// The ledger's own row.
    Note(Progress),
    /// The alarm.
    Alarm(Millis),
    /// All rows but these.
    Forget(Vec<(u32, u32)>),
}

/// Some code that runs in the object, up to where it waits.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// Whether it is the alarm's.
    pub alarm: bool,
    /// Whether anything it wrote is on disk.
    pub flushed: bool,
    /// When it began.
    pub began: Millis,
    /// Calls made so far.
    pub calls: u32,
    /// What is to be done next.
    pub effects: VecDeque<Effect>,
    /// What happened, for the ledger.
    pub events: VecDeque<Event>,
}

impl Task {
    /// Whether it was about to tell the pacer that its send waits no more.
    pub fn leaves(&self) -> bool {
        self.effects.contains(&Effect::Leave)
    }
}

/// The object.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its number.
    pub number: u32,
    /// What was sealed.
    pub sealed: Sealed,
    /// What each row takes of the pace.
    pub units: Vec<u64>,
    /// Which lane it goes through.
    pub lane: usize,
    /// How far its clock is ahead.
    pub skew: Millis,
    /// What is on disk.
    pub disk: Disk,
    /// What may still be lost.
    pub writes: Vec<Write>,
    /// The copy in memory.
    pub memory: Option<Ledger>,
    /// What runs.
    pub tasks: BTreeMap<u64, Task>,
    /// Counts restarts.
    pub life: u64,
    /// When the alarm was to ring behind a crash that left rows there of a send that is over.
    pub left: Option<Millis>,
    /// The platform gave up on its alarm.
    pub lost_alarm: bool,
    /// Everything was deleted.
    pub gone: bool,
    /// How often each row may be at the upstream: once, and once more for each time a person said that it was not.
    pub allowed: Vec<u32>,
    /// The batches that a person settled, by attempt.
    pub settled: Vec<(u32, u32)>,
}

impl Node {
    /// The object of a send that was just sealed.
    pub fn new(
        number: u32,
        (sealed, slot): (Sealed, Option<Slot>),
        units: Vec<u64>,
        lane: usize,
        skew: Millis,
    ) -> Self {
        let ledger = Ledger::new(sealed.clone(), slot);
        let rows = sealed.rows;
        let alarm = Some(sealed.created);
        let pieces = (0..rows.div_ceil(PIECE)).collect();
        let disk = Disk { progress: ledger.progress.clone(), batches: BTreeMap::new(), pieces, alarm };
        Self {
            number,
            sealed,
            units,
            lane,
            skew,
            disk,
            writes: Vec::new(),
            memory: Some(ledger),
            tasks: BTreeMap::new(),
            life: 0,
            left: None,
            lost_alarm: false,
            gone: false,
            allowed: vec![1; rows as usize],
            settled: Vec::new(),
        }
    }

    /// The ledger as it would be read now, through its JSON.
    pub fn load(&self) -> Ledger {
        let progress = serde_json::to_string(&self.disk.progress).expect("it can be written");
        let batches = self.disk.batches.values().map(|batch| {
            let text = serde_json::to_string(batch).expect("it can be written");
            serde_json::from_str(&text).expect("it can be read")
        });
        Ledger {
            sealed: self.sealed.clone(),
            progress: serde_json::from_str(&progress).expect("it can be read"),
            batches: batches.collect(),
        }
    }

    /// The alarm as the object itself sees it.
    pub fn alarm(&self) -> Option<Millis> {
        let written = self.writes.iter().rev().find_map(|write| match write {
            Write::Alarm(at) => Some(*at),
            _ => None,
        });
        written.or(self.disk.alarm)
    }

    /// Whether another task is to forget rows, and this one not any more. In an object nothing runs between a change and
    /// what is written of it: an alarm that is set by what has changed comes behind that.
    pub fn writes_elsewhere(&self, task: u64) -> bool {
        let forgets = |task: &Task| task.effects.iter().any(|effect| matches!(effect, Effect::Forget(_)));
        let others = self.tasks.iter().any(|(id, other)| *id != task && forgets(other));
        others && !self.tasks.get(&task).is_some_and(forgets)
    }

    /// Brings writes to disk: all, or the first few of them.
    pub fn flush(&mut self, count: usize) {
        for write in self.writes.drain(..count.min(self.writes.len())) {
            match write {
                Write::Keep(number, batch, progress) => {
                    self.disk.batches.insert(number, *batch);
                    self.disk.progress = progress;
                }
                Write::Note(progress) => self.disk.progress = progress,
                Write::Alarm(at) => {
                    self.disk.alarm = Some(at);
                    self.lost_alarm = false;
                }
                Write::Forget(kept) => {
                    let touches =
                        |piece: u32| kept.iter().any(|(from, to)| piece * PIECE < *to && *from < (piece + 1) * PIECE);
                    self.disk.pieces.retain(|piece| touches(*piece));
                }
            }
        }
        self.writes.clear();
    }

    /// Whether rows are still there.
    pub fn holds(&self, first: u32, end: u32) -> bool {
        let forgotten = self.writes.iter().rev().find_map(|write| match write {
            Write::Forget(kept) => Some(kept),
            _ => None,
        });
        let kept = forgotten.is_none_or(|kept| kept.iter().any(|(from, to)| *from <= first && end <= *to));
        kept && (first / PIECE..end.div_ceil(PIECE)).all(|piece| self.disk.pieces.contains(&piece))
    }
}
