//! The ledger of one send: which of its rows were posted, and what came of it. Nobody is messaged twice.
//!
//! A state machine and nothing else: [`Ledger::handle`] takes what happened and returns what is to be done, in order.
//! The object carries that out in workerd and feeds back what came of it; a simulator can do the same, and may stop
//! between any two effects. Rules that everything else rests on:
//!
//! - A batch is on disk as in flight, with its rows, attempt and hash, before it is posted.
//! - Only what proves that the upstream did not take a batch makes it ready again: an error in front of the call, a
//!   429, and refused credentials. Whatever leaves it open, and every batch that a restarted object finds in flight, is
//!   unknown, and an unknown batch is never posted again.
//! - An answer counts for the attempt it belongs to and no other.
//! - Batches go in order, one at a time. One that is unknown or refused halts the send.

use crate::answer::Answer;
use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::counters::Counters;
use crate::record::{Accepted, Batch, Pause, Sealed, State};

/// How long the upstream may take to answer a post.
pub const TIMEOUT: Millis = 120 * SECOND;
/// How long the upstream may take to answer a look. All looks of a step end before [`WATCHDOG`].
pub const LOOK_TIMEOUT: Millis = 5 * SECOND;
/// How far ahead the alarm is set before a step is taken, and when a step that does not end is ended.
pub const WATCHDOG: Millis = TIMEOUT + 30 * SECOND;
/// Wait after an error in front of a call.
const BEFORE_CALL: Millis = 15 * SECOND;
/// Wait after a 429 that does not say how long, and the most one is believed.
const TOO_MANY: (Millis, Millis) = (30 * SECOND, HOUR);
/// Wait after the upstream refused our credentials: a person has to act.
const CREDENTIALS: Millis = 10 * MINUTE;
/// Most upstream operations that are asked for in one step.
const LOOKS: usize = 20;
/// Longest interval between two looks at an upstream operation.
const LONGEST: Millis = MINUTE;
/// When an upstream operation is no longer asked for. The API forgets it after seven days.
const FORGOTTEN: Millis = 156 * HOUR;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The object was loaded from its storage.
    Loaded,
    /// The alarm rang.
    Rang,
    /// A batch was cut as [`Effect::Cut`] asked.
    Cut {
        /// Its number.
        batch: u32,
        /// How many rows it has.
        rows: u32,
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
}

/// What is to be done, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write this batch and the ledger's own row, together.
    Keep(u32),
    /// Set the alarm.
    Wake(Millis),
    /// Delete the alarm: nothing is left to do.
    Rest,
    /// Put together the batch that begins at `first`, then report [`Event::Cut`].
    Cut {
        /// Its number.
        batch: u32,
        /// Its first row.
        first: u32,
    },
    /// Once everything kept is on disk, post the batch that was cut; then report [`Event::Answered`].
    Post {
        /// Its number.
        batch: u32,
        /// The attempt that this is.
        attempt: u32,
    },
    /// Ask for an upstream operation, then report [`Event::Looked`].
    Look {
        /// Its batch.
        batch: u32,
        /// Its id.
        operation: String,
    },
    /// Delete what holds only rows in front of this one.
    Forget(u32),
}

/// The ledger of one send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// What was sealed.
    pub sealed: Sealed,
    /// When anything last changed.
    pub updated: Millis,
    /// What holds it up.
    pub pause: Option<Pause>,
    /// Batches claimed so far, in order.
    pub batches: Vec<Batch>,
}

impl Ledger {
    /// The ledger of a send that was just sealed.
    pub fn new(sealed: Sealed) -> Self {
        Self { updated: sealed.created, sealed, pause: None, batches: Vec::new() }
    }

    /// Takes what happened; what is to be done about it.
    pub fn handle(&mut self, now: Millis, event: Event) -> Vec<Effect> {
        match event {
            Event::Loaded => self.loaded(now),
            Event::Rang => {
                let mut effects = vec![Effect::Wake(now + WATCHDOG)];
                effects.extend(self.step(now));
                effects
            }
            Event::Cut { batch, rows, hash } => self.claim(now, batch, rows, hash),
            Event::Answered { batch, attempt, answer } => self.answered(now, batch, attempt, answer),
            Event::Looked { batch, seen } => self.looked(now, batch, seen),
        }
    }

    /// What was in flight when the object ended was answered to nobody.
    fn loaded(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (number, batch) in (0..).zip(&mut self.batches) {
            if batch.state == State::InFlight {
                batch.state = State::Unknown { why: "the object restarted while it was posted".to_owned() };
                self.updated = now;
                effects.push(Effect::Keep(number));
            }
        }
        if !effects.is_empty() {
            effects.push(self.rearm(now));
        }
        effects
    }

    fn step(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = self.freeze_forgotten(now);
        if let Some((batch, first)) = self.next()
            && self.paused_until() <= now
        {
            effects.push(Effect::Cut { batch, first });
            return effects;
        }
        let due = (0..).zip(&self.batches).filter_map(|(batch, entry)| match &entry.state {
            State::Accepted(Accepted { operation: Some(operation), due, frozen: false, .. }) if *due <= now => {
                Some(Effect::Look { batch, operation: operation.clone() })
            }
            _ => None,
        });
        effects.extend(due.take(LOOKS));
        effects.push(self.rearm(now));
        effects
    }

