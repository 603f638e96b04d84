//! The pacer of one upstream account: who may post how much, and when. A state machine, like the ledger.
//!
//! A lane is the pace of a sender. What lies upstream from us is counted in the lane's own time: `done` is when it will
//! have sent all that was posted. Asked for a turn, the pacer grants at most [`QUANTUM`] of the lane's time, as soon as
//! what lies upstream or is on its way there is at most [`HORIZON`] of it: so never more than both together does. The
//! account is a lane beside, through which everything goes.
//!
//! - Turns are taken in the order in which they were asked for, and a send asks for one at a time.
//! - A grant belongs to a send and its turn: asked again, the answer is the same. Once it is too old it is made anew, and
//!   the old one counts as used.
//! - What is granted counts in full until it is reported. A grant that nobody reports counts as posted at the last
//!   moment at which it could have been.
//! - An upstream that refuses our credentials or is silent halts the account. Behind that one send tries, and the others
//!   wait until it says how that ended, asks anew, leaves, or is given up.
//! - Time is the pacer's own clock. Nothing here depends on another's.
//!
//! `terms` is what is said, `admission` who has room, `kept` what is stored, `halt` what stops the account, `time` what
//! lapses, `units` the arithmetic of lanes.

mod admission;
mod halt;
mod kept;
mod terms;
mod time;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{MINUTE, Millis, SECOND};
use crate::machine::answer::TIMEOUT;
use crate::machine::lease::INTAKE;
use crate::machine::record::{Outcome, WINDOW};
use crate::mutation::broken;
use kept::{Account, Grant, Pace, Waiting};
use time::TURNED;
use units::{rates, time_of, units_in, within};

pub use halt::{Halt, Why};
pub use terms::{Admission, Appointment, Asking, Joining, Lane, Standing};

/// How much of a lane's time may lie upstream when a turn is granted.
pub const HORIZON: Millis = 120 * SECOND;
/// The most of a lane's time that one turn may take.
pub const QUANTUM: Millis = 60 * SECOND;
/// How long after its grant a batch must have been claimed.
const FRESH: Millis = 30 * SECOND;
/// When a grant that nobody reported can no longer be on its way. Holds some seconds that clocks may differ by.
const LAPSE: Millis = FRESH + TIMEOUT + 30 * SECOND;
/// How long a send whose time has come keeps its place without asking.
const GRACE: Millis = 30 * SECOND;
/// How long room is kept for a send that has not asked for a turn: maybe it was sealed, and its alarm got lost, which is
/// noticed once its intake would be over.
pub const ADMITTED: Millis = INTAKE + 5 * MINUTE;
/// When who is held asks whether it still is.
const HELD: Millis = 30 * SECOND;
/// When who waits for what becomes of another's try asks again.
const TRIED: Millis = 10 * SECOND;
/// The lane of the account.
const ACCOUNT: &str = "";

/// The pacer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pacer {
    account: Account,
    lanes: BTreeMap<String, Pace>,
    waiting: BTreeMap<String, Waiting>,
    grants: BTreeMap<u64, Grant>,
    changed: BTreeSet<(&'static str, String)>,
}

impl Pacer {
    /// Whether a send may post its next batch.
    pub fn ask(&mut self, now: Millis, lane: &Lane, asking: &Asking) -> Appointment {
        self.prepare(now, lane);
        if lane.held {
            // Nor does anybody wait for what becomes of its try. It keeps its room.
            self.end_tries(&asking.operation);
            if let Some(waiting) = self.waiting.get_mut(&asking.operation)
                && waiting.turn == 0
            {
                (waiting.turn, waiting.until) = (asking.turn, asking.until);
                self.changed.insert(("waiting", asking.operation.clone()));
            }
            return Appointment::Hold { until: now + HELD };
        }
        let granted =
            self.grants.iter().rev().map(|(_, grant)| grant).find(|grant| {
                grant.operation == asking.operation && (grant.turn == asking.turn || broken!(GrantTwice))
            });
        if let Some(grant) = granted
            && now <= grant.at + FRESH
            && (grant.units >= asking.units || !asking.whole)
        {
            return self.go(grant);
        }
        let mut waiting = self.waiting.get(&asking.operation).cloned().unwrap_or_default();
        if asking.turn < waiting.turn {
            // A call that was long on its way; nobody waits for its answer.
            return Appointment::Wait { until: now + GRACE, halt: None };
        }
        // Who asks anew does not try any more, whatever became of that.
        self.end_tries(&asking.operation);
        let lost = waiting.again + GRACE < now;
        if waiting.turn != asking.turn || lost {
            waiting.ticket = None;
        }
        let ticket = waiting.ticket.unwrap_or_else(|| self.ticket());
        waiting = Waiting {
            lane: lane.name.clone(),
            remaining: asking.remaining,
            until: asking.until,
            turn: asking.turn,
            units: if asking.whole { asking.units } else { asking.units.min(most(lane)) },
            ticket: Some(ticket),
            ..waiting
        };
        let (from, halt) = self.free_at(now, lane, ticket, &asking.operation);
        let appointment = if from <= now {
            waiting.ticket = None;
            self.grant(now, lane, ticket, &asking.operation, asking.turn, waiting.units)
        } else {
            waiting.again = from;
            Appointment::Wait { until: from, halt }
        };
        self.waiting.insert(asking.operation.clone(), waiting);
        self.changed.insert(("waiting", asking.operation.clone()));
        appointment
    }

