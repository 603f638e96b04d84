//! What is due when. There is one alarm, set to the first of these.

use super::doubt::TRIES;
use super::{Effect, FORGOTTEN, Ledger, WATCHDOG};
use crate::clock::{MINUTE, Millis};
use crate::record::{Accepted, Doubt, State};

impl Ledger {
    /// Wakes the object when the next thing is due.
    pub(super) fn rearm(&self, now: Millis) -> Effect {
        if self.batches.iter().any(|batch| batch.state == State::InFlight) {
            return Effect::Wake(now + WATCHDOG);
        }
        // What rests for ever is woken all the same: nothing that should be could be proven never to come.
        Effect::Wake(self.dues().min().unwrap_or(now + WATCHDOG).max(now))
    }

    /// All that this ledger waits for.
    fn dues(&self) -> impl Iterator<Item = Millis> {
        let post = self.next().map(|_| if self.progress.joined { self.post_at() } else { 0 });
        let deadline = (self.progress.closed.is_none() && self.may_close()).then(|| self.sealed.deadline());
        let tell = (self.progress.told < self.progress.changes).then_some(self.progress.tell_at);
        let batches = self.batches.iter().filter_map(|batch| match &batch.state {
            State::Unknown(Doubt { due, .. }) => Some(*due),
            State::Accepted(Accepted { operation, at, due, looks, frozen: false, .. }) => {
                let looked_for = operation.is_some() || (self.sealed.tagged && (*looks as usize) < TRIES.len());
                let last = at + FORGOTTEN;
                Some(if looked_for { last.min(*due) } else { last })
            }
            _ => None,
        });
        [post, deadline, tell, self.forget_at()].into_iter().flatten().chain(batches)
    }

    /// Whether a look is so late that posting has to wait for it once.
    pub(super) fn looks_wait(&self, now: Millis) -> bool {
        self.batches.iter().any(|batch| match &batch.state {
            State::Accepted(Accepted { operation: Some(_), due, frozen: false, .. }) => due + MINUTE <= now,
            _ => false,
        })
    }
}
