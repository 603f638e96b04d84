//! The world: objects, pacer, directory and upstream under one clock, a queue of what happens next, and whatever can go
//! wrong in between.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use super::node::{Node, Task, Write};
use super::random::Random;
use super::upstream::{Fate, Post, Upstream};
use crate::answer::Answer;
use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::directory::memory::InMemory;
use crate::directory::{Directory, Entry};
use crate::ledger::{Effect, Event, WATCHDOG, WINDOW, tag};
use crate::pacer::{Admission, Asking, HORIZON, Joining, Lane, Outcome, Pacer, QUANTUM};
use crate::record::{Batch, Closed, Sealed, Settlement, State, Verdict};
use crate::resource;

/// When the world begins.
const BEGIN: Millis = 1_763_913_600_000;
/// Most sends at a time.
const SENDS: usize = 10;
/// How far clocks may differ.
const SKEW: Millis = 5 * SECOND;
/// Rates of the lanes, and of the account, in thousandths of a unit a second.
const RATES: [u64; 3] = [1_000, 2_500, 20_000];
const ACCOUNT: u64 = 22_000;
/// Most calls of a step, and what a search counts as: see [`crate::upstream::search`].
const CALLS: u32 = 25;
const SEARCH: u32 = 7;

/// Why the run is a failure.
pub type Violation = String;

/// What happens next.
#[derive(Clone, Debug)]
enum Action {
    /// A task goes on.
    Run { node: u32, life: u64, task: u64 },
    /// What a task waits for has come.
    Reply { node: u32, life: u64, task: u64, event: Option<Event> },
    /// An alarm may ring.
    Alarm { node: u32 },
    /// A step is over time.
    Watch { node: u32, life: u64, task: u64 },
    /// A batch arrives upstream.
    Arrive { post: Post, reply: Box<(u32, u64, u64)>, answered: Millis, named: bool, answer: Answer },
    /// The pacer is called; with the task that waits.
    Pace { node: u32, effect: Effect, reply: Option<(u64, u64)>, remaining: u64 },
    /// The directory is told.
    Tell { entry: Entry, reply: Option<(u32, u64, u64)> },
    /// An answer comes a second time.
    Again { node: u32, event: Event },
    /// A person decides.
    Decide { node: u32, word: Settlement },
    /// The round of the cron.
    Cron,
    /// Something goes wrong, or somebody comes.
    Disturb,
}

struct Due {
    at: Millis,
    number: u64,
    action: Action,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// What lies upstream of a lane, as its carrier would count it.
#[derive(Clone, Copy, Debug, Default)]
struct Lying {
    until: Millis,
    /// The lane was told to be quiet from here to there.
    quiet: (Millis, Millis),
}

/// The world.
pub struct World {
    random: Random,
    now: Millis,
    queue: BinaryHeap<Reverse<Due>>,
    number: u64,
    nodes: BTreeMap<u32, Node>,
    sends: u32,
    pacer: Pacer,
    /// The pacer's rows.
    paces: BTreeMap<(&'static str, String), String>,
    directory: Directory<InMemory>,
    upstream: Upstream,
    lying: [Lying; RATES.len() + 1],
    /// No alarm rings before.
    still_until: Millis,
    calm: bool,
    /// What was seen, so that a run that shows nothing is noticed.
    pub seen: Counts,
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Steps taken.
    pub steps: u64,
    /// Sends sealed.
    pub sends: u64,
    /// Sends for which there was no room.
    pub turned_away: u64,
    /// Batches that the upstream took.
    pub taken: u64,
    /// Objects that ended in the middle of something.
    pub crashes: u64,
    /// Batches that became unknown.
    pub unknown: u64,
    /// Batches that were proven by a search.
    pub found: u64,
    /// Batches that a person settled.
    pub settled: u64,
    /// Sends taken back, expired, or behind a refusal.
    pub closed: u64,
    /// Alarms that the platform gave up on.
    pub lost_alarms: u64,
    /// Times a send had to wait for its turn.
    pub waits: u64,
    /// Most calls of a step.
    pub most_calls: u32,
}

impl Counts {
    /// Adds those of another world.
    pub fn add(&mut self, other: &Self) {
        let Self {
            steps,
            sends,
            turned_away,
            taken,
            crashes,
            unknown,
            found,
            settled,
            closed,
            lost_alarms,
            waits,
            most_calls,
        } = other;
        self.steps += steps;
        self.sends += sends;
        self.turned_away += turned_away;
        self.taken += taken;
        self.crashes += crashes;
        self.unknown += unknown;
        self.found += found;
        self.settled += settled;
        self.closed += closed;
        self.lost_alarms += lost_alarms;
        self.waits += waits;
        self.most_calls = self.most_calls.max(*most_calls);
    }
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> Self {
        let mut world = Self {
            random: Random::new(seed),
            now: BEGIN,
            queue: BinaryHeap::new(),
            number: 0,
            nodes: BTreeMap::new(),
            sends: 0,
            pacer: Pacer::default(),
            paces: BTreeMap::new(),
            directory: Directory(InMemory::default()),
            upstream: Upstream::default(),
            lying: [Lying::default(); RATES.len() + 1],
            still_until: 0,
            calm: false,
            seen: Counts::default(),
        };
        world.push(0, Action::Cron);
        world.push(0, Action::Disturb);
        world
    }

