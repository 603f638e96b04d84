//! JSON as `serde_json` reads it, with the places of values and with members that are there twice.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The mark that some editors put in front.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether bytes are one JSON text by RFC 8259: its grammar, in UTF-8. Nothing else is asked of them.
///
/// `IgnoredAny` knows no greatest depth, no greatest number and no halves of surrogate pairs: `serde_json` refuses
/// those only where it makes values of them.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    raw: &'a RawValue,
    /// Bytes in front of it.
    pub start: u64,
}

impl<'a> Node<'a> {
    /// The value that some bytes are, behind `before` others.
    pub(super) fn of(bytes: &'a [u8], before: u64) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let node = Self { raw: serde_json::from_str(text).ok()?, start: 0 };
        Some(Self { start: before + offset_in(text, node.text()), ..node })
    }

    /// The value as it is written.
    pub(super) fn text(self) -> &'a str {
        self.raw.get()
    }

    /// The text that a string stands for. None where it is no string.
    pub(super) fn string(self) -> Option<String> {
        let raw = self.text().strip_prefix('"')?.strip_suffix('"')?;
        Some(text(raw.as_bytes()))
    }

    /// The members of an object, or else the elements of an array under their indices. None where a name has half a
    /// surrogate pair.
    pub(super) fn members(self) -> Option<Vec<(String, Self)>> {
        let mut reader = serde_json::Deserializer::from_str(self.text());
        let members = match self.text().as_bytes().first() {
            Some(b'{') => reader.deserialize_map(Members).ok()?,
            Some(b'[') => reader.deserialize_seq(Elements).ok()?,
            _ => Vec::new(),
        };
        let place = |raw: &'a RawValue| Self { raw, start: self.start + offset_in(self.text(), raw.get()) };
        Some(members.into_iter().map(|(name, raw)| (name, place(raw))).collect())
    }

    /// Every value that a pointer leads to: several where a name is there more than once.
    pub(super) fn at(self, pointer: &str) -> Vec<Self> {
        let mut found = vec![self];
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            let members = found.into_iter().filter_map(Self::members).flatten();
            found = members.filter(|(member, _)| *member == name).map(|(_, node)| node).collect();
        }
        found
    }

    /// Whether every name can be read, at any depth.
    pub(super) fn has_readable_names(self) -> bool {
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match node.members() {
                Some(members) => open.extend(members.into_iter().map(|(_, node)| node)),
                None => return false,
            }
        }
        true
    }

    /// Every string below, names left out.
    pub(super) fn strings(self, out: &mut Vec<String>) {
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            out.extend(node.string());
            open.extend(node.members().into_iter().flatten().map(|(_, node)| node));
        }
    }
}

/// Where a part of a text begins.
fn offset_in(text: &str, part: &str) -> u64 {
    (part.as_ptr().addr() - text.as_ptr().addr()) as u64
}

type Raw<'a> = Vec<(String, &'a RawValue)>;

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Raw<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Raw<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements: Self::Value = Vec::new();
        while let Some(value) = seq.next_element()? {
            elements.push((elements.len().to_string(), value));
        }
        Ok(elements)
    }
}

/// Bytes as text; nothing where they are not UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The text that a string stands for, read by way of UTF-16: halves of surrogate pairs become U+FFFD.
pub(super) fn text(raw: &[u8]) -> String {
    let mut units = Vec::new();
    let mut rest = utf8(raw).chars();
    while let Some(c) = rest.next() {
        let c = match c {
            '\\' => match rest.next() {
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap_or_default());
                    continue;
                }
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                other => other.unwrap_or_default(),
            },
            c => c,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units)
}
