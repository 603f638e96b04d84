//! What must hold, at every moment and in the end.

use super::object::RETRY;
use super::{Violation, World, is_open};
use crate::clock::Millis;
use crate::machine::ledger::{Effect, Event, WATCHDOG};
use crate::machine::record::{Closed, State};
use crate::object::operation::resource;

impl World {
    /// What holds of a ledger at every moment.
    pub(super) fn check(&self, number: u32) -> Result<(), Violation> {
        let Some(ledger) = self.nodes.get(&number).and_then(|node| node.memory.as_ref()) else { return Ok(()) };
        let tally = ledger.tally();
        if tally.total() != u64::from(ledger.sealed.rows) {
            return Err(format!("operation {number} has lost somebody: {tally:?}"));
        }
        let mut end = 0;
        for batch in &ledger.batches {
            if batch.first != end {
                return Err(format!("the batches of operation {number} leave somebody out"));
            }
            end = batch.end();
        }
        let of = |is: fn(&State) -> bool| ledger.batches.iter().filter(|batch| is(&batch.state)).count();
        if of(|state| *state == State::InFlight) > 1 {
            return Err(format!("two batches of operation {number} are in flight"));
        }
        if of(is_open) > 2 {
            return Err(format!("operation {number} goes on although two batches are unknown"));
        }
        Ok(())
    }

    /// What holds of an object that crashed: rows of a send that is over go when it is loaded again. So its alarm is to
    /// ring by the deadline, or soon, and is set anew only once they are gone.
    pub(super) fn check_rows(&mut self, number: u32) -> Result<(), Violation> {
        let Some(node) = self.nodes.get_mut(&number).filter(|node| !node.gone && !node.lost_alarm) else {
            return Ok(());
        };
        let now = self.time.now + node.skew;
        let is_over = || node.load().handle(now, Event::Loaded).contains(&Effect::Forget(Vec::new()));
        if node.disk.pieces.is_empty() || !is_over() {
            node.left = None;
            return Ok(());
        }
        let latest = node.left.unwrap_or(node.sealed.deadline().max(now + WATCHDOG));
        let alarm = node.disk.alarm.unwrap_or(Millis::MAX);
        if alarm > latest.max(now + RETRY) {
            return Err(format!("rows of operation {number} are kept although it is over, until {alarm}"));
        }
        node.left = Some(alarm);
        Ok(())
    }

    /// What holds when everything has come to rest: the ledgers, the directory and the upstream say the same.
    pub(super) fn compare(&mut self) -> Result<(), Violation> {
        for node in self.nodes.values().filter(|node| !node.gone) {
            let number = node.number;
            let ledger = node.load();
            let now = self.time.now + node.skew;
            if !ledger.finished() {
                return Err(format!("operation {number} never comes to an end: {ledger:?}"));
            }
            self.check(number)?;
            let tally = ledger.tally();
            self.seen.closed +=
                u64::from(matches!(ledger.progress.closed, Some(Closed::Canceled | Closed::Refused | Closed::Expired)));
            let rows = self.upstream.rows(number);
            for (batch, record) in (0..).zip(&ledger.batches) {
                if node.settled.iter().any(|(settled, _)| *settled == batch) {
                    continue;
                }
                let has = self.upstream.has(number, batch, record.attempt);
                let says = matches!(record.state, State::Accepted(_));
                if has != says {
                    let state = &record.state;
                    return Err(format!("batch {batch} of operation {number} is {state:?}, upstream has it: {has}"));
                }
            }
            if node.settled.is_empty() && rows.len() as u64 != tally.accepted {
                return Err(format!("operation {number}: {tally:?}, the upstream has {} rows", rows.len()));
            }
            let Ok(entry) = crate::machine::directory::Rows::get(&self.directory.0, &node.sealed.id);
            if entry.as_ref() != Some(&resource::entry(&ledger, now)) {
                return Err(format!("the directory says {entry:?} of operation {number}"));
            }
            if !node.disk.pieces.is_empty() && !node.lost_alarm {
                return Err(format!("rows of operation {number} are kept although it is over"));
            }
        }
        Ok(())
    }
}