    /// Takes so many steps, then lets everything come to rest, and compares.
    pub fn run(&mut self, steps: u64) -> Result<(), Violation> {
        for _ in 0..steps {
            self.step()?;
        }
        self.calm = true;
        self.upstream.calm = true;
        self.upstream.closed_until = 0;
        self.still_until = 0;
        // Whatever may still become of a send becomes of it within its window, a week of counters, and some hours.
        let end = self.now + 9 * 24 * HOUR;
        while self.now < end {
            self.step()?;
        }
        self.compare()
    }

    fn push(&mut self, after: Millis, action: Action) {
        self.number += 1;
        self.queue.push(Reverse(Due { at: self.now + after, number: self.number, action }));
    }

    fn step(&mut self) -> Result<(), Violation> {
        let Some(Reverse(Due { at, action, .. })) = self.queue.pop() else { return Err("nothing happens".into()) };
        self.now = self.now.max(at);
        self.seen.steps += 1;
        match action {
            Action::Run { node, life, task } => self.go_on(node, life, task),
            Action::Reply { node, life, task, event } => {
                if self.lives(node, life, task) {
                    self.heard(node, event.as_ref());
                    if let Some(task) = self.nodes.get_mut(&node).and_then(|node| node.tasks.get_mut(&task)) {
                        task.events.extend(event);
                    }
                    self.push(0, Action::Run { node, life, task });
                }
                Ok(())
            }
            Action::Alarm { node } => {
                self.ring(node);
                Ok(())
            }
            Action::Watch { node, life, task } => {
                if self.lives(node, life, task) {
                    self.crash(node)?;
                }
                Ok(())
            }
            Action::Arrive { post, reply, answered, named, answer } => {
                self.arrive(post, *reply, answered, named, answer)
            }
            Action::Pace { node, effect, reply, remaining } => self.pace(node, effect, reply, remaining),
            Action::Tell { entry, reply } => {
                let Ok(()) = self.directory.tell(self.now, &entry);
                if let Some((node, life, task)) = reply {
                    let event = Some(Event::Told(entry.change));
                    self.answer(node, life, task, event);
                }
                Ok(())
            }
            Action::Again { node, event } => {
                self.start(node, false, event);
                Ok(())
            }
            Action::Decide { node, word } => self.decide(node, word),
            Action::Cron => self.cron(),
            Action::Disturb => self.disturb(),
        }
    }

    fn lives(&self, node: u32, life: u64, task: u64) -> bool {
        self.nodes.get(&node).is_some_and(|node| node.life == life && node.tasks.contains_key(&task))
    }

    /// How long code takes to its next step: mostly nothing, sometimes very long.
    fn pause(&mut self) -> Millis {
        if self.calm {
            return 1;
        }
        match self.random.below(200) {
            0 => self.random.within(1, 100) * SECOND,
            1..=5 => self.random.within(1, 5_000),
            _ => self.random.within(0, 3),
        }
    }

    // The object.

    /// Starts a task in an object, which is loaded if it is not there.
    fn start(&mut self, number: u32, alarm: bool, event: Event) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&number).filter(|node| !node.gone) else { return };
        let mut events = VecDeque::new();
        if node.memory.is_none() {
            node.flush(usize::MAX);
            node.memory = Some(node.load());
            events.push_back(Event::Loaded);
        }
        events.push_back(event);
        let task = Task { alarm, began: now, events, ..Task::default() };
        self.number += 1;
        let (id, life) = (self.number, node.life);
        node.tasks.insert(id, task);
        if alarm {
            self.push(WATCHDOG, Action::Watch { node: number, life, task: id });
        }
        self.push(0, Action::Run { node: number, life, task: id });
    }