    /// Takes how a turn ended.
    pub fn report(&mut self, now: Millis, operation: &str, turn: u64, outcome: Outcome) {
        self.sweep(now);
        self.see(now);
        if let Some(waiting) = self.waiting.get_mut(operation)
            && waiting.turn <= turn
            && !matches!(outcome, Outcome::NoAnswer { .. })
        {
            if waiting.turn == 0 {
                // Its first turn came with its room, so it was sealed since. When it will be over it says when it asks.
                waiting.until = waiting.until.max(waiting.start.saturating_add(WINDOW));
            }
            // It was claimed, and the next claim is another turn: who still asks for this one was long on its way.
            waiting.turn = turn + 1;
            self.changed.insert(("waiting", operation.to_owned()));
        }
        let granted = self.grants.iter().rev().find(|(_, grant)| grant.operation == operation && grant.turn == turn);
        let Some((ticket, grant)) = granted.map(|(ticket, grant)| (*ticket, grant.clone())) else { return };
        match outcome {
            Outcome::Doubtful if grant.doubtful => return,
            Outcome::NoAnswer { until } if until != grant.at + FRESH => return,
            // It may still arrive: what it takes is left to lapse.
            Outcome::Doubtful => drop(self.grants.insert(ticket, Grant { doubtful: true, ..grant.clone() })),
            _ => drop(self.grants.remove(&ticket)),
        }
        self.changed.insert(("grant", ticket.to_string()));
        match outcome {
            Outcome::Posted => self.post(&grant, now),
            Outcome::TooMany { wait } if !broken!(ForgetTooMany) => {
                if let Some(lane) = self.lanes.get_mut(&grant.lane) {
                    lane.not_before = lane.not_before.max(now + wait);
                    self.changed.insert(("lane", grant.lane.clone()));
                }
            }
            _ => {}
        }
        let refused = matches!(outcome, Outcome::Credentials { .. });
        let mut again = false;
        if let Some(waiting) = self.waiting.get_mut(operation) {
            again = refused && waiting.refused;
            waiting.refused = refused;
            if outcome == Outcome::Posted {
                waiting.remaining = waiting.remaining.saturating_sub(grant.units);
            }
            self.changed.insert(("waiting", operation.to_owned()));
        }
        if again && self.account.halt.is_none() {
            // Refused once more, although another one was taken meanwhile: it is this send, and not the account.
            return;
        }
        let halt = Halt::behind(self.account.halt, now, outcome);
        if halt != self.account.halt {
            self.account.halt = halt;
            self.changed.insert(("account", String::new()));
        }
    }

    fn ticket(&mut self) -> u64 {
        self.account.tickets += 1;
        self.changed.insert(("account", String::new()));
        self.account.tickets
    }

    fn grant(&mut self, now: Millis, lane: &Lane, ticket: u64, operation: &str, turn: u64, units: u64) -> Appointment {
        let grant = Grant {
            operation: operation.to_owned(),
            turn,
            lane: lane.name.clone(),
            units,
            at: now,
            tries: self.account.halt.is_some(),
            doubtful: false,
        };
        let go = self.go(&grant);
        self.grants.insert(ticket, grant);
        self.changed.insert(("grant", ticket.to_string()));
        go
    }

    fn go(&self, grant: &Grant) -> Appointment {
        let silent = self.account.halt.and_then(|halt| halt.silent());
        Appointment::Go { units: grant.units, until: grant.at + FRESH, silent }
    }

