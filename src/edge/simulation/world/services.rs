//! What objects call: the upstream, the pacer, the directory's round.

use super::{ACCOUNT, Action, RATES, SKEW, Violation, World, lane};
use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::machine::answer::Answer;
use crate::machine::ledger::{AHEAD, Effect, Event, WATCHDOG};
use crate::machine::pacer::{Appointment, Asking, HORIZON, Joining, Pacer, QUANTUM};
use crate::machine::record::Outcome;
use crate::simulation::node::Node;
use crate::simulation::upstream::Post;

impl World {
    /// A post is there.
    pub(super) fn arrive(
        &mut self,
        post: Post,
        (number, life, task): (u32, u64, u64),
        answered: Millis,
        named: bool,
        answer: Answer,
    ) -> Result<(), Violation> {
        let (batch, attempt) = (post.batch, post.attempt);
        let Some(node) = self.nodes.get(&number) else { return Ok(()) };
        let now = self.time.now;
        for (lying, rate) in [(node.lane, RATES[node.lane]), (RATES.len(), ACCOUNT)] {
            let lying = &mut self.lying[lying];
            lying.until = lying.until.max(now) + (post.units * 1_000_000).div_ceil(rate);
            // A few milliseconds, for each division is rounded up.
            if lying.until - now > HORIZON + QUANTUM + 100 {
                return Err(format!("{} ms of a lane lie upstream", lying.until - now));
            }
        }
        self.seen.taken += 1;
        let id = self.upstream.take(&mut self.random, now, post);
        for (row, times) in self.upstream.rows(number) {
            let allowed = self.nodes[&number].allowed[row as usize];
            if times > allowed {
                return Err(format!("row {row} of operation {number} was sent {times} times, {allowed} allowed"));
            }
        }
        let answer = match answer {
            Answer::Accepted { .. } => Answer::Accepted { operation: named.then_some(id) },
            other => other,
        };
        let event = Some(Event::Answered { batch, attempt, answer });
        self.push(answered.saturating_sub(now), Action::Reply { node: number, life, task, event });
        Ok(())
    }

    /// The pacer is called.
    pub(super) fn pace(
        &mut self,
        number: u32,
        effect: Effect,
        reply: Option<(u64, u64)>,
        remaining: u64,
    ) -> Result<(), Violation> {
        let now = self.time.now;
        let Some(node) = self.nodes.get(&number) else { return Ok(()) };
        let clock = self.clock();
        let lane = lane(node.lane);
        let operation = node.sealed.id.clone();
        let until = node.sealed.deadline();
        let began = reply.and_then(|(_, task)| node.tasks.get(&task)).map(|task| task.began);
        match effect {
            Effect::Leave | Effect::Report { last: true, .. } => drop(self.known.remove(&number)),
            // Behind a call to leave that came late, how a turn ended brings no room back.
            Effect::Report { .. } => {}
            _ => drop(self.known.insert(number)),
        }
        let event = match effect {
            Effect::Join => {
                let start = node.sealed.start();
                let until = Some(until);
                self.pacer.join(clock, &lane, Joining { operation, units: remaining, start, until, first: None });
                Some(Event::Joined)
            }
            Effect::Ask { turn, units, whole } => {
                let asking = Asking { operation, turn, units, whole, remaining, until };
                let appointment = self.pacer.ask(clock, &lane, &asking);
                if began.is_some_and(|began| began <= self.turned) {
                    self.tickets_before = self.pacer.tickets();
                }
                if let Appointment::Wait { halt, .. } = appointment {
                    self.seen.waits += 1;
                    if halt.is_some() {
                        self.is_tried()?;
                    }
                }
                Some(Event::Appointed { turn, appointment: Some(appointment) })
            }
            Effect::Report { turn, outcome, last } => {
                if let Outcome::TooMany { wait } = outcome
                    && self.pacer.has_granted(clock, &operation, turn)
                {
                    // What was granted before may still be claimed.
                    let quiet = &mut self.lying[node.lane].quiet;
                    let (from, to) = (now + 31 * SECOND + SKEW + WATCHDOG, now + wait);
                    *quiet = (if quiet.1 > now { quiet.0 } else { from }, quiet.1.max(to));
                }
                self.pacer.report(clock, &operation, turn, outcome);
                if last {
                    self.pacer.leave(clock, &operation);
                }
                Some(Event::Reported(turn))
            }
            _ => {
                self.pacer.leave(clock, &operation);
                None
            }
        };
        self.save_pacer()?;
        if let Some((life, task)) = reply {
            // A report may be of the turn before: it makes up for no answer to a question that got lost since.
            if !matches!(effect, Effect::Report { .. }) {
                self.unheard.remove(&number);
            }
            if !self.calm && self.random.once_in(20) {
                self.lost(number, life, task, &effect);
            } else {
                self.answer(number, life, task, event);
            }
        } else {
            self.unheard.insert(number);
        }
        Ok(())
    }

    /// Whether somebody has the try that others wait for, or soon finds that it is lost: unless the pacer did not hear
    /// what it was told last, or heard it again. A try of a step that began before the clocks were turned back is left
    /// to lapse: its object sleeps by the old clock, and its report, which names the grant by its moment, counts for none.
    fn is_tried(&self) -> Result<(), Violation> {
        let Some((operation, ticket)) = self.pacer.tries() else { return Ok(()) };
        if ticket <= self.tickets_before {
            return Ok(());
        }
        let tries = |node: &&Node| node.sealed.id == operation;
        let Some(node) = self.nodes.values().find(tries) else { return Ok(()) };
        let wakes =
            node.alarm().is_none_or(|at| at <= self.time.now + node.skew + AHEAD) || self.time.now < self.still_until;
        if node.tasks.is_empty() && !wakes && !node.gone && !self.unheard.contains(&node.number) {
            return Err(format!("others wait for a try of operation {}, which sleeps", node.number));
        }
        Ok(())
    }

    /// The pacer's rows are on disk before its answer leaves; it may end at any time after that.
    pub(super) fn save_pacer(&mut self) -> Result<(), Violation> {
        for (kind, key, value) in self.pacer.take_changes() {
            match value {
                Some(value) => drop(self.paces.insert((kind, key), value)),
                None => drop(self.paces.remove(&(kind, key))),
            }
        }
        if !self.calm && self.random.once_in(50) {
            let mut restored = Pacer::default();
            for ((kind, key), value) in &self.paces {
                restored.restore(kind, key, value).map_err(|error| error.to_string())?;
            }
            if restored != self.pacer {
                return Err("the pacer is not what it wrote".into());
            }
            self.pacer = restored;
        }
        Ok(())
    }

    /// The round over operations that are overdue.
    pub(super) fn cron(&mut self) -> Result<(), Violation> {
        let Ok(ids) = self.directory.overdue(self.clock(), 20);
        for id in ids {
            let node = self.nodes.values().find(|node| node.sealed.id == id && !node.gone);
            // Of those that are awake it would show nothing.
            let sleeps = |node: &Node| node.alarm().is_none_or(|at| at > self.time.now + node.skew + HOUR);
            match node.map(|node| (node.number, sleeps(node))) {
                Some((number, true)) => self.start(number, false, Event::Poked),
                Some(_) => {}
                None => {
                    let Ok(()) = self.directory.missing(self.clock(), &id);
                }
            }
        }
        self.push(if self.calm { 10 * MINUTE } else { MINUTE }, Action::Cron);
        Ok(())
    }
}
