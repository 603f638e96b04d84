//! The clock of a simulation, and what happens next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::Millis;

/// What is to happen, in the order of time; at the same moment in the order in which it was planned.
#[derive(Debug)]
pub struct Timeline<A> {
    /// The present moment.
    pub now: Millis,
    queue: BinaryHeap<Reverse<Due<A>>>,
    number: u64,
}

#[derive(Debug)]
struct Due<A> {
    at: Millis,
    number: u64,
    action: A,
}

impl<A> Timeline<A> {
    /// Nothing is planned.
    pub fn new(now: Millis) -> Self {
        Self { now, queue: BinaryHeap::new(), number: 0 }
    }

    /// A number that was never given before.
    pub fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Plans what is to happen after so long.
    pub fn push(&mut self, after: Millis, action: A) {
        let number = self.number();
        self.queue.push(Reverse(Due { at: self.now + after, number, action }));
    }

    /// Goes on to what happens next.
    pub fn next(&mut self) -> Option<A> {
        let Reverse(Due { at, action, .. }) = self.queue.pop()?;
        self.now = self.now.max(at);
        Some(action)
    }
}

impl<A> PartialEq for Due<A> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl<A> Eq for Due<A> {}

impl<A> PartialOrd for Due<A> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<A> Ord for Due<A> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}
