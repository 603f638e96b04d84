//! Blocks that run: what is to be put right after each, and what a loop says of itself.

use super::program::Id;
use super::usage::Gap;
use super::value::Value;

/// A block that runs and has something to be put right after it.
pub(super) enum Frame<'a> {
    Loop(LoopFrame<'a>),
    /// What is put out from `start` on goes into a variable, and what is missing in it with it; `outer` is from where on it
    /// goes elsewhere afterwards.
    Capture {
        start: usize,
        outer: usize,
        name: Id,
    },
    /// What is put out from `start` on goes if it is as before.
    Changed {
        start: usize,
    },
    Case {
        matched: bool,
        back: Id,
    },
}

/// A loop that runs.
pub(super) struct LoopFrame<'a> {
    /// What it goes through.
    pub values: Value<'a>,
    /// Which of the items is the first, and how many there are.
    pub from: u64,
    pub length: usize,
    pub index: usize,
    pub reversed: bool,
    pub serial: u32,
    /// Its place among the program's loops.
    pub id: Id,
    pub name: Id,
    /// Where it goes on.
    pub next: Id,
    /// What was lacking in what it goes through.
    pub missing: Vec<Gap>,
    /// What the loop's names stood for around it.
    pub outer: [Option<Value<'a>>; 2],
    /// How many columns it has, if it is of `tablerow`.
    pub columns: Option<i64>,
}

impl<'a> LoopFrame<'a> {
    pub(super) fn item(&self) -> Value<'a> {
        let index = if self.reversed { self.length - 1 - self.index } else { self.index };
        self.values.item(self.from + index as u64)
    }

    /// The row and the column of `tablerow` that it stands at. Without columns there is one row.
    pub(super) fn cell(&self, columns: i64) -> (i64, i64) {
        let index = self.index as i64;
        if columns > 0 { (index / columns + 1, index % columns + 1) } else { (1, index + 1) }
    }

    /// What the loop says of itself under that name.
    pub(super) fn member(&self, name: &str) -> Value<'a> {
        let (index, length) = (self.index as i64, self.length as i64);
        let cell = self.columns.map(|columns| (self.cell(columns), columns));
        let number = match (name, cell) {
            ("length", _) => length,
            ("index", _) => index + 1,
            ("index0", _) => index,
            ("rindex", _) => length - index,
            ("rindex0", _) => length - index - 1,
            ("first", _) => return Value::Bool(index == 0),
            ("last", _) => return Value::Bool(index + 1 == length),
            ("row", Some(((row, _), _))) => row,
            ("col", Some(((_, column), _))) => column,
            ("col0", Some(((_, column), _))) => column - 1,
            ("col_first", Some(((_, column), _))) => return Value::Bool(column == 1),
            ("col_last", Some(((_, column), columns))) => return Value::Bool(column == columns),
            _ => return Value::Nil,
        };
        Value::Int(number)
    }
}
