//! The elements that a value has as a list, and what each has under a name.

use std::rc::Rc;

use super::Call;
use crate::limits::TEMPLATE_RANGE;
use crate::template::budget::Budget;
use crate::template::failure::Failure;
use crate::template::search::find;
use crate::template::value::Value;

/// The elements of the input.
pub(super) fn items<'a>(call: &mut Call<'a>) -> Result<Rc<[Value<'a>]>, Failure> {
    flat(call.take(), &mut call.budget)
}

/// The elements of a value. An array may hold another one many times, so each of its elements costs steps.
pub(super) fn flat<'a>(value: Value<'a>, budget: &mut Budget) -> Result<Rc<[Value<'a>]>, Failure> {
    if let Value::Array(values) = &value
        && !values.iter().any(|value| matches!(value, Value::Array(_)))
    {
        budget.step(values.len())?;
        return Ok(Rc::clone(values));
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
                for value in values.iter().rev() {
                    left.push(value.clone());
                }
            }
            Value::Range(_) if outermost => {
                let count = value.items();
                if count > TEMPLATE_RANGE {
                    return Err(Failure::range_too_long());
                }
                budget.step(count as usize)?;
                budget.memory(count as usize * size_of::<Value<'_>>())?;
                for index in 0..count {
                    items.push(value.item(index));
                }
            }
            Value::Nil if outermost => {}
            other => items.push(other),
        }
        outermost = false;
    }
    Ok(items.into())
}

/// What an element has under a name; the outer None where it can have nothing, as nil.
pub(super) fn member<'a>(
    item: &Value<'a>,
    name: &Value<'_>,
    budget: &mut Budget,
) -> Result<Option<Value<'a>>, Failure> {
    match (item, name) {
        (Value::Object(members), Value::Text(name)) => {
            budget.step(1 + members.len() * (64 + name.len()) / 1_024)?;
            Ok(Some(item.member(name).cloned().unwrap_or_default()))
        }
        (Value::Object(_), _) => Ok(Some(Value::Nil)),
        // A text has what it contains.
        (Value::Text(text), Value::Text(name)) => {
            budget.step(text.len() / 64)?;
            budget.memory(name.len())?;
            Ok(Some(if find(text, name).is_some() { String::from(&**name).into() } else { Value::Nil }))
        }
        (Value::Text(_) | Value::Int(_), _) => Err(Failure::invalid("a list of objects")),
        _ => Ok(None),
    }
}
