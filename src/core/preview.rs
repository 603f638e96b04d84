//! Previews: what one recipient reads over each channel, with that recipient's issues.

use crate::issue::Issue;
use crate::json::Json;
use crate::scan::{Reader, Stop};
use crate::verdict::push_issue;

/// What one recipient reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The recipient's place in `to`.
    pub row: u64,
    /// The JSON of the list of channels.
    pub(crate) channels: String,
    /// What was found about the recipient, in the order in which it was found; the first 100.
    pub issues: Vec<Issue>,
}

impl Preview {
    /// The canonical JSON: members in this order, no white space.
    ///
    /// `channels` has what is read over each channel that may be the one: a `text` with its `characters`, over SMS its
    /// `segments`, and `media`; the `module` for the channel with all of its texts rendered; or a `template` with its
    /// variables. `atLeast` says that a part of a text is known only to the service.
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.open('{').member("row", self.row).name("channels").raw(&self.channels).name("issues").open('[');
        for issue in &self.issues {
            push_issue(&mut json, issue);
        }
        json.close(']').close('}').finish()
    }
}

/// The rows of which there is to be a preview, and those that were made.
#[derive(Default)]
pub(crate) struct Previews {
    asked: Vec<u64>,
    made: Vec<Preview>,
}

impl Previews {
    /// None so far, of those rows.
    pub(crate) fn of(rows: &[u64]) -> Self {
        Self { asked: rows.to_vec(), made: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    pub(crate) fn wants(&self, row: u64) -> bool {
        self.asked.contains(&row)
    }

    pub(crate) fn add(&mut self, row: u64, channels: String) {
        self.made.push(Preview { row, channels, issues: Vec::new() });
    }

    /// In the order of their rows.
    pub(crate) fn into_made(self) -> Vec<Preview> {
        self.made
    }
}

/// Writes a JSON value that was read already, without white space, and with its texts as `render` has them; where it
/// has nothing to say, and in names, they stay as they are.
pub(crate) fn write_rendered(json: &mut Json, value: &[u8], render: &mut dyn FnMut(&str) -> Option<String>) {
    let mut out = String::new();
    // Outside of strings, no quote stands in JSON; so nobody has to know how deep they are.
    let _ = copy(value, render, &mut out);
    json.raw(&out);
}

fn copy(value: &[u8], render: &mut dyn FnMut(&str) -> Option<String>, out: &mut String) -> Result<(), Stop> {
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        match byte {
            b'"' => {
                let mut reader = Reader::new(value.get(at..).unwrap_or_default(), 0);
                let text = reader.string()?;
                at += reader.at();
                let behind = value.get(at..).unwrap_or_default().trim_ascii_start();
                let decoded = text.decode();
                let rendered = if behind.first() == Some(&b':') { None } else { render(&decoded) };
                crate::json::push_quoted(out, rendered.as_deref().unwrap_or(&decoded));
            }
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            byte => {
                out.push(char::from(*byte));
                at += 1;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_rendered_and_names_are_not() {
        let mut json = Json::default();
        let value = br#"{ "a" : [ "b", 1.5e3, {"\u0062":"b\n"} , true ] }"#;
        write_rendered(json.open('['), value, &mut |text| text.contains('b').then(|| text.replace('b', "\"é")));
        assert_eq!(json.close(']').finish(), r#"[{"a":["\"é",1.5e3,{"b":"\"é\n"},true]}]"#);
    }
}
