//! Where the second pass writes to.

use std::mem;
use std::ops::Range;

use postgate_core::{Copier, Envelope, Fault, Row, Sink};

use crate::host::{List, give, give_numbers};
use crate::parts::PIECE;

/// Hands each body to JavaScript as soon as it is whole. After one into which rows of the request are to be copied comes
/// where: for each copy, after how many of the bytes handed over, and from where to where in the request.
pub(crate) struct Batches {
    /// Whether all rows come into one body, which is handed over in parts, so that the module holds little of it.
    whole: bool,
    before: Vec<u8>,
    after: Vec<u8>,
    /// Whether a body is open; what is here of it; and what belongs between that.
    begun: bool,
    open: Vec<u8>,
    copies: Vec<u32>,
    closed: List,
}

impl Batches {
    pub(crate) fn new(closed: List, whole: bool) -> Self {
        let [before, after, open] = [const { Vec::new() }; 3];
        Self { whole, before, after, begun: false, open, copies: Vec::new(), closed }
    }

    /// Ends the last body; takes all of them back where the verdict is not ok.
    pub(crate) fn finish(&mut self, ok: bool) {
        self.close();
        if !ok {
            self.closed.set_length(0);
        }
    }

    /// Begins a row of which the module gets to hold so much, in the open body or in a new one.
    fn begin_row(&mut self, begins_batch: bool, room: usize) -> Result<(), Fault> {
        let begins = begins_batch && !(self.whole && self.begun);
        if begins {
            self.close();
            self.begun = true;
        } else if self.whole && self.open.len() >= PIECE {
            self.hand_over();
        }
        let lead: &[u8] = if begins { &self.before } else { b"," };
        self.open.try_reserve(lead.len() + room + self.after.len()).map_err(|_| Fault::OutOfMemory)?;
        self.open.extend_from_slice(lead);
        Ok(())
    }

    /// Ends the body that is open, if one is.
    fn close(&mut self) {
        if mem::take(&mut self.begun) {
            self.open.extend_from_slice(&self.after);
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        give(&self.closed, &self.open);
        if !self.copies.is_empty() {
            give_numbers(&self.closed, &self.copies);
        }
        self.open.clear();
        self.copies.clear();
    }
}

impl Sink for Batches {
    fn begin(&mut self, envelope: &Envelope, largest: u64) {
        self.before.clone_from(&envelope.before);
        self.after.clone_from(&envelope.after);
        if !self.whole {
            // At once, as growing would take three times the room for a moment. Where there is none, a row will tell.
            let _ = self.open.try_reserve_exact(usize::try_from(largest).unwrap_or(0));
        }
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        self.begin_row(row.begins_batch, row.bytes.len())?;
        self.open.extend_from_slice(row.bytes);
        Ok(())
    }
}

impl Copier for Batches {
    fn copy(&mut self, place: Range<u64>, begins_batch: bool) -> Result<(), Fault> {
        self.begin_row(begins_batch, 0)?;
        self.copies.extend([self.open.len() as u32, place.start as u32, place.end as u32]);
        Ok(())
    }
}
