//! Filters that take lists apart and put them together.
//!
//! Arrays in an array are laid out flat, an object is a list of itself, a range is its numbers, and any other value a
//! list of one. Source of each: its page at <https://shopify.dev/docs/api/liquid/filters>.

use super::math::number;
use super::sort::{cost, sort, uniq};
use super::{Call, Filter, Length, Outcome};
use crate::code::Code;
use crate::limits::TEMPLATE_RANGE;
use crate::template::budget::Budget;
use crate::template::decimal::{Operation, compute};
use crate::template::failure::Failure;
use crate::template::number::Number;
use crate::template::value::{Str, Value, is_space};

const fn row(
    name: &'static str,
    arguments: (u8, u8),
    length: Length,
    run: for<'c, 'a> fn(&mut Call<'c, 'a>) -> Outcome<'a>,
) -> Filter {
    Filter { name, arguments, named: &[], length, run }
}

pub(super) const FILTERS: &[Filter] = &[
    row("compact", (0, 1), Length::Any, |call| select(call, Select::Compact)),
    row("concat", (1, 1), Length::Any, concat),
    row("find", (1, 2), Length::Any, |call| select(call, Select::Find)),
    row("find_index", (1, 2), Length::AtMost(20), |call| select(call, Select::FindIndex)),
    row("first", (0, 0), Length::Any, |call| end(call, true)),
    row("has", (1, 2), Length::AtMost(5), |call| select(call, Select::Has)),
    row("join", (0, 1), Length::Any, join),
    row("last", (0, 0), Length::Any, |call| end(call, false)),
    row("map", (1, 1), Length::Any, map),
    row("reject", (1, 2), Length::Any, |call| select(call, Select::Reject)),
    row("reverse", (0, 0), Length::Any, |call| {
        let mut items = items(call)?;
        items.reverse();
        call.list(items)
    }),
    row("size", (0, 0), Length::AtMost(20), size),
    row("sort", (0, 1), Length::Any, |call| sort(call, false)),
    row("sort_natural", (0, 1), Length::Any, |call| sort(call, true)),
    row("split", (1, 1), Length::Any, split),
    row("sum", (0, 1), Length::AtMost(24), sum),
    row("uniq", (0, 1), Length::Any, uniq),
    row("where", (1, 2), Length::Any, |call| select(call, Select::Where)),
];

impl<'c, 'a> Call<'c, 'a> {
    /// The name of the property that is asked for, if one is.
    pub(super) fn property(&self) -> Option<&'c Value<'a>> {
        self.arguments.first().filter(|name| !matches!(name, Value::Nil))
    }

    /// A list as the result.
    pub(super) fn list(&mut self, values: Vec<Value<'a>>) -> Outcome<'a> {
        self.budget.memory(size_of_val(&*values))?;
        Ok(values.into())
    }
}

/// The elements of the input.
pub(super) fn items<'a>(call: &mut Call<'_, 'a>) -> Result<Vec<Value<'a>>, Failure> {
    let input = call.take_input();
    flat(input, call.budget)
}

/// The elements of a value. Arrays may hold one array many times, so each of its elements is paid for.
fn flat<'a>(value: Value<'a>, budget: &mut Budget) -> Result<Vec<Value<'a>>, Failure> {
    if let Value::Array(values) = &value
        && !values.iter().any(|value| matches!(value, Value::Array(_)))
    {
        budget.step(values.len())?;
        budget.memory(size_of_val(&**values))?;
        return Ok(values.to_vec());
    }
    let mut items = Vec::new();
    // What is still to be laid out, in reverse.
    let mut left = vec![value];
    let mut outermost = true;
    while let Some(value) = left.pop() {
        budget.step(1)?;
        match value {
            Value::Array(values) => {
                budget.step(values.len())?;
                budget.memory(size_of_val(&*values))?;
                left.extend(values.iter().rev().cloned());
            }
            Value::Range(first, last) if outermost => {
                let count = length(first, last);
                if count > TEMPLATE_RANGE {
                    return Err(Failure::new(Code::TemplateRangeTooLong).with("limit", TEMPLATE_RANGE));
                }
                let count = usize::try_from(count).unwrap_or(0);
                budget.step(count)?;
                budget.memory(count * size_of::<Value<'_>>())?;
                items.extend((first..=last).map(Value::Int));
            }
            Value::Nil if outermost => {}
            other => items.push(other),
        }
        outermost = false;
    }
    Ok(items)
}

/// How many numbers a range has.
fn length(first: i64, last: i64) -> u64 {
    if last < first { 0 } else { last.abs_diff(first).saturating_add(1) }
}

/// What an element has under a name; the outer None where it can have nothing, as nil.
pub(super) fn property<'a>(
    item: &Value<'a>,
    name: &Value<'_>,
    budget: &mut Budget,
) -> Result<Option<Value<'a>>, Failure> {
    match (item, name) {
        (Value::Object(members), Value::Text(name)) => {
            budget.step(1 + members.len() / 16)?;
            Ok(Some(item.member(name).cloned().unwrap_or_default()))
        }
        (Value::Object(_), _) => Ok(Some(Value::Nil)),
        // A text has what it contains.
        (Value::Text(text), Value::Text(name)) => {
            budget.step(text.len() / 64)?;
            budget.memory(name.len())?;
            Ok(Some(if text.contains(&**name) { String::from(&**name).into() } else { Value::Nil }))
        }
        (Value::Text(_) | Value::Int(_), _) => Err(Failure::invalid("a list of objects")),
        _ => Ok(None),
    }
}

