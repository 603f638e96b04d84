//! From where a key may send, if it has senders of its own.
//!
//! One is listed as it is sent, which is how `LANES` lists them: a number in E.164, a short code, a name, or the id of a
//! sender or a pool. An address stands for all its channels. Compared is the head that core has judged and normalized, so
//! it does not matter how a caller wrote the number. A head that leaves open who sends is refused as well: one without
//! `from`, for which the upstream chooses, and one with members that the API's reference does not know.

use postgate_core::{Envelope, normalize_phone};

use crate::members::Members;

/// Most characters of a sender.
const LONGEST: usize = 128;
/// Most digits of a short code, which has no `+`: <https://www.twilio.com/docs/glossary/what-is-a-short-code>.
const SHORT: usize = 8;
/// What the reference knows of a head: <https://docs.comms.twilio.com/comms-api-reference/messages/send>.
const HEAD: &[&str] = &["to", "from", "content", "schedule", "tags"];
/// What it knows of `from`.
const FROM: &[&str] = &["address", "channel", "senderId", "senderPoolId", "channels"];

/// The senders of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Senders(Vec<String>);

/// Why a head is not one of a key's senders'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// The sender at this JSON Pointer is not listed.
    Foreign(&'static str),
    /// No sender is named.
    Open,
    /// What this JSON Pointer leads to has members that might name one.
    Unknown(&'static str),
}

impl Stranger {
    /// The JSON Pointer to what is refused.
    pub fn at(self) -> &'static str {
        match self {
            Self::Foreign(at) | Self::Unknown(at) => at,
            Self::Open => "/from",
        }
    }
}

impl Senders {
    /// Takes a list; `None` if it is empty, or if one is written otherwise than it would be sent.
    pub fn read(listed: Vec<String>) -> Option<Self> {
        (!listed.is_empty() && listed.iter().all(|sender| is_as_sent(sender))).then_some(Self(listed))
    }

    /// Why a key with these senders may not send what has this head, which core has judged; nothing if it may.
    pub fn refuse(&self, envelope: &Envelope) -> Option<Stranger> {
        let text = [envelope.before.as_slice(), envelope.after.as_slice()].concat();
        let Ok(head) = serde_json::from_slice::<Members<'_>>(&text) else { return Some(Stranger::Unknown("")) };
        let from = head.get("from").filter(|from| *from != "null");
        let Some(from) = from.and_then(Members::of) else { return Some(Stranger::Open) };
        for (at, members, known) in [("", &head, HEAD), ("/from", &from, FROM)] {
            if members.0.iter().any(|(name, _)| !known.contains(&name.as_str())) {
                return Some(Stranger::Unknown(at));
            }
        }
        let named = [
            ("/from/address", from.text("address")),
            ("/from/senderId", from.text("senderId")),
            ("/from/senderPoolId", from.text("senderPoolId")),
        ];
        let mut open = true;
        for (at, sender) in named {
            if let Some(sender) = sender {
                open = false;
                if !self.0.contains(&sender) {
                    return Some(Stranger::Foreign(at));
                }
            }
        }
        open.then_some(Stranger::Open)
    }
}

/// Whether `from` could name this, after core has normalized it.
pub fn is_as_sent(sender: &str) -> bool {
    if sender.is_empty() || sender.len() > LONGEST || sender.trim() != sender || sender.contains(':') {
        return false;
    }
    let short = sender.len() <= SHORT && sender.bytes().all(|byte| byte.is_ascii_digit());
    let named = sender.chars().any(char::is_alphabetic);
    short || named || normalize_phone(sender, None).is_ok_and(|number| number.as_str() == sender)
}

#[cfg(test)]
mod tests {
    use postgate_core::{Facts, Need, Options, Region, Wants};

    use super::*;

