//! A mapping as it is written at every door: JSON.

use super::mapping::{Channel, Column, Delimiter, Format, Mapping, Variables};
use crate::options::OptionError;
use crate::scan::{Kind, Reader, Stop};
use crate::text::digits;

type Invalid = OptionError;

const COLUMN: Invalid = Invalid::Invalid { expected: "a column's name, or its place from 0" };

impl Mapping {
    /// Reads a mapping.
    ///
    /// | name | value |
    /// |---|---|
    /// | `format` | `csv`, `ndjson` or `list` |
    /// | `delimiter` | one ASCII sign |
    /// | `header` | whether there is one |
    /// | `address` | a column |
    /// | `channel` | a column, or null for none |
    /// | `defaultChannel` | `PHONE` or `WHATSAPP` |
    /// | `variables` | an object from names to columns, `others`, or null for none |
    ///
    /// A column is its name or its place, from 0. What is left out is found out.
    ///
    /// # Errors
    ///
    /// The name, and what is wrong with it; an empty name when this is no JSON object.
    ///
    /// ```
    /// use postgate_core::{Column, Mapping, OptionError};
    ///
    /// let mapping = Mapping::from_json(br#"{"address": "Mobile", "variables": {"name": 0}}"#)?;
    /// assert_eq!(mapping.address, Some(Column::Name("Mobile".to_owned())));
    /// assert_eq!(Mapping::from_json(br#"{"adress": 1}"#), Err(("adress".to_owned(), OptionError::Unknown)));
    /// # Ok::<(), (String, OptionError)>(())
    /// ```
    pub fn from_json(json: &[u8]) -> Result<Self, (String, OptionError)> {
        let mut mapping = Self::default();
        let mut reader = Reader::new(json, 0);
        let mut name = String::new();
        match mapping.read(&mut reader, &mut name) {
            Ok(Ok(())) => Ok(mapping),
            Ok(Err(error)) => Err((name, error)),
            Err(Stop) => Err((String::new(), Invalid::Invalid { expected: "a JSON object" })),
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>, name: &mut String) -> Result<Result<(), Invalid>, Stop> {
        let mut members = reader.object()?;
        while let Some(text) = members.next(reader)? {
            *name = text.decode().into_owned();
            if let Err(error) = self.set(name, reader)? {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn set(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<Result<(), Invalid>, Stop> {
        let invalid = |expected| Invalid::Invalid { expected };
        let (kind, start) = reader.peek()?;
        let set = match name {
            "format" => word(reader)?.and_then(|word| Format::named(&word)).map(|format| self.format = Some(format)),
            "delimiter" => {
                let sign = word(reader)?.and_then(|word| single(&word));
                sign.and_then(Delimiter::new).map(|delimiter| self.delimiter = Some(delimiter))
            }
            "header" => {
                reader.skip()?;
                // The shorter of the two words.
                let yes = reader.at() - start == "true".len();
                (kind == Kind::Boolean).then(|| self.header = Some(yes))
            }
            "address" => column(reader)?.map(|column| self.address = Some(column)),
            "channel" if kind == Kind::Null => {
                reader.skip()?;
                self.channel = Channel::None;
                Some(())
            }
            "channel" => column(reader)?.map(|column| self.channel = Channel::Column(column)),
            "defaultChannel" => word(reader)?.map(|word| self.default_channel = Some(word)),
            "variables" => variables(kind, reader)?.map(|variables| self.variables = variables),
            _ => return Ok(Err(Invalid::Unknown)),
        };
        Ok(set.ok_or(match name {
            "format" => invalid("csv, ndjson or list"),
            "delimiter" => invalid("one ASCII sign"),
            "header" => invalid("true or false"),
            "defaultChannel" => invalid("PHONE or WHATSAPP"),
            "variables" => invalid("an object from names to columns, others, or null"),
            _ => COLUMN,
        }))
    }
}

fn single(word: &str) -> Option<char> {
    let mut signs = word.chars();
    signs.next().filter(|_| signs.next().is_none())
}

/// A string; `None` when it is none.
fn word(reader: &mut Reader<'_>) -> Result<Option<String>, Stop> {
    if reader.peek()?.0 == Kind::String {
        return Ok(Some(reader.string()?.decode().into_owned()));
    }
    reader.skip()?;
    Ok(None)
}

fn column(reader: &mut Reader<'_>) -> Result<Option<Column>, Stop> {
    if reader.peek()?.0 == Kind::Number {
        return Ok(digits(reader.number_text()?).and_then(|place| place.try_into().ok()).map(Column::Index));
    }
    Ok(word(reader)?.map(Column::Name))
}

fn variables(kind: Kind, reader: &mut Reader<'_>) -> Result<Option<Variables>, Stop> {
    if kind == Kind::Null {
        reader.skip()?;
        return Ok(Some(Variables::Named(Vec::new())));
    }
    if kind != Kind::Object {
        return Ok(word(reader)?.filter(|word| word == "others").map(|_| Variables::Others));
    }
    let mut named = Vec::new();
    let mut members = reader.object()?;
    while let Some(name) = members.next(reader)? {
        let Some(column) = column(reader)? else { return Ok(None) };
        named.push((name.decode().into_owned(), column));
    }
    Ok(Some(Variables::Named(named)))
}