    /// A send waits no more.
    pub fn leave(&mut self, now: Millis, operation: &str) {
        self.sweep(now);
        self.end_tries(operation);
        if self.waiting.remove(operation).is_some() {
            self.changed.insert(("waiting", operation.to_owned()));
        }
    }

    /// A send does not try any more. What it was granted still counts.
    fn end_tries(&mut self, operation: &str) {
        if broken!(KeepLostTries) {
            return;
        }
        for (ticket, grant) in &mut self.grants {
            if grant.tries && grant.operation == operation {
                grant.tries = false;
                self.changed.insert(("grant", ticket.to_string()));
            }
        }
    }

    /// How the account stands.
    pub fn standing(&mut self, now: Millis) -> Standing {
        self.sweep(now);
        let backlog = |(name, pace): (&String, &Pace)| time_of(self.backlog(name, now), pace.rate) / SECOND;
        let halted = self.account.halt.filter(|halt| halt.is_told(!self.waiting.is_empty()));
        Standing { halted, waiting: self.waiting.len(), backlog: self.lanes.iter().map(backlog).max().unwrap_or(0) }
    }

    /// When this ticket may be granted, and the halt that it waits for, if it does.
    fn free_at(&self, now: Millis, lane: &Lane, ticket: u64, operation: &str) -> (Millis, Option<Halt>) {
        let mut from = now;
        for (name, rate) in rates(lane) {
            let Some(pace) = self.lanes.get(name) else { continue };
            let granted = self.grants.values().filter(|grant| within(name, &grant.lane)).map(|grant| grant.units);
            let ahead = self.waiting.iter().filter(|(other, waiting)| {
                other.as_str() != operation
                    && within(name, &waiting.lane)
                    && waiting.ticket.is_some_and(|other| other < ticket)
                    && now <= waiting.again + GRACE
            });
            let ahead = ahead.map(|(_, waiting)| waiting.units);
            let units: u64 = granted.chain(ahead).sum();
            let done = pace.done.max(now) + time_of(units, rate);
            from = from.max(done.saturating_sub(HORIZON)).max(pace.not_before);
        }
        let Some(halt) = self.account.halt else { return (from, None) };
        // Behind the wait one send tries, and the others wait for what becomes of it.
        let tried = self.grants.values().any(|grant| grant.is_tried_behind(&halt));
        let halted = halt.until.max(if tried { now + TRIED } else { 0 });
        if halted > from { (halted, Some(halt)) } else { (from, None) }
    }

    /// What a lane has to send: what lies upstream, and what waits.
    fn backlog(&self, name: &str, now: Millis) -> u64 {
        let upstream = self.lanes.get(name).map_or(0, |pace| units_in(pace.done.saturating_sub(now), pace.rate));
        let waiting = self.waiting.values().filter(|waiting| within(name, &waiting.lane));
        upstream + waiting.map(|waiting| waiting.remaining).sum::<u64>()
    }

    fn post(&mut self, grant: &Grant, at: Millis) {
        for name in [grant.lane.as_str(), ACCOUNT] {
            if let Some(pace) = self.lanes.get_mut(name) {
                pace.done = pace.done.max(at) + time_of(grant.units, pace.rate);
                self.changed.insert(("lane", name.to_owned()));
            }
        }
    }

    fn prepare(&mut self, now: Millis, lane: &Lane) {
        self.sweep(now);
        self.see(now);
        for (name, rate) in rates(lane) {
            let pace = self.lanes.entry(name.to_owned()).or_default();
            if pace.rate != rate {
                if pace.done > now {
                    // What lies upstream is the same work at another rate.
                    pace.done = now + time_of(units_in(pace.done - now, pace.rate), rate);
                }
                pace.rate = rate;
                self.changed.insert(("lane", name.to_owned()));
            }
        }
    }
}

/// Whether what was granted until then may still be claimed. What would be good for longer than any grant is comes of a
/// clock that has been turned back since.
pub fn is_fresh(until: Millis, now: Millis) -> bool {
    let ahead = until > now + FRESH + TURNED && !broken!(TrustTheClock);
    now <= until && !ahead || broken!(KeepOldGrants)
}

/// Most units of a turn.
fn most(lane: &Lane) -> u64 {
    units_in(QUANTUM, lane.narrowest()).max(1)
}

#[cfg(test)]
mod seen;
#[cfg(test)]
mod tests;
