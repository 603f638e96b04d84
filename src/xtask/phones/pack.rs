//! Packing the table: a range coder whose chances learn, and what the bits say. `src/core/phone/unpack.rs` reads them
//! in the same order.
//!
//! Diagrams are written from their roots down, a node where it is first led to. Of a node, digit after digit is
//! written: whether it leads where the digit in front does, to nothing, where an earlier digit of the node does, or
//! elsewhere: to an answer, to a node that is written then and there, or to one that was met before.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, ensure};

use super::diagram::{Diagrams, Target};

/// Most digits of a national number, which core holds diagrams to.
const DEEPEST: usize = 17;
/// Core counts answers in a byte, 0 being nothing.
const MOST_ANSWERS: usize = 255;

/// Where the chances of each kind of bit begin, as in core.
mod chance {
    pub const SAME: usize = 0;
    pub const NOTHING: usize = SAME + 160;
    pub const EARLIER: usize = NOTHING + 16;
    pub const WHICH: usize = EARLIER + 16;
    pub const IS_ANSWER: usize = WHICH + 4;
    pub const IS_NEW: usize = IS_ANSWER + 12;
    pub const IS_KNOWN: usize = IS_NEW + 3;
    pub const IS_LAST: usize = IS_KNOWN + 1;
    pub const ANSWER: usize = IS_LAST + 3;
    pub const KNOWN: usize = ANSWER + super::NUMBER;
    pub const FAR: usize = KNOWN + super::NUMBER;
    pub const KIND: usize = FAR + super::NUMBER;
    pub const REGION: usize = KIND + super::BYTE;
    pub const COLUMNS: usize = REGION + super::BYTE;
}
const NUMBER: usize = 16 + 16 * 24;
const BYTE: usize = 256;

/// Which bytes of a column share their chances, and how many such kinds there are.
#[derive(Clone, Copy)]
pub enum LearnsFrom {
    /// Those at even places, and those at odd ones.
    Parity = 2,
    /// Those that stand after alike ones.
    Before = 32,
}

/// How likely a bit is to be 0, in 65,536ths, and how many bits that was learned from.
#[derive(Clone)]
struct Chance {
    zero: u16,
    seen: u8,
}

/// Writes the stream.
pub struct Packer {
    out: Vec<u8>,
    low: u64,
    range: u32,
    chances: Vec<Chance>,
}

impl Packer {
    pub fn new() -> Self {
        let mut packer = Self { out: Vec::new(), low: 0, range: u32::MAX, chances: Vec::new() };
        packer.learn(chance::COLUMNS);
        packer
    }

    fn learn(&mut self, count: usize) -> usize {
        let begin = self.chances.len();
        self.chances.resize(begin + count, Chance { zero: 1 << 15, seen: 0 });
        begin
    }

    fn bit(&mut self, context: usize, bit: bool) {
        let chance = &mut self.chances[context];
        let bound = (self.range >> 12) * u32::from(chance.zero >> 4).max(1);
        let shift = (u32::from(chance.seen) + 2).ilog2();
        if bit {
            self.low += u64::from(bound);
            self.range -= bound;
            chance.zero -= chance.zero >> shift;
        } else {
            self.range = bound;
            chance.zero += (u16::MAX - chance.zero) >> shift;
        }
        chance.seen = (chance.seen + 1).min(14);
        self.carry();
        while self.range < 1 << 24 {
            self.range <<= 8;
            self.shift();
        }
    }

    /// Adds what has run over the front of `low` to the bytes that are out.
    fn carry(&mut self) {
        if self.low >> 32 != 0 {
            self.low &= u64::from(u32::MAX);
            for byte in self.out.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
    }

    fn shift(&mut self) {
        self.out.push((self.low >> 24) as u8);
        self.low = self.low << 8 & u64::from(u32::MAX);
    }

    fn byte(&mut self, context: usize, byte: u8) {
        let mut node = 1;
        for at in (0..8).rev() {
            let bit = byte >> at & 1 == 1;
            self.bit(context + node, bit);
            node = 2 * node + usize::from(bit);
        }
    }

    fn number(&mut self, context: usize, number: usize) -> Result<()> {
        let number = number + 1;
        let bits = number.ilog2() as usize;
        ensure!(bits < 15, "the number {number} is too large to be packed");
        for at in 0..=bits {
            self.bit(context + at, at < bits);
        }
        let mut value = 1;
        for at in (0..bits).rev() {
            let place = if value < 8 { value } else { 8 + at };
            let bit = number >> at & 1 == 1;
            self.bit(context + 16 + 24 * bits + place, bit);
            value = 2 * value + usize::from(bit);
        }
        Ok(())
    }

    /// A column of bytes.
    pub fn bytes(&mut self, bytes: &[u8], learns_from: LearnsFrom) {
        let context = self.learn(learns_from as usize * BYTE);
        let mut before = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let side = match learns_from {
                LearnsFrom::Parity => at % 2,
                LearnsFrom::Before => before % LearnsFrom::Before as usize,
            };
            self.byte(context + side * BYTE, *byte);
            before = usize::from(*byte);
        }
    }

