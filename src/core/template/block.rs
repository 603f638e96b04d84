//! Blocks: the tags they belong to, and what is known of one while it is open.

use super::program::{Id, NONE, Range};

/// A block that is open.
pub(super) struct Block {
    pub owner: Owner,
    /// The tag that opened it.
    pub at: Range,
    /// Whether nothing in it can be seen: then its white space goes, too.
    pub blank: bool,
    /// How many texts of the blocks around it there were when it was opened.
    pub texts: usize,
}

/// Whose block it is.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub kind: Kind,
    /// The variable of a loop or capture.
    pub name: Id,
    /// The place of a loop among the loops, or the value of a case.
    pub of: Id,
    /// The step that leads to the next branch; of a loop, its begin.
    pub pending: Id,
    /// The last of the jumps that lead past it; each holds the one before.
    pub ends: Id,
}

/// The kinds of blocks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    If,
    Unless,
    Case,
    For,
    TableRow,
    Capture,
    Changed,
}

/// The tags that end them.
pub(super) const ENDS: [&str; 7] =
    ["endif", "endunless", "endcase", "endfor", "endtablerow", "endcapture", "endifchanged"];

impl Owner {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, name: NONE, of: NONE, pending: NONE, ends: NONE }
    }

    /// The tag that ends it.
    pub(super) fn end(&self) -> &'static str {
        ENDS.get(self.kind as usize).copied().unwrap_or_default()
    }
}
