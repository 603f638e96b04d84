//! Options as they come from JavaScript.

use js_sys::Object;
use postgate_core::{OptionError, Options};
use wasm_bindgen::prelude::*;

use crate::error::PostgateError;

#[wasm_bindgen(raw_module = "./options.js")]
extern "C" {
    /// Each option's name and value as text, with a NUL after both.
    fn written(options: &Object) -> String;
}

/// Reads a plain object of options; one that is undefined counts as left out. The package passes no other names than it
/// has told.
pub(crate) fn read(given: &Object) -> Result<Options, PostgateError> {
    let mut options = Options::default();
    let given = written(given);
    let mut words = given.split('\0');
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        options.set(name, value).map_err(|error| {
            let expected = match error {
                OptionError::Unknown => "left out",
                OptionError::Invalid { expected } => expected,
            };
            PostgateError::new("invalid-option", &["The option ", name, " must be ", expected, "."].concat())
        })?;
    }
    Ok(options)
}