    /// What core makes of a head.
    fn refuse(senders: &[&str], head: &str) -> Option<Stranger> {
        // A sender of WhatsApp reaches nobody else.
        let channel = if head.contains("WHATSAPP") { "WHATSAPP" } else { "PHONE" };
        let to = format!(r#"{{"address":"+14155550100","channel":"{channel}"}}"#);
        let request = format!(r#"{{"to":[{to}],"content":{{"text":"x"}}{head}}}"#);
        let options = Options { default_region: Region::named("US"), ..Options::default() };
        let mut facts = Facts::new(&options, Wants::Bodies);
        facts.push(request.as_bytes());
        let Need::Again(bodies) = facts.finish() else { panic!("{head} is judged to be wrong") };
        let senders = senders.iter().map(|sender| (*sender).to_owned()).collect();
        Senders::read(senders).expect("senders").refuse(bodies.envelope())
    }

    const POOL: &str = "comms_senderpool_01h9krprkeee8fzqspvwy6nq8s";
    const SENDER: &str = "comms_sender_01h9krprkeee8fzqspvwy6nq8s";

    #[test]
    fn what_is_listed_may_send_however_it_is_written() {
        let senders = ["+15017122661", "12345", "Acme Shop", "acme_agent", SENDER, POOL];
        for from in [
            r#"{"address":"+15017122661","channel":"SMS"}"#,
            r#"{"address":"(501) 712-2661","channel":"SMS"}"#,
            r#"{"address":"whatsapp:+1 501 712 2661","channel":"WHATSAPP"}"#,
            r#"{"channel":"SMS","\u0061ddress":"12345"}"#,
            r#"{"address":"Acme Shop","channel":"SMS"}"#,
            r#"{"address":"rcs:acme_agent","channel":"RCS"}"#,
            &format!(r#"{{"senderId":"{SENDER}"}}"#),
            &format!(r#"{{"senderPoolId":"{POOL}","channels":{{"filterIn":["SMS"]}}}}"#),
        ] {
            let head = format!(r#","from":{from},"tags":{{"a":"b"}}"#);
            assert_eq!(refuse(&senders, &head), None, "{from}");
        }
    }

    #[test]
    fn whatever_else_may_send_is_refused_at_its_place() {
        let pool = format!(r#"{{"senderPoolId":"{POOL}"}}"#);
        let id = format!(r#"{{"senderId":"{SENDER}"}}"#);
        for (from, stranger) in [
            (r#"{"address":"+15017122662","channel":"SMS"}"#, Stranger::Foreign("/from/address")),
            (r#"{"address":"acme shop","channel":"SMS"}"#, Stranger::Foreign("/from/address")),
            (&id, Stranger::Foreign("/from/senderId")),
            (&pool, Stranger::Foreign("/from/senderPoolId")),
            ("null", Stranger::Open),
            (r#"{"address":"+15017122661","channel":"SMS","agent_id":"x"}"#, Stranger::Unknown("/from")),
        ] {
            assert_eq!(refuse(&["+15017122661", "Acme Shop"], &format!(r#","from":{from}"#)), Some(stranger), "{from}");
        }
        assert_eq!(refuse(&["Acme"], ""), Some(Stranger::Open));
        let more = r#","from":{"address":"Acme","channel":"SMS"},"sender":"+15017122662""#;
        assert_eq!(refuse(&["Acme"], more), Some(Stranger::Unknown("")));
    }

    #[test]
    fn a_list_has_senders_as_they_are_sent() {
        let read = |sender: &str| Senders::read(vec![sender.to_owned()]).is_some();
        for right in ["+15017122661", "12345", "Acme & Co", "acme_agent", SENDER, POOL] {
            assert!(read(right), "{right}");
        }
        let long = "x".repeat(LONGEST + 1);
        for wrong in ["", " Acme", "+1 501 712 2661", "15017122661", "+1", "whatsapp:+15017122661", "***", &long] {
            assert!(!read(wrong), "{wrong}");
        }
        assert_eq!(Senders::read(Vec::new()), None);
    }
}
