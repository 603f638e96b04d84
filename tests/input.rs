//! A case's input: written out, or made.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::root;
use crate::request;

/// What goes into a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Input {
    /// This JSON, written compactly in this order.
    Json(Value),
    /// This text.
    Text(String),
    /// These bytes.
    Base64(String),
    /// The bytes of this file, beside the cases.
    File(String),
    /// A request with many recipients.
    Make(Make),
    /// A text that repeats itself.
    Repeat(Repeat),
}

/// A request as `cargo xtask sample` writes it, changed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Make {
    rows: usize,
    #[serde(default)]
    seed: u64,
    /// Values to set, by JSON Pointer; a member that is missing is added.
    #[serde(default)]
    patch: Vec<(String, Value)>,
    /// Bytes the request has to have; every row gets its share of a variable that fills it up.
    bytes: Option<usize>,
}

/// A text that repeats itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    #[serde(default)]
    before: String,
    text: String,
    times: usize,
    #[serde(default)]
    after: String,
}

impl Input {
    /// The bytes.
    ///
    /// # Panics
    ///
    /// When the case cannot be made: a mistake in it.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Text(text) => text.clone().into_bytes(),
            Self::Base64(text) => STANDARD.decode(text).expect("base64"),
            Self::File(name) => fs::read(root().join("tests/cases").join(name)).expect("a file beside the cases"),
            Self::Make(make) => make.bytes(),
            Self::Repeat(Repeat { before, text, times, after }) => {
                format!("{before}{}{after}", text.repeat(*times)).into_bytes()
            }
        }
    }
}

impl Make {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        request::write(self.rows as u64, self.seed, &mut bytes).expect("writing to memory");
        if self.patch.is_empty() && self.bytes.is_none() {
            return bytes;
        }
        let mut request: Value = serde_json::from_slice(&bytes).expect("a sample is JSON");
        for (pointer, value) in &self.patch {
            set(&mut request, pointer, value.clone());
        }
        if let Some(wanted) = self.bytes {
            fill(&mut request, wanted);
        }
        request.to_string().into_bytes()
    }
}

fn set(request: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer to a member");
    match request.pointer_mut(parent).expect("the parent of a patch") {
        Value::Object(members) => drop(members.insert(name.replace("~1", "/").replace("~0", "~"), value)),
        Value::Array(elements) => elements[name.parse::<usize>().expect("an index")] = value,
        _ => panic!("{parent} has no members"),
    }
}

/// Gives every row's variables a filler, so that the request has `wanted` bytes.
fn fill(request: &mut Value, wanted: usize) {
    let rows = request["to"].as_array().expect("rows").len();
    for row in 0..rows {
        request["to"][row]["variables"]["filler"] = json!("");
    }
    let missing = wanted.checked_sub(request.to_string().len()).expect("room for a filler");
    for row in 0..rows {
        let share = missing / rows + usize::from(row < missing % rows);
        request["to"][row]["variables"]["filler"] = json!("x".repeat(share));
    }
}
