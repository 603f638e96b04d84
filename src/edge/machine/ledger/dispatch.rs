//! Dispatch: the pacer is asked, a batch is cut, claimed, posted, and its answer taken.

use super::{DOUBTS, Effect, Ledger, doubt};
use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::machine::answer::Answer;
use crate::machine::pacer::{self, Appointment, Halt, Why};
use crate::machine::record::{Accepted, Batch, Cause, Closed, Ended, Outcome, Pause, Refused, Slot, State, WINDOW};
use crate::mutation::broken;

/// Wait after an error before a call, and after a pacer that did not answer.
pub(super) const BEFORE_CALL: Millis = 15 * SECOND;
/// The least that is waited for a turn: the pacer's clock may be behind this one, and is not to be asked all the while.
const SOON: Millis = 200;
/// The longest that is waited for a turn before it is asked for anew: by then the lane's rate may be another one.
pub(super) const ANEW: Millis = 5 * MINUTE;
/// Wait after a 429 that does not say how long, and the most one is believed.
pub(super) const TOO_MANY: (Millis, Millis) = (30 * SECOND, HOUR);
/// Wait after the upstream refused our credentials: a person has to act, and then wants to see soon whether it helped.
pub(super) const CREDENTIALS: Millis = 2 * MINUTE;

/// A batch that may be posted next.
pub(super) struct Next {
    number: u32,
    first: u32,
    /// Rows and units, if it was cut before: then it stays as it is.
    cut: Option<(u32, u64)>,
    attempt: u32,
}

impl Next {
    /// What puts it together, of so many units.
    fn cut(self, units: u64) -> Effect {
        let Self { number, first, cut, attempt } = self;
        Effect::Cut { batch: number, first, rows: cut.map(|(rows, _)| rows), units, attempt }
    }
}

impl Ledger {
    /// The batch to be posted next: the first that is ready again, else the rows that no batch has claimed.
    pub(super) fn next(&self) -> Option<Next> {
        let in_flight = self.batches.iter().any(|batch| batch.state == State::InFlight);
        if in_flight || self.halts() || self.progress.closed.is_some() {
            return None;
        }
        let again = (0..).zip(&self.batches).find(|(_, batch)| batch.state == State::Ready);
        if let Some((number, batch)) = again {
            let cut = Some((batch.rows, batch.units));
            return Some(Next { number, first: batch.first, cut, attempt: batch.attempt + 1 });
        }
        let (number, first) = (self.batches.len() as u32, self.claimed_rows());
        (first < self.sealed.rows).then_some(Next { number, first, cut: None, attempt: 1 })
    }

    /// Whether too much is unknown to go on.
    pub fn halts(&self) -> bool {
        let doubt = |batch: &&Batch| matches!(batch.state, State::Unknown(_) | State::Held(_));
        self.batches.iter().filter(doubt).count() >= DOUBTS && !broken!(NeverHalt)
    }

    /// Counts claims. The pacer's grants go by it.
    pub(super) fn turn(&self) -> u64 {
        self.batches.iter().map(|batch| u64::from(batch.attempt)).sum()
    }

    /// When the next batch may be posted, as far as this ledger knows.
    pub(super) fn post_at(&self) -> Millis {
        let pause = self.progress.pause.as_ref().map_or(0, |pause| match pause.by {
            Cause::Pace => pause.until.min(pause.from + ANEW),
            _ => pause.until,
        });
        if broken!(IgnoreInstant) { pause } else { pause.max(self.sealed.not_before()) }
    }

    /// What the next post waits for, if it does.
    pub fn paused(&self) -> Option<&Pause> {
        self.progress.pause.as_ref().filter(|_| self.next().is_some())
    }

    /// Whether something is to be done for the next post: it is its time, or the pacer does not know of it.
    pub(super) fn may_begin(&self, now: Millis) -> bool {
        self.next().is_some() && (!self.progress.joined || self.post_at() <= now)
    }

    /// The first effect that leads to the next post.
    pub(super) fn begin(&self, now: Millis) -> Vec<Effect> {
        match self.next() {
            None => vec![self.rearm(now)],
            Some(_) if !self.progress.joined => vec![Effect::Join],
            Some(_) if self.post_at() > now => vec![self.rearm(now)],
            Some(Next { cut: Some((_, units)), .. }) => {
                vec![Effect::Ask { turn: self.turn() + 1, units, whole: true }]
            }
            Some(Next { cut: None, number, first, .. }) => vec![Effect::Measure { batch: number, first }],
        }
    }

