//! Batches: the upstream requests that a send becomes.

use crate::limits::BatchLimits;
use crate::verdict::BatchTotals;

/// The body of one upstream request.
pub type Batch = Vec<u8>;

/// What stands around the rows in every batch: the head's members, in the sender's own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// From the first brace to the bracket that opens `to`.
    pub before: Vec<u8>,
    /// From the bracket that closes `to` to the last brace.
    pub after: Vec<u8>,
}

impl Envelope {
    /// Bytes of a body without rows.
    pub fn len(&self) -> u64 {
        (self.before.len() + self.after.len()) as u64
    }

    /// Whether there is nothing around the rows; never the case for a request that was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Cuts rows into batches: before the row that would be too many or make the body too large.
///
/// The only state is the present batch, so the same rows give the same batches wherever and whenever they are cut.
#[derive(Clone, Debug)]
pub struct Cutter {
    limits: BatchLimits,
    envelope: u64,
    open: BatchTotals,
}

impl Cutter {
    /// A cutter of batches whose body has `envelope` bytes beside its rows.
    pub fn new(limits: BatchLimits, envelope: u64) -> Self {
        Self { limits, envelope, open: BatchTotals::default() }
    }

    /// Adds a row of `bytes` bytes; the batch in front of it, if that row begins a new one.
    pub fn add(&mut self, bytes: u64) -> Option<BatchTotals> {
        let full = self.open.rows > 0
            && (self.open.rows >= self.limits.rows || self.open.bytes + 1 + bytes > self.limits.bytes);
        let closed = full.then(|| std::mem::take(&mut self.open));
        self.open.bytes += if self.open.rows == 0 { self.envelope } else { 1 } + bytes;
        self.open.rows += 1;
        closed
    }

    /// The last batch, if there was any row.
    pub fn finish(self) -> Option<BatchTotals> {
        (self.open.rows > 0).then_some(self.open)
    }
}
