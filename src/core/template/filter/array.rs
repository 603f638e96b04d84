//! Filters that take lists apart and put them together.
//!
//! Arrays in an array are laid out flat, an object is a list of itself, a range is its numbers, and any other value a
//! list of one. Source of each: its page at <https://shopify.dev/docs/api/liquid/filters>.

use super::elements::{flat, items, member};
use super::sort::{cost, sort, uniq};
use super::writer::Writer;
use super::{Call, Filter, Length, Outcome, Run, as_text, named};
use crate::template::decimal::{Operation, compute};
use crate::template::failure::Failure;
use crate::template::number::Number;
use crate::template::search::find;
use crate::template::space::{is_space, trim_start, word};
use crate::template::value::{Str, Value, Word};

const fn row(name: &'static str, arguments: (u8, u8), length: Length, run: Run) -> Filter {
    Filter { name, arguments, named: "", length, run }
}

pub(super) const FILTERS: &[Filter] = &[
    row("compact", (0, 1), Length::Any, Run::Members(Members::Compact)),
    row("concat", (1, 1), Length::Any, Run::Value(concat)),
    row("find", (1, 2), Length::Any, Run::Members(Members::Find)),
    row("find_index", (1, 2), Length::AtMost(20), Run::Members(Members::FindIndex)),
    row("first", (0, 0), Length::Any, Run::Value(|call| ask(call, Word::First))),
    row("has", (1, 2), Length::AtMost(5), Run::Members(Members::Has)),
    row("join", (0, 1), Length::Any, Run::Value(join)),
    row("last", (0, 0), Length::Any, Run::Value(|call| ask(call, Word::Last))),
    row("map", (1, 1), Length::Any, Run::Members(Members::Map)),
    row("reject", (1, 2), Length::Any, Run::Members(Members::Reject)),
    row("reverse", (0, 0), Length::Any, Run::Value(reverse)),
    row("size", (0, 0), Length::AtMost(20), Run::Value(size)),
    row("sort", (0, 1), Length::Any, Run::Value(|call| sort(call, false))),
    row("sort_natural", (0, 1), Length::Any, Run::Value(|call| sort(call, true))),
    row("split", (1, 1), Length::Any, Run::Value(split)),
    row("sum", (0, 1), Length::AtMost(24), Run::Members(Members::Sum)),
    row("uniq", (0, 1), Length::Any, Run::Value(uniq)),
    row("where", (1, 2), Length::Any, Run::Members(Members::Where)),
];

/// Filters that go over the elements, and ask each for a property or take it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Members {
    /// Those that are not nil.
    Compact,
    /// The first that has the property, or has it with that value.
    Find,
    /// Where that is.
    FindIndex,
    /// Whether there is one.
    Has,
    /// The properties.
    Map,
    /// Those that are not as [`Members::Where`] asks.
    Reject,
    /// All together.
    Sum,
    /// Those that have the property, or have it with that value.
    Where,
}

