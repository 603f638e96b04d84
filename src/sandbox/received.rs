//! The test door: what the sandbox has received, byte for byte. Not part of the imitated API, and without a key.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use worker::Result;

use crate::operation::rfc3339;
use crate::problem::Refusal;
use crate::recipient::Span;
use crate::respond::Failure;
use crate::store::Store;

/// A request that was accepted, as the test door lists it.
#[derive(Debug, Deserialize)]
pub struct Received {
    /// Place in the order received, from 1.
    pub n: u32,
    /// The operation it became.
    pub id: String,
    /// Messages: entries of `to`, and members of groups.
    pub recipients: u32,
    /// What was answered, as JSON: 202 unless a rule had it otherwise.
    pub answer: String,
    /// Length of the body.
    pub bytes: u32,
    /// Digest of the body in hexadecimal.
    pub sha256: String,
    /// Milliseconds of the Unix epoch.
    pub created_at: i64,
}

/// `GET /sandbox/health`
pub fn health(store: &Store) -> Result<Value> {
    let refused: Map<String, Value> =
        store.refused()?.into_iter().map(|refused| (refused.status.to_string(), refused.count.into())).collect();
    Ok(json!({
        "status": "ok",
        "accepted": store.received()?.len(),
        "refused": refused,
    }))
}

/// `GET /sandbox/requests`
pub fn requests(store: &Store) -> Result<Value> {
    let list = store.received()?;
    Ok(list.into_iter().map(request).collect())
}

fn request(received: Received) -> Value {
    json!({
        "n": received.n,
        "operationId": received.id,
        "status": serde_json::from_str::<Value>(&received.answer).unwrap_or_default(),
        "recipients": received.recipients,
        "bytes": received.bytes,
        "sha256": received.sha256,
        "receivedAt": rfc3339(received.created_at),
    })
}

/// `GET /sandbox/requests/{n}/body`
pub fn body(store: &Store, n: u32) -> Result<Vec<u8>, Failure> {
    let length = store.body_length(n)?.ok_or_else(Refusal::not_found)?;
    Ok(store.body(n, Span { start: 0, length })?)
}