    /// A column of numbers.
    pub fn words(&mut self, words: &[u16]) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.bytes(&bytes, LearnsFrom::Parity);
    }

    /// A column of numbers that never fall, as the steps between them.
    pub fn rising(&mut self, words: &[u16]) -> Result<()> {
        ensure!(words.is_sorted(), "a column that should rise falls");
        let before = std::iter::once(&0).chain(words);
        let steps: Vec<u16> = words.iter().zip(before).map(|(word, before)| word - before).collect();
        self.words(&steps);
        Ok(())
    }

    /// The diagrams from their roots, and the end: all bytes, and how many answers there are.
    pub fn diagrams(self, diagrams: &Diagrams, roots: &[Target]) -> Result<(Vec<u8>, usize)> {
        let mut drawing = Drawing {
            packer: self,
            diagrams,
            places: HashMap::new(),
            met: HashSet::new(),
            answers: HashSet::new(),
            recent_answers: Vec::new(),
            recent_nodes: Vec::new(),
        };
        for root in roots {
            ensure!(*root != Target::Nothing, "a root that leads to nothing");
            drawing.target(*root, 0, 3, 0)?;
        }
        let answers = drawing.answers.len();
        ensure!(answers <= MOST_ANSWERS, "there are too many answers");
        let mut packer = drawing.packer;
        // The reader holds four bytes; zeros after the end are read as such.
        (0..4).for_each(|_| packer.shift());
        while packer.out.last() == Some(&0) {
            packer.out.pop();
        }
        Ok((packer.out, answers))
    }
}

struct Drawing<'a> {
    packer: Packer,
    diagrams: &'a Diagrams,
    /// Nodes that are written, in the order in which they were whole.
    places: HashMap<u32, usize>,
    /// Nodes that were met a second time.
    met: HashSet<u32>,
    answers: HashSet<Target>,
    recent_answers: Vec<Target>,
    recent_nodes: Vec<u32>,
}

/// What contexts tell apart.
fn kind(target: Target) -> usize {
    match target {
        Target::Nothing => 0,
        Target::Node(_) => 1,
        Target::Assigned { .. } => 2,
    }
}

impl Drawing<'_> {
    fn target(&mut self, target: Target, newest: usize, before: usize, depth: usize) -> Result<()> {
        self.packer.bit(chance::IS_ANSWER + 4 * newest + before, matches!(target, Target::Assigned { .. }));
        let id = match target {
            Target::Node(id) => id,
            answer => return self.answer(answer, newest),
        };
        let place = self.places.get(&id).copied();
        self.packer.bit(chance::IS_NEW + newest, place.is_none());
        let Some(place) = place else { return self.node(id, depth + 1) };
        let known = !self.met.insert(id);
        self.packer.bit(chance::IS_KNOWN, known);
        if known {
            let back = take_back(&mut self.recent_nodes, id);
            self.packer.number(chance::KNOWN, back)?;
        } else {
            self.packer.number(chance::FAR, self.places.len() - place - 1)?;
        }
        self.recent_nodes.push(id);
        Ok(())
    }

    fn answer(&mut self, answer: Target, newest: usize) -> Result<()> {
        let count = self.recent_answers.len();
        let new = self.answers.insert(answer);
        let back = if new { count } else { take_back(&mut self.recent_answers, answer) };
        self.packer.bit(chance::IS_LAST + newest, back == 0);
        if back > 0 {
            self.packer.number(chance::ANSWER, back - 1)?;
        }
        if new && let Target::Assigned { number_type, region } = answer {
            self.packer.byte(chance::KIND, number_type);
            self.packer.byte(chance::REGION, region);
        }
        self.recent_answers.push(answer);
        Ok(())
    }

    fn node(&mut self, id: u32, depth: usize) -> Result<()> {
        ensure!(depth <= DEEPEST, "a diagram is deeper than a number is long");
        let mut targets: Vec<Target> = Vec::new();
        let (mut last, mut before, mut run) = (Target::Nothing, 3, 0);
        for (digit, target) in self.diagrams.nodes[id as usize].into_iter().enumerate() {
            let seen = targets.len().min(3);
            if digit > 0 {
                self.packer.bit(chance::SAME + 40 * before + 10 * seen + run, target == last);
                if target == last {
                    run += 1;
                    continue;
                }
            }
            run = 0;
            if before != 0 {
                self.packer.bit(chance::NOTHING + 4 * before + seen, target == Target::Nothing);
            }
            if target != Target::Nothing {
                self.other(target, &mut targets, last, before, depth)?;
            }
            last = target;
            before = kind(last);
        }
        self.places.insert(id, self.places.len());
        Ok(())
    }

    fn other(
        &mut self,
        target: Target,
        targets: &mut Vec<Target>,
        last: Target,
        before: usize,
        depth: usize,
    ) -> Result<()> {
        let others: Vec<Target> = targets.iter().rev().filter(|target| **target != last).copied().collect();
        let count = others.len();
        let back = others.iter().position(|known| *known == target);
        if count > 0 {
            self.packer.bit(chance::EARLIER + 4 * before + count.min(4) - 1, back.is_some());
        }
        if let Some(back) = back {
            for at in 0..count - 1 {
                self.packer.bit(chance::WHICH + at.min(3), at < back);
                if at == back {
                    break;
                }
            }
            return Ok(());
        }
        let newest = targets.last().map_or(0, |target| kind(*target));
        self.target(target, newest, before, depth)?;
        targets.push(target);
        Ok(())
    }
}

/// Takes out what was met before, and tells how many others were met since.
fn take_back<T: PartialEq>(recent: &mut Vec<T>, wanted: T) -> usize {
    let at = recent.iter().rposition(|known| *known == wanted).unwrap_or(0);
    recent.remove(at);
    recent.len() - at
}
