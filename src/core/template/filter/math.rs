//! Filters that compute.
//!
//! A text counts by the number it begins with, and what is no number as 0. Whole numbers stay whole; all others are
//! computed as decimals. What the reference writes as `Infinity` or `NaN`, and whole numbers beyond 64 bits, are errors.
//! Source of each: its page at <https://shopify.dev/docs/api/liquid/filters>.

use std::cmp::Ordering;

use super::{Call, Filter, Length, Outcome};
use crate::template::decimal::{Operation, Rounding, compute, round};
use crate::template::failure::Failure;
use crate::template::number::Number;
use crate::template::value::Value;

/// A filter whose result is a number, which is never longer than this.
const fn row(name: &'static str, arguments: (u8, u8), run: for<'c, 'a> fn(&mut Call<'c, 'a>) -> Outcome<'a>) -> Filter {
    Filter { name, arguments, named: &[], length: Length::AtMost(24), run }
}

pub(super) const FILTERS: &[Filter] = &[
    row("abs", (0, 0), |call| {
        let number = number(&call.input)?;
        Ok(match number {
            Number::Int(whole) => Number::Int(whole.checked_abs().ok_or_else(Failure::too_large)?),
            Number::Float(float) => Number::Float(float.abs()),
        }
        .into())
    }),
    row("at_least", (1, 1), |call| limit(call, Ordering::Less)),
    row("at_most", (1, 1), |call| limit(call, Ordering::Greater)),
    row("ceil", (0, 0), |call| Ok(round(number(&call.input)?, 0, Rounding::Up)?.into())),
    row("divided_by", (1, 1), |call| operate(call, Operation::DividedBy)),
    row("floor", (0, 0), |call| Ok(round(number(&call.input)?, 0, Rounding::Down)?.into())),
    row("minus", (1, 1), |call| operate(call, Operation::Minus)),
    row("modulo", (1, 1), |call| operate(call, Operation::Modulo)),
    row("plus", (1, 1), |call| operate(call, Operation::Plus)),
    row("round", (0, 1), |call| {
        let places = match number(&call.argument(0))? {
            Number::Int(places) => places,
            Number::Float(places) => places as i64,
        };
        Ok(round(number(&call.input)?, places, Rounding::Nearest)?.into())
    }),
    row("times", (1, 1), |call| operate(call, Operation::Times)),
];

/// The number that a value counts as.
pub(super) fn number(value: &Value<'_>) -> Result<Number, Failure> {
    value.number().ok_or_else(Failure::too_large)
}

fn operate<'a>(call: &mut Call<'_, 'a>, operation: Operation) -> Outcome<'a> {
    Ok(compute(number(&call.input)?, operation, number(&call.argument(0))?)?.into())
}

/// The argument where the input is on that side of it.
fn limit<'a>(call: &mut Call<'_, 'a>, side: Ordering) -> Outcome<'a> {
    let (input, limit) = (Value::from(number(&call.input)?), Value::from(number(&call.argument(0))?));
    Ok(if input.compare(&limit) == Some(side) { limit } else { input })
}
