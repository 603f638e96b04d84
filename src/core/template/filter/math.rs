//! Filters that compute.
//!
//! A text counts by the number it begins with, and what is no number as 0. Whole numbers stay whole; all others are
//! computed as decimals, of which zero has no sign. What the reference writes as `Infinity` or `NaN`, and whole numbers
//! beyond 64 bits, are errors.
//! Source of each: its page at <https://shopify.dev/docs/api/liquid/filters>.

use super::{Filter, Length, Run};
use crate::template::decimal::Operation;

/// A filter whose result is a number, which is never longer than this.
const fn row(name: &'static str, arguments: (u8, u8), operation: Operation) -> Filter {
    Filter { name, arguments, named: "", length: Length::AtMost(24), run: Run::Number(operation) }
}

pub(super) const FILTERS: &[Filter] = &[
    row("abs", (0, 0), Operation::Absolute),
    row("at_least", (1, 1), Operation::AtLeast),
    row("at_most", (1, 1), Operation::AtMost),
    row("ceil", (0, 0), Operation::Up),
    row("divided_by", (1, 1), Operation::DividedBy),
    row("floor", (0, 0), Operation::Down),
    row("minus", (1, 1), Operation::Minus),
    row("modulo", (1, 1), Operation::Modulo),
    row("plus", (1, 1), Operation::Plus),
    row("round", (0, 1), Operation::Nearest),
    row("times", (1, 1), Operation::Times),
];
