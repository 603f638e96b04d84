//! The rows of `to`: where each lies in the body, by which channel it is reached, and what will become of it.
//!
//! A row is kept in nine bytes that point into the body as received. Ten thousand recipients are one value of 90 KB
//! in the database, and nothing of a recipient is stored twice.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// A range of bytes of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Number of bytes.
    pub length: u32,
}

impl Span {
    /// Where `part` lies in `whole`, of which it has to be a slice.
    fn of(part: &str, whole: &str) -> Self {
        Self {
            // A body has at most 10,000,000 bytes.
            start: (part.as_ptr() as usize - whole.as_ptr() as usize) as u32,
            length: part.len() as u32,
        }
    }

    /// The byte behind the last.
    pub fn end(self) -> u32 {
        self.start + self.length
    }
}

/// A channel as the sender's side names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Whether a row can be delivered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// An address of `+` and digits.
    Number,
    /// An address that is no number, found out only while processing.
    Malformed,
    /// A stored profile or cohort: the sandbox stores none, so nobody is found behind it.
    Unknown,
}

/// One entry of `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Where the entry lies in the body.
    pub span: Span,
    /// The channel it is sent over.
    pub channel: Channel,
    /// What will become of it.
    pub reach: Reach,
}

const PACKED: usize = 9;

impl Row {
    fn of(span: Span, recipient: &Value, from: Option<Channel>) -> Self {
        let first = addresses(recipient).first();
        let reach = match first.map(|first| first["address"].as_str().unwrap_or_default()) {
            Some(address) if is_number(address) => Reach::Number,
            None if recipient.get("addresses").is_none() => Reach::Unknown,
            _ => Reach::Malformed,
        };
        let whatsapp = first.is_some_and(|first| first["channel"] == "WHATSAPP");
        let by_recipient = if whatsapp { Channel::Whatsapp } else { Channel::Sms };
        Self { span, channel: from.unwrap_or(by_recipient), reach }
    }

    fn pack(self) -> [u8; PACKED] {
        let mut packed = [0; PACKED];
        packed[..4].copy_from_slice(&self.span.start.to_le_bytes());
        packed[4..8].copy_from_slice(&self.span.length.to_le_bytes());
        packed[8] = self.channel as u8 | (self.reach as u8) << 2;
        packed
    }