    fn ring(&mut self, number: u32) {
        let (now, still) = (self.now, self.still_until);
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

    fn set_alarm(&mut self, number: u32) {
        let Some(node) = self.nodes.get(&number).filter(|node| !node.gone) else { return };
        if let Some(at) = node.alarm() {
            let after = at.saturating_sub(self.now + node.skew);
            self.push(after, Action::Alarm { node: number });
        }
    }

    /// The object ends wherever it is; what it had not waited for may be lost.
    fn crash(&mut self, number: u32) -> Result<(), Violation> {
        self.seen.crashes += 1;
        let now = self.now;
        let random = self.random.next();
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        node.flush(random as usize % (node.writes.len() + 1));
        node.life += 1;
        node.memory = None;
        let rang = std::mem::take(&mut node.tasks).into_values().find(|task| task.alarm);
        if rang.is_some_and(|task| !task.flushed) && node.disk.alarm.is_none() {
            // An alarm rings at least once, until its handler has written anything.
            node.disk.alarm = Some(now + node.skew + 2 * SECOND);
        }
        if node.disk.alarm.is_none() && !node.lost_alarm && !node.gone {
            return Err(format!("operation {number} sleeps for ever behind a crash"));
        }
        self.set_alarm(number);
        Ok(())
    }

    /// A task takes its next step.
    fn go_on(&mut self, number: u32, life: u64, id: u64) -> Result<(), Violation> {
        if !self.lives(number, life, id) {
            return Ok(());
        }
        if !self.calm && self.random.once_in(400) {
            return self.crash(number);
        }
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        let now = self.now + node.skew;
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
    fn fail(&mut self, number: u32, id: u64) -> Result<(), Violation> {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        if node.tasks.remove(&id).is_some_and(|task| task.alarm) {
            node.writes.push(Write::Alarm(now + node.skew + MINUTE));
            node.flush(usize::MAX);
            self.set_alarm(number);
        }
        Ok(())
    }

    /// Whether something will wake an operation that is not over.
    fn sleepless(&self, number: u32) -> Result<(), Violation> {
        let Some(node) = self.nodes.get(&number) else { return Ok(()) };
        let rings = node.tasks.values().any(|task| task.alarm);
        if !node.gone && !rings && node.alarm().is_none() && !node.lost_alarm {
            return Err(format!("operation {number} sleeps for ever"));
        }
        Ok(())
    }

    /// Does what the ledger says; whether the task has to wait.
    fn carry_out(&mut self, number: u32, life: u64, id: u64, effect: Effect) -> Result<bool, Violation> {
        let (now, tenth) = (self.now, self.random.once_in(10) && !self.calm);
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(false) };
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
                if local < node.sealed.start() {
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
            Effect::Look { batch, operation } => {
                self.calls(number, id, 1)?;
                let seen = self.upstream.look(&mut self.random, now, &operation);
                self.answer(number, life, id, Some(Event::Looked { batch, seen }));
                return Ok(true);
            }
            Effect::Search { batch, attempt, posted } => {
                let known = ledger.operations();
                let tag = tag(&node.sealed.id, batch, attempt);
                let posted = posted.saturating_sub(node.skew);
                self.calls(number, id, SEARCH)?;
                let found = self.upstream.search(&mut self.random, now, &tag, posted, &known);
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
    fn calls(&mut self, number: u32, id: u64, count: u32) -> Result<(), Violation> {
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

    fn delay(&mut self) -> Millis {
        if !self.calm && self.random.once_in(50) { self.random.within(1, 20) * SECOND } else { 1 }
    }

    /// A task's call comes back.
    fn answer(&mut self, number: u32, life: u64, task: u64, event: Option<Event>) {
        let delay = self.delay();
        self.push(delay, Action::Reply { node: number, life, task, event });
    }

    /// A call to the pacer does not come back.
    fn lost(&mut self, number: u32, life: u64, task: u64, effect: &Effect) {
        let event = match effect {
            Effect::Ask { turn, .. } => Some(Event::Appointed { turn: *turn, appointment: None }),
            _ => None,
        };
        self.answer(number, life, task, event);
    }

    /// Notes what an object heard.
    fn heard(&mut self, number: u32, event: Option<&Event>) {
        let Some(Event::Answered { answer, .. }) = event else { return };
        self.seen.unknown += u64::from(matches!(answer, Answer::Unknown { .. }));
        if !self.calm && self.random.once_in(2) {
            let late = self.random.within(0, 2_000) * SECOND;
            let event = event.cloned().unwrap_or(Event::Poked);
            self.push(late, Action::Again { node: number, event });
        }
    }

    // The upstream and the pacer.

    fn arrive(
        &mut self,
        post: Post,
        (number, life, task): (u32, u64, u64),
        answered: Millis,
        named: bool,
        answer: Answer,
    ) -> Result<(), Violation> {
        let (batch, attempt) = (post.batch, post.attempt);
        let Some(node) = self.nodes.get(&number) else { return Ok(()) };
        let now = self.now;
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

    fn pace(
        &mut self,
        number: u32,
        effect: Effect,
        reply: Option<(u64, u64)>,
        remaining: u64,
    ) -> Result<(), Violation> {
        let now = self.now;
        let Some(node) = self.nodes.get(&number) else { return Ok(()) };
        let lane = lane(node.lane);
        let operation = node.sealed.id.clone();
        let until = node.sealed.deadline();
        let event = match effect {
            Effect::Join => {
                let start = node.sealed.start();
                self.pacer.join(now, &lane, Joining { operation, units: remaining, start, until: Some(until) });
                Some(Event::Joined)
            }
            Effect::Ask { turn, units, whole } => {
                let asking = Asking { operation, turn, units, whole, remaining, until };
                let appointment = self.pacer.ask(now, &lane, &asking);
                self.seen.waits += u64::from(matches!(appointment, crate::pacer::Appointment::Wait { .. }));
                Some(Event::Appointed { turn, appointment: Some(appointment) })
            }
            Effect::Report { turn, outcome } => {
                if let Outcome::TooMany { wait } = outcome
                    && self.pacer.has_granted(now, &operation, turn)
                {
                    // What was granted before may still be claimed.
                    let quiet = &mut self.lying[node.lane].quiet;
                    let (from, to) = (now + 31 * SECOND + SKEW + WATCHDOG, now + wait);
                    *quiet = (if quiet.1 > now { quiet.0 } else { from }, quiet.1.max(to));
                }
                self.pacer.report(now, &operation, turn, outcome);
                None
            }
            _ => {
                self.pacer.leave(now, &operation);
                None
            }
        };
        self.save_pacer()?;
        if let Some((life, task)) = reply {
            if !self.calm && self.random.once_in(20) {
                self.lost(number, life, task, &effect);
            } else {
                self.answer(number, life, task, event);
            }
        }
        Ok(())
    }

    /// The pacer's rows are on disk before its answer leaves; it may end at any time behind that.
    fn save_pacer(&mut self) -> Result<(), Violation> {
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

    fn cron(&mut self) -> Result<(), Violation> {
        let Ok(ids) = self.directory.overdue(self.now, 20);
        for id in ids {
            let node = self.nodes.values().find(|node| node.sealed.id == id && !node.gone);
            match node.map(|node| (node.number, node.alarm().is_none())) {
                Some((number, true)) => self.start(number, false, Event::Poked),
                Some(_) => {}
                None => {
                    let Ok(()) = self.directory.missing(self.now, &id);
                }
            }
        }
        self.push(if self.calm { 10 * MINUTE } else { MINUTE }, Action::Cron);
        Ok(())
    }

    // People and accidents.

    fn disturb(&mut self) -> Result<(), Violation> {
        if self.calm {
            // Somebody tells the truth about what is left open.
            for number in self.nodes.keys().copied().collect::<Vec<_>>() {
                self.tell_truth(number);
            }
            self.push(20 * MINUTE, Action::Disturb);
            return Ok(());
        }
        let after =
            if self.random.once_in(40) { self.random.within(1, 8) * HOUR } else { self.random.within(1, 90_000) };
        self.push(after, Action::Disturb);
        let live = self.nodes.values().filter(|node| !node.gone && !finished(node)).count();
        let some = self.some_node();
        match self.random.below(16) {
            0..=4 if live < SENDS => self.seal(),
            5 => return some.map_or(Ok(()), |number| self.crash(number)),
            6 => {
                // The copy in memory is thrown away, whatever waits for an answer.
                if let Some(number) = self.busy_node().or(some)
                    && let Some(node) = self.nodes.get_mut(&number)
                {
                    node.flush(usize::MAX);
                    node.memory = None;
                    self.start(number, false, Event::Poked);
                }
            }
            7 => {
                if let Some(node) = some.and_then(|number| self.nodes.get_mut(&number))
                    && node.tasks.is_empty()
                    && !node.gone
                {
                    node.flush(usize::MAX);
                    node.disk.alarm = None;
                    node.lost_alarm = true;
                    self.seen.lost_alarms += 1;
                }
            }
            8 => self.still_until = self.now + self.random.within(1, 3_600) * SECOND,
            9 if self.random.once_in(4) => {
                self.upstream.closed_until = self.now + self.random.within(1, 3_600) * SECOND;
            }
            10 if self.random.once_in(3) => {
                if let Some(number) = self.busy_node().or(some) {
                    self.cancel(number);
                    if self.random.once_in(3) {
                        self.cancel(number);
                    }
                }
            }
            11..=13 => {
                if let Some(number) = some {
                    self.say(number);
                }
            }
            _ => {
                if let Some(number) = some {
                    self.start(number, false, Event::Poked);
                }
            }
        }
        Ok(())
    }

    fn some_node(&mut self) -> Option<u32> {
        let live: Vec<u32> =
            self.nodes.values().filter(|node| !node.gone && !finished(node)).map(|node| node.number).collect();
        let choice = self.random.below(live.len() as u64) as usize;
        live.get(choice).copied()
    }

    /// One that waits for the upstream's answer.
    fn busy_node(&self) -> Option<u32> {
        let posts = |node: &&Node| {
            node.memory.as_ref().is_some_and(|ledger| ledger.batches.iter().any(|batch| batch.state == State::InFlight))
        };
        self.nodes.values().find(posts).map(|node| node.number)
    }

    fn seal(&mut self) {
        let number = self.sends;
        self.sends += 1;
        let random = &mut self.random;
        let rows = if random.once_in(4) { random.within(100, 400) } else { random.within(1, 60) } as u32;
        let units: Vec<u64> = (0..rows).map(|_| random.within(1, 3)).collect();
        let skew = random.below(SKEW);
        let created = self.now + skew;
        let lane = random.below(RATES.len() as u64) as usize;
        let sealed = Sealed {
            id: format!("comms_operation_{number:035}"),
            tenant: "t".into(),
            created,
            rows,
            units: units.iter().sum(),
            pieces: 1,
            batch_rows: random.within(3, 80) as u32,
            batch_bytes: u64::MAX,
            batches: 1,
            first_look: 2 * SECOND,
            send_at: random.once_in(5).then(|| created + random.within(1, 100) * MINUTE),
            window: if random.once_in(4) { random.within(2, 60) * MINUTE } else { WINDOW },
            tagged: !random.once_in(8),
            lenient: random.once_in(2),
            ..Sealed::default()
        };
        let Ok(()) = self.directory.begin(self.now, &sealed.id);
        let joining = Joining { operation: sealed.id.clone(), units: sealed.units, start: sealed.start(), until: None };
        if self.pacer.join(self.now, &self::lane(lane), joining) != Admission::Admitted {
            self.seen.turned_away += 1;
            return;
        }
        self.seen.sends += 1;
        self.nodes.insert(number, Node::new(number, sealed, units, lane, skew));
        self.set_alarm(number);
    }

    fn cancel(&mut self, number: u32) {
        self.decision(number, |ledger, now| Some(ledger.cancel(now).1));
    }

    /// Runs a decision of a person's in the object.
    fn decision(
        &mut self,
        number: u32,
        decide: impl FnOnce(&mut crate::ledger::Ledger, Millis) -> Option<Vec<Effect>>,
    ) -> bool {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&number).filter(|node| !node.gone) else { return false };
        let mut task = Task { began: now, ..Task::default() };
        let now = now + node.skew;
        let mut loaded = Vec::new();
        if node.memory.is_none() {
            node.flush(usize::MAX);
            let mut ledger = node.load();
            loaded = ledger.handle(now, Event::Loaded);
            node.memory = Some(ledger);
        }
        let Some(ledger) = node.memory.as_mut() else { return false };
        let decided = decide(ledger, now);
        task.effects.extend(loaded);
        let done = decided.is_some();
        task.effects.extend(decided.unwrap_or_default());
        self.number += 1;
        let (id, life) = (self.number, node.life);
        node.tasks.insert(id, task);
        self.push(0, Action::Run { node: number, life, task: id });
        done
    }

    /// A person says what became of a batch that is unknown, maybe wrongly, maybe late, maybe of another attempt.
    fn say(&mut self, number: u32) {
        let Some(ledger) = self.nodes.get(&number).and_then(|node| node.memory.as_ref()) else { return };
        let open = (0..).zip(&ledger.batches).filter(|(_, batch)| is_open(&batch.state));
        let open: Vec<(u32, u32)> = open.map(|(batch, record)| (batch, record.attempt)).collect();
        let choice = self.random.below(open.len() as u64) as usize;
        let Some(&(batch, attempt)) = open.get(choice) else { return };
        let attempt = if self.random.once_in(3) { self.random.within(1, 3) as u32 } else { attempt };
        let as_accepted = self.random.once_in(2);
        let r#as = if as_accepted { Verdict::Accepted } else { Verdict::NotSent };
        let word = Settlement { batch, attempt, r#as, operation_id: None, key: "k".into(), at: 0 };
        let late = if self.random.once_in(3) { self.random.within(1, 3_000) * SECOND } else { 0 };
        self.push(late, Action::Decide { node: number, word: word.clone() });
        if self.random.once_in(3) {
            let again = self.random.within(1, 6_000) * SECOND;
            self.push(again, Action::Decide { node: number, word });
        }
    }

    fn tell_truth(&mut self, number: u32) {
        let Some(node) = self.nodes.get(&number).filter(|node| !node.gone) else { return };
        let held = node.disk.batches.iter().filter(|(_, batch)| matches!(batch.state, State::Held(_)));
        let held: Vec<(u32, u32)> = held.map(|(number, batch)| (*number, batch.attempt)).collect();
        for (batch, attempt) in held {
            let has = self.upstream.has(number, batch, attempt);
            let r#as = if has { Verdict::Accepted } else { Verdict::NotSent };
            let word = Settlement { batch, attempt, r#as, operation_id: None, key: "k".into(), at: 0 };
            self.push(0, Action::Decide { node: number, word });
        }
    }

    fn decide(&mut self, number: u32, word: Settlement) -> Result<(), Violation> {
        let Some(node) = self.nodes.get(&number) else { return Ok(()) };
        let before = node.memory.as_ref().map_or_else(|| node.load(), Clone::clone);
        let open = before.batches.get(word.batch as usize).filter(|batch| {
            // A restarted object finds it unknown.
            let open = is_open(&batch.state) || node.memory.is_none() && batch.state == State::InFlight;
            open && batch.attempt == word.attempt
        });
        let rows = open.map(|batch| batch.first..batch.end());
        let (batch, attempt, verdict) = (word.batch, word.attempt, word.r#as);
        let done = self.decision(number, |ledger, now| ledger.settle(now, word).ok());
        if !done {
            return Ok(());
        }
        self.seen.settled += 1;
        let said = before.progress.settlements.iter().any(|said| (said.batch, said.attempt) == (batch, attempt));
        let Some(node) = self.nodes.get_mut(&number) else { return Ok(()) };
        if let (Some(rows), false) = (rows, said) {
            node.settled.push((batch, attempt));
            if verdict == Verdict::NotSent {
                for row in rows {
                    node.allowed[row as usize] += 1;
                }
            }
        }
        self.check(number)
    }

    // What must hold.

    /// What holds of a ledger at every moment.
    fn check(&self, number: u32) -> Result<(), Violation> {
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

    /// What holds when everything has come to rest: the ledgers, the directory and the upstream say the same.
    fn compare(&mut self) -> Result<(), Violation> {
        for node in self.nodes.values().filter(|node| !node.gone) {
            let number = node.number;
            let ledger = node.load();
            let now = self.now + node.skew;
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
            let Ok(entry) = crate::directory::Rows::get(&self.directory.0, &node.sealed.id);
            if entry.as_ref() != Some(&resource::entry(&ledger, now)) {
                return Err(format!("the directory says {entry:?} of operation {number}"));
            }
            if node.disk.pieces.first().is_some() {
                return Err(format!("rows of operation {number} are kept although it is over"));
            }
        }
        Ok(())
    }
}

fn ledger_batch(node: &Node, batch: u32) -> Option<Batch> {
    node.memory.as_ref()?.batches.get(batch as usize).cloned()
}

fn lane(number: usize) -> Lane {
    Lane { name: format!("lane{number}"), rate: RATES[number], account: Some(ACCOUNT) }
}

fn is_open(state: &State) -> bool {
    matches!(state, State::Unknown(_) | State::Held(_))
}

fn finished(node: &Node) -> bool {
    node.memory.as_ref().is_some_and(crate::ledger::Ledger::finished)
}
