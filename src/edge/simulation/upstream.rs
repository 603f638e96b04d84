//! The upstream of the simulation: accepts, refuses, breaks, forgets, and knows what it has.

use std::collections::BTreeMap;

use super::random::Random;
use crate::clock::{HOUR, MINUTE, Millis, SECOND, rfc3339};
use crate::machine::answer::{Answer, TIMEOUT};
use crate::machine::counters::Counters;
use crate::machine::ledger::{Listed, Seen, likeliest, proof};
use crate::machine::record::Refusal;

/// A batch on its way.
#[derive(Clone, Debug)]
pub struct Post {
    /// Which operation, by its number in the simulation.
    pub node: u32,
    /// The batch.
    pub batch: u32,
    /// Its attempt.
    pub attempt: u32,
    /// Its first row.
    pub first: u32,
    /// Its rows.
    pub rows: u32,
    /// What they take of the pace.
    pub units: u64,
    /// Its tag, if it carries one.
    pub tag: Option<String>,
}

/// What the upstream has.
#[derive(Clone, Debug)]
pub struct Had {
    /// What was posted.
    pub post: Post,
    /// Its operation.
    pub id: String,
    /// When it came.
    pub at: Millis,
    /// From when its messages can be found, if ever.
    visible: Option<Millis>,
}

/// How a post will go.
#[derive(Clone, Debug)]
pub struct Fate {
    /// When it arrives, if it is accepted.
    pub arrives: Option<Millis>,
    /// When the object hears of it.
    pub answered: Millis,
    /// What it hears; of an acceptance the id is not known before it arrived.
    pub answer: Answer,
    /// Whether the answer names the operation.
    pub named: bool,
}

/// The upstream.
#[derive(Clone, Debug, Default)]
pub struct Upstream {
    /// All it has, in the order of arrival.
    pub had: Vec<Had>,
    /// Until when it knows nobody.
    pub closed_until: Millis,
    /// Until when nobody reaches it.
    pub down_until: Millis,
    /// How many posts did not, since it went down.
    pub unreached: u32,
    /// Whether it behaves.
    pub calm: bool,
}

impl Upstream {
    /// Decides how a post will go that must have arrived by `last`.
    pub fn fate(&mut self, random: &mut Random, now: Millis, last: Millis) -> Fate {
        let slow = random.once_in(20);
        let delay = if slow { random.within(SECOND, TIMEOUT - SECOND) } else { random.within(5, 400) };
        let arrives = (now + delay).min(last);
        let answered = arrives + random.within(1, 300);
        let unknown = |why: &str| Answer::Unknown { why: why.to_owned() };
        let accepted = Answer::Accepted { operation: None };
        let fate = |arrives, answer, named| Fate { arrives, answered: answered.max(now), answer, named };
        if self.calm {
            return fate(Some(arrives), accepted, true);
        }
        if now < self.down_until {
            self.unreached += 1;
            return fate(None, unknown("the upstream did not answer"), false);
        }
        if now < self.closed_until {
            return fate(None, Answer::Credentials { status: 401 }, false);
        }
        match random.below(100) {
            0..=3 => fate(None, Answer::NotCalled, false),
            4..=8 => fate(None, Answer::TooMany { wait: None }, false),
            9..=11 => {
                let wait = Some(random.within(1, 20) * MINUTE);
                fate(None, Answer::TooMany { wait }, false)
            }
            12..=13 => {
                let errors = vec![Refusal { code: Some(20001), ..Refusal::default() }];
                fate(None, Answer::Refused { status: 400, errors }, false)
            }
            14..=19 => fate(None, unknown("the upstream answered 503"), false),
            20..=27 => fate(Some(arrives), unknown("the upstream answered 500"), false),
            28..=31 => Fate {
                arrives: Some(arrives),
                answered: now + TIMEOUT,
                answer: unknown("the upstream did not answer"),
                named: false,
            },
            32..=33 => Fate {
                arrives: None,
                answered: now + TIMEOUT,
                answer: unknown("the upstream did not answer"),
                named: false,
            },
            34..=38 => fate(Some(arrives), accepted, false),
            _ => fate(Some(arrives), accepted, true),
        }
    }

