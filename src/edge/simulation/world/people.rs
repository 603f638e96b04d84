//! People and accidents: who hands in, takes back and decides, and what goes wrong by itself.

use super::{Action, RATES, SENDS, SKEW, Violation, World, finished, is_open};
use crate::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::machine::ledger::{Effect, Event, Ledger};
use crate::machine::pacer::{ADMITTED, Admission, Joining, QUANTUM};
use crate::machine::record::{Outcome, Sealed, Settlement, Slot, State, Verdict, WINDOW};
use crate::simulation::node::{Node, Task};

/// Of so many sends one is heavy.
const HEAVY: u64 = 5;
/// The part of a lane's room that may be admitted on top while calls to the pacer are on their way.
const ROOM: u64 = 5;

impl World {
    /// Something happens by itself, or somebody comes.
    pub(super) fn disturb(&mut self) -> Result<(), Violation> {
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
        let (now, some) = (self.time.now, self.some_node());
        match self.random.below(16) {
            0..=4 if live < SENDS => return self.seal(),
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
            8 => self.still_until = self.time.now + self.random.within(1, 3_600) * SECOND,
            9 if self.random.once_in(4) => {
                self.upstream.closed_until = self.time.now + self.random.within(1, 3_600) * SECOND;
            }
            9 if now >= self.upstream.down_until => {
                self.upstream.down_until = now + self.random.within(10, 3_600) * SECOND;
                self.upstream.unreached = 0;
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

    pub(super) fn some_node(&mut self) -> Option<u32> {
        let live: Vec<u32> =
            self.nodes.values().filter(|node| !node.gone && !finished(node)).map(|node| node.number).collect();
        let choice = self.random.below(live.len() as u64) as usize;
        live.get(choice).copied()
    }

    /// One that waits for the upstream's answer.
    pub(super) fn busy_node(&self) -> Option<u32> {
        let posts = |node: &&Node| {
            node.memory.as_ref().is_some_and(|ledger| ledger.batches.iter().any(|batch| batch.state == State::InFlight))
        };
        self.nodes.values().find(posts).map(|node| node.number)
    }

    pub(super) fn seal(&mut self) -> Result<(), Violation> {
        let number = self.sends;
        self.sends += 1;
        let random = &mut self.random;
        // Some fill their lane for hours, so that there is no room for others.
        let heavy = random.once_in(HEAVY);
        let rows = match random.below(4) {
            _ if heavy => random.within(600, 1_500),
            0 => random.within(100, 400),
            _ => random.within(1, 60),
        } as u32;
        let most = if heavy { QUANTUM * RATES[0] / 1_000_000 } else { 3 };
        let units: Vec<u64> = (0..rows).map(|_| random.within(most.div_ceil(3), most)).collect();
        let skew = self.ahead + random.below(SKEW);
        let created = self.time.now + skew;
        let lane = if heavy { 0 } else { random.below(RATES.len() as u64) as usize };
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
        let first = units.iter().take(sealed.batch_rows as usize).sum();
        let first = (sealed.send_at.is_none() && !random.once_in(4)).then_some(first);
        let Ok(()) = self.directory.begin(self.clock(), &sealed.id);
        let (operation, start) = (sealed.id.clone(), sealed.start());
        let joining = Joining { operation, units: sealed.units, start, until: None, first };
        let Some(slot) = self.admit(lane, joining)? else {
            self.seen.turned_away += 1;
            return Ok(());
        };
        let room = WINDOW * RATES[lane] / 1_000_000;
        let until_start = sealed.start().saturating_sub(self.clock()) * RATES[lane] / 1_000_000;
        let promised = self.promised(lane) + sealed.units;
        if promised > room + until_start + room / ROOM {
            return Err(format!("lane {lane} has room for {room} units a day, and {promised} were admitted"));
        }
        if self.random.once_in(10) {
            // The seal fails: what is kept is given back, or the Worker ended as well.
            self.seen.unsealed += 1;
            if self.random.once_in(2) {
                self.pacer.report(self.clock(), &sealed.id, 1, Outcome::Unused);
                self.pacer.leave(self.clock(), &sealed.id);
            }
            return self.save_pacer();
        }
        self.seen.sends += 1;
        self.seen.granted += u64::from(slot.is_some());
        self.nodes.insert(number, Node::new(number, (sealed, slot), units, lane, skew));
        self.set_alarm(number);
        Ok(())
    }

    /// Whether there is room for a send, and its first turn if it is granted. The answer may get lost, and the call may
    /// be made again, now or much later.
    fn admit(&mut self, lane: usize, joining: Joining) -> Result<Option<Option<Slot>>, Violation> {
        let again = self.random.once_in(10);
        if again {
            self.pacer.join(self.clock(), &super::lane(lane), joining.clone());
            let late = self.random.within(1, 400) * SECOND;
            self.push(late, Action::Join { lane, joining: joining.clone() });
        }
        let admission = self.pacer.join(self.clock(), &super::lane(lane), joining);
        self.save_pacer()?;
        Ok(match admission {
            Admission::Admitted => Some(None),
            Admission::Granted { units, until } => Some(Some(Slot { turn: 1, units, until, silent: None })),
            Admission::Later { .. } | Admission::Never => None,
        })
    }

    /// Takes back what would go on for hours.
    pub(super) fn lighten(&mut self) {
        let heavy = |node: &&Node| node.sealed.units > RATES[node.lane] * HOUR / 1_000_000;
        for number in self.nodes.values().filter(heavy).map(|node| node.number).collect::<Vec<_>>() {
            self.cancel(number);
        }
    }

    /// The clocks are turned back to what they should be. An instant of a send stays what its caller named: those that are
    /// far away by now are taken back.
    pub(super) fn turn_back(&mut self) {
        let by = std::mem::take(&mut self.ahead);
        if by > 0 {
            self.turned = self.time.now;
            self.tickets_before = self.pacer.tickets();
        }
        for node in self.nodes.values_mut() {
            node.skew -= by;
        }
        let far = self.time.now + 24 * HOUR;
        let scheduled = self.nodes.values().filter(|node| node.sealed.not_before() > far);
        for number in scheduled.map(|node| node.number).collect::<Vec<_>>() {
            self.cancel(number);
        }
    }

    /// What sends of a lane have to post, as far as the pacer must know of it: it keeps room for a send of which it hears
    /// nothing for a time only.
    fn promised(&self, lane: usize) -> u64 {
        let here = self.nodes.values().filter(|node| node.lane == lane && !node.gone);
        let ledgers = here.map(|node| (node.number, node.memory.clone().unwrap_or_else(|| node.load())));
        let fresh = |ledger: &Ledger| self.clock() < ledger.sealed.created + ADMITTED - SKEW;
        let in_time = |ledger: &Ledger| self.clock() < ledger.sealed.deadline();
        let waits = |(number, ledger): &(u32, Ledger)| {
            let known = ledger.progress.joined && self.known.contains(number);
            in_time(ledger) && (known || ledger.batches.is_empty() && fresh(ledger))
        };
        let open = |(_, ledger): &(u32, Ledger)| ledger.progress.closed.is_none();
        ledgers.filter(waits).filter(open).map(|(_, ledger)| ledger.remaining_units()).sum()
    }

    pub(super) fn cancel(&mut self, number: u32) {
        self.decision(number, |ledger, now| Some(ledger.cancel(now).1));
    }

    /// Runs a decision of a person's in the object.
    pub(super) fn decision(
        &mut self,
        number: u32,
        decide: impl FnOnce(&mut Ledger, Millis) -> Option<Vec<Effect>>,
    ) -> bool {
        let now = self.time.now;
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
        let (id, life) = (self.time.number(), node.life);
        node.tasks.insert(id, task);
        self.push(0, Action::Run { node: number, life, task: id });
        done
    }

    /// A person says what became of a batch that is unknown, maybe wrongly, maybe late, maybe of another attempt.
    pub(super) fn say(&mut self, number: u32) {
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

    pub(super) fn tell_truth(&mut self, number: u32) {
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

    pub(super) fn decide(&mut self, number: u32, word: Settlement) -> Result<(), Violation> {
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
}
