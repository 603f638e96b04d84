//! Which variables a template uses, where, and for what.

use super::program::{Id, Range};

/// What a variable is used for in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is written to the text.
    Output,
    /// It decides what is written.
    Condition,
    /// A loop runs over it, or is bounded by it.
    Loop,
    /// Another variable gets its value.
    Assign,
    /// It is the argument of a filter, or part of the way into another variable.
    Argument,
}

impl Role {
    /// `output`, `condition`, `loop`, `assign` or `argument`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Condition => "condition",
            Self::Loop => "loop",
            Self::Assign => "assign",
            Self::Argument => "argument",
        }
    }
}

/// One place where a variable is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub path: Id,
    pub name: Id,
    pub at: Range,
    pub role: Role,
    pub has_default: bool,
    /// Whether the template itself gives it its value: a loop around it, or an assignment before it.
    pub local: bool,
}

/// A use that had no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// The path to it.
    pub path: Id,
    /// Whether the template itself gave the path's root its value.
    pub part: bool,
}
