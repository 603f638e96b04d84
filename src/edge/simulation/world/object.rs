//! An object's life: it is loaded, rings, takes steps, fails, and ends wherever it is.

use std::collections::VecDeque;

use super::{Action, Violation, World};
use crate::clock::{MINUTE, Millis, SECOND};
use crate::machine::answer::Answer;
use crate::machine::ledger::{Effect, Event, WATCHDOG};
use crate::machine::record::State;
use crate::simulation::node::{Task, Write};

/// When an alarm rings again whose handler ended before it wrote anything.
pub(super) const RETRY: Millis = 2 * SECOND;

impl World {
    /// Starts a task in an object, which is loaded if it is not there.
    pub(super) fn start(&mut self, number: u32, alarm: bool, event: Event) {
        let now = self.time.now;
        let Some(node) = self.nodes.get_mut(&number).filter(|node| !node.gone) else { return };
        let mut events = VecDeque::new();
        if node.memory.is_none() {
            node.flush(usize::MAX);
            node.memory = Some(node.load());
            events.push_back(Event::Loaded);
        }
        events.push_back(event);
        let task = Task { alarm, began: now, events, ..Task::default() };
        let (id, life) = (self.time.number(), node.life);
        node.tasks.insert(id, task);
        if alarm {
            self.push(WATCHDOG, Action::Watch { node: number, life, task: id });
        }
        self.push(0, Action::Run { node: number, life, task: id });
    }

    pub(super) fn ring(&mut self, number: u32) {
        let (now, still) = (self.time.now, self.still_until);
        let Some(node) = self.nodes.get_mut(&number).filter(|node| !node.gone) else { return };
        node.flush(usize::MAX);
        let due = node.disk.alarm.is_some_and(|at| at <= now + node.skew);
        if !due || node.tasks.values().any(|task| task.alarm) {
            return;
        }
        if now < still {
            self.push(still - now, Action::Alarm { node: number });
            return;
        }
        node.disk.alarm = None;
        self.start(number, true, Event::Rang);
    }

    pub(super) fn set_alarm(&mut self, number: u32) {
        let Some(node) = self.nodes.get(&number).filter(|node| !node.gone) else { return };
        if let Some(at) = node.alarm() {
            let after = at.saturating_sub(self.time.now + node.skew);
            self.push(after, Action::Alarm { node: number });
        }
    }

    /// The object ends wherever it is; what it had not waited for may be lost.
    pub(super) fn crash(&mut self, number: u32) -> Result<(), Violation> {
        self.seen.crashes += 1;
        let now = self.time.now;
        let random = self.random.next();
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        node.flush(random as usize % (node.writes.len() + 1));
        node.life += 1;
        node.memory = None;
        let tasks = std::mem::take(&mut node.tasks);
        if tasks.values().any(Task::leaves) {
            self.unheard.insert(number);
        }
        let rang = tasks.into_values().find(|task| task.alarm);
        if rang.is_some_and(|task| !task.flushed) && node.disk.alarm.is_none() {
            // An alarm rings at least once, until its handler has written anything.
            node.disk.alarm = Some(now + node.skew + RETRY);
        }
        if node.disk.alarm.is_none() && !node.lost_alarm && !node.gone {
            return Err(format!("operation {number} sleeps for ever behind a crash"));
        }
        self.set_alarm(number);
        self.check_rows(number)
    }

    /// A task takes its next step.
    pub(super) fn go_on(&mut self, number: u32, life: u64, id: u64) -> Result<(), Violation> {
        if !self.lives(number, life, id) {
            return Ok(());
        }
        let next = self.nodes.get(&number).and_then(|node| node.tasks.get(&id)?.effects.front());
        // Between two writes of one change a crash shows most.
        let odds = if matches!(next, Some(Effect::Forget(_))) { 10 } else { 400 };
        if !self.calm && self.random.once_in(odds) {
            return self.crash(number);
        }
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        let now = self.time.now + node.skew;
        let Some(task) = node.tasks.get_mut(&id) else { return Ok(()) };
        if let Some(effect) = task.effects.pop_front() {
            if node.memory.is_none() {
                return self.fail(number, id);
            }
            let waits = self.carry_out(number, life, id, effect)?;
            if !waits {
                let pause = self.pause();
                self.push(pause, Action::Run { node: number, life, task: id });
            }
            return Ok(());
        }
        if let Some(event) = task.events.pop_front() {
            let Some(ledger) = node.memory.as_mut() else { return self.fail(number, id) };
            let proven = match &event {
                Event::Answered { batch, attempt, answer: Answer::Accepted { .. } } => Some((*batch, *attempt)),
                _ => None,
            };
            let effects = ledger.handle(now, event);
            if let Some((batch, attempt)) = proven
                && let Some(batch) = ledger.batches.get(batch as usize)
                && batch.attempt == attempt
                && !matches!(batch.state, State::Accepted(_))
            {
                return Err(format!("operation {number} passed over that the upstream has a batch"));
            }
            task.effects.extend(effects);
            self.check(number)?;
            self.push(0, Action::Run { node: number, life, task: id });
            return Ok(());
        }
        // The task is over.
        if node.tasks.remove(&id).is_some_and(|task| task.alarm) {
            // The platform is done with an alarm when what its handler wrote is on disk.
            node.flush(usize::MAX);
            self.set_alarm(number);
        }
        self.sleepless(number)
    }

    /// A task fails, as its copy of the ledger was thrown away.
    pub(super) fn fail(&mut self, number: u32, id: u64) -> Result<(), Violation> {
        let now = self.time.now;
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        let task = node.tasks.remove(&id);
        if task.as_ref().is_some_and(Task::leaves) {
            self.unheard.insert(number);
        }
        if task.is_some_and(|task| task.alarm) {
            node.writes.push(Write::Alarm(now + node.skew + MINUTE));
            node.flush(usize::MAX);
            self.set_alarm(number);
        }
        Ok(())
    }

    /// Whether something will wake an operation that is not over.
    pub(super) fn sleepless(&self, number: u32) -> Result<(), Violation> {
        let Some(node) = self.nodes.get(&number) else { return Ok(()) };
        let rings = node.tasks.values().any(|task| task.alarm);
        if !node.gone && !rings && node.alarm().is_none() && !node.lost_alarm {
            return Err(format!("operation {number} sleeps for ever"));
        }
        Ok(())
    }
}
