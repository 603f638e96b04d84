//! Lanes: which pace a sender has. From the operator's settings, else from what the carriers allow its kind of number.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::head::Sender;
use crate::machine::pacer::Lane;
use crate::settings::senders::is_as_sent;

/// The lane of sends that name no sender.
const AUTO: &str = "auto";
/// The rate where nothing is known or set, in units a second: a long code's, which is the least.
const LEAST: f64 = 1.0;
/// Rates that can be set, in units a second.
const RATES: std::ops::RangeInclusive<f64> = 0.1..=100_000.0;

/// Units a second by kind of number. Source: <https://www.twilio.com/docs/api/errors/30001> for short and long codes;
/// the others by Twilio's table of sending rates as third parties copy it.
const SHORT_CODE: f64 = 100.0;
const LONG_CODE: f64 = 1.0;
const TOLL_FREE: f64 = 3.0;
const ELSEWHERE: f64 = 10.0;
/// Free-form text over WhatsApp: <https://www.twilio.com/docs/whatsapp/best-practices-and-faqs>.
const WHATSAPP: f64 = 10.0;

/// The operator's configuration of the pace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lanes {
    /// `DEFAULT_MPS`, for what is not listed and has no rate by its kind.
    default: f64,
    /// `ACCOUNT_MPS`: the whole account's rate, if it has one.
    account: Option<f64>,
    /// Whether `DEFAULT_MPS` also stands for numbers whose kind has a rate. Only the sandbox has no carriers behind it.
    flat: bool,
    /// `LANES`: by name.
    named: BTreeMap<String, Named>,
    /// `HOLD`: whose sends wait.
    hold: Hold,
}

/// Whose sends are not posted, because the operator says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Hold {
    #[default]
    Nobody,
    Everybody,
    /// Lanes by their names, and senders as `LANES` lists them.
    These(Vec<String>),
}

/// A lane that the operator names.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Named {
    mps: f64,
    senders: Vec<String>,
    pools: Vec<String>,
}

impl Lanes {
    /// Reads the settings `DEFAULT_MPS`, `ACCOUNT_MPS`, `FLAT_MPS`, `LANES` and `HOLD`; the error is a sentence for the operator.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let value = |name: &str| value(name).filter(|value| !value.is_empty());
        let rate = |name: &str| match value(name).map(|value| value.parse::<f64>()) {
            None => Ok(None),
            Some(Ok(rate)) if RATES.contains(&rate) => Ok(Some(rate)),
            Some(_) => Err(format!("The setting {name} must be a number from 0.1 to 100000.")),
        };
        let named: BTreeMap<String, Named> = match value("LANES") {
            None => BTreeMap::new(),
            Some(json) => serde_json::from_slice(json.as_bytes()).map_err(|_| {
                "The setting LANES must be an object of lanes, each {\"mps\", \"senders\", \"pools\"}.".to_owned()
            })?,
        };
        if named.iter().any(|(name, lane)| name.is_empty() || name.contains(':') || !RATES.contains(&lane.mps)) {
            return Err("Each lane of LANES needs a name without a colon, and mps from 0.1 to 100000.".to_owned());
        }
        let flat = match value("FLAT_MPS").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err("The setting FLAT_MPS must be true or false.".to_owned()),
        };
        let hold = match value("HOLD").as_deref() {
            None | Some("false") => Hold::Nobody,
            Some("true") => Hold::Everybody,
            Some(list) => {
                let listed: Vec<String> = list.split(',').map(|one| one.trim().to_owned()).collect();
                if !listed.iter().all(|one| one == AUTO || named.contains_key(one) || is_as_sent(one)) {
                    let sentence = "The setting HOLD must be true, or lanes and senders with commas between.";
                    return Err(sentence.to_owned());
                }
                Hold::These(listed)
            }
        };
        Ok(Self { default: rate("DEFAULT_MPS")?.unwrap_or(LEAST), account: rate("ACCOUNT_MPS")?, flat, named, hold })
    }

    /// The lane of a sender, as it is configured now.
    pub fn of(&self, sender: &Sender) -> Lane {
        let (name, rate) = self.named_of(sender).unwrap_or_else(|| self.own(sender));
        let held = match &self.hold {
            Hold::Nobody => false,
            Hold::Everybody => true,
            Hold::These(listed) => {
                let Sender { address, sender_id, sender_pool_id, .. } = sender;
                let mut names = [address, sender_id, sender_pool_id].into_iter().flatten();
                listed.contains(&name) || names.any(|name| listed.contains(name))
            }
        };
        Lane { name, rate: thousandths(rate), account: self.account.map(thousandths), held }
    }

    /// Whether anybody is held.
    pub fn holds(&self) -> bool {
        self.hold != Hold::Nobody
    }

    fn named_of(&self, sender: &Sender) -> Option<(String, f64)> {
        let is = |list: &[String], id: &Option<String>| id.as_ref().is_some_and(|id| list.contains(id));
        let listed = self.named.iter().find(|(_, lane)| {
            is(&lane.senders, &sender.address)
                || is(&lane.senders, &sender.sender_id)
                || is(&lane.pools, &sender.sender_pool_id)
        });
        let auto = || (*sender == Sender::default()).then(|| self.named.get_key_value(AUTO)).flatten();
        listed.or_else(auto).map(|(name, lane)| (name.clone(), lane.mps))
    }

    /// A lane of the sender's own.
    fn own(&self, sender: &Sender) -> (String, f64) {
        match sender {
            Sender { sender_id: Some(id), .. } => (format!("sender:{id}"), self.default),
            Sender { sender_pool_id: Some(id), .. } => (format!("pool:{id}"), self.default),
            Sender { address: Some(address), channel, .. } => {
                let channel = channel.as_deref().unwrap_or_default();
                let rate = by_kind(channel, address).filter(|_| !self.flat);
                (format!("{channel}:{address}"), rate.unwrap_or(self.default))
            }
            _ => (AUTO.to_owned(), self.default),
        }
    }
}