    /// The units of the turn that comes next, if it is granted already, and nothing has to be asked first.
    fn granted(&self, now: Millis) -> Option<u64> {
        let slot = self.progress.slot.as_ref().filter(|slot| slot.silent.is_none() && self.holds(slot, now))?;
        Some(slot.units)
    }

    /// Whether a grant is for the turn that comes next, and not too old.
    fn holds(&self, slot: &Slot, now: Millis) -> bool {
        slot.turn == self.turn() + 1 && pacer::is_fresh(slot.until, now)
    }

    pub(super) fn joined(&mut self, now: Millis) -> Vec<Effect> {
        if self.progress.joined {
            return vec![self.rearm(now)];
        }
        if self.next().is_none() {
            // Taken back meanwhile: the pacer was told so before it heard of this send.
            return vec![Effect::Leave, self.rearm(now)];
        }
        self.progress.joined = true;
        [vec![Effect::Note], self.begin(now)].concat()
    }

    pub(super) fn ask(&mut self, now: Millis, batch: u32, units: u64) -> Vec<Effect> {
        match self.next() {
            // Not before this moment: its rows may be gone by the end of a call that the step made first.
            Some(next @ Next { number, cut: None, .. }) if number == batch => match self.granted(now) {
                Some(units) => vec![next.cut(units)],
                None => vec![Effect::Ask { turn: self.turn() + 1, units, whole: false }],
            },
            _ => vec![self.rearm(now)],
        }
    }

    pub(super) fn appointed(&mut self, now: Millis, turn: u64, appointment: Option<Appointment>) -> Vec<Effect> {
        // It may have been taken back, or settled, while the pacer was asked.
        if turn != self.turn() + 1 {
            return vec![self.rearm(now)];
        }
        let Some(next) = self.next() else {
            // The pacer may have been told that this send waits no more before it was asked: then others would wait for
            // what becomes of the turn, and the send would keep its room.
            return vec![Effect::Report { turn, outcome: Outcome::Unused, last: true }, self.rearm(now)];
        };
        match appointment {
            Some(Appointment::Go { units, until, silent }) => {
                self.progress.slot = Some(Slot { turn, units, until, silent });
                vec![if silent.is_some() { Effect::Probe { turn } } else { next.cut(units) }]
            }
            Some(Appointment::Wait { until, halt }) => {
                let (by, status) = match halt {
                    None => (Cause::Pace, None),
                    Some(Halt { why: Why::Credentials { status }, .. }) => (Cause::Credentials, Some(status)),
                    Some(Halt { why: Why::Silence { .. }, .. }) => (Cause::Silence, None),
                };
                let since = halt.map(|halt| halt.since);
                // One that is farther ahead was named by a clock that has been turned back since.
                let until = until.clamp(now + SOON, now + WINDOW);
                self.pause(Pause { from: now, until, by, status, since })
            }
            Some(Appointment::Hold { until }) => self.pause(Pause {
                from: now,
                until: until.max(now + SOON),
                by: Cause::Hold,
                status: None,
                since: None,
            }),
            None => self.pause(shortly(now, Cause::Gate, None)),
        }
    }

    pub(super) fn probed(&mut self, now: Millis, turn: u64, answers: bool) -> Vec<Effect> {
        let next = self.next().filter(|_| turn == self.turn() + 1);
        let (Some(next), Some(Slot { units, until, silent, .. })) = (next, self.progress.slot.clone()) else {
            return vec![self.rearm(now)];
        };
        if answers {
            return vec![next.cut(units)];
        }
        self.progress.slot = None;
        let report = Effect::Report { turn, outcome: Outcome::NoAnswer { until }, last: false };
        // How long to wait is the pacer's to say: it is asked again then.
        [vec![report], self.pause(shortly(now, Cause::Silence, silent))].concat()
    }

    fn pause(&mut self, pause: Pause) -> Vec<Effect> {
        let (now, wait) = (pause.from, pause.wait());
        let before = self.progress.pause.replace(pause);
        if before.is_none_or(|before| before.wait() != wait) {
            // Told, but nothing that became of the send: it is remembered no longer for having waited.
            self.progress.changes += 1;
        }
        vec![Effect::Note, self.rearm(now)]
    }