    /// Whether it answers when it is asked that.
    pub fn answers(&self, random: &mut Random, now: Millis) -> bool {
        now >= self.down_until && (self.calm || !random.once_in(10))
    }

    /// Takes a post; its operation.
    pub fn take(&mut self, random: &mut Random, now: Millis, post: Post) -> String {
        let id = format!("upstream_{}", self.had.len());
        let visible = match random.below(10) {
            _ if self.calm => Some(now),
            // It never shows, or forgets at once.
            0..=1 => None,
            2..=4 => Some(now + random.within(1, 600) * SECOND),
            _ => Some(now),
        };
        self.had.push(Had { post, id: id.clone(), at: now, visible });
        id
    }

    /// What the object finds that looks for a tag: see the real one in [`crate::upstream`]. None if it could not ask.
    pub fn search(
        &self,
        random: &mut Random,
        now: Millis,
        tag: &str,
        (posted, rows, tries): (Millis, u32, u32),
        known: &[String],
    ) -> Option<Option<Option<String>>> {
        if !self.calm && random.once_in(5) {
            return None;
        }
        let visible = |had: &&Had| had.visible.is_some_and(|at| at <= now);
        let seen = |had: &Had| Seen { tag: had.post.tag.clone(), operation: Some(had.id.clone()) };
        let filter = if self.calm { 9 } else { random.below(10) };
        let found: Vec<Seen> = match filter {
            // The filter is ignored.
            0..=1 => self.had.iter().rev().filter(visible).take(50).map(seen).collect(),
            // It matches a part.
            2..=3 => {
                let part = tag.rsplit_once('.').map_or(tag, |(part, _)| part);
                let matches = |had: &&Had| had.post.tag.as_ref().is_some_and(|tag| tag.starts_with(part));
                self.had.iter().filter(visible).filter(matches).map(seen).collect()
            }
            // It is broken.
            4 => Vec::new(),
            _ => {
                let matches = |had: &&Had| had.post.tag.as_deref() == Some(tag);
                self.had.iter().filter(visible).filter(matches).map(seen).collect()
            }
        };
        if let Some(operation) = proof(&found, tag) {
            return Some(Some(operation));
        }
        let window = posted.saturating_sub(30 * SECOND)..posted + 5 * MINUTE;
        let listed = self.had.iter().filter(|had| window.contains(&had.at)).map(|had| Listed {
            id: had.id.clone(),
            created: rfc3339(had.at),
            recipients: had.post.rows.into(),
        });
        for id in likeliest(listed.collect(), known, posted, rows, tries) {
            let found = self.had.iter().filter(visible).find(|had| had.id == id);
            if found.is_some_and(|had| proof(&[seen(had)], tag).is_some()) {
                return Some(Some(Some(id)));
            }
        }
        Some(None)
    }

    /// What the object sees that asks for an operation.
    pub fn look(&self, random: &mut Random, now: Millis, id: &str) -> Option<(Counters, bool)> {
        if !self.calm && random.once_in(6) {
            return None;
        }
        let had = self.had.iter().rev().find(|had| had.id == id && now < had.at + 7 * 24 * HOUR)?;
        let rows = u64::from(had.post.rows);
        let last = now >= had.at + MINUTE;
        let delivered = if last { rows } else { rows / 2 };
        Some((Counters { delivered, queued: rows - delivered, ..Counters::of(rows) }, last))
    }

    /// Whether it has this attempt.
    pub fn has(&self, node: u32, batch: u32, attempt: u32) -> bool {
        self.had.iter().any(|had| (had.post.node, had.post.batch, had.post.attempt) == (node, batch, attempt))
    }

    /// How often it has each row of an operation.
    pub fn rows(&self, node: u32) -> BTreeMap<u32, u32> {
        let mut rows = BTreeMap::new();
        for had in self.had.iter().filter(|had| had.post.node == node) {
            for row in had.post.first..had.post.first + had.post.rows {
                *rows.entry(row).or_default() += 1;
            }
        }
        rows
    }
}
