//! Bytes that leave the module as they are made.

use js_sys::{Array, Uint8Array};

/// How much is gathered before it is handed over.
pub(crate) const PIECE: usize = 1 << 18;

/// Hands bytes to JavaScript piece by piece, so that the module holds little of them.
pub(crate) struct Parts {
    open: Vec<u8>,
    whole: Array,
}

impl Parts {
    pub(crate) fn new(whole: Array) -> Self {
        Self { open: Vec::new(), whole }
    }

    /// Where the next bytes go, after those that are still here.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        if self.open.len() >= PIECE {
            self.flush();
        }
        &mut self.open
    }

    /// Hands over what is still here.
    pub(crate) fn flush(&mut self) {
        if !self.open.is_empty() {
            self.whole.push(&Uint8Array::new_from_slice(&self.open));
            self.open.clear();
        }
    }
}
