//! Bytes that leave the module as they are made.

use crate::host::{List, give};

/// How much is gathered before it is handed over.
pub(crate) const PIECE: usize = 1 << 18;

/// Hands bytes to JavaScript piece by piece, so that the module holds little of them.
pub(crate) struct Parts {
    open: Vec<u8>,
    whole: List,
}

impl Parts {
    pub(crate) fn new(whole: List) -> Self {
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
            give(&self.whole, &self.open);
            self.open.clear();
        }
    }
}
