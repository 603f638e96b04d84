//! Unpacking the table of numbering plans.
//!
//! The table is a range coder's stream: each bit is read with a chance that has learned from the bits before it, so
//! the table is half of what it takes to walk it. What the bits stand for is decided in `src/xtask/phones/pack.rs`,
//! which writes them in the same order. It takes less than a millisecond, once.

/// A slot of a node, or a root: it leads to nothing, to an answer (its place, from 1), or from here on to a node.
pub(super) const NODES: u16 = 256;
/// No diagram is deeper than a national number is long.
const DEEPEST: usize = 17;

/// Where the chances of each kind of bit begin; as in `src/xtask/phones/pack.rs`.
mod chance {
    pub(super) const SAME: usize = 0;
    pub(super) const NOTHING: usize = SAME + 160;
    pub(super) const EARLIER: usize = NOTHING + 16;
    pub(super) const WHICH: usize = EARLIER + 16;
    pub(super) const IS_ANSWER: usize = WHICH + 4;
    pub(super) const IS_NEW: usize = IS_ANSWER + 12;
    pub(super) const IS_KNOWN: usize = IS_NEW + 3;
    pub(super) const IS_LAST: usize = IS_KNOWN + 1;
    pub(super) const ANSWER: usize = IS_LAST + 3;
    pub(super) const KNOWN: usize = ANSWER + super::NUMBER;
    pub(super) const FAR: usize = KNOWN + super::NUMBER;
    pub(super) const KIND: usize = FAR + super::NUMBER;
    pub(super) const REGION: usize = KIND + super::BYTE;
    pub(super) const COLUMNS: usize = REGION + super::BYTE;
}
/// How many chances a number of unknown size takes, and a byte.
const NUMBER: usize = 16 + 16 * 24;
const BYTE: usize = 256;

/// How likely a bit is to be 0, in 65,536ths, and how many bits that was learned from.
#[derive(Clone)]
struct Chance {
    zero: u16,
    seen: u8,
}

/// Reads the stream.
pub(super) struct Stream {
    rest: std::slice::Iter<'static, u8>,
    range: u32,
    code: u32,
    chances: Vec<Chance>,
}

impl Stream {
    pub(super) fn new(bytes: &'static [u8]) -> Self {
        let mut stream = Self { rest: bytes.iter(), range: u32::MAX, code: 0, chances: Vec::new() };
        stream.learn(chance::COLUMNS);
        (0..4).for_each(|_| stream.take());
        stream
    }

    /// Makes room for more chances, and tells where it begins.
    fn learn(&mut self, count: usize) -> usize {
        let begin = self.chances.len();
        self.chances.resize(begin + count, Chance { zero: 1 << 15, seen: 0 });
        begin
    }

    fn take(&mut self) {
        self.code = self.code << 8 | u32::from(self.rest.next().copied().unwrap_or(0));
    }

    fn bit(&mut self, context: usize) -> bool {
        let Some(chance) = self.chances.get_mut(context) else { return false };
        let bound = (self.range >> 12) * u32::from(chance.zero >> 4).max(1);
        let shift = (u32::from(chance.seen) + 2).ilog2();
        let bit = self.code >= bound;
        if bit {
            self.code -= bound;
            self.range -= bound;
            chance.zero -= chance.zero >> shift;
        } else {
            self.range = bound;
            chance.zero += (u16::MAX - chance.zero) >> shift;
        }
        chance.seen = (chance.seen + 1).min(14);
        while self.range < 1 << 24 {
            self.range <<= 8;
            self.take();
        }
        bit
    }

    fn byte(&mut self, context: usize) -> u8 {
        let mut node = 1;
        for _ in 0..8 {
            node = 2 * node + usize::from(self.bit(context + node));
        }
        node as u8
    }

    /// A number that is likely small: how many bits it has, then those after the first.
    fn number(&mut self, context: usize) -> usize {
        let mut bits = 0;
        while bits < 15 && self.bit(context + bits) {
            bits += 1;
        }
        let mut value = 1;
        for at in (0..bits).rev() {
            let place = if value < 8 { value } else { 8 + at };
            value = 2 * value + usize::from(self.bit(context + 16 + 24 * bits + place));
        }
        value - 1
    }

    /// The next column of bytes.
    pub(super) fn bytes(&mut self, count: usize, learns_from: LearnsFrom) -> Vec<u8> {
        let context = self.learn(learns_from as usize * BYTE);
        let mut bytes: Vec<u8> = Vec::with_capacity(count);
        for at in 0..count {
            let side = match learns_from {
                LearnsFrom::Parity => at % 2,
                LearnsFrom::Before => {
                    bytes.last().map_or(0, |before| usize::from(*before) % LearnsFrom::Before as usize)
                }
            };
            let byte = self.byte(context + side * BYTE);
            bytes.push(byte);
        }
        bytes
    }

