//! Previews: what one recipient reads over each channel, with that recipient's issues.

use crate::batch::Envelope;
use crate::channel::MessageChannel;
use crate::finding::issue::{Issue, push_issue};
use crate::json::{Json, push_quoted};
use crate::message::wordings::Wordings;
use crate::reader::scan::{Kind, Reader, Stop};
use crate::recipient::person::Person;
use crate::segment::{self, SegmentOptions};

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
        json.open('{').member("row", self.row).name("channels").raw(self.channels.as_bytes()).name("issues").open('[');
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
    pub(crate) fn take_made(&mut self) -> Vec<Preview> {
        std::mem::take(&mut self.made)
    }
}

/// The modules of a head, by their channels: their JSON.
#[derive(Default)]
pub(crate) struct Modules(Vec<(MessageChannel, Vec<u8>)>);

impl Modules {
    pub(crate) fn of(envelope: &Envelope) -> Self {
        let head = [&*envelope.before, &*envelope.after].concat();
        let mut modules = Self::default();
        // It was read already, so it can be read.
        let _ = modules.find(&head);
        modules
    }

    fn find(&mut self, head: &[u8]) -> Result<(), Stop> {
        let mut reader = Reader::new(head, 0);
        member(&mut reader, "content", Kind::Object, &mut |reader| {
            member(reader, "modules", Kind::Array, &mut |reader| {
                reader.array(&mut |reader, _| {
                    if reader.peek()?.0 != Kind::Object {
                        return reader.skip();
                    }
                    let mut members = reader.object()?;
                    while let Some(name) = members.next(reader)? {
                        let channel = MessageChannel::ALL.iter().find(|channel| name.is(channel.as_str()));
                        let (_, start) = reader.peek()?;
                        reader.skip()?;
                        let module = head.get(start..reader.at()).unwrap_or_default();
                        self.0.extend(channel.map(|channel| (*channel, module.to_vec())));
                    }
                    Ok(())
                })
            })
        })
    }

    pub(crate) fn of_channel(&self, channel: MessageChannel) -> Option<&[u8]> {
        self.0.iter().find(|(other, _)| *other == channel).map(|(_, module)| &**module)
    }

    /// Notes the names in their texts, so that rows are read for them.
    pub(crate) fn note(&self, wordings: &mut Wordings) {
        for (_, module) in &self.0 {
            write_rendered(&mut Json::default(), module, &mut |text| {
                wordings.note(text);
                None
            });
        }
    }
}

/// Reads an object's member of that name and kind, and skips all others.
fn member<'a>(
    reader: &mut Reader<'a>,
    wanted: &str,
    kind: Kind,
    read: &mut dyn FnMut(&mut Reader<'a>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut members = reader.object()?;
    while let Some(name) = members.next(reader)? {
        if name.is(wanted) && reader.peek()?.0 == kind {
            read(reader)?;
        } else {
            reader.skip()?;
        }
    }
    Ok(())
}

/// What one recipient reads, while it is written.
pub(crate) struct Shown<'m> {
    pub json: Json,
    pub wordings: &'m mut Wordings,
    pub person: &'m Person,
    pub segments: SegmentOptions,
}

impl Shown<'_> {
    /// A text with media.
    pub(crate) fn text(&mut self, channel: MessageChannel, text: Option<&str>, media: &[String]) {
        let Self { json, wordings, person, segments } = self;
        if let Some(text) = text {
            // What is counted lacks what is known only to the service.
            let (counted, known) = wordings.show(text, person, false).unwrap_or_else(|| (text.to_owned(), true));
            let shown = if known { None } else { wordings.show(text, person, true) };
            let shown = shown.map_or_else(|| counted.clone(), |(shown, _)| shown);
            json.name("text").text(&shown).member("characters", counted.chars().count() as u64);
            if !known {
                json.name("atLeast").flag(true);
            }
            if channel == MessageChannel::Sms {
                segment::analyze(&counted, *segments).write(json.name("segments"));
            }
        }
        json.name("media").open('[');
        for url in media {
            let shown = wordings.show(url, person, true).map(|(shown, _)| shown);
            json.text(shown.as_deref().unwrap_or(url));
        }
        json.close(']');
    }

    /// A module for one channel.
    pub(crate) fn module(&mut self, module: &[u8]) {
        let Self { json, wordings, person, .. } = self;
        let mut all_known = true;
        write_rendered(json.name("module"), module, &mut |text| {
            let (shown, known) = wordings.show(text, person, true)?;
            all_known &= known;
            Some(shown)
        });
        if !all_known {
            json.name("atLeast").flag(true);
        }
    }

    /// A content template with the values of a row.
    pub(crate) fn template(&mut self, id: &str, row: &[u8]) {
        let json = &mut self.json;
        json.name("template").open('{').name("contentId").text(id).name("variables");
        match self.person.variables_at {
            Some(at) => write_rendered(json, value_at(row, at), &mut |_| None),
            None => {
                json.open('{').close('}');
            }
        }
        json.close('}');
    }
}

/// The value that stands at a place of a row.
fn value_at(row: &[u8], at: usize) -> &[u8] {
    let value = row.get(at..).unwrap_or_default();
    let mut reader = Reader::new(value, 3);
    let read = reader.skip().map_or(0, |()| reader.at());
    value.get(..read).unwrap_or_default()
}

/// Writes a JSON value that was read already, without white space, and with its texts as `render` has them; where it
/// has nothing to say, and in names, they stay as they are.
pub(crate) fn write_rendered(json: &mut Json, value: &[u8], render: &mut dyn FnMut(&str) -> Option<String>) {
    let mut out = Vec::new();
    // Outside of strings JSON has no quotes, so nesting does not matter.
    let _ = copy(value, render, &mut out);
    json.raw(&out);
}

fn copy(value: &[u8], render: &mut dyn FnMut(&str) -> Option<String>, out: &mut Vec<u8>) -> Result<(), Stop> {
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
                push_quoted(out, rendered.as_deref().unwrap_or(&decoded));
            }
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            byte => {
                out.push(*byte);
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
