//! Closing: what ends a send before its last row, what a person decides, and when it is forgotten.

use serde::Serialize;

use super::{Effect, Ledger, REMEMBERED};
use crate::clock::Millis;
use crate::machine::record::{Accepted, Closed, Settlement, State, Verdict};
use crate::mutation::broken;

/// How a send stands that was taken back, in recipients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Canceled {
    /// The upstream has them.
    pub sent: u64,
    /// They will not be sent to.
    pub canceled: u64,
    /// They are being posted at this moment.
    pub in_flight: u64,
    /// The upstream may have them.
    pub unknown: u64,
}

/// Why a settlement does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsettled {
    /// There is no such batch.
    NoBatch,
    /// The batch is not unknown, or at another attempt.
    Conflict,
}

impl Ledger {
    /// Takes the send back: what is not posted yet never will be. Asked again, it changes nothing.
    pub fn cancel(&mut self, now: Millis) -> (Canceled, Vec<Effect>) {
        let mut effects = Vec::new();
        if self.progress.closed.is_none() && self.may_close() {
            effects = self.close(now, Closed::Canceled);
            if broken!(CancelInFlight) {
                for batch in self.batches.iter_mut().filter(|batch| batch.state == State::InFlight) {
                    batch.state = State::Canceled;
                }
            }
        }
        effects.push(self.rearm(now));
        let tally = self.tally();
        let canceled = Canceled {
            sent: tally.accepted,
            canceled: tally.canceled,
            in_flight: tally.in_flight,
            unknown: tally.unknown,
        };
        (canceled, effects)
    }

    /// Takes a person's word for a batch that is unknown. The same word again is the same settlement.
    pub fn settle(&mut self, now: Millis, word: Settlement) -> Result<Vec<Effect>, Unsettled> {
        let said = |before: &Settlement| {
            (before.batch, before.attempt, before.r#as, &before.operation_id)
                == (word.batch, word.attempt, word.r#as, &word.operation_id)
        };
        if self.progress.settlements.iter().any(said) {
            return Ok(vec![self.rearm(now)]);
        }
        let first_look = self.sealed.first_look;
        let batch = self.batches.get_mut(word.batch as usize).ok_or(Unsettled::NoBatch)?;
        let open = matches!(batch.state, State::Unknown(_) | State::Held(_));
        let attempt = batch.attempt == word.attempt || broken!(SettleAnyAttempt);
        if !open || !attempt {
            return Err(Unsettled::Conflict);
        }
        batch.state = match word.r#as {
            Verdict::NotSent => State::Ready,
            Verdict::Accepted => State::Accepted(Accepted {
                operation: word.operation_id.clone(),
                at: now,
                looks: 0,
                due: now + first_look,
                seen: None,
                frozen: false,
            }),
        };
        let number = word.batch;
        self.progress.settlements.push(Settlement { at: now, ..word });
        self.changed(now);
        let mut effects = vec![Effect::Keep(number)];
        effects.extend(self.drop_unsent());
        effects.push(Effect::Forget(self.kept_rows()));
        effects.push(self.rearm(now));
        Ok(effects)
    }

    /// Ends the send at its deadline, if there is anything unsent.
    pub(super) fn expire(&mut self, now: Millis) -> Vec<Effect> {
        let late = now >= self.sealed.deadline() && !broken!(IgnoreDeadline);
        if late && self.progress.closed.is_none() && self.may_close() {
            return self.close(now, Closed::Expired);
        }
        Vec::new()
    }

    /// Whether closing would still mean anything: there are rows unsent, or such as a person could send again.
    pub(super) fn may_close(&self) -> bool {
        self.unsent_rows() > 0 || self.batches.iter().any(|batch| is_open(&batch.state))
    }

    fn close(&mut self, now: Millis, by: Closed) -> Vec<Effect> {
        self.progress.closed = Some(by);
        self.progress.pause = None;
        self.changed(now);
        let mut effects = vec![Effect::Note];
        effects.extend(self.drop_unsent());
        effects.push(Effect::Forget(self.kept_rows()));
        effects.extend(self.leave());
        effects
    }

    /// Of a closed send, what is ready is not posted any more.
    pub(super) fn drop_unsent(&mut self) -> Vec<Effect> {
        let state = match self.progress.closed {
            None => return Vec::new(),
            Some(Closed::Expired) => State::Expired,
            Some(Closed::Canceled | Closed::Refused) => State::Canceled,
        };
        let mut effects = Vec::new();
        for (number, batch) in (0..).zip(&mut self.batches) {
            if batch.state == State::Ready {
                batch.state = state.clone();
                effects.push(Effect::Keep(number));
            }
        }
        effects
    }

    /// The ranges of rows that may still be posted; a piece that touches none of them is deleted.
    pub(super) fn kept_rows(&self) -> Vec<(u32, u32)> {
        if self.progress.closed.is_some() {
            // Whatever becomes ready from here on is dropped. What is in flight was put together before.
            return Vec::new();
        }
        let kept = |state: &State| {
            matches!(state, State::Ready | State::InFlight) || is_open(state) && !broken!(ForgetRowsEarly)
        };
        let batches = self.batches.iter().filter(|batch| kept(&batch.state));
        let mut ranges: Vec<(u32, u32)> = batches.map(|batch| (batch.first, batch.end())).collect();
        if self.claimed_rows() < self.sealed.rows {
            ranges.push((self.claimed_rows(), self.sealed.rows));
        }
        ranges
    }

    /// Whether it is time to delete everything: nothing changed for long, and nothing will but by a person's word.
    pub(super) fn is_forgotten(&self, now: Millis) -> bool {
        self.forget_at().is_some_and(|at| at <= now)
    }

    /// When everything is deleted, if nothing changes until then.
    pub(super) fn forget_at(&self) -> Option<Millis> {
        let resting = |state: &State| match state {
            State::Accepted(accepted) => accepted.frozen,
            State::Held(_) | State::Refused(_) | State::Canceled | State::Expired => true,
            State::Ready | State::InFlight | State::Unknown(_) => false,
        };
        let rests = self.unsent_rows() == 0 && self.batches.iter().all(|batch| resting(&batch.state));
        rests.then(|| self.progress.updated.max(self.sealed.deadline()) + REMEMBERED)
    }
}

fn is_open(state: &State) -> bool {
    matches!(state, State::Unknown(_) | State::Held(_))
}