    /// The next column of numbers below 65,536.
    pub(super) fn words(&mut self, count: usize) -> Vec<u16> {
        let bytes = self.bytes(2 * count, LearnsFrom::Parity);
        bytes.as_chunks().0.iter().map(|two| u16::from_le_bytes(*two)).collect()
    }

    /// The next column of numbers that never fall.
    pub(super) fn rising(&mut self, count: usize) -> Vec<u16> {
        let mut sum = 0_u16;
        let mut steps = self.words(count);
        for step in &mut steps {
            sum = sum.wrapping_add(*step);
            *step = sum;
        }
        steps
    }
}

/// Which bytes of a column share their chances, and how many such kinds there are.
#[derive(Clone, Copy)]
pub(super) enum LearnsFrom {
    /// Those at even places, and those at odd ones.
    Parity = 2,
    /// Those that stand after alike ones.
    Before = 32,
}

/// The diagrams of all plans: for each node, where each digit leads.
pub(super) struct Diagrams {
    stream: Stream,
    pub(super) nodes: Vec<[u16; 10]>,
    /// Type and region.
    pub(super) answers: Vec<(u8, u8)>,
    /// Answers that were met, and nodes that were met more than once; the last one at the end.
    recent_answers: Vec<u16>,
    recent_nodes: Vec<u16>,
}

/// What a slot leads to, as contexts count it: 0 nothing, 1 a node, 2 an answer.
fn kind(slot: u16) -> usize {
    match slot {
        0 => 0,
        NODES.. => 1,
        _ => 2,
    }
}

impl Diagrams {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, nodes: Vec::new(), answers: Vec::new(), recent_answers: Vec::new(), recent_nodes: Vec::new() }
    }

    /// The next diagram: its root.
    pub(super) fn root(&mut self) -> u16 {
        self.target(0, 3, 0)
    }

    /// What was not led to before from this node. `newest` is what was last, and `before` what the digit in front has.
    fn target(&mut self, newest: usize, before: usize, depth: usize) -> u16 {
        if self.stream.bit(chance::IS_ANSWER + 4 * newest + before) {
            return self.answer(newest);
        }
        if self.stream.bit(chance::IS_NEW + newest) {
            return if depth < DEEPEST { self.node(depth + 1) } else { 0 };
        }
        let node = if self.stream.bit(chance::IS_KNOWN) {
            let back = self.stream.number(chance::KNOWN);
            take_back(&mut self.recent_nodes, back)
        } else {
            let back = self.stream.number(chance::FAR) + 1;
            self.nodes.len().checked_sub(back).map_or(0, |node| NODES + node as u16)
        };
        self.recent_nodes.push(node);
        node
    }

    fn answer(&mut self, newest: usize) -> u16 {
        let last = self.stream.bit(chance::IS_LAST + newest);
        let back = if last { 0 } else { 1 + self.stream.number(chance::ANSWER) };
        let answer = if back < self.recent_answers.len() {
            take_back(&mut self.recent_answers, back)
        } else {
            self.answers.push((self.stream.byte(chance::KIND), self.stream.byte(chance::REGION)));
            self.answers.len() as u16
        };
        self.recent_answers.push(answer);
        answer
    }

    fn node(&mut self, depth: usize) -> u16 {
        let mut slots = [0_u16; 10];
        let mut targets: Vec<u16> = Vec::with_capacity(10);
        let (mut last, mut before, mut run) = (0, 3, 0);
        for (digit, slot) in slots.iter_mut().enumerate() {
            let seen = targets.len().min(3);
            if digit > 0 && self.stream.bit(chance::SAME + 40 * before + 10 * seen + run) {
                run += 1;
                *slot = last;
                continue;
            }
            run = 0;
            last = if before != 0 && self.stream.bit(chance::NOTHING + 4 * before + seen) {
                0
            } else {
                self.other(&mut targets, last, before, depth)
            };
            *slot = last;
            before = kind(last);
        }
        self.nodes.push(slots);
        NODES + (self.nodes.len() - 1) as u16
    }

    /// A target that is not the last one.
    fn other(&mut self, targets: &mut Vec<u16>, last: u16, before: usize, depth: usize) -> u16 {
        let mut others = targets.iter().rev().filter(|target| **target != last);
        let count = others.clone().count();
        if count > 0 && self.stream.bit(chance::EARLIER + 4 * before + count.min(4) - 1) {
            let mut back = 0;
            while back + 1 < count && self.stream.bit(chance::WHICH + back.min(3)) {
                back += 1;
            }
            return others.nth(back).copied().unwrap_or(0);
        }
        let newest = targets.last().map_or(0, |target| kind(*target));
        let target = self.target(newest, before, depth);
        targets.push(target);
        target
    }
}

/// Takes out what was met `back` entries ago.
fn take_back(recent: &mut Vec<u16>, back: usize) -> u16 {
    recent.len().checked_sub(back + 1).map_or(0, |at| recent.remove(at))
}
