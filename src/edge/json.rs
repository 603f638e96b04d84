//! JSON made into records: parsed first, then taken apart record by record.
//!
//! serde_json by itself reads a record straight from the text, which takes the code that reads numbers, texts and lists
//! in every record once more, and that for records as lists, too. Long lists, and what persons write, where a member that
//! stands there twice is an error, are read that way; for all else this is as good, in far less code.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

/// Reads a record. Of two members of one name, the second counts.
pub fn read<T: DeserializeOwned>(json: impl AsRef<[u8]>) -> Result<T, Error> {
    T::deserialize(Parsed(serde_json::from_slice(json.as_ref())?))
}

struct Parsed(Value);

impl Parsed {
    fn unexpected(&self, expected: &str) -> Error {
        let found = match &self.0 {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Error::invalid_type(Unexpected::Other(found), &expected)
    }
}

fn entries<'de, V: Visitor<'de>>(list: Vec<Value>, visitor: V) -> Result<V::Value, Error> {
    let mut entries = SeqDeserializer::new(list.into_iter().map(Parsed));
    let read = visitor.visit_seq(&mut entries)?;
    entries.end()?;
    Ok(read)
}

fn members<'de, V: Visitor<'de>>(members: Map<String, Value>, visitor: V) -> Result<V::Value, Error> {
    visitor.visit_map(MapDeserializer::new(members.into_iter().map(|(name, value)| (name, Parsed(value)))))
}

impl<'de> Deserializer<'de> for Parsed {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(is) => visitor.visit_bool(is),
            Value::Number(number) => number.deserialize_any(visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(list) => entries(list, visitor),
            Value::Object(found) => members(found, visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.as_u64() {
            Some(number) => visitor.visit_u64(number),
            None => Err(self.unexpected("a whole number")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(self.unexpected("a text")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(list) => entries(list, visitor),
            _ => Err(self.unexpected("a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(found) => members(found, visitor),
            _ => Err(self.unexpected("an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(word.into_deserializer()),
            Value::Object(found) if found.len() == 1 => {
                let found = MapDeserializer::new(found.into_iter().map(|(name, value)| (name, Parsed(value))));
                visitor.visit_enum(MapAccessDeserializer::new(found))
            }
            _ => Err(self.unexpected("a word, or an object with one member")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u128 f32 f64 char str bytes byte_buf unit unit_struct tuple_struct identifier
        ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Parsed {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Record {
        some_text: String,
        number: u32,
        #[serde(default)]
        maybe: Option<bool>,
        pairs: Vec<(String, i64)>,
        word: Word,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Word {
        Alone,
        With { rate: f64 },
        Of(u16),
    }

    fn record(word: Value) -> Value {
        json!({ "someText": "é", "number": 7, "pairs": [["a", -1]], "word": word, "unknown": [{}, null, 1.5] })
    }

    #[test]
    fn records_are_read_as_serde_json_reads_them() {
        for word in [json!("alone"), json!({ "with": { "rate": 2 } }), json!({ "of": 65_535 })] {
            let json = record(word).to_string();
            let direct: Record = serde_json::from_str(&json).unwrap();
            assert_eq!(read::<Record>(&json).unwrap(), direct);
        }
        assert_eq!(read::<()>("null").unwrap(), ());
        assert_eq!(read::<Option<u64>>("18446744073709551615").unwrap(), Some(u64::MAX));
    }

    #[test]
    fn what_is_no_such_record_is_refused() {
        let word = json!("alone");
        let whole = record(word).to_string();
        for (from, to) in [
            ("7", "-7"),
            ("7", "7.5"),
            ("7", "4294967296"),
            ("7", "\"7\""),
            ("7", "null"),
            ("\"alone\"", "\"other\""),
            ("\"alone\"", "{\"of\":65536}"),
            ("\"alone\"", "{\"of\":1,\"with\":{\"rate\":1}}"),
            ("\"alone\"", "[]"),
            ("[\"a\",-1]", "[\"a\"]"),
            ("[\"a\",-1]", "[\"a\",-1,0]"),
            ("number", "nomber"),
        ] {
            assert!(whole.contains(from));
            let json = whole.replace(from, to);
            assert!(serde_json::from_str::<Record>(&json).is_err() && read::<Record>(&json).is_err(), "{json}");
        }
        for json in ["", "{", "[]", "[\"é\",7]", "7"] {
            assert!(read::<Record>(json).is_err(), "{json}");
        }
    }
}
