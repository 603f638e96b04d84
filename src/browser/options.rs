//! Options as they come from JavaScript.

use js_sys::{Array, Object};
use postgate_core::{Instant, Limits, Options, Region};

use crate::error::PostgateError;

/// Reads a plain object of options; one that is undefined counts as left out.
pub(crate) fn read(given: &Object) -> Result<Options, PostgateError> {
    let mut options = Options::default();
    for entry in Object::entries(given) {
        let entry = Array::from(&entry);
        let (name, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
        match name.as_str() {
            _ if value.is_undefined() => {}
            "limits" => {
                let limits = value.as_string().and_then(|value| Limits::named(&value));
                options.limits = limits.ok_or_else(|| invalid(&name))?;
            }
            "defaultRegion" => {
                let region = value.as_string().and_then(|value| Region::named(&value));
                options.default_region = Some(region.ok_or_else(|| invalid(&name))?);
            }
            "now" => {
                let now = value.as_string().and_then(|value| Instant::parse(&value));
                options.now = Some(now.ok_or_else(|| invalid(&name))?);
            }
            _ => return Err(PostgateError::new("unknown-option", &format!("There is no option named {name}."))),
        }
    }
    Ok(options)
}

fn invalid(name: &str) -> PostgateError {
    PostgateError::new("invalid-option", &format!("The option {name} has a value it cannot have."))
}