/// Filters that ask each element the same: whether it has a property, or has it with a certain value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Select {
    Compact,
    Find,
    FindIndex,
    Has,
    Reject,
    Where,
}

fn select<'a>(call: &mut Call<'_, 'a>, select: Select) -> Outcome<'a> {
    let items = items(call)?;
    let name = if select == Select::Compact { call.property() } else { call.arguments.first() };
    let wanted = call.argument(1);
    let mut kept = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let found = match name {
            None => Some(item.clone()),
            Some(name) => property(&item, name, call.budget)?,
        };
        let Some(found) = found else { return Ok(Value::Nil) };
        let is = match (select, &wanted) {
            (Select::Compact, _) => !matches!(found, Value::Nil),
            (_, Value::Nil) => found.is_truthy(),
            (_, wanted) => {
                call.budget.step(cost(&found, wanted) / 64)?;
                found.equals(wanted)
            }
        };
        match select {
            Select::Find if is => return Ok(item),
            Select::FindIndex if is => return Ok(Value::Int(index as i64)),
            Select::Has if is => return Ok(Value::Bool(true)),
            Select::Compact | Select::Where if is => kept.push(item),
            Select::Reject if !is => kept.push(item),
            _ => {}
        }
    }
    match select {
        Select::Find | Select::FindIndex => Ok(Value::Nil),
        Select::Has => Ok(Value::Bool(false)),
        _ => call.list(kept),
    }
}

fn concat<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let Value::Array(added) = call.argument(0) else { return Err(Failure::invalid("an array as argument")) };
    let mut items = items(call)?;
    call.budget.step(added.len())?;
    items.extend(added.iter().cloned());
    call.list(items)
}

/// The first or last element, or character.
fn end<'a>(call: &mut Call<'_, 'a>, first: bool) -> Outcome<'a> {
    let input = call.take_input();
    Ok(match &input {
        Value::Text(text) => {
            let c = if first { text.chars().next() } else { text.chars().next_back() };
            let length = c.map_or(0, char::len_utf8);
            let start = if first { 0 } else { text.len() - length };
            return call.part(input, start, start + length);
        }
        Value::Array(values) => if first { values.first() } else { values.last() }.cloned().unwrap_or_default(),
        Value::Range(from, to) => Value::Int(if first { *from } else { *to }),
        Value::Object(members) if first => match members.first() {
            Some((name, value)) => vec![Value::Text(name.clone()), value.clone()].into(),
            None => Value::Nil,
        },
        _ => Value::Nil,
    })
}

fn join<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let items = items(call)?;
    let glue = call.arguments.first().cloned().unwrap_or_else(|| " ".into());
    let glue = call.text_of(&glue)?;
    let mut out = call.writer();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(&glue)?;
        }
        out.push_value(item)?;
    }
    Ok(out.finish().into())
}

fn map<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let mut items = items(call)?;
    let name = call.argument(0);
    for item in &mut items {
        *item = property(item, &name, call.budget)?.unwrap_or_default();
    }
    call.list(items)
}

/// How many characters, elements or members there are; the eight bytes of a whole number, as in the reference.
fn size<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let count = match &call.input {
        Value::Text(text) => text.chars().count(),
        Value::Array(values) => values.len(),
        Value::Object(members) => members.len(),
        Value::Int(_) => size_of::<i64>(),
        Value::Range(first, last) => return Ok(Value::Int(i64::try_from(length(*first, *last)).unwrap_or(i64::MAX))),
        _ => 0,
    };
    Ok(Value::Int(count as i64))
}

/// Parts of a text: between the argument, at white space for a single blank, and every character for the empty text.
/// Empty parts at the end are left out.
fn split<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let (input, pattern) = (call.take_input(), call.argument(0));
    let (text, pattern) = (call.text_of(&input)?, call.text_of(&pattern)?);
    let mut parts = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = text.get(start..).unwrap_or_default();
        let (length, skipped) = match &*pattern {
            "" => (rest.chars().next().map_or(1, char::len_utf8), 0),
            " " => {
                let skipped = rest.len() - rest.trim_start_matches(is_space).len();
                if skipped > 0 {
                    start += skipped;
                    continue;
                }
                (rest.find(is_space).unwrap_or(rest.len()), 0)
            }
            pattern => (rest.find(pattern).unwrap_or(rest.len()), pattern.len()),
        };
        let part = match &input {
            Value::Text(Str::Borrowed(text)) => text.get(start..start + length).unwrap_or_default().into(),
            _ => {
                call.budget.memory(length)?;
                String::from(rest.get(..length).unwrap_or_default()).into()
            }
        };
        call.budget.memory(size_of::<Value<'_>>())?;
        parts.push(part);
        start += length + skipped;
    }
    while parts.last().is_some_and(|part: &Value<'_>| part.is_empty()) {
        parts.pop();
    }
    Ok(parts.into())
}

/// The sum of all, or of a property of all.
fn sum<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let mut sum = Number::Int(0);
    for item in items(call)? {
        let found = match call.property() {
            None => item,
            Some(name) => property(&item, name, call.budget)?.unwrap_or_default(),
        };
        let added = if let Value::Array(_) = found { flat(found, call.budget)? } else { vec![found] };
        for added in added {
            sum = compute(sum, Operation::Plus, number(&added)?)?;
        }
    }
    Ok(sum.into())
}
