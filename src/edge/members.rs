//! JSON written again with some members changed and every other byte as it was.

use crate::json;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The members of an object in their order, values untouched.
pub struct Members<'a>(pub Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl<'a> Members<'a> {
    /// The members of an object; `None` if that is none.
    pub fn of(json: &'a str) -> Option<Self> {
        serde_json::from_slice(json.as_bytes()).ok()
    }

    /// A member's value.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| value.get())
    }

    /// A member's value, if it is a string.
    pub fn text(&self, name: &str) -> Option<String> {
        json::read(self.get(name)?).ok()
    }
}

/// What becomes of a member.
pub enum Change {
    /// It stays as it is.
    Keep,
    /// It is left out.
    Drop,
    /// It has this value, in JSON.
    Be(String),
}

impl Change {
    /// A new value, or the old one if there is none.
    pub fn to(value: Option<String>) -> Self {
        value.map_or(Self::Keep, Self::Be)
    }
}

/// Writes an object again; `None` if that is none.
pub fn object(json: &str, change: &mut dyn FnMut(&str, &str) -> Change) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    for (name, value) in Members::of(json)?.0 {
        let changed = change(&name, value.get());
        let value = match &changed {
            Change::Keep => value.get(),
            Change::Drop => continue,
            Change::Be(value) => value,
        };
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&quoted(&name));
        out.push(':');
        out.push_str(value);
    }
    if out.is_empty() {
        out.push('{');
    }
    out.push('}');
    Some(out)
}

/// The entries of an array; `None` if that is none.
pub fn list(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_slice(json.as_bytes()).ok()
}

/// Writes an array again, an entry that gives none as it is; `None` if that is no array.
pub fn array(json: &str, change: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let entries: Vec<String> =
        list(json)?.into_iter().map(|entry| change(entry.get()).unwrap_or_else(|| entry.get().to_owned())).collect();
    Some(format!("[{}]", entries.join(",")))
}

/// A text in JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_written_anew() {
        let json = r#"{ "a":1.0e2, "b" : [ 1 ,2], "c":"\u00e9","d":null }"#;
        let written = object(json, &mut |name, _| match name {
            "b" => Change::Drop,
            "d" => Change::Be("4".to_owned()),
            _ => Change::Keep,
        });
        assert_eq!(written.as_deref(), Some(r#"{"a":1.0e2,"c":"\u00e9","d":4}"#));
        assert_eq!(object("{}", &mut |_, _| Change::Drop).as_deref(), Some("{}"));
        let tens = array("[1, 2,\"x\"]", &mut |entry| entry.parse::<u8>().ok().map(|n| (n * 10).to_string()));
        assert_eq!(tens.as_deref(), Some("[10,20,\"x\"]"));
        for other in ["", "[]", "{", "7", "{\"a\"}"] {
            assert_eq!(object(other, &mut |_, _| Change::Keep), None, "{other}");
        }
    }
}
