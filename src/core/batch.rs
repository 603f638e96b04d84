//! Batches: the upstream requests that a send becomes.

use crate::limits::BatchLimits;

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

    /// Whether there is nothing around the rows; never so for a request that was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The size of one upstream request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchTotals {
    /// Recipients.
    pub rows: u32,
    /// Bytes of its body.
    pub bytes: u64,
}

/// Cuts rows into batches: before the row that would be too many or make the body too large.
///
/// The only state is the present batch, so the same rows give the same batches wherever and whenever they are cut.
#[derive(Clone, Debug)]
pub struct Cutter {
    limits: BatchLimits,
    envelope: u64,
    open: BatchTotals,
    /// Whether nothing may be added to the open batch.
    alone: bool,
}

impl Cutter {
    /// A cutter of batches whose body has `envelope` bytes beside its rows.
    pub fn new(limits: BatchLimits, envelope: u64) -> Self {
        Self { limits, envelope, open: BatchTotals::default(), alone: false }
    }

    /// Adds a row of `bytes` bytes. The result is the batch before it, if the row begins a new one. A row that stands for a
    /// stored group gets a batch to itself, `alone`: it may be a million people.
    pub fn add(&mut self, bytes: u64, alone: bool) -> Option<BatchTotals> {
        if !alone && self.grow(bytes) {
            return None;
        }
        self.alone = alone;
        let closed = (self.open.rows > 0).then_some(self.open);
        self.open = BatchTotals { rows: 1, bytes: self.envelope + bytes };
        closed
    }

    /// Adds a row to the open batch, unless it begins one.
    #[inline(always)]
    pub(crate) fn grow(&mut self, bytes: u64) -> bool {
        let longer = self.open.bytes + 1 + bytes;
        let fits = !self.alone && (1..self.limits.rows).contains(&self.open.rows) && longer <= self.limits.bytes;
        if fits {
            self.open = BatchTotals { rows: self.open.rows + 1, bytes: longer };
        }
        fits
    }

    /// Whether the open batch has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.rows == 0
    }

    /// The last batch, if there was any row at all.
    pub fn finish(&self) -> Option<BatchTotals> {
        (self.open.rows > 0).then_some(self.open)
    }
}
