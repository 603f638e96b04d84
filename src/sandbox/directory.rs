//! Who the account knows: the senders behind a request's `from`, and the people behind its stored recipients.
//!
//! Looked up once, when a request is accepted. What changes later changes nothing of what was sent.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::pace::{Pace, rate_by_type};
use crate::recipient::Channel;

/// A reference to a trait of a stored recipient.
const TRAIT: (&str, &str) = ("${Twilio.Profile.", "}");

/// A sender that messages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderRef {
    /// Its address.
    pub address: String,
    /// Its channel.
    pub channel: Channel,
    /// Its id, if the account has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_id: Option<String>,
    /// The pool that it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_pool_id: Option<String>,
}

/// The queue that a request's messages leave by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lane {
    /// Requests of one name share a rate.
    pub name: String,
    /// Units a second.
    pub rate: f64,
}

/// What is known of a request's senders and stored recipients.
#[derive(Debug, Default)]
pub struct Directory {
    /// The senders of `from`, the best first.
    pub senders: Vec<SenderRef>,
    /// The queue.
    pub lane: Lane,
    /// Profiles by [`profile_key`].
    pub profiles: HashMap<String, Value>,
    /// Cohorts by id.
    pub cohorts: HashMap<String, Value>,
}

/// Who a recipient is.
#[derive(Debug, PartialEq)]
pub enum Party {
    /// Whoever the entry itself names, or nobody.
    Itself,
    /// A stored person, as it was found.
    Stored(Value),
    /// A stored group: its kinds of member, and how many members.
    Group {
        /// Repeated in this order.
        members: Vec<Value>,
        /// Members.
        size: u32,
    },
}

/// The name that a profile is stored under.
pub fn profile_key(store: &str, profile: &str) -> String {
    format!("{store}/{profile}")
}

/// The stored profile and cohort that an entry of `to` names.
pub fn names(recipient: &Value) -> (Option<String>, Option<&str>) {
    let text = |name: &str| recipient.get(name).and_then(Value::as_str);
    let profile = text("profileId").zip(text("memoryStoreId")).map(|(profile, store)| profile_key(store, profile));
    (profile, text("cohortId"))
}

impl Directory {
    /// Finds out who a recipient is.
    pub fn party(&self, recipient: &Value) -> Party {
        let (profile, cohort) = names(recipient);
        let variables = recipient.get("variables");
        if let Some(stored) = profile.and_then(|key| self.profiles.get(&key)) {
            let named = ["profileId", "memoryStoreId"];
            return Party::Stored(person(stored, recipient, &named, variables));
        }
        if let Some(stored) = cohort.and_then(|id| self.cohorts.get(id)) {
            let members = stored["members"].as_array().map_or(&[][..], Vec::as_slice);
            return Party::Group {
                members: members.iter().map(|member| person(member, recipient, &["cohortId"], variables)).collect(),
                size: stored["size"].as_u64().and_then(|size| size.try_into().ok()).unwrap_or(0),
            };
        }
        Party::Itself
    }
}

/// A recipient as it is sent to: the stored addresses, the entry's names, its variables with the traits put in.
fn person(stored: &Value, entry: &Value, names: &[&str], variables: Option<&Value>) -> Value {
    let mut person = Map::new();
    person.insert("addresses".into(), stored["addresses"].clone());
    for (source, names) in [(stored, &["profileId", "memoryStoreId"][..]), (entry, names)] {
        for &name in names {
            if let Some(value) = source.get(name) {
                person.insert(name.into(), value.clone());
            }
        }
    }
    if let Some(variables) = variables.and_then(Value::as_object) {
        let filled = variables.iter().map(|(name, value)| {
            let text = value.as_str().map(|text| fill(text, &stored["traits"]));
            (name.clone(), text.map_or_else(|| value.clone(), Value::String))
        });
        person.insert("variables".into(), filled.collect::<Map<_, _>>().into());
    }
    person.into()
}

