//! The head of a send: every member but `to`, of which the edge reads who sends, when, and how many tags there are.
//!
//! Core has judged it; nothing is judged here. A batch's head is the caller's, byte for byte, but for two things: the
//! instant that the edge itself waits for is left out, and the reserved tag is added.

use postgate_core::{Envelope, Instant, RESERVED_TAG};
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::json;
use crate::members::{Members, quoted};

/// Most tags of a request: <https://www.twilio.com/docs/bulk-messaging/tags.md>.
const TAGS: usize = 10;

/// Who sends, as far as the pace depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sender {
    /// An address of the operator's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The address' channel, in capitals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// A sender by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_id: Option<String>,
    /// A pool by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_pool_id: Option<String>,
}

/// What the edge reads of a head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Who sends.
    pub sender: Sender,
    /// The instant before which nothing is sent; none where `schedule` is the upstream's to read.
    pub send_at: Option<Millis>,
    /// Whether there is room for the reserved tag.
    pub tagged: bool,
}

/// How many tags a head has.
fn tags(members: &Members<'_>) -> usize {
    members.get("tags").and_then(Members::of).map_or(0, |tags| tags.0.len())
}

/// The instant of a head's `schedule.sendAt`, if that is all that its schedule says.
fn send_at(members: &Members<'_>) -> Option<Millis> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Schedule {
        send_at: Vec<String>,
    }
    let schedule: Schedule = json::read(members.get("schedule")?).ok()?;
    let [instant] = schedule.send_at.as_slice() else { return None };
    Millis::try_from(Instant::parse(instant)?.0).ok()
}

impl Head {
    /// Reads a head that core has judged. Of one that cannot be read, which core would have refused, nothing is known.
    pub fn read(envelope: &Envelope) -> Self {
        let text = [envelope.before.as_slice(), envelope.after.as_slice()].concat();
        let Ok(members) = serde_json::from_slice::<Members<'_>>(&text) else { return Self::default() };
        let sender = members.get("from").and_then(|from| json::read::<Sender>(from).ok());
        let mut sender = sender.unwrap_or_default();
        sender.channel = sender.channel.map(|channel| channel.to_uppercase());
        Self { sender, send_at: send_at(&members), tagged: tags(&members) < TAGS }
    }
}

/// The head of a batch: without `schedule` where the edge has waited for it, with the reserved tag if one is given.
/// `None` if this is no head that core has written.
pub fn of_batch(envelope: &Envelope, tag: Option<&str>) -> Option<Envelope> {
    let text = [envelope.before.as_slice(), envelope.after.as_slice()].concat();
    let members: Members<'_> = serde_json::from_slice(&text).ok()?;
    let waited = send_at(&members).is_some();
    let tag = tag.map(|tag| format!("{}:{}", quoted(RESERVED_TAG), quoted(tag)));
    if !waited && tag.is_none() {
        return Some(envelope.clone());
    }
    let (mut before, mut out) = (None, String::from("{"));
    for (name, value) in &members.0 {
        if waited && name == "schedule" {
            continue;
        }
        separate(&mut out);
        out.push_str(&quoted(name));
        out.push(':');
        match (name.as_str(), &tag) {
            ("to", _) => {
                out.push('[');
                before = Some(std::mem::replace(&mut out, String::from("]")));
            }
            ("tags", Some(tag)) => {
                // To core, null is as good as left out.
                let tags = if value.get() == "null" { "{" } else { value.get().trim_end().strip_suffix('}')? };
                out.push_str(tags);
                separate(&mut out);
                out.push_str(tag);
                out.push('}');
            }
            _ => out.push_str(value.get()),
        }
    }
    if let (Some(tag), None) = (&tag, members.get("tags")) {
        separate(&mut out);
        out.push_str(&format!("\"tags\":{{{tag}}}"));
    }
    out.push('}');
    Some(Envelope { before: before?.into_bytes(), after: out.into_bytes() })
}

