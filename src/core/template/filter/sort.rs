//! Filters that compare elements with each other. Each comparison costs steps, as elements may be long texts.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;

use super::elements::{items, member};
use super::{Call, Outcome, as_text, named};
use crate::order;
use crate::template::budget::Budget;
use crate::template::failure::Failure;
use crate::template::value::Value;

/// What a comparison costs, in bytes.
pub(super) fn cost(a: &Value<'_>, b: &Value<'_>) -> usize {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.len().min(b.len()),
        _ => 0,
    }
}

/// The places of keys in their order, equal ones as they stand. Costs steps.
fn order_of<'a>(
    keys: &[Value<'a>],
    budget: &mut Budget,
    order: fn(&Value<'a>, &Value<'a>) -> Ordering,
) -> Result<Vec<usize>, Failure> {
    let (budget, spent, failed) = (RefCell::new(budget), Cell::new(0), Cell::new(None));
    let places = order::places(keys.len(), &|at, other| {
        let (Some(a), Some(b)) = (keys.get(at), keys.get(other)) else { return false };
        // When nothing is left, the rest is gone through without looking.
        if spent.get() == usize::MAX {
            return false;
        }
        // 16 bytes for each comparison.
        spent.set(spent.get() + 16 + cost(a, b));
        if spent.get() >= 64 {
            let paid = budget.borrow_mut().step(spent.get() / 64);
            spent.set(spent.get() % 64);
            if let Err(failure) = paid {
                failed.set(Some(failure));
                spent.set(usize::MAX);
            }
        }
        order(a, b).then(at.cmp(&other)) == Ordering::Less
    });
    failed.take().map_or(Ok(places), Err)
}

/// The elements, or what they have under the name that is the argument. None where one can have nothing.
fn keys<'a>(call: &mut Call<'a>, items: &[Value<'a>]) -> Result<Option<Vec<Value<'a>>>, Failure> {
    let name = named(call.arguments.first());
    let asked = |item: &Value<'a>| matches!(item, Value::Object(_) | Value::Text(_) | Value::Int(_));
    if name.is_some() && !items.iter().all(asked) {
        return Ok(None);
    }
    let mut keys = Vec::new();
    for item in items {
        let key = match name {
            None => item.clone(),
            // A single one is not asked.
            Some(_) if items.len() == 1 => item.clone(),
            Some(name) => member(item, name, &mut call.budget)?.unwrap_or_default(),
        };
        keys.push(key);
    }
    Ok(Some(keys))
}

/// By value, or by a property; nil comes last. Only numbers among themselves and texts among themselves have an order.
pub(super) fn sort(call: &mut Call<'_>, natural: bool) -> Outcome {
    let items = items(call)?;
    let Some(mut keys) = keys(call, &items)? else { return Ok(()) };
    if natural {
        for key in &mut keys {
            if !matches!(key, Value::Nil | Value::Text(_)) {
                as_text(key, &mut call.budget)?;
            }
        }
    }
    let kind = |value: &Value<'_>| match value {
        Value::Nil => 0_u8,
        Value::Int(_) | Value::Float(_) => 1,
        Value::Text(_) => 2,
        Value::Bool(true) => 4,
        Value::Bool(false) => 8,
        _ => 48,
    };
    let kinds = keys.iter().fold(0, |kinds, key| kinds | kind(key));
    if items.len() > 1 && kinds.count_ones() > 1 {
        return Err(Failure::invalid("a list of numbers, or one of texts"));
    }
    let order = if natural { natural_order } else { plain_order };
    let mut sorted = Vec::new();
    for place in order_of(&keys, &mut call.budget, order)? {
        sorted.push(items.get(place).cloned().unwrap_or_default());
    }
    call.list(sorted)
}

fn plain_order(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    a.compare(b).unwrap_or_else(|| matches!(a, Value::Nil).cmp(&matches!(b, Value::Nil)))
}

/// Letters of ASCII are alike whatever their case.
fn natural_order(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => {
            let lower = |text: &str, at: usize| text.as_bytes().get(at).map(u8::to_ascii_lowercase);
            let mut at = 0;
            while at < a.len().min(b.len()) && lower(a, at) == lower(b, at) {
                at += 1;
            }
            lower(a, at).cmp(&lower(b, at))
        }
        _ => plain_order(a, b),
    }
}

/// The first of each, by value or by a property.
pub(super) fn uniq(call: &mut Call<'_>) -> Outcome {
    let items = items(call)?;
    if items.len() < 2 {
        call.value = Value::Array(items);
        return Ok(());
    }
    let Some(mut keys) = keys(call, &items)? else { return Ok(()) };
    for key in &mut keys {
        // As it is shown, so that 1, 1.0 and the text 1 are three.
        call.budget.memory(key.size())?;
        let mut shown = String::new();
        key.push_shown(&mut shown);
        *key = shown.into();
    }
    let order = order_of(&keys, &mut call.budget, plain_order)?;
    let mut first = vec![true; items.len()];
    for pair in order.windows(2) {
        if let [front, place] = *pair
            && let (Some(a), Some(b)) = (keys.get(front), keys.get(place))
            && a.equals(b)
            && let Some(first) = first.get_mut(place)
        {
            *first = false;
        }
    }
    let mut kept = Vec::new();
    for (item, first) in items.iter().zip(first) {
        if first {
            kept.push(item.clone());
        }
    }
    call.list(kept)
}
