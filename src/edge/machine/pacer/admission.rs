//! Admission: room in a lane for a send, which is kept before its seal, and its first turn, if that is free.

use super::kept::Waiting;
use super::units::{rates, time_of, units_in, within};
use super::{ADMITTED, Admission, Appointment, Joining, Lane, Pacer, most};
use crate::clock::Millis;
use crate::machine::record::WINDOW;
use crate::mutation::broken;

impl Pacer {
    /// Whether there is room for a send, and if so, keeps it.
    pub fn join(&mut self, now: Millis, lane: &Lane, joining: Joining) -> Admission {
        self.prepare(now, lane);
        let Joining { operation, units, start, until, first } = joining;
        let known = self.waiting.get(&operation);
        if known.is_none() && until.is_none() {
            for (name, rate) in rates(lane) {
                let room = units_in(WINDOW, rate);
                if units > room {
                    return Admission::Never;
                }
                let ahead = self.ahead(name, rate, now, start.max(now));
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
        let first = first.filter(|_| waiting.turn == 0);
        self.waiting.insert(operation.clone(), waiting);
        self.changed.insert(("waiting", operation.clone()));
        first.and_then(|units| self.first_turn(now, lane, &operation, units)).unwrap_or(Admission::Admitted)
    }

    /// What a lane has to send in the window of a send that begins at `start`: what is left by then of what begins before
    /// that, and all that begins in it. Before its own instant nothing of a send leaves, however free the lane is; and
    /// what begins behind the window takes nothing of it.
    fn ahead(&self, name: &str, rate: u64, now: Millis, start: Millis) -> u64 {
        let end = start.saturating_add(WINDOW);
        let waiting = self.waiting.values().filter(|waiting| within(name, &waiting.lane) && waiting.start < end);
        let mut waiting: Vec<(Millis, u64)> =
            waiting.map(|waiting| (waiting.start.clamp(now, start), waiting.remaining)).collect();
        waiting.sort_unstable();
        let upstream = self.lanes.get(name).map_or(0, |pace| units_in(pace.done.saturating_sub(now), pace.rate));
        let (mut units, mut at) = (upstream, now);
        for (begin, remaining) in waiting.into_iter().chain([(start, 0)]) {
            units = units.saturating_sub(units_in(begin - at, rate)) + remaining;
            at = begin;
        }
        units
    }

    /// Grants the first turn to a send before its seal, if nothing has to be waited for. Who has to wait, or is held,
    /// asks once it is sealed: before that it takes no place, and is no try behind a halt.
    fn first_turn(&mut self, now: Millis, lane: &Lane, operation: &str, units: u64) -> Option<Admission> {
        if self.account.halt.is_some() || lane.held {
            return None;
        }
        let granted = self.grants.values().find(|grant| grant.operation == operation);
        let appointment = match granted {
            Some(grant) => self.go(grant),
            None if self.free_at(now, lane, u64::MAX, operation).0 > now => return None,
            None => {
                let ticket = self.ticket();
                self.grant(now, lane, ticket, operation, 1, units.min(most(lane)))
            }
        };
        match appointment {
            Appointment::Go { units, until, .. } if now <= until => Some(Admission::Granted { units, until }),
            _ => None,
        }
    }
}
