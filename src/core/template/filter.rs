//! Filters: the one way in which they are called, and the registry of their names.
//!
//! A filter is a plain function and a row in the table of its area. What it may not do: keep a clock of its own, make
//! more than the budget allows without asking first, or recurse over values deeper than they can be.

mod array;
mod code;
mod date;
mod default;
mod letters;
mod math;
mod moment;
mod sort;
mod strftime;
mod text;
mod writer;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::budget::Budget;
use super::failure::Failure;
use super::value::Value;
use crate::instant::Instant;
use writer::Writer;

/// What a filter gives back.
pub(crate) type Outcome<'a> = Result<Value<'a>, Failure>;

/// A call of a filter.
pub(crate) struct Call<'c, 'a> {
    /// What stands in front of the filter.
    pub input: Value<'a>,
    /// The arguments without a name: as many as the filter's row says.
    pub arguments: &'c [Value<'a>],
    /// The arguments with a name.
    pub named: &'c [(&'a str, Value<'a>)],
    /// The present instant, where the caller gave one.
    pub now: Option<Instant>,
    /// What the filter may use. Its steps for the size of the input are taken already; what takes more asks.
    pub budget: &'c mut Budget,
    /// Texts that are done with, to write into without a new allocation.
    pub spare: &'c mut Vec<String>,
}

impl<'a> Call<'_, 'a> {
    /// What stands in front of the filter, to keep.
    pub(crate) fn take_input(&mut self) -> Value<'a> {
        std::mem::take(&mut self.input)
    }

    /// The text that a value counts as. What is made for it is taken from the budget.
    fn text_of<'v>(&mut self, value: &'v Value<'_>) -> Result<Cow<'v, str>, Failure> {
        if !matches!(value, Value::Text(_)) {
            self.budget.memory(value.size())?;
        }
        Ok(value.text())
    }

    /// The result, written piece by piece.
    fn writer(&mut self) -> Writer<'_> {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        // Most texts are shorter, and grow no more.
        buffer.reserve(64);
        Writer::new(buffer, self.budget)
    }

    /// The argument at an index; nil where there is none.
    pub(crate) fn argument(&self, index: usize) -> Value<'a> {
        self.arguments.get(index).cloned().unwrap_or_default()
    }

    /// The argument of that name.
    pub(crate) fn named(&self, name: &str) -> Option<&Value<'a>> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// An empty text to write the result into, with room for `bytes`, which are taken from the budget.
    pub(crate) fn buffer(&mut self, bytes: usize) -> Result<String, Failure> {
        self.budget.memory(bytes)?;
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.reserve(bytes);
        Ok(buffer)
    }
}

/// A filter.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Its name in templates.
    pub name: &'static str,
    /// Fewest and most arguments without a name.
    pub arguments: (u8, u8),
    /// The names that arguments may have.
    pub named: &'static [&'static str],
    /// How long its text may be.
    pub length: Length,
    /// What it does.
    pub run: for<'c, 'a> fn(&mut Call<'c, 'a>) -> Outcome<'a>,
}

/// How long the text of a filter's result may be, in characters, by that of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// From nothing to as long.
    Shorter,
    /// From nothing to so many times as long.
    Times(u8),
    /// From nothing to so many characters, whatever the input.
    AtMost(u32),
    /// The input or the first argument, as `default`.
    Either,
    /// The input and the first argument together, as `append`.
    Sum,
    /// Not told.
    Any,
}

/// The tables of the areas.
const TABLES: &[&[Filter]] =
    &[default::FILTERS, text::FILTERS, array::FILTERS, math::FILTERS, code::FILTERS, date::FILTERS];

/// The filter of that name.
pub(crate) fn find(name: &str) -> Option<&'static Filter> {
    TABLES.iter().copied().flatten().find(|filter| filter.name == name)
}
