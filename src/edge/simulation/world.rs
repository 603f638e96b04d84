//! The world: objects, pacer, directory and upstream under one clock, a queue of what happens next, and whatever can go
//! wrong in between.

mod balance;
mod effects;
mod object;
mod people;
mod services;

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Counts;
use super::node::Node;
use super::random::Random;
use super::timeline::Timeline;
use super::upstream::{Post, Upstream};
use crate::clock::{HOUR, Millis, SECOND};
use crate::machine::answer::Answer;
use crate::machine::directory::memory::InMemory;
use crate::machine::directory::{Directory, Entry};
use crate::machine::ledger::{Effect, Event};
use crate::machine::pacer::{Joining, Lane, Pacer};
use crate::machine::record::{Settlement, State};

/// When the world begins.
pub const BEGIN: Millis = 1_763_913_600_000;
/// Most sends at a time.
const SENDS: usize = 10;
/// How far clocks may differ.
const SKEW: Millis = 5 * SECOND;
/// Rates of the lanes, and of the account, in thousandths of a unit a second.
const RATES: [u64; 3] = [1_000, 2_500, 20_000];
const ACCOUNT: u64 = 22_000;

/// Most steps until everything has come to rest.
const REST: u64 = 1_000_000;

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
    /// A call of an intake's reaches the pacer once more.
    Join { lane: usize, joining: Joining },
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
    time: Timeline<Action>,
    nodes: BTreeMap<u32, Node>,
    sends: u32,
    pacer: Pacer,
    /// The pacer's rows.
    paces: BTreeMap<(&'static str, String), String>,
    directory: Directory<InMemory>,
    upstream: Upstream,
    lying: [Lying; RATES.len() + 1],
    /// How far the clocks are ahead, before they are turned back.
    ahead: Millis,
    /// Those of whose last call the pacer did not hear, or once more after it.
    unheard: BTreeSet<u32>,
    /// Those of whom the pacer heard since they were sealed, and not last that they wait no more.
    known: BTreeSet<u32>,
    /// When the clocks were turned back.
    turned: Millis,
    /// The pacer's last ticket before that, or of a step that began before.
    tickets_before: u64,
    /// No alarm rings before.
    still_until: Millis,
    calm: bool,
    /// What was seen, so that a run that shows nothing is noticed.
    pub seen: Counts,
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let ahead = if random.once_in(2) { random.within(10, 40) * 24 * HOUR } else { 0 };
        let mut world = Self {
            random,
            time: Timeline::new(BEGIN),
            nodes: BTreeMap::new(),
            sends: 0,
            pacer: Pacer::default(),
            paces: BTreeMap::new(),
            directory: Directory(InMemory::default()),
            upstream: Upstream::default(),
            lying: [Lying::default(); RATES.len() + 1],
            ahead,
            unheard: BTreeSet::new(),
            known: BTreeSet::new(),
            turned: 0,
            tickets_before: 0,
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
        self.upstream.down_until = 0;
        self.still_until = 0;
        self.lighten();
        self.turn_back();
        // Whatever may still become of a send becomes of it within its window, a week of counters, and some hours.
        let end = self.time.now + 9 * 24 * HOUR;
        let most = self.seen.steps + REST;
        while self.time.now < end {
            self.step()?;
            if self.seen.steps > most {
                return Err("it never comes to rest".into());
            }
        }
        self.compare()
    }

    /// The time by the clock of who has none of its own.
    fn clock(&self) -> Millis {
        self.time.now + self.ahead
    }

    fn push(&mut self, after: Millis, action: Action) {
        self.time.push(after, action);
    }

    fn step(&mut self) -> Result<(), Violation> {
        let action = self.time.next().ok_or("nothing happens")?;
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
            Action::Join { lane: number, joining } => {
                self.pacer.join(self.clock(), &lane(number), joining);
                self.save_pacer()
            }
            Action::Tell { entry, reply } => {
                let Ok(()) = self.directory.tell(self.clock(), &entry);
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
}

fn lane(number: usize) -> Lane {
    Lane { name: format!("lane{number}"), rate: RATES[number], account: Some(ACCOUNT), held: false }
}

fn is_open(state: &State) -> bool {
    matches!(state, State::Unknown(_) | State::Held(_))
}

fn finished(node: &Node) -> bool {
    node.memory.as_ref().is_some_and(crate::machine::ledger::Ledger::finished)
}
