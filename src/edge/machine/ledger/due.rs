//! What is due when. There is one alarm, set to the first of these.

use super::doubt::{AGAIN, TRIES};
use super::{AHEAD, Effect, FORGOTTEN, Ledger, TELL, WATCHDOG, interval};
use crate::clock::{MINUTE, Millis};
use crate::machine::record::{Accepted, Doubt, State};
use crate::mutation::broken;

impl Ledger {
    /// Wakes the object when the next thing is due.
    pub(super) fn rearm(&self, now: Millis) -> Effect {
        if self.batches.iter().any(|batch| batch.state == State::InFlight) {
            return Effect::Wake(now + AHEAD);
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

    /// What lies farther ahead than it is ever put was put there by a clock that has been turned back since, and is due
    /// now. Moments that a caller named, and the deadline that follows from them, stay.
    pub(super) fn turn_back(&mut self, now: Millis) -> Vec<Effect> {
        if broken!(TrustTheClock) {
            return Vec::new();
        }
        let first_look = self.sealed.first_look;
        let mut effects = Vec::new();
        for (number, batch) in (0..).zip(&mut self.batches) {
            let by = |due: Millis, wait: Millis| due.saturating_sub(now + wait.max(AGAIN));
            let wait = |tries: u32| TRIES.get(tries as usize).copied().unwrap_or(FORGOTTEN);
            match &mut batch.state {
                // The tries after this one go by the same moment.
                State::Unknown(Doubt { since, due, tries, .. }) if by(*due, wait(*tries)) > 0 => {
                    *since = since.saturating_sub(*due - now);
                    *due = now;
                }
                State::Accepted(Accepted { operation, at, looks, due, frozen: false, .. })
                    if *at > now + MINUTE
                        || by(*due, operation.as_ref().map_or(wait(*looks), |_| interval(first_look, *looks))) > 0 =>
                {
                    (*at, *due) = ((*at).min(now), now);
                }
                _ => continue,
            }
            effects.push(Effect::Keep(number));
        }
        let progress = &mut self.progress;
        if progress.pause.as_ref().is_some_and(|pause| pause.from > now) || progress.tell_at > now + TELL {
            progress.pause = None;
            progress.tell_at = now;
            effects.push(Effect::Note);
        }
        effects
    }

    /// Whether a look is so late that posting has to wait for it once.
    pub(super) fn looks_wait(&self, now: Millis) -> bool {
        self.batches.iter().any(|batch| match &batch.state {
            State::Accepted(Accepted { operation: Some(_), due, frozen: false, .. }) => due + MINUTE <= now,
            _ => false,
        })
    }
}
