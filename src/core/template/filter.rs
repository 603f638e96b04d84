//! Filters: the one way in which they are called, and the registry of their names.
//!
//! A filter is a row in the table of its area. The row says what it takes, and one function makes that of its input and
//! arguments, so that the filter itself only does what it is for. What it may not do: keep a clock of its own, make more
//! than the budget allows, or recurse over values deeper than they can be.

mod array;
mod code;
mod date;
mod default;
mod elements;
mod letters;
mod math;
mod moment;
mod sort;
mod strftime;
mod text;
mod writer;

#[cfg(test)]
mod tests;

use super::budget::Budget;
use super::decimal::{Operation, compute};
use super::failure::Failure;
use super::integer::whole_int;
use super::number::Number;
use super::value::{Str, Value};
use crate::instant::Instant;
use array::Members;
use writer::Writer;

/// What became of a call; the result itself stands in the place of the input.
pub(crate) type Outcome = Result<(), Failure>;

/// What filters work on, one after another.
pub(crate) struct Call<'a> {
    /// What stands before the filter, and at last what it makes of that.
    pub value: Value<'a>,
    /// The arguments without a name: no more than the filter's row says.
    pub arguments: Arguments<'a>,
    /// Whether the argument with a name is there and true.
    pub flag: bool,
    /// The present instant, where the caller gave one.
    pub now: Option<Instant>,
    /// What the filter may use. Its steps for the size of the input are taken already; what takes more asks.
    pub budget: Budget,
    /// Texts that are done with, to write into without a new allocation.
    pub spare: Vec<String>,
}

/// The arguments of a call. No filter takes more than two; those after them count for nothing.
#[derive(Default)]
pub(crate) struct Arguments<'a> {
    values: [Value<'a>; 2],
    count: usize,
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
    /// From nothing to that many times the input's length.
    Times(u8),
    /// From nothing to that many characters, whatever the input.
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
    Value(for<'a> fn(&mut Call<'a>) -> Outcome),
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
    /// Which of the arguments it makes part of its result: that of `append`, the second one of `replace`, the other number
    /// of `plus`, and that of `default` where it is needed. Beyond all of them where there is none.
    pub(crate) fn inserts(&self, call: &Call<'_>) -> usize {
        match (self.length, self.run) {
            (Length::Sum, _) | (_, Run::Number(_)) => 0,
            (Length::Either, _) if default::is_needed(call) => 0,
            (_, Run::Text(..)) => 1,
            _ => usize::MAX,
        }
    }

    /// Puts what the filter makes of a value in its place.
    pub(crate) fn call(&self, call: &mut Call<'_>) -> Outcome {
        match self.run {
            Run::Text(nil, write) => call.write(nil, None, write),
            Run::Cut(length, write) => call.write(Nil::Stays, Some(length), write),
            Run::Number(operation) => {
                let argument = call.arguments.first().map_or(Ok(Number::Int(0)), Value::number)?;
                let number = call.value.number()?;
                call.budget.step((number.cost() + argument.cost()) / 8)?;
                call.value = compute(number, operation, argument)?.into();
                Ok(())
            }
            Run::Members(members) => array::members(call, members),
            Run::Value(run) => run(call),
        }
    }
}

impl<'a> Arguments<'a> {
    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    pub(crate) fn push(&mut self, value: Value<'a>) {
        if let Some(next) = self.values.get_mut(self.count) {
            *next = value;
            self.count += 1;
        }
    }

    fn first(&self) -> Option<&Value<'a>> {
        self.get(0)
    }

    pub(crate) fn get(&self, place: usize) -> Option<&Value<'a>> {
        self.values.get(..self.count)?.get(place)
    }

    /// The first one, to keep.
    fn take(&mut self) -> Option<Value<'a>> {
        (self.count > 0).then(|| std::mem::take(&mut self.values[0]))
    }
}

impl<'a> Call<'a> {
    /// What stands before the filter, to keep.
    fn take(&mut self) -> Value<'a> {
        std::mem::take(&mut self.value)
    }

    /// Has a filter write the text that is the result; with a length the first argument is one.
    fn write(&mut self, nil: Nil, length: Option<u8>, write: Write) -> Outcome {
        if nil == Nil::Stays && matches!(self.value, Value::Nil) {
            return Ok(());
        }
        let mut input = self.take();
        as_text(&mut input, &mut self.budget)?;
        for argument in self.arguments.values.iter_mut().take(self.arguments.count).skip(length.is_some().into()) {
            as_text(argument, &mut self.budget)?;
        }
        let (first, second) = (self.arguments.first(), self.arguments.get(1));
        let mut texts = Texts {
            text: input.as_str(),
            first: first.map_or("", Value::as_str),
            second: second.map_or("", Value::as_str),
            length: 0,
        };
        if let Some(length) = length {
            texts.length = whole(first, length.into())?;
            if second.is_none() {
                texts.second = "...";
            }
        }
        let mut out = Writer::new(&mut self.spare, &mut self.budget);
        write(&texts, &mut out);
        match out.kept() {
            Some((start, end)) => {
                let unused = out.finish()?;
                self.spare.push(unused);
                self.part(input, start, end)
            }
            None => {
                self.value = out.finish()?.into();
                self.spare(input);
                Ok(())
            }
        }
    }

    /// Has a part of a text be the result. What belongs to the template or a recipient is not copied.
    fn part(&mut self, text: Value<'a>, start: usize, end: usize) -> Outcome {
        self.value = match text {
            Value::Text(Str::Borrowed(text)) => text.get(start..end).unwrap_or_default().into(),
            Value::Nil => "".into(),
            whole if end - start == whole.as_str().len() => whole,
            other => {
                let mut out = Writer::new(&mut self.spare, &mut self.budget);
                out.push(other.as_str().get(start..end).unwrap_or_default());
                out.finish()?.into()
            }
        };
        Ok(())
    }

    /// Keeps the memory of a text that is done with.
    pub(super) fn spare(&mut self, value: Value<'a>) {
        if let Value::Text(Str::Owned(text)) = value
            && self.spare.len() < 4
        {
            self.spare.push(text);
        }
    }

    /// The text that the first argument counts as; `missing` where there is none.
    fn first(&mut self, missing: &'static str) -> Result<Value<'a>, Failure> {
        let mut first = self.arguments.take().unwrap_or_else(|| missing.into());
        as_text(&mut first, &mut self.budget)?;
        Ok(first)
    }

    /// Has a list be the result.
    fn list(&mut self, values: Vec<Value<'a>>) -> Outcome {
        self.budget.memory(size_of_val(&*values))?;
        self.value = values.into();
        Ok(())
    }
}

/// Has a value be the text that it counts as. What is made for it is taken from the budget.
fn as_text(value: &mut Value<'_>, budget: &mut Budget) -> Outcome {
    if !matches!(value, Value::Text(_) | Value::Nil) {
        budget.memory(value.size())?;
        *value = value.text().into_owned().into();
    }
    Ok(())
}

/// The name of a property, if that is what an argument is.
fn named<'c, 'a>(argument: Option<&'c Value<'a>>) -> Option<&'c Value<'a>> {
    argument.filter(|name| !matches!(name, Value::Nil))
}

/// The whole number that an argument is; `missing` where there is none.
fn whole(argument: Option<&Value<'_>>, missing: i64) -> Result<i64, Failure> {
    match argument {
        None => Ok(missing),
        Some(Value::Int(number)) => Ok(*number),
        Some(other) => whole_int(&other.text()).ok_or_else(|| Failure::invalid("a whole number")),
    }
}
