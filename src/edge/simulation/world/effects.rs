//! What an object does for its ledger, and how its calls come back, or do not.

use super::{Action, Violation, World};
use crate::clock::{Millis, SECOND};
use crate::machine::answer::Answer;
use crate::machine::ledger::{Effect, Event, WATCHDOG, tag};
use crate::machine::record::Batch;
use crate::object::operation::resource;
use crate::simulation::node::{Node, Write};
use crate::simulation::upstream::{Fate, Post};

/// Most calls of a step, and what a search counts as: see [`crate::upstream::search`].
const CALLS: u32 = 25;
const SEARCH: u32 = 10;
/// Most batches that are posted in an outage: one for each send that had its turn when it began, and those of whom the
/// pacer did not hear.
const UNREACHED: u32 = 14;

impl World {
    /// Does what the ledger says; whether the task has to wait.
    pub(super) fn carry_out(&mut self, number: u32, life: u64, id: u64, effect: Effect) -> Result<bool, Violation> {
        let (now, tenth) = (self.time.now, self.random.once_in(10) && !self.calm);
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(false) };
        if matches!(effect, Effect::Wake(_)) && node.writes_elsewhere(id) {
            if let Some(task) = node.tasks.get_mut(&id) {
                task.effects.push_front(effect);
            }
            return Ok(false);
        }
        let Some(ledger) = node.memory.as_ref() else { return Ok(false) };
        let mut event = None;
        match effect {
            Effect::Keep(batch) => {
                if let Some(record) = ledger.batches.get(batch as usize) {
                    node.writes.push(Write::Keep(batch, Box::new(record.clone()), ledger.progress.clone()));
                }
            }
            Effect::Note => node.writes.push(Write::Note(ledger.progress.clone())),
            Effect::Forget(kept) => node.writes.push(Write::Forget(kept)),
            Effect::Wake(at) => {
                node.writes.push(Write::Alarm(at));
                self.set_alarm(number);
            }
            Effect::Measure { batch, first } => {
                let units = node.units.iter().skip(first as usize).take(node.sealed.batch_rows as usize);
                event = Some(Event::Measured { batch, units: units.sum() });
            }
            Effect::Cut { batch, first, rows, units, .. } => {
                let (mut taken, mut sum) = (0, 0);
                for row in node.units.iter().skip(first as usize).take(rows.unwrap_or(node.sealed.batch_rows) as usize)
                {
                    if rows.is_none() && taken > 0 && sum + row > units {
                        break;
                    }
                    taken += 1;
                    sum += row;
                }
                if !node.holds(first, first + taken) {
                    return Err(format!("the rows of batch {batch} of operation {number} are gone"));
                }
                let hash = format!("{first} {taken}");
                event = Some(Event::Cut { batch, rows: taken, units: sum, hash });
            }
            Effect::Post { batch, attempt } => {
                let began = node.tasks.get(&id).map_or(now, |task| task.began);
                self.calls(number, id, 1)?;
                let Some(node) = self.nodes.get_mut(&number) else { return Ok(false) };
                let Some(record) = ledger_batch(node, batch) else {
                    return Err(format!("operation {number} posts a batch that it does not know"));
                };
                let local = now + node.skew;
                if local > node.sealed.deadline() + WATCHDOG {
                    return Err(format!("operation {number} posts behind its deadline"));
                }
                // By the clock of the claim: it may have been turned back since.
                if local.max(record.claimed) < node.sealed.not_before() {
                    return Err(format!("operation {number} posts in front of its instant"));
                }
                let lane = node.lane;
                let (from, to) = self.lying[lane].quiet;
                if (from..to).contains(&now) {
                    return Err(format!("lane {lane} posts although the upstream asked for quiet"));
                }
                let carried = node.sealed.tagged.then(|| tag(&node.sealed.id, batch, attempt));
                let Batch { first, rows, units, .. } = record;
                let post = Post { node: number, batch, attempt, first, rows, units, tag: carried };
                let Fate { arrives, answered, answer, named } =
                    self.upstream.fate(&mut self.random, now, began + WATCHDOG);
                self.seen.unreached = self.seen.unreached.max(self.upstream.unreached);
                if self.upstream.unreached > UNREACHED {
                    return Err(format!(
                        "{} batches were posted to an upstream that is not there",
                        self.upstream.unreached
                    ));
                }
                match arrives {
                    Some(at) => self.push(
                        at.saturating_sub(now),
                        Action::Arrive { post, reply: Box::new((number, life, id)), answered, named, answer },
                    ),
                    None => {
                        let event = Event::Answered { batch, attempt, answer };
                        let event = Some(event);
                        self.push(answered.saturating_sub(now), Action::Reply { node: number, life, task: id, event });
                    }
                }
                return Ok(true);
            }
            Effect::Probe { turn } => {
                self.calls(number, id, 1)?;
                let answers = self.upstream.answers(&mut self.random, now);
                self.answer(number, life, id, Some(Event::Probed { turn, answers }));
                return Ok(true);
            }
            Effect::Look { batch, operation } => {
                self.calls(number, id, 1)?;
                let seen = self.upstream.look(&mut self.random, now, &operation);
                self.answer(number, life, id, Some(Event::Looked { batch, seen }));
                return Ok(true);
            }
            Effect::Search { batch, attempt, posted, rows, tries } => {
                let known = ledger.operations();
                let tag = tag(&node.sealed.id, batch, attempt);
                let posted = posted.saturating_sub(node.skew);
                self.calls(number, id, SEARCH)?;
                let found = self.upstream.search(&mut self.random, now, &tag, (posted, rows, tries), &known);
                self.seen.found += u64::from(matches!(found, Some(Some(_))));
                let event = found.map(|found| Event::Searched { batch, attempt, found });
                self.answer(number, life, id, event);
                return Ok(true);
            }
            Effect::Join | Effect::Ask { .. } | Effect::Report { .. } | Effect::Leave => {
                let remaining = ledger.remaining_units();
                self.calls(number, id, 1)?;
                // Lost on its way there, or twice, or late.
                let delay = self.delay();
                let call = |reply| Action::Pace { node: number, effect: effect.clone(), reply, remaining };
                if tenth && self.random.once_in(2) {
                    self.lost(number, life, id, &effect);
                } else {
                    let first = call(Some((life, id)));
                    self.push(delay, first);
                }
                if tenth {
                    let late = self.random.within(1, 400) * SECOND;
                    let second = call(None);
                    self.push(late, second);
                }
                return Ok(true);
            }
            Effect::Tell => {
                let entry = resource::entry(ledger, now + node.skew);
                self.calls(number, id, 1)?;
                let delay = self.delay();
                if tenth && self.random.once_in(2) {
                    self.answer(number, life, id, None);
                } else {
                    let reply = Some((number, life, id));
                    self.push(delay, Action::Tell { entry: entry.clone(), reply });
                }
                if tenth {
                    let late = self.random.within(1, 4_000) * SECOND;
                    self.push(late, Action::Tell { entry, reply: None });
                }
                return Ok(true);
            }
            Effect::Vanish => {
                node.gone = true;
                node.tasks.clear();
                let id = node.sealed.id.clone();
                let Ok(()) = self.directory.forget(&id);
                return Ok(true);
            }
        }
        if let Some(task) = self.nodes.get_mut(&number).and_then(|node| node.tasks.get_mut(&id)) {
            task.events.extend(event);
        }
        Ok(false)
    }

    /// What is written is on disk before anything leaves the object, and not much leaves it in one step.
    pub(super) fn calls(&mut self, number: u32, id: u64, count: u32) -> Result<(), Violation> {
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        node.flush(usize::MAX);
        let Some(task) = node.tasks.get_mut(&id) else { return Ok(()) };
        task.flushed = true;
        task.calls += count;
        self.seen.most_calls = self.seen.most_calls.max(task.calls);
        if task.calls > CALLS {
            return Err(format!("a step of operation {number} makes {} calls", task.calls));
        }
        Ok(())
    }

    pub(super) fn delay(&mut self) -> Millis {
        if !self.calm && self.random.once_in(50) { self.random.within(1, 20) * SECOND } else { 1 }
    }

    /// A task's call comes back.
    pub(super) fn answer(&mut self, number: u32, life: u64, task: u64, event: Option<Event>) {
        let delay = self.delay();
        self.push(delay, Action::Reply { node: number, life, task, event });
    }

    /// A call to the pacer does not come back.
    pub(super) fn lost(&mut self, number: u32, life: u64, task: u64, effect: &Effect) {
        self.unheard.insert(number);
        let event = match effect {
            Effect::Ask { turn, .. } => Some(Event::Appointed { turn: *turn, appointment: None }),
            _ => None,
        };
        self.answer(number, life, task, event);
    }

    /// Notes what an object heard.
    pub(super) fn heard(&mut self, number: u32, event: Option<&Event>) {
        let Some(Event::Answered { answer, .. }) = event else { return };
        self.seen.unknown += u64::from(matches!(answer, Answer::Unknown { .. }));
        if !self.calm && self.random.once_in(2) {
            let late = self.random.within(0, 2_000) * SECOND;
            let event = event.cloned().unwrap_or(Event::Poked);
            self.push(late, Action::Again { node: number, event });
        }
    }
}

fn ledger_batch(node: &Node, batch: u32) -> Option<Batch> {
    node.memory.as_ref()?.batches.get(batch as usize).cloned()
}