/// Puts traits in the place of `${Twilio.Profile.name}`; one that is not there becomes nothing.
fn fill(text: &str, traits: &Value) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(TRAIT.0) {
        let Some((name, after)) = behind.split_once(TRAIT.1) else { break };
        filled.push_str(before);
        match find(traits, name) {
            Some(Value::String(value)) => filled.push_str(value),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => filled.push_str(&value.to_string()),
            _ => {}
        }
        rest = after;
    }
    filled + rest
}

/// A trait by its name, at the top or in any group; how names map onto groups is nowhere documented.
fn find<'a>(traits: &'a Value, name: &str) -> Option<&'a Value> {
    let traits = traits.as_object()?;
    traits.get(name).or_else(|| traits.values().find_map(|group| group.get(name)))
}

/// The senders behind a request's `from`, and the queue its messages leave by. `inventory` are the account's senders,
/// `pool` those of the pool that it names, both as resources.
pub fn senders(from: &Value, inventory: &[Value], pool: &[Value], pace: &Pace) -> (Vec<SenderRef>, Lane) {
    let text = |name: &str| from.get(name).and_then(Value::as_str);
    if let Some(pool_id) = text("senderPoolId") {
        let mut senders: Vec<(u64, SenderRef)> = pool
            .iter()
            .filter_map(usable)
            .filter_map(|sender| Some((rank(&from["channels"], sender.channel)?, sender)))
            .map(|(rank, sender)| (rank, SenderRef { sender_pool_id: Some(pool_id.into()), ..sender }))
            .collect();
        senders.sort_by_key(|&(rank, _)| rank);
        let by_type = senders.iter().map(|(_, sender)| rate_by_type(sender.channel, &sender.address)).sum::<f64>();
        // A second number of the same channel is one more to send by, not one to fall back on.
        senders.dedup_by_key(|(_, sender)| sender.channel);
        let rate = pace.rate(&[pool_id], if by_type > 0.0 { by_type } else { 1.0 });
        return (senders.into_iter().map(|(_, sender)| sender).collect(), Lane { name: pool_id.into(), rate });
    }
    let one = if let Some(id) = text("senderId") {
        inventory.iter().find(|sender| sender["id"] == id).and_then(usable)
    } else if let (Some(address), Some(channel)) = (text("address"), text("channel").and_then(Channel::named)) {
        // An address that the account does not have is believed.
        let known = inventory.iter().filter(|sender| sender["address"] == address);
        let sender_id = known.filter_map(usable).find(|sender| sender.channel == channel).and_then(|one| one.sender_id);
        Some(SenderRef { address: address.into(), channel, sender_id, sender_pool_id: None })
    } else if from.is_null() {
        let first = |channel| inventory.iter().filter_map(usable).find(move |sender| sender.channel == channel);
        let senders = [Channel::Sms, Channel::Whatsapp].into_iter().filter_map(first).collect();
        return (senders, Lane { name: "auto".into(), rate: pace.rate(&["auto"], 1.0) });
    } else {
        None
    };
    let Some(sender) = one else {
        return (Vec::new(), Lane { name: "none".into(), rate: pace.rate(&[], 1.0) });
    };
    let names = [sender.sender_id.as_deref().unwrap_or(&sender.address), &sender.address];
    let rate = pace.rate(&names, rate_by_type(sender.channel, &sender.address));
    let name = format!("{} {}", sender.channel.as_str(), sender.address);
    (vec![sender], Lane { name, rate })
}

/// A sender resource as one to send from, if it is active and of a channel for messages.
pub fn usable(sender: &Value) -> Option<SenderRef> {
    let text = |name: &str| sender[name].as_str();
    let channel = text("channel").and_then(Channel::named).filter(|_| sender["status"] == "ACTIVATED")?;
    Some(SenderRef {
        address: text("address")?.into(),
        channel,
        sender_id: text("id").map(str::to_owned),
        sender_pool_id: None,
    })
}

