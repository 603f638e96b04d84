//! Decision diagrams: what the digits of a number of known length lead to.
//!
//! All numbers of a calling code that have one length are a finite set of texts of that length, so their minimal
//! automaton needs no accepting states: it is a diagram that asks digit after digit and ends in an answer. Where all
//! ten digits lead to the same answer nothing is asked, so a walk ends as soon as the answer is clear. Equal parts are
//! one, over all calling codes and lengths.

use std::collections::HashMap;

use super::metadata::{Code, Region, TYPES};
use super::pattern::{Forest, Id, NEVER};
use anyhow::Result;

/// What digits lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A number that is assigned: its type, as core's `NumberType` counts, and which of the code's regions it is in.
    Assigned { number_type: u8, region: u8 },
    /// Not assigned; in a diagram of a general pattern, not matched.
    Nothing,
    /// The node that the next digit decides at.
    Node(u32),
}

/// The answer of a general pattern that matches.
pub const MATCHED: Target = Target::Assigned { number_type: 0, region: 0 };

const FIXED: usize = 8;
const MOBILE: usize = 9;
const FIXED_OR_MOBILE: u8 = 10;

/// The nodes of all diagrams, each once.
#[derive(Default)]
pub struct Diagrams {
    pub nodes: Vec<[Target; 10]>,
    ids: HashMap<[Target; 10], u32>,
}

impl Diagrams {
    fn node(&mut self, targets: [Target; 10]) -> Target {
        if !matches!(targets[0], Target::Node(_)) && targets.iter().all(|target| *target == targets[0]) {
            return targets[0];
        }
        let next = self.nodes.len() as u32;
        let id = *self.ids.entry(targets).or_insert(next);
        if id == next {
            self.nodes.push(targets);
        }
        Target::Node(id)
    }

    /// Draws what a calling code's national numbers of that many digits lead to.
    pub fn numbers(&mut self, forest: &mut Forest, code: &Code, length: usize) -> Result<Target> {
        let alone = code.regions.len() == 1;
        let regions = code.regions.iter().map(|region| Branch::new(forest, region, length, alone));
        let start = regions.collect::<Result<Vec<_>>>()?;
        let mut drawing = Drawing { forest, diagrams: self, known: HashMap::new() };
        Ok(drawing.draw(start, length))
    }

    /// Draws which texts of that many digits a pattern matches.
    pub fn matches(&mut self, forest: &mut Forest, pattern: &str, length: usize) -> Result<Target> {
        let start = vec![General(forest.parse(pattern)?)];
        let mut drawing = Drawing { forest, diagrams: self, known: HashMap::new() };
        Ok(drawing.draw(start, length))
    }
}

/// What is being matched at once: all regions of a code, or one pattern.
trait Step: Clone + Eq + std::hash::Hash {
    fn step(&self, forest: &mut Forest, digit: u8) -> Self;
    /// Whether nothing can match any more.
    fn is_dead(&self) -> bool;
    /// What is matched where the text ends; the first of several to say so decides.
    fn answer(&self, forest: &Forest, region: u8) -> Option<Target>;
}

/// A pattern that has to match.
#[derive(Clone, PartialEq, Eq, Hash)]
struct General(Id);

impl Step for General {
    fn step(&self, forest: &mut Forest, digit: u8) -> Self {
        Self(forest.derive(self.0, digit))
    }

    fn is_dead(&self) -> bool {
        self.0 == NEVER
    }

    fn answer(&self, forest: &Forest, _: u8) -> Option<Target> {
        forest.is_empty(self.0).then_some(MATCHED)
    }
}

/// What may still come in one region.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Branch {
    /// Where the region has leading digits, they alone decide whether the number is in it.
    leading: Option<Id>,
    general: Id,
    types: [Id; TYPES],
    same: bool,
}

impl Branch {
    fn new(forest: &mut Forest, region: &Region, length: usize, alone: bool) -> Result<Self> {
        let mut pattern = |description: &super::metadata::Description| {
            let fits = description.lengths.is_empty() || description.lengths.contains(&length);
            if description.none || !fits { Ok(NEVER) } else { forest.parse(&description.pattern) }
        };
        let general = pattern(&region.general)?;
        let mut types = [NEVER; TYPES];
        for (id, description) in types.iter_mut().zip(&region.types) {
            *id = pattern(description)?;
        }
        // A region that has its code for itself is not asked for leading digits.
        let leading = match &region.leading[..] {
            "" => None,
            _ if alone => None,
            leading => Some(forest.parse_front(leading)?),
        };
        Ok(Self { leading, general, types, same: region.same })
    }

    /// The type of a number that ends here, as libphonenumber finds it.
    fn number_type(&self, forest: &Forest) -> Option<u8> {
        let is = |id: Id| forest.is_empty(id);
        if !is(self.general) {
            return None;
        }
        if let Some(first) = self.types[..FIXED].iter().position(|id| is(*id)) {
            return Some(first as u8);
        }
        let (fixed, mobile) = (is(self.types[FIXED]), is(self.types[MOBILE]));
        match (fixed, mobile, self.same) {
            (true, _, true) | (true, true, _) => Some(FIXED_OR_MOBILE),
            (true, false, false) => Some(FIXED as u8),
            (false, true, false) => Some(MOBILE as u8),
            (false, ..) => None,
        }
    }
}

impl Step for Branch {
    fn step(&self, forest: &mut Forest, digit: u8) -> Self {
        let mut derive = |id| forest.derive(id, digit);
        let leading = self.leading.map(&mut derive);
        let mut next = Self { leading, general: derive(self.general), types: self.types.map(&mut derive), ..*self };
        // Branches that can answer nothing more are equal, so that fewer are told apart.
        if next.general == NEVER || next.types == [NEVER; TYPES] || next.leading == Some(NEVER) {
            next.general = NEVER;
            next.types = [NEVER; TYPES];
        }
        next
    }

    fn is_dead(&self) -> bool {
        self.general == NEVER
    }

    fn answer(&self, forest: &Forest, region: u8) -> Option<Target> {
        let number_type = self.number_type(forest);
        if let Some(leading) = self.leading
            && forest.is_empty(leading)
        {
            return Some(number_type.map_or(Target::Nothing, |number_type| Target::Assigned { number_type, region }));
        }
        if self.leading.is_some() {
            return None;
        }
        number_type.map(|number_type| Target::Assigned { number_type, region })
    }
}

struct Drawing<'a, S> {
    forest: &'a mut Forest,
    diagrams: &'a mut Diagrams,
    known: HashMap<(Vec<S>, usize), Target>,
}

impl<S: Step> Drawing<'_, S> {
    fn draw(&mut self, states: Vec<S>, remaining: usize) -> Target {
        if states.iter().all(S::is_dead) {
            return Target::Nothing;
        }
        if remaining == 0 {
            let mut regions = states.iter().zip(0..);
            return regions.find_map(|(state, region)| state.answer(self.forest, region)).unwrap_or(Target::Nothing);
        }
        let key = (states, remaining);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut targets = [Target::Nothing; 10];
        for (digit, target) in (0..).zip(&mut targets) {
            let next = key.0.iter().map(|state| state.step(self.forest, digit)).collect();
            *target = self.draw(next, remaining - 1);
        }
        let node = self.diagrams.node(targets);
        self.known.insert(key, node);
        node
    }
}
