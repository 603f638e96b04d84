//! Options as they come from JavaScript.

use js_sys::{Array, Object};
use postgate_core::{Instant, Limits, Options, Region, SegmentOptions};

use crate::error::PostgateError;

/// Those of judging a request.
pub(crate) const JUDGING: &[&str] = &["limits", "defaultRegion", "now"];
/// Those of counting segments.
pub(crate) const SEGMENTS: &[&str] = &["smartEncoding"];
/// Those of reading a phone number.
pub(crate) const PHONE: &[&str] = &["defaultRegion"];

/// Every option there is, for whatever it is.
#[derive(Default)]
pub(crate) struct Given {
    pub judging: Options,
    pub segments: SegmentOptions,
}

/// Reads a plain object of options, which may have the names that are listed; one that is undefined counts as left out.
pub(crate) fn read(given: &Object, names: &[&str]) -> Result<Given, PostgateError> {
    let mut options = Given::default();
    for entry in Object::entries(given) {
        let entry = Array::from(&entry);
        let (name, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
        if value.is_undefined() {
            continue;
        }
        if !names.contains(&name.as_str()) {
            return Err(PostgateError::new("unknown-option", &format!("There is no option named {name}.")));
        }
        let text = value.as_string();
        let text = text.as_deref();
        let Given { judging, segments } = &mut options;
        let known = match name.as_str() {
            "limits" => text.and_then(Limits::named).map(|limits| judging.limits = limits),
            "defaultRegion" => text.and_then(Region::named).map(|region| judging.default_region = Some(region)),
            "now" => text.and_then(Instant::parse).map(|now| judging.now = Some(now)),
            _ => value.as_bool().map(|smart| segments.smart_encoding = smart),
        };
        if known.is_none() {
            let message = format!("The option {name} has a value it cannot have.");
            return Err(PostgateError::new("invalid-option", &message));
        }
    }
    Ok(options)
}
