//! The ledger of one send: which of its rows were posted, and what came of it. Nobody is messaged twice.
//!
//! A state machine and nothing else: [`Ledger::handle`] takes what happened and returns what is to be done, in order.
//! The object carries that out in workerd and feeds back what came of it; the simulator does the same, and stops between
//! any two effects. Rules that everything else rests on:
//!
//! - A batch is on disk as in flight, with its rows, attempt and hash, before it is posted.
//! - Only what proves that the upstream did not take a batch makes it ready again: an error before the call, a
//!   429, refused credentials, or a person. Whatever leaves it open, and every batch that a restarted object finds in
//!   flight, is unknown.
//! - An unknown batch is looked for. Looking only ever proves that it was taken: that it is not found proves nothing.
//! - An answer counts for the attempt it belongs to and no other.
//! - One batch is in flight at a time. Two that are unknown halt the send.
//!
//! `dispatch` claims and takes answers, `doubt` looks for what is unknown, `closing` ends a send, `due` says when what
//! comes next, `tally` counts, `terms` is what it hears and says.

mod closing;
mod dispatch;
mod doubt;
mod due;
mod tally;
mod terms;

use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::machine::answer::TIMEOUT;
use crate::machine::counters::Counters;
use crate::machine::record::{Accepted, Batch, Progress, Sealed, Slot, State, Status};
use crate::mutation::broken;

pub use closing::Unsettled;
pub use doubt::{Listed, Seen, likeliest, proof, tag};
pub use terms::{Effect, Event};

/// How long the upstream may take to answer a look. All looks of a step end before [`WATCHDOG`].
pub const LOOK_TIMEOUT: Millis = 5 * SECOND;
/// When a step that does not end is ended.
pub const WATCHDOG: Millis = TIMEOUT + 30 * SECOND;
/// How far ahead the alarm is set before a step is taken. It does not ring beside a step that still runs, so this is how
/// long what a step leaves open lies there that ended with its object.
pub const AHEAD: Millis = 10 * SECOND;
/// Most upstream operations that are asked for in one step.
const LOOKS: usize = 20;
/// Longest interval between two looks at an upstream operation.
const LONGEST: Millis = MINUTE;
/// When an upstream operation is no longer asked for. The API forgets it after seven days.
const FORGOTTEN: Millis = 156 * HOUR;
/// How many batches may be unknown at a time before the send halts.
const DOUBTS: usize = 2;
/// How long a send is remembered after its last change.
const REMEMBERED: Millis = 30 * 24 * HOUR;
/// How often the directory is told at most, and when it is told again if it did not answer.
const TELL: Millis = 10 * SECOND;

/// The ledger of one send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// What was sealed.
    pub sealed: Sealed,
    /// How far it has come.
    pub progress: Progress,
    /// Batches claimed so far, in order.
    pub batches: Vec<Batch>,
}

impl Ledger {
    /// The ledger of a send that was just sealed, with its first turn if it was granted.
    pub fn new(sealed: Sealed, slot: Option<Slot>) -> Self {
        // One that is to begin at once asks for a turn in the time for which admission keeps its room.
        let joined = sealed.start() <= sealed.created;
        let (updated, tell_at) = (sealed.created, sealed.created);
        let progress = Progress { updated, changes: 1, tell_at, joined, slot, ..Progress::default() };
        Self { sealed, progress, batches: Vec::new() }
    }

    /// Takes what happened; what is to be done about it.
    pub fn handle(&mut self, now: Millis, event: Event) -> Vec<Effect> {
        let status = self.status(now);
        let mut effects = match event {
            Event::Loaded => self.loaded(now),
            Event::Rang => self.rang(now),
            Event::Poked => [self.turn_back(now), vec![self.rearm(now)]].concat(),
            Event::Joined => self.joined(now),
            Event::Measured { batch, units } => self.ask(now, batch, units),
            Event::Appointed { turn, appointment } => self.appointed(now, turn, appointment),
            Event::Reported(turn) => self.reported(turn),
            Event::Probed { turn, answers } => self.probed(now, turn, answers),
            Event::Cut { batch, rows, units, hash } => self.claim(now, batch, rows, units, hash),
            Event::Answered { batch, attempt, answer } => self.answered(now, batch, attempt, answer),
            Event::Looked { batch, seen } => self.looked(now, batch, seen),
            Event::Searched { batch, attempt, found } => self.searched(now, batch, attempt, found),
            Event::Told(change) => self.told(now, change),
        };
        if self.status(now) != status && self.progress.tell_at > now {
            // A new status is told at once.
            self.progress.tell_at = now + TELL;
            effects.extend([Effect::Note, Effect::Tell, self.rearm(now)]);
        }
        effects
    }

