//! The entries of `to` as they stand in the body: where each lies, and which addresses it has.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// A range of bytes of the body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Number of bytes.
    pub length: u32,
}

impl Span {
    /// Where `part` lies in `whole`, of which it has to be a slice.
    pub fn of(part: &str, whole: &str) -> Self {
        Self {
            // A body has at most 10,000,000 bytes.
            start: (part.as_ptr() as usize - whole.as_ptr() as usize) as u32,
            length: part.len() as u32,
        }
    }

    /// The byte after the last.
    pub fn end(self) -> u32 {
        self.start + self.length
    }
}

/// A channel as the sender's side names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Channel {
    /// Text messages, with or without media.
    Sms,
    /// Rich Communication Services.
    Rcs,
    /// WhatsApp.
    Whatsapp,
}

impl Channel {
    const ALL: [Self; 3] = [Self::Sms, Self::Rcs, Self::Whatsapp];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Rcs => "RCS",
            Self::Whatsapp => "WHATSAPP",
        }
    }

    /// The channel by its word in JSON.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }
}

/// The addresses of a recipient: its own, or those of a connected one; none for what is stored elsewhere.
pub fn addresses(recipient: &Value) -> &[Value] {
    match recipient.get("addresses") {
        Some(connected) => connected.as_array().map_or(&[], Vec::as_slice),
        None if recipient.get("address").is_some() => std::slice::from_ref(recipient),
        None => &[],
    }
}

/// A member's address: each `#` of the stored pattern is a digit of the member's number.
pub fn member_address(pattern: &str, member: u32) -> String {
    let mut rest = member;
    let mut digits: Vec<char> = pattern
        .chars()
        .rev()
        .map(|letter| match letter {
            '#' => {
                let digit = char::from_digit(rest % 10, 10).unwrap_or('0');
                rest /= 10;
                digit
            }
            other => other,
        })
        .collect();
    digits.reverse();
    digits.into_iter().collect()
}

/// Raw members of the body. Of a member given twice the last counts, as it does in `Value`; a derived
/// `Deserialize` would refuse it.
pub struct Parts<'a> {
    /// `to`, `[]` if it is missing.
    pub to: &'a str,
    /// `content`, `{}` if it is missing.
    pub content: &'a str,
    /// `from`, if there is one.
    pub from: Option<&'a str>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Parts<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a request")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts<'de>, A::Error> {
                let mut parts = Parts { to: "[]", content: "{}", from: None };
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "to" => parts.to = map.next_value::<&RawValue>()?.get(),
                        "content" => parts.content = map.next_value::<&RawValue>()?.get(),
                        "from" => parts.from = Some(map.next_value::<&RawValue>()?.get()),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(parts)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_bytes_as_sent() {
        let body = r#" {"x":[1,{"to":0}], "content" : {"text":"é"},
            "t\u006f":[ {"address":"+1", "channel":"PHONE"} ],"from":{"senderId":"s"}}"#;
        let parts: Parts<'_> = serde_json::from_str(body).unwrap();
        assert_eq!((parts.content, parts.to), (r#"{"text":"é"}"#, r#"[ {"address":"+1", "channel":"PHONE"} ]"#));
        assert_eq!(parts.from, Some(r#"{"senderId":"s"}"#));
        let span = Span::of(parts.content, body);
        assert_eq!(&body[span.start as usize..span.end() as usize], parts.content);
    }

    #[test]
    fn of_a_member_given_twice_the_last_counts() {
        let body = r#"{"to":5,"content":{},"to":[1],"content":{"text":"b"}}"#;
        let parts: Parts<'_> = serde_json::from_str(body).unwrap();
        assert_eq!((parts.to, parts.content), ("[1]", r#"{"text":"b"}"#));
    }

    #[test]
    fn addresses_are_a_recipients_own_or_those_connected() {
        let count = |text: &str| addresses(&serde_json::from_str(text).unwrap()).len();
        assert_eq!(count(r#"{"address":"+1","channel":"PHONE"}"#), 1);
        assert_eq!(count(r#"{"addresses":[{"address":"+1"},{"address":"+2"}]}"#), 2);
        assert_eq!(count(r#"{"profileId":"p","memoryStoreId":"m"}"#), 0);
    }

    #[test]
    fn a_members_number_fills_the_pattern_from_its_end() {
        assert_eq!(member_address("+1415#######", 42), "+14150000042");
        assert_eq!(member_address("+1#5#", 98), "+1958");
        assert_eq!(member_address("+14155550100", 7), "+14155550100");
    }
}
