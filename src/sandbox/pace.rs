//! How many message segments a second each sender sends, and how many requests are answered at once.
//!
//! Rates by the type of a sender are those of Programmable Messaging, as none are stated for this API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::problem::{INVALID, Problem, Refusal, UNREADABLE};
use crate::recipient::Channel;

/// What waits longer than this fails: <https://www.twilio.com/docs/api/errors/30001>.
pub const QUEUE_MILLIS: i64 = 10 * 60 * 60 * 1000;
/// Above it a millisecond holds more segments than a request has recipients.
const FASTEST: f64 = 10_000_000.0;

/// The pace of the account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pace {
    /// The rate of every sender that is not named; without one it is that of the sender's type.
    #[serde(default)]
    pub default_mps: Option<f64>,
    /// Rates by address, sender id or pool id; `auto` is the account's own choice of a sender.
    #[serde(default)]
    pub senders: BTreeMap<String, f64>,
    /// Requests of the API answered at once; more are a 429.
    #[serde(default)]
    pub concurrency: Option<u32>,
}

impl Pace {
    /// Reads what the test door was told.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let refuse =
            |context: &str, code, message: String| Err(Refusal::invalid(vec![Problem::at(context, code, message)]));
        let pace: Self = match serde_json::from_slice(body) {
            Ok(pace) => pace,
            Err(error) => return refuse("$", UNREADABLE, format!("This is no pace: {error}.")),
        };
        let wrong = |&rate: &f64| !(rate > 0.0 && rate <= FASTEST);
        if pace.default_mps.as_ref().is_some_and(wrong) || pace.senders.values().any(wrong) {
            return refuse("$", INVALID, format!("A rate is more than 0 and at most {FASTEST} segments a second."));
        }
        if pace.concurrency == Some(0) {
            return refuse("$.concurrency", INVALID, "At least one request is answered at once.".into());
        }
        Ok(pace)
    }

    /// The rate of the sender that goes by any of these names, else the default, else `by_type`.
    pub fn rate(&self, names: &[&str], by_type: f64) -> f64 {
        let named = names.iter().find_map(|&name| self.senders.get(name).copied());
        named.or(self.default_mps).unwrap_or(by_type)
    }
}

/// Segments a second of a sender of this kind. RCS has no published rate, and gets that of most senders.
pub fn rate_by_type(channel: Channel, address: &str) -> f64 {
    const TOLL_FREE: [&str; 7] = ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"];
    match channel {
        Channel::Whatsapp => 80.0,
        Channel::Sms if TOLL_FREE.iter().any(|prefix| address.starts_with(prefix)) => 3.0,
        Channel::Sms if address.starts_with("+1") => 1.0,
        Channel::Sms if !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_digit()) => 100.0,
        Channel::Sms | Channel::Rcs => 10.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_senders_type_tells_its_rate() {
        for (address, rate) in [
            ("+14155550100", 1.0),
            ("+18885550100", 3.0),
            ("70707", 100.0),
            ("+447700900100", 10.0),
            ("Postgate", 10.0),
        ] {
            assert_eq!(rate_by_type(Channel::Sms, address), rate, "{address}");
        }
        assert_eq!(rate_by_type(Channel::Whatsapp, "+14155550100"), 80.0);
    }

    #[test]
    fn a_name_outweighs_the_default_and_the_default_the_type() {
        let pace = Pace::read(br#"{"defaultMps":1000,"senders":{"+1":2.5}}"#).unwrap();
        assert_eq!(pace.rate(&["comms_sender_0", "+1"], 1.0), 2.5);
        assert_eq!(pace.rate(&["+2"], 1.0), 1000.0);
        assert_eq!(Pace::default().rate(&["+2"], 3.0), 3.0);
    }

    #[test]
    fn a_rate_is_positive_and_bounded() {
        for wrong in [r#"{"defaultMps":0}"#, r#"{"senders":{"a":1e8}}"#, r#"{"concurrency":0}"#, r#"{"mps":1}"#, ""] {
            assert!(Pace::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