    /// What was in flight when the object ended was answered to nobody. What a change was to write or delete beside its
    /// first row may have got lost.
    fn loaded(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        // Settings may be others by now, and hold this send: the pacer is asked anew.
        self.progress.slot = None;
        for (number, batch) in (0..).zip(&mut self.batches) {
            if batch.state == State::InFlight {
                batch.state = if broken!(ResendAfterRestart) {
                    State::Ready
                } else {
                    doubt::begun(now, "the object restarted while it was posted".to_owned())
                };
                effects.push(Effect::Keep(number));
            }
        }
        effects.extend(self.drop_unsent());
        let mut calls: Vec<Effect> = self.report().into_iter().collect();
        if !effects.is_empty() {
            self.changed(now);
            calls.extend(self.leave());
        }
        let sleeps = !effects.is_empty() || !calls.is_empty();
        // Before the alarm: once that is set, rows that are left may lie there until everything is forgotten.
        effects.push(Effect::Forget(self.kept_rows()));
        if sleeps {
            // Before anything is called: the alarm that rang for this may be used up.
            effects.push(self.rearm(now));
        }
        effects.extend(calls);
        effects
    }

    /// One bounded step. Whatever becomes of it, the alarm rings again.
    fn rang(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = if broken!(ForgetWatchdog) { Vec::new() } else { vec![Effect::Wake(now + AHEAD)] };
        if self.is_forgotten(now) {
            effects.push(Effect::Vanish);
            return effects;
        }
        effects.extend(self.report());
        effects.extend(self.turn_back(now));
        effects.extend(self.expire(now));
        effects.extend(self.freeze_forgotten(now));
        if self.progress.told < self.progress.changes && self.progress.tell_at <= now {
            self.progress.tell_at = now + TELL;
            effects.push(Effect::Tell);
        }
        let searches = self.searches(now);
        if !searches.is_empty() {
            effects.extend(searches);
        } else if self.looks_wait(now) {
            effects.extend(self.looks(now));
        } else if self.may_begin(now) {
            effects.extend(self.begin(now));
            return effects;
        } else {
            effects.extend(self.looks(now));
        }
        effects.push(self.rearm(now));
        effects
    }

    fn looks(&self, now: Millis) -> Vec<Effect> {
        let due = (0..).zip(&self.batches).filter_map(|(batch, entry)| match &entry.state {
            State::Accepted(Accepted { operation: Some(operation), due, frozen: false, .. }) if *due <= now => {
                Some(Effect::Look { batch, operation: operation.clone() })
            }
            _ => None,
        });
        due.take(LOOKS).collect()
    }

    fn looked(&mut self, now: Millis, number: u32, seen: Option<(Counters, bool)>) -> Vec<Effect> {
        let first_look = self.sealed.first_look;
        let Some(Batch { state: State::Accepted(accepted), .. }) = self.batches.get_mut(number as usize) else {
            return Vec::new();
        };
        accepted.looks += 1;
        accepted.due = now + interval(first_look, accepted.looks);
        if let (Some((counters, last)), false) = (seen, accepted.frozen) {
            let news = accepted.seen.is_none_or(|(before, _)| before != counters) || last;
            accepted.seen = Some((counters, now));
            accepted.frozen = last;
            if news {
                self.changed(now);
            }
        }
        vec![Effect::Keep(number), self.rearm(now)]
    }

    fn freeze_forgotten(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (number, batch) in (0..).zip(&mut self.batches) {
            if let State::Accepted(accepted) = &mut batch.state
                && !accepted.frozen
                && accepted.at + FORGOTTEN <= now
            {
                accepted.frozen = true;
                effects.push(Effect::Keep(number));
            }
        }
        if !effects.is_empty() {
            self.changed(now);
        }
        effects
    }

    fn told(&mut self, now: Millis, change: u64) -> Vec<Effect> {
        // Kept with what changes next: one that forgets it tells the same twice.
        self.progress.told = self.progress.told.max(change.min(self.progress.changes));
        vec![self.rearm(now)]
    }

    fn changed(&mut self, now: Millis) {
        self.progress.updated = self.progress.updated.max(now);
        self.progress.changes += 1;
    }

    /// The status, in the API's words.
    pub fn status(&self, now: Millis) -> Status {
        let in_flight = self.batches.iter().any(|batch| batch.state == State::InFlight);
        let tally = self.tally();
        if self.progress.closed == Some(crate::machine::record::Closed::Canceled) && tally.canceled > 0 && !in_flight {
            Status::Canceled
        } else if self.finished() {
            Status::Completed
        } else if self.batches.is_empty() && self.sealed.not_before() > now {
            Status::Scheduled
        } else {
            Status::Processing
        }
    }

    /// Whether nothing about this send will change any more.
    pub fn finished(&self) -> bool {
        let last = |batch: &Batch| match &batch.state {
            State::Accepted(accepted) => accepted.frozen,
            State::Refused(_) | State::Canceled | State::Expired => true,
            State::Ready | State::InFlight | State::Unknown(_) | State::Held(_) => false,
        };
        self.batches.iter().all(last) && (self.progress.closed.is_some() || self.claimed_rows() >= self.sealed.rows)
    }
}

/// The interval after the look of this number: it grows by 1.6 each time.
fn interval(first: Millis, looks: u32) -> Millis {
    (0..looks).fold(first, |interval, _| if interval < LONGEST { interval * 8 / 5 } else { interval }).min(LONGEST)
}

#[cfg(test)]
mod tests;
