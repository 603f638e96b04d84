//! The filter that stands in for what is missing.

use super::{Call, Filter, Length, Outcome};
use crate::template::value::Value;

pub(super) const FILTERS: &[Filter] =
    &[Filter { name: "default", arguments: (0, 1), named: &["allow_false"], length: Length::Either, run: default }];

/// The argument where the input is nil, empty, or false unless `allow_false` is set.
///
/// Source: <https://shopify.dev/docs/api/liquid/filters/default>.
fn default<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let allowed = call.named("allow_false").is_some_and(Value::is_truthy);
    let missing = match &call.input {
        Value::Nil => true,
        Value::Bool(flag) => !flag && !allowed,
        input => input.is_empty(),
    };
    if !missing {
        return Ok(std::mem::take(&mut call.input));
    }
    // Without an argument the default is the empty text.
    Ok(call.arguments.first().cloned().unwrap_or_else(|| "".into()))
}
