//! Sender pools, and the jobs that make them and fill them.
//!
//! A change holds at once; its job is PROCESSING for a moment and then COMPLETED, by the clock alone.

use serde_json::{Value, json};
use worker::{Response, Result};

use crate::listing::{Listing, Place};
use crate::operation::rfc3339;
use crate::problem::Refusal;
use crate::respond::{self, Failure};
use crate::schema::{self, Shape};
use crate::send::chance;
use crate::store::{Kind, Store};
use crate::{ids, listing, sender};

/// The words a list of jobs may be filtered by.
pub const WORDS: listing::Words = listing::Words { statuses: &["PROCESSING", "COMPLETED", "CANCELED"], channels: &[] };
const JOB_MILLIS: i64 = 150;

/// `GET /v1/SenderPools`
pub fn list(store: &Store, listing: &Listing) -> Result<Value, Failure> {
    let made_by = match &listing.operation_id {
        Some(id) => Some(store.find(Kind::PoolOperation, id)?.map(|job| job["poolId"].clone())),
        None => None,
    };
    let mut found = store.all(Kind::Pool, listing.from.n)?.into_iter().filter(|pool| {
        let pool = &pool.value;
        let fits = made_by.as_ref().is_none_or(|made| made.as_ref() == Some(&pool["id"]));
        fits && listing.is_between(pool["createdAt"].as_str())
    });
    let items = found.by_ref().take(listing.size as usize).map(|pool| pool.value).collect();
    Ok(listing.page("senderPools", items, found.next().map(|next| Place { n: next.n, row: 0 })))
}

/// `POST /v1/SenderPools`: a name is given once.
pub fn create(store: &Store, body: &[u8], origin: &str, now: i64) -> Result<Response, Failure> {
    let (_, wanted) = schema::judge(body, Shape::CreateSenderPool)?;
    let name = wanted.get("name").cloned().unwrap_or_else(|| json!(""));
    let taken = |pool: &Value| name != "" && pool["name"] == name;
    if store.all(Kind::Pool, u32::MAX)?.iter().any(|pool| taken(&pool.value)) {
        return Err(Refusal::conflict("There is a pool of this name.").into());
    }
    let id = ids::pool_id(now, chance()?);
    let pool = json!({
        "id": id,
        "name": name,
        "tags": wanted.get("tags").cloned().unwrap_or_else(|| json!({})),
        "createdAt": rfc3339(now),
        "updatedAt": rfc3339(now),
    });
    store.put(Kind::Pool, &id, &pool)?;
    let senders = wanted["senders"].as_array().map_or(&[][..], Vec::as_slice);
    // The pool itself is one of the things created.
    job(store, &id, senders, 1, origin, now)
}

/// `GET /v1/SenderPools/{id}`
pub fn fetch(store: &Store, id: &str) -> Result<Value, Failure> {
    Ok(store.find(Kind::Pool, id)?.ok_or_else(Refusal::not_found)?)
}

/// `PATCH /v1/SenderPools/{id}`: name and tags, each as a whole.
pub fn update(store: &Store, id: &str, body: &[u8], origin: &str, now: i64) -> Result<Value, Failure> {
    let mut pool = fetch(store, id)?;
    let (_, wanted) = schema::judge(body, Shape::UpdateSenderPool)?;
    for name in ["name", "tags"] {
        if let Some(value) = wanted.get(name) {
            pool[name] = value.clone();
        }
    }
    pool["updatedAt"] = rfc3339(now).into();
    store.put(Kind::Pool, id, &pool)?;
    Ok(json!({"resourceId": id, "resourceLocation": format!("{origin}/v1/SenderPools/{id}")}))
}

/// `DELETE /v1/SenderPools/{id}`
pub fn delete(store: &Store, id: &str) -> Result<Response, Failure> {
    if !store.remove(Kind::Pool, id)? {
        return Err(Refusal::not_found().into());
    }
    Ok(respond::nothing()?)
}