/// What the carriers allow this kind of sender, where a page says so.
fn by_kind(channel: &str, address: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match channel {
        "WHATSAPP" => Some(WHATSAPP),
        "SMS" => Some(match address.strip_prefix('+') {
            Some(number) if number.starts_with('1') => {
                let toll_free = ["800", "833", "844", "855", "866", "877", "888"];
                if toll_free.iter().any(|code| number[1..].starts_with(code)) { TOLL_FREE } else { LONG_CODE }
            }
            Some(_) => ELSEWHERE,
            None if digits(address) => SHORT_CODE,
            None => ELSEWHERE,
        }),
        _ => None,
    }
}

fn thousandths(rate: f64) -> u64 {
    (rate * 1_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(settings: &[(&str, &str)]) -> Result<Lanes, String> {
        Lanes::read(|name| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    fn address(channel: &str, address: &str) -> Sender {
        Sender { channel: Some(channel.into()), address: Some(address.into()), ..Sender::default() }
    }

    #[test]
    fn numbers_have_the_rate_of_their_kind() {
        let lanes = lanes(&[("DEFAULT_MPS", "7.5")]).unwrap();
        for (sender, rate) in [
            (address("SMS", "+15017122661"), 1_000),
            (address("SMS", "+18885550100"), 3_000),
            (address("SMS", "12345"), 100_000),
            (address("SMS", "+447700900123"), 10_000),
            (address("SMS", "Acme"), 10_000),
            (address("WHATSAPP", "+15017122661"), 10_000),
            (address("RCS", "acme_agent"), 7_500),
            (Sender { sender_id: Some("comms_sender_1".into()), ..Sender::default() }, 7_500),
            (Sender::default(), 7_500),
        ] {
            assert_eq!(lanes.of(&sender).rate, rate, "{sender:?}");
        }
        assert_eq!(lanes.of(&Sender::default()).name, "auto");
        assert_ne!(lanes.of(&address("SMS", "12345")).name, lanes.of(&address("SMS", "12346")).name);
    }

    #[test]
    fn the_operator_maps_senders_and_pools_to_lanes() {
        let json = r#"{"us":{"mps":30,"senders":["+15017122661"],"pools":["comms_senderpool_1"]},"auto":{"mps":2}}"#;
        let lanes = lanes(&[("LANES", json), ("ACCOUNT_MPS", "50")]).unwrap();
        let us = Lane { name: "us".into(), rate: 30_000, account: Some(50_000), held: false };
        assert_eq!(lanes.of(&address("SMS", "+15017122661")), us);
        assert_eq!(lanes.of(&Sender { sender_pool_id: Some("comms_senderpool_1".into()), ..Sender::default() }), us);
        assert_eq!(lanes.of(&Sender::default()).rate, 2_000);
        assert_eq!(lanes.of(&address("RCS", "acme_agent")).rate, 1_000);
    }

    #[test]
    fn the_operator_holds_all_or_some() {
        let json = r#"{"us":{"mps":30,"senders":["+15017122661"]}}"#;
        let held = |hold: &str, sender: &Sender| lanes(&[("LANES", json), ("HOLD", hold)]).unwrap().of(sender).held;
        let (us, other) = (address("SMS", "+15017122661"), address("SMS", "+15017122662"));
        let pool = Sender { sender_pool_id: Some("comms_senderpool_1".into()), ..Sender::default() };
        for (hold, are) in [
            ("", [false; 4]),
            ("false", [false; 4]),
            ("true", [true; 4]),
            ("us", [true, false, false, false]),
            ("+15017122662, comms_senderpool_1", [false, true, true, false]),
            ("auto", [false, false, false, true]),
        ] {
            assert_eq!([&us, &other, &pool, &Sender::default()].map(|sender| held(hold, sender)), are, "{hold}");
        }
        assert!(lanes(&[("HOLD", "us2")]).unwrap().holds() && !lanes(&[("HOLD", "false")]).unwrap().holds());
    }

    #[test]
    fn in_front_of_a_sandbox_all_numbers_are_alike() {
        let lanes = lanes(&[("DEFAULT_MPS", "1000"), ("FLAT_MPS", "true")]).unwrap();
        assert_eq!(lanes.of(&address("SMS", "+15017122661")).rate, 1_000_000);
    }

    #[test]
    fn what_is_wrong_is_said_to_the_operator() {
        for (name, value) in [
            ("DEFAULT_MPS", "0"),
            ("DEFAULT_MPS", "fast"),
            ("DEFAULT_MPS", "NaN"),
            ("ACCOUNT_MPS", "-1"),
            ("FLAT_MPS", "yes"),
            ("HOLD", "***"),
            ("HOLD", "+1 501 712 2661"),
            ("HOLD", "us,"),
            ("LANES", "[]"),
            ("LANES", r#"{"a":{"senders":[]}}"#),
            ("LANES", r#"{"a":{"mps":1,"sender":[]}}"#),
            ("LANES", r#"{"a:b":{"mps":1}}"#),
        ] {
            let sentence = lanes(&[(name, value)]).unwrap_err();
            assert!(sentence.contains(name), "{sentence}");
        }
    }
}
