//! Options as they come from JavaScript.

use js_sys::Object;
use postgate_core::{OptionError, Options};
use wasm_bindgen::prelude::*;

use crate::error::PostgateError;

/// Those of a summary: those of judging a request, and the one behind them.
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
/// Those of judging a request.
pub(crate) const JUDGING: &[&str] = match SUMMARY {
    [judging @ .., _preview] => judging,
    [] => &[],
};
/// Those of counting segments.
pub(crate) const SEGMENTS: &[&str] = &["smartEncoding"];
/// Those of rendering a template.
pub(crate) const RENDERING: &[&str] = &["now"];
/// Those of reading a phone number.
pub(crate) const PHONE: &[&str] = &["defaultRegion"];

#[wasm_bindgen(raw_module = "./options.js")]
extern "C" {
    /// Each option's name and value as text, with a NUL behind both.
    fn written(options: &Object) -> String;
}

/// Reads a plain object of options, which may have the names that are listed; one that is undefined counts as left out.
pub(crate) fn read(given: &Object, names: &[&str]) -> Result<Options, PostgateError> {
    let mut options = Options::default();
    let given = written(given);
    let mut words = given.split('\0');
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        let set = if names.contains(&name) { options.set(name, value) } else { Err(OptionError::Unknown) };
        set.map_err(|error| match error {
            OptionError::Unknown => {
                PostgateError::new("unknown-option", &["There is no option named ", name, "."].concat())
            }
            OptionError::Invalid { expected } => {
                PostgateError::new("invalid-option", &["The option ", name, " must be ", expected, "."].concat())
            }
        })?;
    }
    Ok(options)
}