/// `GET /v1/SenderPools/{id}/Senders`
pub fn senders(store: &Store, id: &str, listing: &Listing) -> Result<Value, Failure> {
    fetch(store, id)?;
    Ok(sender::page(listing, store.senders_of(id, listing.from.n)?))
}

/// `POST /v1/SenderPools/{id}/Senders`
pub fn add(store: &Store, id: &str, body: &[u8], origin: &str, now: i64) -> Result<Response, Failure> {
    fetch(store, id)?;
    let (_, wanted) = schema::judge(body, Shape::AddSenders)?;
    job(store, id, wanted.as_array().map_or(&[][..], Vec::as_slice), 0, origin, now)
}

/// `DELETE /v1/SenderPools/{id}/Senders/{senderId}`
pub fn remove(store: &Store, id: &str, sender: &str) -> Result<Response, Failure> {
    fetch(store, id)?;
    if !store.unpool_sender(id, sender)? {
        return Err(Refusal::not_found().into());
    }
    Ok(respond::nothing()?)
}

/// Puts senders into a pool, as a job whose counters say how many the account has.
fn job(store: &Store, pool: &str, senders: &[Value], more: u32, origin: &str, now: i64) -> Result<Response, Failure> {
    let (mut created, mut failed) = (more, 0);
    for sender in senders {
        let id = sender["senderId"].as_str().unwrap_or_default();
        if store.find(Kind::Sender, id)?.is_some() {
            store.pool_sender(pool, id)?;
            created += 1;
        } else {
            failed += 1;
        }
    }
    let id = ids::operation_id(now, chance()?);
    store.put(
        Kind::PoolOperation,
        &id,
        &json!({"id": id, "poolId": pool, "at": now, "created": created, "failed": failed}),
    )?;
    Ok(respond::accepted(&format!("{origin}/v1/SenderPools/Operations/{id}"), &id)?)
}

/// `GET /v1/SenderPools/Operations`
pub fn operations(store: &Store, listing: &Listing, now: i64) -> Result<Value, Failure> {
    let kept = store.all(Kind::PoolOperation, listing.from.n)?.into_iter();
    let mut found = kept.map(|job| (job.n, resource(&job.value, now))).filter(|(_, job)| {
        let status = listing.status.as_ref();
        status.is_none_or(|status| job["status"] == **status) && listing.is_between(job["createdAt"].as_str())
    });
    let items = found.by_ref().take(listing.size as usize).map(|(_, job)| job).collect();
    let next = found.next().map(|(n, _)| Place { n, row: 0 });
    Ok(listing.page("operations", items, next))
}

/// `GET /v1/SenderPools/Operations/{id}`
pub fn operation(store: &Store, id: &str, now: i64) -> Result<Value, Failure> {
    let job = store.find(Kind::PoolOperation, id)?.ok_or_else(Refusal::not_found)?;
    Ok(resource(&job, now))
}

fn resource(job: &Value, now: i64) -> Value {
    let count = |name: &str| job[name].as_u64().unwrap_or(0);
    let (at, total) = (job["at"].as_i64().unwrap_or(0), count("created") + count("failed"));
    let done = now >= at + JOB_MILLIS;
    let so_far = |name: &str| if done { count(name) } else { 0 };
    json!({
        "id": job["id"],
        "status": if done { "COMPLETED" } else { "PROCESSING" },
        "stats": {
            "total": total,
            "queued": if done { 0 } else { total },
            "created": so_far("created"),
            "failed": so_far("failed"),
        },
        "createdAt": rfc3339(at),
        "updatedAt": rfc3339(if done { at + JOB_MILLIS } else { at }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_through_after_a_moment() {
        let job = json!({"id": "comms_operation_0", "poolId": "p", "at": 1_000, "created": 3, "failed": 1});
        let early = resource(&job, 1_149);
        assert_eq!((&early["status"], &early["stats"]["queued"]), (&json!("PROCESSING"), &json!(4)));
        let late = resource(&job, 1_150);
        assert_eq!(late["status"], "COMPLETED");
        assert_eq!(late["stats"], json!({"total": 4, "queued": 0, "created": 3, "failed": 1}));
    }
}
