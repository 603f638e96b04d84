//! Where objects are found: the one place that makes stubs, so that all live where the operator wants them.

use worker::js_sys::{Function, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Env, EnvBinding, ObjectNamespace, Result, Stub};

/// <https://developers.cloudflare.com/durable-objects/reference/data-location/#restrict-durable-objects-to-a-jurisdiction>
const JURISDICTIONS: &[&str] = &["eu", "fedramp"];
/// <https://developers.cloudflare.com/durable-objects/reference/data-location/#supported-locations>
const LOCATIONS: &[&str] = &["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"];

/// Where objects live. A jurisdiction is part of an object's identity: changed, every operation is another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    jurisdiction: Option<&'static str>,
    location: Option<&'static str>,
}

impl Placement {
    /// Reads the settings; the error is a sentence for the operator.
    pub fn read(jurisdiction: Option<String>, location: Option<String>) -> std::result::Result<Self, String> {
        let known = |name: &str, words: &'static [&'static str], value: Option<String>| match value {
            None => Ok(None),
            Some(value) => match words.iter().find(|word| **word == value) {
                Some(word) => Ok(Some(*word)),
                None => Err(format!("The setting {name} must be one of {}.", words.join(", "))),
            },
        };
        Ok(Self {
            jurisdiction: known("JURISDICTION", JURISDICTIONS, jurisdiction)?,
            location: known("LOCATION_HINT", LOCATIONS, location)?,
        })
    }

    /// A binding's objects.
    pub fn objects(&self, env: &Env, binding: &str) -> Result<Objects> {
        let Some(jurisdiction) = self.jurisdiction else {
            return Ok(Objects { namespace: env.durable_object(binding)?, location: self.location });
        };
        // The crate has no call for it.
        let everywhere = Reflect::get(env, &binding.into())?;
        let restrict: Function = Reflect::get(&everywhere, &"jurisdiction".into())?.dyn_into()?;
        let namespace: JsValue = restrict.call1(&everywhere, &jurisdiction.into())?;
        Ok(Objects { namespace: ObjectNamespace::get(namespace)?, location: self.location })
    }
}

/// The objects of one class.
pub struct Objects {
    namespace: ObjectNamespace,
    location: Option<&'static str>,
}

impl Objects {
    /// The object of that name. A stub that failed stays broken: take a new one for each call.
    pub fn named(&self, name: &str) -> Result<Stub> {
        match self.location {
            Some(location) => self.namespace.get_by_name_with_location_hint(name, location),
            None => self.namespace.get_by_name(name),
        }
    }
}
