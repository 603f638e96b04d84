//! The account's senders: listed, fetched, searched, and ranked for one person.

use serde_json::{Value, json};
use worker::Result;

use crate::directory::{SenderRef, rank, usable};
use crate::listing::{Listing, Place};
use crate::operation::rfc3339;
use crate::problem::{INVALID, Problem, Refusal};
use crate::recipient::Channel;
use crate::respond::Failure;
use crate::schema::{self, Shape};
use crate::store::{Kind, Resource, Store};
use crate::{ids, listing};

/// The words a list of senders may be filtered by.
pub const WORDS: listing::Words =
    listing::Words { statuses: &["ACTIVATED", "DEACTIVATED"], channels: &["SMS", "RCS", "EMAIL", "WHATSAPP", "PUSH"] };
/// Pairs that are resolved; the best come first.
const MOST_PAIRS: usize = 1_000;

/// `GET /v1/Senders`
pub fn list(store: &Store, listing: &Listing) -> Result<Value, Failure> {
    Ok(page(listing, store.all(Kind::Sender, listing.from.n)?))
}

/// The page of senders that a listing asks for; they run from the newest to the oldest.
pub fn page(listing: &Listing, senders: Vec<Resource>) -> Value {
    let fits = |wanted: &Option<String>, value: &Value| wanted.as_ref().is_none_or(|wanted| value == wanted);
    let mut found = senders.into_iter().filter(|sender| {
        let sender = &sender.value;
        fits(&listing.channel, &sender["channel"])
            && fits(&listing.status, &sender["status"])
            && listing.is_between(sender["createdAt"].as_str())
    });
    let items = found.by_ref().take(listing.size as usize).map(|sender| sender.value).collect();
    listing.page("senders", items, found.next().map(|next| Place { n: next.n, row: 0 }))
}

/// `GET /v1/Senders/{id}`
pub fn fetch(store: &Store, id: &str) -> Result<Value, Failure> {
    Ok(store.find(Kind::Sender, id)?.ok_or_else(Refusal::not_found)?)
}

/// `POST /v1/Senders/Search`: pages like a list, but by its body.
pub fn search(store: &Store, body: &[u8]) -> Result<Value, Failure> {
    let (_, wanted) = schema::judge(body, Shape::SearchSenders)?;
    let parameters = ["channel", "status", "pageToken", "pageSize"].into_iter().filter_map(|name| {
        let value = match wanted.get(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((name.into(), value.into()))
    });
    let listing = Listing::read(parameters, &WORDS)?;
    let mut senders = store.all(Kind::Sender, listing.from.n)?;
    senders.retain(|sender| sender.value["address"] == wanted["address"]);
    Ok(page(&listing, senders))
}

/// `POST /v1/Senders/Resolve`: every sender that reaches one of a person's addresses, the best pair first.
pub fn resolve(store: &Store, body: &[u8]) -> Result<Value, Failure> {
    let (_, wanted) = schema::judge(body, Shape::ResolveSenders)?;
    if wanted.get("senderPoolId").is_some() && wanted.get("senderAddresses").is_some() {
        let message = "Either a pool is named or addresses are, not both.";
        return Err(Refusal::invalid(vec![Problem::at("$.senderAddresses", INVALID, message)]).into());
    }
    let mut senders = match wanted["senderPoolId"].as_str() {
        Some(id) => {
            store.find(Kind::Pool, id)?.ok_or_else(Refusal::not_found)?;
            store.senders_of(id, u32::MAX)?
        }
        None => store.all(Kind::Sender, u32::MAX)?,
    };
    if let Some(addresses) = wanted["senderAddresses"].as_array() {
        senders.retain(|sender| {
            let named = |one: &Value| ["address", "channel"].iter().all(|&name| one[name] == sender.value[name]);
            addresses.iter().any(named)
        });
    }
    let recipients = wanted["recipientAddresses"].as_array().map_or(&[][..], Vec::as_slice);
    let mut pairs: Vec<(u64, SenderRef, &Value, &Value)> = Vec::new();
    for resource in senders.iter().rev() {
        let Some(sender) = usable(&resource.value) else { continue };
        let Some(rank) = rank(&wanted["channels"], sender.channel) else { continue };
        let wants = if sender.channel == Channel::Whatsapp { "WHATSAPP" } else { "PHONE" };
        for recipient in recipients.iter().filter(|recipient| recipient["channel"] == wants) {
            pairs.push((rank, sender.clone(), &resource.value["displayName"], recipient));
        }
    }
    pairs.sort_by_key(|&(rank, ..)| rank);
    pairs.truncate(MOST_PAIRS);
    let results: Vec<Value> = (0..)
        .zip(pairs)
        .map(|(priority, (_, sender, name, to))| {
            let mut from = json!(sender);
            from["displayName"] = name.clone();
            json!({
                "from": from,
                "to": {"address": to["address"], "channel": to["channel"]},
                "priority": priority as u32,
            })
        })
        .collect();
    Ok(json!({"results": results}))
}

/// `POST /sandbox/senders`: gives the account one more. The real API makes them from the account's inventory.
pub fn store(store: &Store, body: &[u8], now: i64) -> Result<Value, Failure> {
    let (_, given) = schema::judge(body, Shape::StoreSender)?;
    let newest = store.all(Kind::Sender, u32::MAX)?.len();
    let id = ids::sender_id(u32::try_from(newest).unwrap_or(u32::MAX).saturating_add(1));
    let or = |name: &str, other: Value| given.get(name).cloned().unwrap_or(other);
    let sender = json!({
        "id": id,
        "displayName": or("displayName", Value::Null),
        "address": given["address"],
        "channel": given["channel"],
        "status": or("status", json!("ACTIVATED")),
        "tags": or("tags", json!({})),
        "createdAt": rfc3339(now),
        "updatedAt": rfc3339(now),
    });
    store.put(Kind::Sender, &id, &sender)?;
    Ok(sender)
}
