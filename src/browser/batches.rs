//! Where the second pass writes to.

use js_sys::{Array, Uint8Array};
use postgate_core::{Envelope, Fault, Row, Sink};

use crate::parts::Parts;

/// Hands each body to JavaScript as soon as it is whole, so that the module holds one at a time.
pub(crate) struct Batches {
    before: Vec<u8>,
    after: Vec<u8>,
    open: Vec<u8>,
    closed: Array,
}

impl Batches {
    pub(crate) fn new(closed: Array) -> Self {
        Self { before: Vec::new(), after: Vec::new(), open: Vec::new(), closed }
    }

    /// Ends the last body; takes all of them back where the verdict is not ok.
    pub(crate) fn finish(&mut self, ok: bool) {
        self.close();
        if !ok {
            self.closed.set_length(0);
        }
    }

    /// Hands over the body that is open, if one is.
    fn close(&mut self) {
        if !self.open.is_empty() {
            self.open.extend_from_slice(&self.after);
            self.closed.push(&Uint8Array::new_from_slice(&self.open));
            self.open.clear();
        }
    }
}

impl Sink for Batches {
    fn begin(&mut self, envelope: &Envelope, largest: u64) {
        self.before.clone_from(&envelope.before);
        self.after.clone_from(&envelope.after);
        // At once, as growing would take three times the room for a moment. Where there is none, a row will tell.
        let _ = self.open.try_reserve_exact(usize::try_from(largest).unwrap_or(0));
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        let lead: &[u8] = if row.begins_batch {
            self.close();
            &self.before
        } else {
            b","
        };
        let needed = lead.len() + row.bytes.len() + self.after.len();
        self.open.try_reserve(needed).map_err(|_| Fault::OutOfMemory)?;
        self.open.extend_from_slice(lead);
        self.open.extend_from_slice(row.bytes);
        Ok(())
    }
}

/// Hands one body that holds all rows to JavaScript, in parts.
pub(crate) struct Normalized {
    parts: Parts,
    after: Vec<u8>,
    begun: bool,
}

impl Normalized {
    pub(crate) fn new(parts: Array) -> Self {
        Self { parts: Parts::new(parts), after: Vec::new(), begun: false }
    }

    /// Ends the body.
    pub(crate) fn finish(&mut self) {
        self.parts.room().extend_from_slice(&self.after);
        self.parts.flush();
    }
}

impl Sink for Normalized {
    fn begin(&mut self, envelope: &Envelope, _: u64) {
        self.parts.room().extend_from_slice(&envelope.before);
        self.after.clone_from(&envelope.after);
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        let room = self.parts.room();
        room.try_reserve(row.bytes.len() + 1).map_err(|_| Fault::OutOfMemory)?;
        if self.begun {
            room.push(b',');
        }
        self.begun = true;
        room.extend_from_slice(row.bytes);
        Ok(())
    }
}