    fn claim(&mut self, now: Millis, batch: u32, rows: u32, hash: String) -> Vec<Effect> {
        // Nothing else may have been claimed since the cut was asked for.
        let Some((next, first)) = self.next().filter(|(next, _)| *next == batch) else { return Vec::new() };
        let index = next as usize;
        let attempt = self.batches.get(index).map_or(0, |batch| batch.attempt) + 1;
        self.batches.truncate(index);
        self.batches.push(Batch { first, rows, hash, attempt, state: State::InFlight });
        self.pause = None;
        self.updated = now;
        vec![Effect::Keep(batch), Effect::Post { batch, attempt }]
    }

    fn answered(&mut self, now: Millis, number: u32, attempt: u32, answer: Answer) -> Vec<Effect> {
        let first_look = self.sealed.first_look;
        let Some(batch) = self.batches.get_mut(number as usize).filter(|batch| batch.attempt == attempt) else {
            return Vec::new();
        };
        // Acceptance is a proof, even when it comes late; any other answer counts only while it is waited for.
        let late = matches!(batch.state, State::Unknown { .. }) && matches!(answer, Answer::Accepted { .. });
        if batch.state != State::InFlight && !late {
            return Vec::new();
        }
        let pause = |wait: Millis, status| Some(Pause { until: now + wait, status });
        (batch.state, self.pause) = match answer {
            Answer::Accepted { operation } => {
                let due = now + first_look;
                (State::Accepted(Accepted { operation, at: now, looks: 0, due, seen: None, frozen: false }), None)
            }
            Answer::Refused { status, code } => (State::Refused { status, code }, None),
            Answer::Unknown { why } => (State::Unknown { why }, None),
            Answer::NotCalled => (State::Ready, pause(BEFORE_CALL, None)),
            Answer::TooMany { wait } => {
                (State::Ready, pause(wait.unwrap_or(TOO_MANY.0).clamp(SECOND, TOO_MANY.1), Some(429)))
            }
            Answer::Credentials { status } => (State::Ready, pause(CREDENTIALS, Some(status))),
        };
        self.updated = now;
        vec![Effect::Keep(number), Effect::Forget(self.settled_rows()), self.rearm(now)]
    }

    fn looked(&mut self, now: Millis, number: u32, seen: Option<(Counters, bool)>) -> Vec<Effect> {
        let first_look = self.sealed.first_look;
        let Some(Batch { state: State::Accepted(accepted), .. }) = self.batches.get_mut(number as usize) else {
            return Vec::new();
        };
        accepted.looks += 1;
        accepted.due = now + interval(first_look, accepted.looks);
        if let Some((counters, last)) = seen {
            if accepted.seen.is_none_or(|(before, _)| before != counters) || last {
                self.updated = now;
            }
            accepted.seen = Some((counters, now));
            accepted.frozen = last;
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
                self.updated = now;
                effects.push(Effect::Keep(number));
            }
        }
        effects
    }

    /// The batch to be posted next and its first row: the last one if it is ready again, else the rows behind it.
    fn next(&self) -> Option<(u32, u32)> {
        let open = |batch: &Batch| !matches!(batch.state, State::Accepted(_) | State::Ready);
        if self.batches.iter().any(open) {
            return None;
        }
        let number = self.batches.len() as u32;
        match self.batches.last() {
            Some(Batch { state: State::Ready, first, .. }) => Some((number - 1, *first)),
            _ => (self.claimed_rows() < self.sealed.rows).then(|| (number, self.claimed_rows())),
        }
    }

    fn paused_until(&self) -> Millis {
        self.pause.as_ref().map_or(0, |pause| pause.until)
    }

    /// Wakes the object when the next thing is due.
    fn rearm(&self, now: Millis) -> Effect {
        if self.batches.iter().any(|batch| batch.state == State::InFlight) {
            return Effect::Wake(now + WATCHDOG);
        }
        let post = self.next().map(|_| self.paused_until());
        let looks = self.batches.iter().filter_map(|batch| match &batch.state {
            State::Accepted(Accepted { operation, at, due, frozen: false, .. }) => {
                Some(operation.as_ref().map_or(at + FORGOTTEN, |_| *due))
            }
            _ => None,
        });
        match post.into_iter().chain(looks).min() {
            Some(due) => Effect::Wake(due.max(now)),
            None => Effect::Rest,
        }
    }

    /// Rows that were claimed by any batch.
    pub fn claimed_rows(&self) -> u32 {
        self.batches.last().map_or(0, |batch| batch.first + batch.rows)
    }

    /// The row in front of which none is needed any more.
    fn settled_rows(&self) -> u32 {
        if self.refused() {
            return self.sealed.rows;
        }
        let open = self.batches.iter().find(|batch| !matches!(batch.state, State::Accepted(_)));
        open.map_or(self.claimed_rows(), |batch| batch.first)
    }

    /// Whether the upstream refused a batch, so that the rows behind it are not sent.
    pub fn refused(&self) -> bool {
        self.batches.iter().any(|batch| matches!(batch.state, State::Refused { .. }))
    }

    /// Whether nothing about this send will change any more.
    pub fn finished(&self) -> bool {
        let last = |batch: &Batch| match &batch.state {
            State::Accepted(accepted) => accepted.frozen,
            State::Refused { .. } => true,
            State::Ready | State::InFlight | State::Unknown { .. } => false,
        };
        self.batches.iter().all(last) && (self.claimed_rows() == self.sealed.rows || self.refused())
    }
}

/// The interval behind the look of this number: it grows by 1.6 each time.
fn interval(first: Millis, looks: u32) -> Millis {
    (0..looks).fold(first, |interval, _| if interval < LONGEST { interval * 8 / 5 } else { interval }).min(LONGEST)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
