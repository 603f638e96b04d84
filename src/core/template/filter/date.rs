//! The filter that writes dates.

use super::moment::Moment;
use super::strftime::strftime;
use super::{Call, Filter, Length, Outcome};
use crate::template::value::Value;

pub(super) const FILTERS: &[Filter] =
    &[Filter { name: "date", arguments: (1, 1), named: &[], length: Length::Any, run: date }];

/// A date by a format of `strftime`. What is no date, and what has no format, stays as it is.
///
/// Source: <https://shopify.dev/docs/api/liquid/filters/date>.
fn date<'a>(call: &mut Call<'_, 'a>) -> Outcome<'a> {
    let format = call.argument(0);
    let format = call.text_of(&format)?;
    let input = call.take_input();
    let moment = match &input {
        Value::Int(seconds) => Moment::of_unix(*seconds),
        Value::Text(text) => Moment::parse(text, call.now)?,
        _ => None,
    };
    match moment {
        Some(moment) if !format.is_empty() => {
            let mut out = call.writer();
            strftime(moment, &format, &mut out)?;
            Ok(out.finish().into())
        }
        _ => Ok(input),
    }
}
