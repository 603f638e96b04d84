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
//! - An upstream that refuses our credentials or is silent halts the account.
//! - Time is the pacer's own clock. Nothing here depends on another's.
//!
//! `terms` is what is said, `kept` what is stored, `halt` what stops the account, `units` the arithmetic of lanes.

mod halt;
mod kept;
mod terms;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::TIMEOUT;
use crate::clock::{MINUTE, Millis, SECOND};
use crate::lease::INTAKE;
use crate::mutation::broken;
use crate::record::WINDOW;
use halt::Halt;
use kept::{Account, Grant, Pace, Waiting};
use units::{rates, time_of, units_in, within};

pub use terms::{Admission, Appointment, Asking, Joining, Lane, Outcome, Standing, Why};

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
/// When who waits for what becomes of another's try asks again.
const TRIED: Millis = 10 * SECOND;
/// The lane of the account.
const ACCOUNT: &str = "";

/// A row of the pacer's storage that was changed: its kind, its key, and what it now holds.
pub type Change = (&'static str, String, Option<String>);

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
    /// Takes a row as it was written.
    pub fn restore(&mut self, kind: &str, key: &str, value: &str) -> Result<(), serde_json::Error> {
        match kind {
            "account" => self.account = serde_json::from_str(value)?,
            "lane" => drop(self.lanes.insert(key.to_owned(), serde_json::from_str(value)?)),
            "waiting" => drop(self.waiting.insert(key.to_owned(), serde_json::from_str(value)?)),
            "grant" => {
                if let Ok(ticket) = key.parse() {
                    self.grants.insert(ticket, serde_json::from_str(value)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The rows that were changed since this was last asked. They are written before an answer leaves.
    pub fn take_changes(&mut self) -> Vec<Change> {
        let json = |value: Result<String, _>| value.ok();
        let changed = std::mem::take(&mut self.changed);
        let rows = changed.into_iter().map(|(kind, key)| {
            let value = match kind {
                "account" => json(serde_json::to_string(&self.account)),
                "lane" => self.lanes.get(&key).and_then(|lane| json(serde_json::to_string(lane))),
                "waiting" => self.waiting.get(&key).and_then(|waiting| json(serde_json::to_string(waiting))),
                _ => key.parse().ok().and_then(|ticket: u64| {
                    self.grants.get(&ticket).and_then(|grant| json(serde_json::to_string(grant)))
                }),
            };
            (kind, key, value)
        });
        rows.collect()
    }

    /// Whether there is room for a send, and if so, keeps it.
    pub fn join(&mut self, now: Millis, lane: &Lane, joining: Joining) -> Admission {
        self.prepare(now, lane);
        let Joining { operation, units, start, until } = joining;
        let known = self.waiting.get(&operation);
        if known.is_none() && until.is_none() {
            for (name, rate) in rates(lane) {
                let room = units_in(WINDOW, rate);
                if units > room {
                    return Admission::Never;
                }
                let until_start = units_in(start.saturating_sub(now), rate);
                let ahead = self.backlog(name, now).saturating_sub(until_start);
                let over = (ahead + units).saturating_sub(room);
                if over > 0 && !broken!(AdmitWithoutRoom) {
                    let units = (room, room.saturating_sub(ahead));
                    return Admission::Later { at: now + time_of(over, rate), units };
                }
            }
        }
        let before = known.cloned().unwrap_or_default();
        let until = until.unwrap_or_else(|| before.until.max(now + ADMITTED));
        let waiting = Waiting { lane: lane.name.clone(), remaining: units, start, until, ..before };
        self.waiting.insert(operation.clone(), waiting);
        self.changed.insert(("waiting", operation));
        Admission::Admitted
    }

    /// Whether a send may post its next batch.
    pub fn ask(&mut self, now: Millis, lane: &Lane, asking: &Asking) -> Appointment {
        self.prepare(now, lane);
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
            return Appointment::Wait { until: now + GRACE };
        }
        let most = units_in(QUANTUM, lane.narrowest()).max(1);
        let lost = waiting.again + GRACE < now;
        if waiting.turn != asking.turn || lost {
            waiting.ticket = None;
        }
        let ticket = waiting.ticket.unwrap_or_else(|| {
            self.account.tickets += 1;
            self.changed.insert(("account", String::new()));
            self.account.tickets
        });
        waiting = Waiting {
            lane: lane.name.clone(),
            remaining: asking.remaining,
            until: asking.until,
            turn: asking.turn,
            units: if asking.whole { asking.units } else { asking.units.min(most) },
            ticket: Some(ticket),
            ..waiting
        };
        let from = self.free_at(now, lane, ticket, &asking.operation);
        let appointment = if from <= now {
            let grant = Grant {
                operation: asking.operation.clone(),
                turn: asking.turn,
                lane: lane.name.clone(),
                units: waiting.units,
                at: now,
                tries: self.account.halt.is_some(),
                doubtful: false,
            };
            let go = self.go(&grant);
            self.grants.insert(ticket, grant);
            self.changed.insert(("grant", ticket.to_string()));
            waiting.ticket = None;
            go
        } else {
            waiting.again = from;
            Appointment::Wait { until: from }
        };
        self.waiting.insert(asking.operation.clone(), waiting);
        self.changed.insert(("waiting", asking.operation.clone()));
        appointment
    }

    /// Takes how a turn ended.
    pub fn report(&mut self, now: Millis, operation: &str, turn: u64, outcome: Outcome) {
        self.sweep(now);
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
            Outcome::Posted => {
                self.post(&grant, now);
                if let Some(waiting) = self.waiting.get_mut(operation) {
                    waiting.remaining = waiting.remaining.saturating_sub(grant.units);
                    self.changed.insert(("waiting", operation.to_owned()));
                }
            }
            Outcome::TooMany { wait } if !broken!(ForgetTooMany) => {
                if let Some(lane) = self.lanes.get_mut(&grant.lane) {
                    lane.not_before = lane.not_before.max(now + wait);
                    self.changed.insert(("lane", grant.lane.clone()));
                }
            }
            _ => {}
        }
        let refused = matches!(outcome, Outcome::Credentials { .. });
        let before = self.waiting.get_mut(operation).map(|waiting| std::mem::replace(&mut waiting.refused, refused));
        if before.is_some_and(|before| before != refused) {
            self.changed.insert(("waiting", operation.to_owned()));
        }
        if refused && before == Some(true) && self.account.halt.is_none() {
            // Refused once more, although another one was taken meanwhile: it is this send, and not the account.
            return;
        }
        let halt = Halt::behind(self.account.halt, now, outcome);
        if halt != self.account.halt {
            self.account.halt = halt;
            self.changed.insert(("account", String::new()));
        }
    }

    fn go(&self, grant: &Grant) -> Appointment {
        let probe = self.account.halt.is_some_and(|halt| halt.asks_first());
        Appointment::Go { units: grant.units, until: grant.at + FRESH, probe }
    }

    /// Whether a turn is granted and neither reported nor lapsed.
    #[cfg(test)]
    pub fn has_granted(&mut self, now: Millis, operation: &str, turn: u64) -> bool {
        self.sweep(now);
        self.grants.values().any(|grant| grant.operation == operation && grant.turn == turn)
    }

    /// A send waits no more.
    pub fn leave(&mut self, now: Millis, operation: &str) {
        self.sweep(now);
        if self.waiting.remove(operation).is_some() {
            self.changed.insert(("waiting", operation.to_owned()));
        }
    }

    /// How the account stands.
    pub fn standing(&mut self, now: Millis) -> Standing {
        self.sweep(now);
        let backlog = |(name, pace): (&String, &Pace)| time_of(self.backlog(name, now), pace.rate) / SECOND;
        let halt = self.account.halt.filter(|halt| halt.is_told(!self.waiting.is_empty()));
        let halted = halt.map(|halt| halt.why);
        Standing { halted, waiting: self.waiting.len(), backlog: self.lanes.iter().map(backlog).max().unwrap_or(0) }
    }

    /// When this ticket may be granted.
    fn free_at(&self, now: Millis, lane: &Lane, ticket: u64, operation: &str) -> Millis {
        let mut from = now;
        if let Some(Halt { until, .. }) = self.account.halt {
            // Behind the wait one send tries, and the others wait for what becomes of it. Not for what was granted without a
            // halt, at whatever time: the clock may have been turned back since.
            let tried = self.grants.values().any(|grant| grant.tries && grant.at >= until && !grant.doubtful);
            from = from.max(until).max(if tried { now + TRIED } else { 0 });
        }
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
        from
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

    /// Counts what nobody reported as posted, and drops what is over.
    fn sweep(&mut self, now: Millis) {
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

#[cfg(test)]
mod tests;
