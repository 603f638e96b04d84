//! The filter that writes dates.

use super::moment::Moment;
use super::strftime::strftime;
use super::writer::Writer;
use super::{Call, Filter, Length, Outcome, Run};
use crate::template::value::Value;

pub(super) const FILTERS: &[Filter] =
    &[Filter { name: "date", arguments: (1, 1), named: "", length: Length::Any, run: Run::Value(date) }];

/// A date by a format of `strftime`. What is no date, and what has no format, stays as it is.
///
/// Source: <https://shopify.dev/docs/api/liquid/filters/date>.
fn date(call: &mut Call<'_>) -> Outcome {
    let format = call.first("")?;
    let format = format.as_str();
    let moment = match &call.value {
        Value::Int(seconds) => Moment::of_unix(*seconds),
        Value::Text(text) => Moment::parse(text, call.now)?,
        _ => None,
    };
    if let Some(moment) = moment
        && !format.is_empty()
    {
        let mut out = Writer::new(&mut call.spare, &mut call.budget);
        strftime(moment, format, &mut out);
        call.value = out.finish()?.into();
    }
    Ok(())
}