pub(super) fn members(call: &mut Call<'_>, members: Members) -> Outcome {
    let items = items(call)?;
    let name = call.arguments.first();
    let (name, wanted) = match members {
        Members::Compact | Members::Sum => (named(name), &Value::Nil),
        _ => (name, call.arguments.get(1).unwrap_or(&Value::Nil)),
    };
    let (mut kept, mut sum) = (Vec::new(), Number::Int(0));
    for (index, item) in items.iter().enumerate() {
        let found = match name {
            None => Some(item.clone()),
            Some(name) => member(item, name, &mut call.budget)?,
        };
        let found = match (found, members) {
            (Some(found), _) => found,
            (None, Members::Map | Members::Sum) => Value::Nil,
            // The input is taken, so that nil is the result.
            (None, _) => return Ok(()),
        };
        let is = match (members, wanted) {
            (Members::Compact, _) => !matches!(found, Value::Nil),
            (_, Value::Nil) => found.is_truthy(),
            (_, wanted) => {
                call.budget.step(cost(&found, wanted) / 64)?;
                found.equals(wanted)
            }
        };
        match members {
            Members::Map => kept.push(found),
            Members::Sum if matches!(found, Value::Array(_)) => {
                for added in flat(found, &mut call.budget)?.iter() {
                    sum = compute(sum, Operation::Plus, added.number()?)?;
                }
            }
            Members::Sum => sum = compute(sum, Operation::Plus, found.number()?)?,
            Members::Find | Members::FindIndex | Members::Has if is => {
                call.value = match members {
                    Members::Find => item.clone(),
                    Members::FindIndex => Value::Int(index as i64),
                    _ => Value::Bool(true),
                };
                return Ok(());
            }
            Members::Find | Members::FindIndex | Members::Has => {}
            _ if is != (members == Members::Reject) => kept.push(item.clone()),
            _ => {}
        }
    }
    match members {
        Members::Find | Members::FindIndex => {}
        Members::Has => call.value = Value::Bool(false),
        Members::Sum => call.value = sum.into(),
        _ => return call.list(kept),
    }
    Ok(())
}

fn concat(call: &mut Call<'_>) -> Outcome {
    let Some(Value::Array(added)) = call.arguments.take() else {
        return Err(Failure::invalid("an array as argument"));
    };
    let items = items(call)?;
    call.budget.step(added.len())?;
    let mut all = Vec::new();
    all.extend_from_slice(&items);
    all.extend_from_slice(&added);
    call.list(all)
}

fn reverse(call: &mut Call<'_>) -> Outcome {
    let items = items(call)?;
    let mut reversed = Vec::new();
    for item in items.iter().rev() {
        reversed.push(item.clone());
    }
    call.list(reversed)
}

fn ask(call: &mut Call<'_>, word: Word) -> Outcome {
    call.value = call.value.ask(word);
    Ok(())
}

/// How many there are of what it is made of, and 0 where it is made of nothing.
fn size(call: &mut Call<'_>) -> Outcome {
    let size = call.value.ask(Word::Size);
    call.value = if let Value::Nil = size { Value::Int(0) } else { size };
    Ok(())
}

fn join(call: &mut Call<'_>) -> Outcome {
    let items = items(call)?;
    let glue = call.first(" ")?;
    let mut out = Writer::new(&mut call.spare, &mut call.budget);
    for (index, item) in items.iter().enumerate() {
        out.push(if index > 0 { glue.as_str() } else { "" });
        out.push_value(item);
    }
    call.value = out.finish()?.into();
    Ok(())
}

/// Parts of a text: between the argument, at white space for a single blank, and every character for the empty text.
/// Empty parts at the end are left out.
fn split(call: &mut Call<'_>) -> Outcome {
    let mut input = call.take();
    as_text(&mut input, &mut call.budget)?;
    let (text, pattern) = (input.as_str(), call.first("")?);
    let (mut parts, mut count) = (Vec::new(), 0);
    let mut start = 0;
    while start < text.len() {
        let rest = text.get(start..).unwrap_or_default();
        let (length, skipped) = match pattern.as_str() {
            "" => (rest.chars().next().map_or(1, char::len_utf8), 0),
            " " => {
                let skipped = rest.len() - trim_start(rest, is_space).len();
                if skipped > 0 {
                    start += skipped;
                    continue;
                }
                (word(rest), 0)
            }
            pattern => (find(rest, pattern).unwrap_or(rest.len()), pattern.len()),
        };
        call.budget.memory(size_of::<Value<'_>>())?;
        parts.push(match &input {
            Value::Text(Str::Borrowed(text)) => text.get(start..start + length).unwrap_or_default().into(),
            _ => {
                call.budget.memory(length)?;
                String::from(rest.get(..length).unwrap_or_default()).into()
            }
        });
        if length > 0 {
            count = parts.len();
        }
        start += length + skipped;
    }
    parts.truncate(count);
    call.value = parts.into();
    Ok(())
}
