//! What time does to the pacer: what lapses, and what a clock leaves behind that was turned back.

use super::{ACCOUNT, LAPSE, Pacer, units::within};
use crate::clock::{Millis, SECOND};
use crate::mutation::broken;

/// How exactly the moment is kept at which the pacer was last asked: each time it is written costs a row.
const EXACT: Millis = 10 * SECOND;
/// From how far on a clock counts as turned back. Less may be two machines that differ.
pub(super) const TURNED: Millis = 30 * SECOND;

impl Pacer {
    /// Keeps the moment of a call, from which a clock is told that is turned back.
    pub(super) fn see(&mut self, now: Millis) {
        if self.account.seen + EXACT <= now {
            self.account.seen = now;
            self.changed.insert(("account", ACCOUNT.to_owned()));
        }
    }

    /// Brings moments that were taken of a clock that has been turned back since as much nearer. Never by more than that,
    /// so that what lies upstream is not taken for less than it is. What sends name, their start and their end, stays.
    fn turn_back(&mut self, now: Millis) {
        let by = self.account.seen.saturating_sub(now);
        if by < TURNED || broken!(TrustTheClock) {
            return;
        }
        self.account.seen = now;
        let halt = self.account.halt.iter_mut().flat_map(|halt| [&mut halt.since, &mut halt.until]);
        let lanes = self.lanes.values_mut().flat_map(|lane| [&mut lane.done, &mut lane.not_before]);
        let grants = self.grants.values_mut().map(|grant| &mut grant.at);
        let waiting = self.waiting.values_mut().flat_map(|waiting| {
            // Before it asks for its first turn, it is for the pacer to say how long it keeps its room.
            let until = (waiting.turn == 0).then_some(&mut waiting.until);
            [Some(&mut waiting.again), until].into_iter().flatten()
        });
        for moment in halt.chain(lanes).chain(grants).chain(waiting) {
            *moment = moment.saturating_sub(by);
        }
        self.changed.insert(("account", ACCOUNT.to_owned()));
        self.changed.extend(self.lanes.keys().map(|lane| ("lane", lane.clone())));
        self.changed.extend(self.grants.keys().map(|ticket| ("grant", ticket.to_string())));
        self.changed.extend(self.waiting.keys().map(|operation| ("waiting", operation.clone())));
    }

    /// Counts what nobody reported as posted, and drops what is over.
    pub(super) fn sweep(&mut self, now: Millis) {
        self.turn_back(now);
        let lapsed: Vec<u64> =
            self.grants.iter().filter(|(_, grant)| grant.at + LAPSE <= now).map(|(ticket, _)| *ticket).collect();
        for ticket in lapsed {
            if let Some(grant) = self.grants.remove(&ticket) {
                self.changed.insert(("grant", ticket.to_string()));
                if !broken!(ForgetLostGrants) {
                    self.post(&grant, grant.at + LAPSE);
                }
            }
        }
        let changed = &mut self.changed;
        self.waiting.retain(|operation, waiting| {
            let over = waiting.until <= now;
            if over {
                changed.insert(("waiting", operation.clone()));
            }
            !over
        });
        let (waiting, grants) = (&self.waiting, &self.grants);
        self.lanes.retain(|name, pace| {
            let used = pace.done > now
                || pace.not_before > now
                || waiting.values().any(|waiting| within(name, &waiting.lane))
                || grants.values().any(|grant| within(name, &grant.lane));
            if !used {
                changed.insert(("lane", name.clone()));
            }
            used
        });
    }
}