    pub(super) fn claim(&mut self, now: Millis, batch: u32, rows: u32, units: u64, hash: String) -> Vec<Effect> {
        let expired = self.expire(now);
        if !expired.is_empty() {
            return [expired, vec![self.rearm(now)]].concat();
        }
        // Nothing else may have been claimed since the cut was asked for, and the grant must still hold.
        let granted = self.progress.slot.as_ref().is_some_and(|slot| self.holds(slot, now));
        let next = self.next().filter(|next| next.number == batch && granted && self.post_at() <= now);
        let Some(Next { first, attempt, .. }) = next else { return vec![self.rearm(now)] };
        let slot = self.progress.slot.as_ref().map_or(0, |slot| slot.units);
        if units > slot {
            // One row alone takes more than a turn has.
            return vec![Effect::Ask { turn: self.turn() + 1, units, whole: true }];
        }
        let record = Batch { first, rows, units, hash, attempt, claimed: now, state: State::InFlight };
        match self.batches.get_mut(batch as usize) {
            Some(entry) => *entry = record,
            None => self.batches.push(record),
        }
        self.progress.pause = None;
        self.progress.slot = None;
        self.progress.unreported = None;
        self.changed(now);
        let effects = vec![Effect::Keep(batch), Effect::Post { batch, attempt }];
        if broken!(PostBeforeKeep) { effects.into_iter().rev().collect() } else { effects }
    }

    pub(super) fn answered(&mut self, now: Millis, number: u32, attempt: u32, answer: Answer) -> Vec<Effect> {
        let first_look = self.sealed.first_look;
        let turn = self.turn();
        let same = |batch: &&mut Batch| batch.attempt == attempt || broken!(AnswerAnyAttempt);
        let Some(batch) = self.batches.get_mut(number as usize).filter(same) else {
            return Vec::new();
        };
        if batch.state != State::InFlight {
            // Acceptance is a proof, even when it comes late; any other answer counts only while it is waited for.
            return match answer {
                Answer::Accepted { operation } if !broken!(LoseLateAcceptance) => {
                    self.proven(now, number, attempt, operation)
                }
                _ => Vec::new(),
            };
        }
        let pause = |wait: Millis, by, status| Some(Pause { from: now, until: now + wait, by, status, since: None });
        let (state, pause, outcome) = match answer {
            Answer::Accepted { operation } => {
                let due = now + first_look;
                let accepted = Accepted { operation, at: now, looks: 0, due, seen: None, frozen: false };
                (State::Accepted(accepted), None, Outcome::Posted)
            }
            Answer::Refused { status, errors } => (State::Refused(Refused { status, errors }), None, Outcome::Posted),
            Answer::Unknown { .. } if broken!(ResendOnTimeout) => (State::Ready, None, Outcome::Doubtful),
            Answer::Unknown { why } => (doubt::begun(now, why), None, Outcome::Doubtful),
            Answer::NotCalled => (State::Ready, pause(BEFORE_CALL, Cause::Gate, None), Outcome::Unused),
            Answer::TooMany { wait } => {
                let wait = wait.unwrap_or(TOO_MANY.0).clamp(SECOND, TOO_MANY.1);
                (State::Ready, pause(wait, Cause::TooMany, Some(429)), Outcome::TooMany { wait })
            }
            Answer::Credentials { status } => {
                let outcome = Outcome::Credentials { status, wait: CREDENTIALS };
                (State::Ready, pause(CREDENTIALS, Cause::Credentials, Some(status)), outcome)
            }
        };
        batch.state = state;
        let refused = matches!(batch.state, State::Refused(_));
        self.progress.pause = pause;
        self.changed(now);
        let mut effects = vec![Effect::Keep(number)];
        if refused && !self.sealed.lenient && self.progress.closed.is_none() {
            self.progress.closed = Some(Closed::Refused);
        }
        effects.extend(self.drop_unsent());
        effects.push(Effect::Forget(self.kept_rows()));
        let last = !self.leave().is_empty();
        self.progress.unreported = Some(Ended { turn, outcome, last });
        effects.extend(self.report());
        effects.push(self.rearm(now));
        effects
    }

    /// Tells the pacer how the last turn ended, if it has not heard: others may wait for that.
    pub(super) fn report(&self) -> Option<Effect> {
        let Ended { turn, outcome, last } = self.progress.unreported.clone()?;
        Some(Effect::Report { turn, outcome, last })
    }

    pub(super) fn reported(&mut self, turn: u64) -> Vec<Effect> {
        // Kept with what changes next: one that forgets it tells the same twice.
        self.progress.unreported.take_if(|ended| ended.turn == turn);
        Vec::new()
    }

    /// Lets the pacer know when nothing is left to be posted, or nothing may be.
    pub(super) fn leave(&mut self) -> Vec<Effect> {
        if self.progress.joined && self.next().is_none() {
            self.progress.joined = false;
            return vec![Effect::Note, Effect::Leave];
        }
        Vec::new()
    }
}

/// A pause after a question that was not answered.
fn shortly(now: Millis, by: Cause, since: Option<Millis>) -> Pause {
    Pause { from: now, until: now + BEFORE_CALL, by, status: None, since }
}
