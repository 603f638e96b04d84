//! The filter that stands in for what is missing.

use super::{Call, Filter, Length, Outcome, Run};
use crate::template::value::Value;

pub(super) const FILTERS: &[Filter] = &[Filter {
    name: "default",
    arguments: (0, 1),
    named: "allow_false",
    length: Length::Either,
    run: Run::Value(default),
}];

/// The argument where the input is nil, empty, or false unless `allow_false` is set.
///
/// Source: <https://shopify.dev/docs/api/liquid/filters/default>.
fn default(call: &mut Call<'_>) -> Outcome {
    if is_needed(call) {
        // Without an argument the default is the empty text.
        call.value = call.arguments.take().unwrap_or_else(|| "".into());
    }
    Ok(())
}

/// Whether the value before it is nothing, so that the default is needed.
pub(super) fn is_needed(call: &Call<'_>) -> bool {
    match &call.value {
        Value::Nil => true,
        Value::Bool(flag) => !flag && !call.flag,
        input => input.is_empty(),
    }
}