/// The place of a channel under a `channels` control, lower first; none if it is filtered out. Without a priority
/// RCS comes first and SMS last.
pub fn rank(control: &Value, channel: Channel) -> Option<u64> {
    const UNNAMED: u64 = 1 << 32;
    let word = json!(channel.as_str());
    if control["filterIn"].as_array().is_some_and(|kept| !kept.contains(&word)) {
        return None;
    }
    let entries = control["priority"].as_array().map_or(&[][..], Vec::as_slice);
    let named = entries.iter().find(|entry| entry["channel"] == word).and_then(|entry| entry["priority"].as_u64());
    let usual = match channel {
        Channel::Rcs => 0,
        Channel::Whatsapp => 1,
        Channel::Sms => 2,
    };
    // A named priority outweighs the usual order, and the usual order decides between equals.
    Some(named.unwrap_or(UNNAMED).min(UNNAMED) * 4 + usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(id: &str, address: &str, channel: &str) -> Value {
        json!({"id": id, "address": address, "channel": channel, "status": "ACTIVATED"})
    }

    fn inventory() -> Vec<Value> {
        let mut off = sender("s0", "+10", "SMS");
        off["status"] = json!("DEACTIVATED");
        vec![off, sender("s1", "+11", "SMS"), sender("s2", "brand", "RCS"), sender("s3", "+11", "WHATSAPP")]
    }

    fn found(from: Value, pool: &[Value]) -> (Vec<String>, String) {
        let (senders, lane) = senders(&from, &inventory(), pool, &Pace::default());
        let shown = senders.iter().map(|sender| format!("{} {}", sender.channel.as_str(), sender.address));
        (shown.collect(), lane.name)
    }

    #[test]
    fn a_request_has_the_senders_it_names() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let sms = json!({"address": "+19", "channel": "SMS"});
        assert_eq!(found(sms, &[]), (words(&["SMS +19"]), "SMS +19".into()));
        assert_eq!(found(json!({"senderId": "s2"}), &[]), (words(&["RCS brand"]), "RCS brand".into()));
        assert_eq!(found(json!({"senderId": "s0"}), &[]).0, words(&[]));
        assert_eq!(found(Value::Null, &[]), (words(&["SMS +11", "WHATSAPP +11"]), "auto".into()));
    }

    #[test]
    fn a_pool_is_tried_in_its_order_of_channels() {
        let pool = [inventory(), vec![sender("s4", "+14", "SMS")]].concat();
        let order = |channels: Value| found(json!({"senderPoolId": "p", "channels": channels}), &pool).0.join(", ");
        assert_eq!(order(json!({})), "RCS brand, WHATSAPP +11, SMS +11");
        assert_eq!(order(json!({"filterIn": ["SMS"]})), "SMS +11");
        assert_eq!(order(json!({"priority": [{"channel": "SMS", "priority": 0}]})), "SMS +11, RCS brand, WHATSAPP +11");
    }

    #[test]
    fn traits_are_put_into_variables() {
        let traits = json!({"firstName": "Ada", "Loyalty": {"points": 7}});
        assert_eq!(fill("${Twilio.Profile.firstName}", &traits), "Ada");
        assert_eq!(fill("Hi ${Twilio.Profile.firstName}: ${Twilio.Profile.points}!", &traits), "Hi Ada: 7!");
        assert_eq!(fill("${Twilio.Profile.x}-${Twilio.Profile.firstName", &traits), "-${Twilio.Profile.firstName");
    }

    #[test]
    fn stored_recipients_are_who_the_store_says() {
        let stored = json!({"addresses": [{"address": "+1", "channel": "PHONE"}], "traits": {"name": "Ada"}});
        let mut directory = Directory::default();
        directory.profiles.insert(profile_key("m", "p"), stored.clone());
        directory.cohorts.insert("c".into(), json!({"size": 5, "members": [stored]}));
        let variables = json!({"1": "${Twilio.Profile.name}"});
        let profile = json!({"profileId": "p", "memoryStoreId": "m", "variables": variables});
        let Party::Stored(person) = directory.party(&profile) else { panic!("no profile") };
        assert_eq!(person["variables"]["1"], "Ada");
        assert_eq!(person["profileId"], "p");
        let Party::Group { members, size } = directory.party(&json!({"cohortId": "c"})) else { panic!("no cohort") };
        assert_eq!((members.len(), size), (1, 5));
        for other in
            [json!({"profileId": "q", "memoryStoreId": "m"}), json!({"cohortId": "d"}), json!({"address": "+1"})]
        {
            assert_eq!(directory.party(&other), Party::Itself);
        }
    }
}
