//! Options as they come from JavaScript.

use postgate_core::{OptionError, Options};

use crate::error::PostgateError;

/// Reads options as `options.js` writes them: each one's name and value, with a NUL after both. The package passes no
/// other names than it has told.
pub(crate) fn read(given: &str) -> Result<Options, PostgateError> {
    let mut options = Options::default();
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