    fn unpack(packed: &[u8; PACKED]) -> Self {
        let [s0, s1, s2, s3, l0, l1, l2, l3, kinds] = *packed;
        Self {
            span: Span { start: u32::from_le_bytes([s0, s1, s2, s3]), length: u32::from_le_bytes([l0, l1, l2, l3]) },
            channel: match kinds & 3 {
                0 => Channel::Sms,
                1 => Channel::Rcs,
                _ => Channel::Whatsapp,
            },
            reach: match kinds >> 2 {
                0 => Reach::Number,
                1 => Reach::Malformed,
                _ => Reach::Unknown,
            },
        }
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

fn is_number(address: &str) -> bool {
    address
        .strip_prefix('+')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// All rows in one value.
pub fn pack(rows: &[Row]) -> Vec<u8> {
    rows.iter().flat_map(|row| row.pack()).collect()
}

/// The rows again.
pub fn unpack(packed: &[u8]) -> Vec<Row> {
    let (rows, _) = packed.as_chunks();
    rows.iter().map(Row::unpack).collect()
}

/// Where the parts of a body lie that messages are read from.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// `content`.
    pub content: Span,
    /// `from`, if it was given.
    pub from: Option<Span>,
    /// The entries of `to`, in order.
    pub rows: Vec<Row>,
}

impl Layout {
    /// Finds the parts of `body`; `request` is the same body as a value that has passed the schema.
    pub fn of(body: &str, request: &Value) -> serde_json::Result<Self> {
        let parts: Parts<'_> = serde_json::from_str(body)?;
        let to: Vec<&RawValue> = serde_json::from_str(parts.to)?;
        let from = request["from"]["channel"].as_str().and_then(Channel::named);
        let recipients = request["to"].as_array().map_or(&[][..], Vec::as_slice);
        let row = |(raw, recipient): (&&RawValue, &Value)| Row::of(Span::of(raw.get(), body), recipient, from);
        Ok(Self {
            content: Span::of(parts.content, body),
            from: parts.from.map(|from| Span::of(from, body)),
            rows: to.iter().zip(recipients).map(row).collect(),
        })
    }
}

/// Raw members of the body. Of a member given twice the last counts, as it does in `Value`; a derived
/// `Deserialize` would refuse it.
struct Parts<'a> {
    to: &'a str,
    content: &'a str,
    from: Option<&'a str>,
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

    fn layout(body: &str) -> Layout {
        Layout::of(body, &serde_json::from_str(body).unwrap()).unwrap()
    }

    fn text(body: &str, span: Span) -> &str {
        &body[span.start as usize..span.end() as usize]
    }

    #[test]
    fn spans_point_at_the_bytes_as_sent() {
        let body = r#" {"x":[1,{"to":0}], "content" : {"text":"é"},
            "t\u006f":[ {"address":"+1", "channel":"PHONE"} ,{"address":"é\"]","channel":"WHATSAPP"}],"from":{"senderId":"s"}}"#;
        let layout = layout(body);
        assert_eq!(text(body, layout.content), r#"{"text":"é"}"#);
        assert_eq!(text(body, layout.from.unwrap()), r#"{"senderId":"s"}"#);
        let rows: Vec<&str> = layout.rows.iter().map(|row| text(body, row.span)).collect();
        assert_eq!(rows, [r#"{"address":"+1", "channel":"PHONE"}"#, r#"{"address":"é\"]","channel":"WHATSAPP"}"#]);
    }

    #[test]
    fn of_a_member_given_twice_the_last_counts() {
        let body = r#"{"to":5,"content":{},"to":[{"address":"+1","address":"x"}],"content":{"text":"b"}}"#;
        let layout = layout(body);
        assert_eq!(text(body, layout.content), r#"{"text":"b"}"#);
        assert_eq!(layout.rows.len(), 1);
        assert_eq!(layout.rows[0].reach, Reach::Malformed);
    }

    #[test]
    fn reach_and_channel_are_read_off_the_recipient() {
        let row = |recipient: &str| {
            let layout = layout(&format!(r#"{{"to":[{recipient}],"content":{{}}}}"#));
            (layout.rows[0].reach, layout.rows[0].channel)
        };
        let number = r#"{"address":"+14155550100","channel":"PHONE"}"#;
        assert_eq!(row(number), (Reach::Number, Channel::Sms));
        assert_eq!(row(r#"{"address":"+1","channel":"WHATSAPP"}"#), (Reach::Number, Channel::Whatsapp));
        assert_eq!(row(&format!(r#"{{"addresses":[{number}]}}"#)), (Reach::Number, Channel::Sms));
        assert_eq!(row(r#"{"addresses":[]}"#), (Reach::Malformed, Channel::Sms));
        assert_eq!(row(r#"{"profileId":"p","memoryStoreId":"m"}"#), (Reach::Unknown, Channel::Sms));
        for address in ["14155550100", "+", "+1 415", "whatsapp:+1", "+１"] {
            let recipient = format!(r#"{{"address":"{address}","channel":"PHONE"}}"#);
            assert_eq!(row(&recipient), (Reach::Malformed, Channel::Sms), "{address}");
        }
    }

    #[test]
    fn the_senders_channel_outweighs_the_recipients() {
        let body = r#"{"from":{"address":"a","channel":"RCS"},"to":[{"address":"+1","channel":"PHONE"}],"content":{}}"#;
        assert_eq!(layout(body).rows[0].channel, Channel::Rcs);
    }

    #[test]
    fn packing_loses_nothing() {
        let mut rows = Vec::new();
        for channel in Channel::ALL {
            for reach in [Reach::Number, Reach::Malformed, Reach::Unknown] {
                let start = rows.len() as u32 * 1_000_003;
                rows.push(Row { span: Span { start, length: u32::MAX - start }, channel, reach });
            }
        }
        let packed = pack(&rows);
        assert_eq!(packed.len(), rows.len() * PACKED);
        assert_eq!(unpack(&packed), rows);
    }
}
