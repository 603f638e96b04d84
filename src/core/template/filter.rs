//! Filters: the one way in which they are called, and the registry of their names.
//!
//! A filter is a row in the table of its area. The row says what it takes, and one function makes that of its input and
//! arguments, so that the filter itself only does what it is for. What it may not do: keep a clock of its own, make more
//! than the budget allows, or recurse over values deeper than they can be.

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
use super::decimal::{Operation, compute};
use super::failure::Failure;
use super::number::{Number, whole_int};
use super::value::{Str, Value};
use crate::instant::Instant;
use array::Members;
use writer::Writer;

/// What became of a call; the result itself stands in the place of the input.
pub(crate) type Outcome = Result<(), Failure>;

/// A call of a filter.
pub(crate) struct Call<'c, 'a> {
    /// What stands in front of the filter, and at last what it makes of that.
    pub value: Value<'a>,
    /// The arguments without a name: as many as the filter's row says.
    pub arguments: &'c [Value<'a>],
    /// The argument with a name.
    pub named: Value<'a>,
    /// The present instant, where the caller gave one.
    pub now: Option<Instant>,
    /// What the filter may use. Its steps for the size of the input are taken already; what takes more asks.
    pub budget: &'c mut Budget,
    /// Texts that are done with, to write into without a new allocation.
    pub spare: &'c mut Vec<String>,
}

/// A filter.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Its name in templates.
    pub name: &'static str,
    /// Fewest and most arguments without a name.
    pub arguments: (u8, u8),
    /// The name that an argument may have; empty for none.
    pub named: &'static str,
    /// How long its text may be.
    pub length: Length,
    /// What it does.
    run: Run,
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

/// What a filter takes its input and arguments for, and what it does with them.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// Makes a text of texts.
    Text(Nil, Write),
    /// Makes a text of one, a length, which is this where there is none, and a mark. Nil stays.
    Cut(u8, Write),
    /// Computes with numbers.
    Number(Operation),
    /// Goes over the elements of a list.
    Members(Members),
    /// Takes any values.
    Value(for<'c, 'a> fn(&mut Call<'c, 'a>) -> Outcome),
}

/// What becomes of nil where a text is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nil {
    Empty,
    Stays,
}

/// Writes a text of texts.
type Write = fn(&Texts<'_>, &mut Writer<'_>);

/// What filters of texts work on.
struct Texts<'t> {
    /// The input.
    text: &'t str,
    /// The first argument, where it is a text.
    first: &'t str,
    /// The second argument.
    second: &'t str,
    /// The first argument, where it is a length.
    length: i64,
}

/// The tables of the areas.
const TABLES: [&[Filter]; 6] =
    [default::FILTERS, text::FILTERS, array::FILTERS, math::FILTERS, code::FILTERS, date::FILTERS];

/// The filter of that name.
pub(crate) fn find(name: &str) -> Option<&'static Filter> {
    TABLES.into_iter().flatten().find(|filter| filter.name == name)
}

impl Filter {
    /// Puts what the filter makes of a value in its place.
    pub(crate) fn call(&self, call: &mut Call<'_, '_>) -> Outcome {
        match self.run {
            Run::Text(nil, write) => call.write(nil, None, write),
            Run::Cut(length, write) => call.write(Nil::Stays, Some(length), write),
            Run::Number(operation) => {
                let argument = call.arguments.first().map_or(Ok(Number::Int(0)), Value::number)?;
                call.value = compute(call.value.number()?, operation, argument)?.into();
                Ok(())
            }
            Run::Members(members) => array::members(call, members),
            Run::Value(run) => run(call),
        }
    }
}

impl<'c, 'a> Call<'c, 'a> {
    /// What stands in front of the filter, to keep.
    fn take(&mut self) -> Value<'a> {
        std::mem::take(&mut self.value)
    }

    /// Has a filter write the text that is the result; with a length the first argument is one.
    fn write(&mut self, nil: Nil, length: Option<u8>, write: Write) -> Outcome {
        if nil == Nil::Stays && matches!(self.value, Value::Nil) {
            return Ok(());
        }
        let (first, second) = (self.arguments.first(), self.arguments.get(1));
        let (mut texts, none) = (Texts { text: "", first: "", second: "", length: 0 }, Value::Nil);
        let (first, second) = match length {
            Some(length) => {
                texts.length = whole(first, length.into())?;
                (&none, second.unwrap_or(const { &Value::Text(Str::Borrowed("...")) }))
            }
            None => (first.unwrap_or(&none), second.unwrap_or(&none)),
        };
        let input = self.take();
        let (text, first, second) = (self.text_of(&input)?, self.text_of(first)?, self.text_of(second)?);
        (texts.text, texts.first, texts.second) = (&text, &first, &second);
        let mut out = self.writer();
        write(&texts, &mut out);
        match out.kept() {
            Some((start, end)) => {
                let unused = out.finish()?;
                drop(text);
                self.spare.push(unused);
                self.part(input, start, end)
            }
            None => {
                let made = out.finish()?;
                drop(text);
                self.value = made.into();
                self.spare(input);
                Ok(())
            }
        }
    }

    /// The text that a value counts as. What is made for it is taken from the budget.
    fn text_of<'v>(&mut self, value: &'v Value<'_>) -> Result<Cow<'v, str>, Failure> {
        match value {
            Value::Text(text) => return Ok(Cow::Borrowed(text)),
            // As are most arguments: there are none.
            Value::Nil => return Ok(Cow::Borrowed("")),
            _ => {}
        }
        self.budget.memory(value.size())?;
        Ok(value.text())
    }

    /// The result, to be written piece by piece.
    fn writer(&mut self) -> Writer<'_> {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        Writer::new(buffer, self.budget)
    }

    /// Has a part of a value's text be the result. What belongs to the template or a recipient is not copied.
    fn part(&mut self, value: Value<'a>, start: usize, end: usize) -> Outcome {
        self.value = if let Value::Text(Str::Borrowed(text)) = value {
            text.get(start..end).unwrap_or_default().into()
        } else {
            let text = self.text_of(&value)?;
            let mut out = self.writer();
            out.push(text.get(start..end).unwrap_or_default());
            out.finish()?.into()
        };
        Ok(())
    }

    /// Keeps the memory of a text that is done with.
    fn spare(&mut self, value: Value<'a>) {
        if let Value::Text(Str::Owned(text)) = value {
            self.spare.push(text);
        }
    }

    /// Has a list be the result.
    fn list(&mut self, values: Vec<Value<'a>>) -> Outcome {
        self.budget.memory(size_of_val(&*values))?;
        self.value = values.into();
        Ok(())
    }

    /// The name of the property that is asked for, if one is.
    fn property(&self) -> Option<&'c Value<'a>> {
        self.arguments.first().filter(|name| !matches!(name, Value::Nil))
    }
}

/// The whole number that an argument is; `missing` where there is none.
fn whole(argument: Option<&Value<'_>>, missing: i64) -> Result<i64, Failure> {
    match argument {
        None => Ok(missing),
        Some(Value::Int(number)) => Ok(*number),
        Some(other) => whole_int(&other.text()).ok_or_else(|| Failure::invalid("a whole number")),
    }
}
