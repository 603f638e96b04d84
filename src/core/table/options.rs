//! A mapping as it is written at every door: JSON.

use super::mapping::{Channel, Column, Delimiter, Format, Mapping, Variables};
use crate::options::OptionError;
use crate::reader::scan::{Kind, Reader, Stop};
use crate::text::digits;

const COLUMN: &str = "a column's name, or its place from 0";

/// What a mapping may have, and what each has to be.
const MEMBERS: [(&str, &str); 7] = [
    ("format", "csv, ndjson or list"),
    ("delimiter", "one ASCII sign"),
    ("header", "true or false"),
    ("address", COLUMN),
    ("channel", COLUMN),
    ("defaultChannel", "PHONE or WHATSAPP"),
    ("variables", "an object from names to columns, others, or null"),
];

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
        let mut wrong = None;
        if mapping.read(&mut Reader::new(json, 0), &mut wrong).is_err() && wrong.is_none() {
            wrong = Some((String::new(), OptionError::Invalid { expected: "a JSON object" }));
        }
        wrong.map_or(Ok(mapping), Err)
    }

    /// Reads it up to the first thing that is wrong.
    fn read(&mut self, reader: &mut Reader<'_>, wrong: &mut Option<(String, OptionError)>) -> Result<(), Stop> {
        let mut members = reader.object()?;
        while let Some(name) = members.next(reader)? {
            let (kind, _) = reader.peek()?;
            let name = name.decode();
            let known = MEMBERS.iter().find(|(known, _)| *known == name);
            let expected = known.map(|(_, expected)| *expected);
            if expected.is_none() || !self.set(&name, kind, reader)? {
                let error = expected.map_or(OptionError::Unknown, |expected| OptionError::Invalid { expected });
                *wrong = Some((name.into_owned(), error));
                return Err(Stop);
            }
        }
        Ok(())
    }

    /// Sets a member; whether the value is one that it may have.
    fn set(&mut self, name: &str, kind: Kind, reader: &mut Reader<'_>) -> Result<bool, Stop> {
        if name == "variables" && kind == Kind::Object {
            let mut named = Vec::new();
            let mut members = reader.object()?;
            while let Some(name) = members.next(reader)? {
                let Some(column) = column(reader)? else { return Ok(false) };
                named.push((name.decode().into_owned(), column));
            }
            self.variables = Variables::Named(named);
            return Ok(true);
        }
        let start = reader.at();
        let column = column(reader)?;
        let word = match &column {
            Some(Column::Name(word)) => word.as_str(),
            _ => "",
        };
        match name {
            "format" => {
                self.format = Format::named(word);
                Ok(self.format.is_some())
            }
            "delimiter" => {
                let mut signs = word.chars();
                self.delimiter = signs.next().filter(|_| signs.next().is_none()).and_then(Delimiter::new);
                Ok(self.delimiter.is_some())
            }
            "header" if kind == Kind::Boolean => {
                // The shorter of the two words.
                self.header = Some(reader.at() - start == "true".len());
                Ok(true)
            }
            "address" => {
                self.address = column;
                Ok(self.address.is_some())
            }
            "channel" => {
                self.channel = match column {
                    Some(column) => Channel::Column(column),
                    None => Channel::None,
                };
                Ok(self.channel != Channel::None || kind == Kind::Null)
            }
            "defaultChannel" if kind == Kind::String => {
                self.default_channel = Some(word.to_owned());
                Ok(["PHONE", "WHATSAPP"].contains(&word))
            }
            "variables" if kind == Kind::Null => {
                self.variables = Variables::Named(Vec::new());
                Ok(true)
            }
            "variables" => {
                self.variables = Variables::Others;
                Ok(word == "others")
            }
            _ => Ok(false),
        }
    }
}

/// A string or a whole number; any other value is skipped.
fn column(reader: &mut Reader<'_>) -> Result<Option<Column>, Stop> {
    match reader.peek()?.0 {
        Kind::String => return Ok(Some(Column::Name(reader.string()?.decode().into_owned()))),
        Kind::Number => return Ok(digits(reader.number_text()?).and_then(|at| at.try_into().ok()).map(Column::Index)),
        _ => reader.skip()?,
    }
    Ok(None)
}
