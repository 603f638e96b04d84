//! Options as they come from JavaScript.

use js_sys::{Array, JSON, Number, Object};
use postgate_core::{OptionError, Options};
use wasm_bindgen::{JsCast, JsValue};

use crate::error::PostgateError;

/// Those of judging a request.
pub(crate) const JUDGING: &[&str] =
    &["limits", "batchRows", "batchBytes", "defaultRegion", "duplicates", "now", "smartEncoding", "prices", "mps"];
/// Those of a summary.
pub(crate) const SUMMARY: &[&str] = &[
    "limits",
    "batchRows",
    "batchBytes",
    "defaultRegion",
    "duplicates",
    "now",
    "smartEncoding",
    "prices",
    "mps",
    "preview",
];
/// Those of counting segments.
pub(crate) const SEGMENTS: &[&str] = &["smartEncoding"];
/// Those of rendering a template.
pub(crate) const RENDERING: &[&str] = &["now"];
/// Those of reading a phone number.
pub(crate) const PHONE: &[&str] = &["defaultRegion"];

/// Reads a plain object of options, which may have the names that are listed; one that is undefined counts as left out.
pub(crate) fn read(given: &Object, names: &[&str]) -> Result<Options, PostgateError> {
    let mut options = Options::default();
    for entry in Object::entries(given) {
        let entry = Array::from(&entry);
        let (name, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
        if value.is_undefined() {
            continue;
        }
        let known = names.contains(&name.as_str());
        let set = if known { options.set(&name, &written(&value)) } else { Err(OptionError::Unknown) };
        set.map_err(|error| match error {
            OptionError::Unknown => PostgateError::new("unknown-option", &format!("There is no option named {name}.")),
            OptionError::Invalid { expected } => {
                PostgateError::new("invalid-option", &format!("The option {name} must be {expected}."))
            }
        })?;
    }
    Ok(options)
}

/// A word, a number or a flag; numbers with commas between, or the JSON of an object. Anything else is nothing that an
/// option could be.
fn written(value: &JsValue) -> String {
    if let Some(list) = value.dyn_ref::<Array>() {
        return list.join(",").into();
    }
    if value.is_object() {
        return JSON::stringify(value).map_or_else(|_| String::new(), String::from);
    }
    if let Some(flag) = value.as_bool() {
        return if flag { "true" } else { "false" }.to_owned();
    }
    let number = || value.dyn_ref::<Number>()?.to_string_with_radix(10).ok().map(String::from);
    value.as_string().or_else(number).unwrap_or_default()
}