/// A comma, unless an object has just been opened.
fn separate(out: &mut String) {
    if !out.trim_end().ends_with('{') {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(before: &str, after: &str) -> Envelope {
        Envelope { before: before.into(), after: after.into() }
    }

    fn written(envelope: &Envelope, tag: Option<&str>) -> String {
        let Envelope { before, after } = of_batch(envelope, tag).unwrap();
        format!("{}|{}", String::from_utf8(before).unwrap(), String::from_utf8(after).unwrap())
    }

    #[test]
    fn sender_instant_and_tags_are_read() {
        let head = Head::read(&envelope(
            r#"{"from":{"address":"+15017122661","channel":"sms"},"to":["#,
            r#"],"content":{"text":"x"},"schedule":{"sendAt":["2026-12-01T10:00:00+01:00"]},"tags":{"a":"b"}}"#,
        ));
        assert_eq!(head.sender.address.as_deref(), Some("+15017122661"));
        assert_eq!(head.sender.channel.as_deref(), Some("SMS"));
        assert_eq!((head.send_at, head.tagged), (Some(1_796_115_600_000), true));

        let full: Vec<String> = (0..10).map(|n| format!("\"t{n}\":\"x\"")).collect();
        let head = Head::read(&envelope("{\"to\":[", &format!("],\"tags\":{{{}}}}}", full.join(","))));
        assert_eq!(head, Head { tagged: false, ..Head::default() });
    }

    #[test]
    fn a_schedule_that_says_more_is_the_upstreams() {
        for schedule in [
            r#"{"sendAt":["2026-12-01T10:00:00"]}"#,
            r#"{"sendAt":["2026-12-01T10:00:00Z","2026-12-02T10:00:00Z"]}"#,
            r#"{"sendAt":["2026-12-01T10:00:00Z"],"other":1}"#,
            r#"{"sendAt":[]}"#,
            "{}",
        ] {
            let head = envelope("{\"to\":[", &format!("],\"schedule\":{schedule}}}"));
            assert_eq!(Head::read(&head).send_at, None, "{schedule}");
            assert_eq!(written(&head, None), format!("{{\"to\":[|],\"schedule\":{schedule}}}"));
        }
    }

    #[test]
    fn the_tag_stands_among_the_callers_and_the_rest_stays() {
        let head = envelope("{\"content\":{\"text\":\"\\u00e9 1.0e2\"},\"tags\":{\"a\":\"b\"},\"to\":[", "]}");
        assert_eq!(
            written(&head, Some("x.0.1")),
            "{\"content\":{\"text\":\"\\u00e9 1.0e2\"},\"tags\":{\"a\":\"b\",\"postgate.batch\":\"x.0.1\"},\"to\":[|]}"
        );
        assert_eq!(
            written(&envelope("{\"to\":[", "],\"content\":{},\"tags\":{ }}"), Some("x")),
            "{\"to\":[|],\"content\":{},\"tags\":{ \"postgate.batch\":\"x\"}}"
        );
        assert_eq!(
            written(&envelope("{\"to\":[", "],\"content\":{}}"), Some("x")),
            "{\"to\":[|],\"content\":{},\"tags\":{\"postgate.batch\":\"x\"}}"
        );
        assert_eq!(
            written(&envelope("{\"to\":[", "],\"tags\":null}"), Some("x")),
            "{\"to\":[|],\"tags\":{\"postgate.batch\":\"x\"}}"
        );
    }

    #[test]
    fn the_instant_that_was_waited_for_is_left_out() {
        let head = envelope("{\"schedule\":{\"sendAt\":[\"2026-12-01T10:00:00Z\"]},\"to\":[", "],\"content\":{}}");
        assert_eq!(written(&head, None), "{\"to\":[|],\"content\":{}}");
        assert_eq!(written(&head, Some("x")), "{\"to\":[|],\"content\":{},\"tags\":{\"postgate.batch\":\"x\"}}");
    }

    #[test]
    fn what_is_no_head_is_not_written() {
        assert_eq!(of_batch(&envelope("{\"to\":[", "]"), Some("x")), None);
        assert_eq!(of_batch(&envelope("{", "}"), Some("x")), None);
        assert_eq!(Head::read(&envelope("{\"to\":[", "]")), Head::default());
    }
}
