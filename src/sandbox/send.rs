//! `POST /v1/Messages`: judges a request, finds out who it is for, and keeps it.

use chrono::{DateTime, NaiveDateTime};
use data_encoding::HEXLOWER;
use futures_util::TryStreamExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use worker::{Request, Response, Result};

use crate::directory::{self, Directory};
use crate::layout::{Builder, MOST_RECIPIENTS, Unlaid};
use crate::pace::Pace;
use crate::problem::{INVALID, Problem, Refusal};
use crate::respond::{self, Failure};
use crate::store::{Accepted, Kind, Store};
use crate::unkindness::Rule;
use crate::weight::Weight;
use crate::{ids, schema, webhook};

/// The smaller reading of the documented 10 MB.
const BODY_LIMIT: usize = 10_000_000;

/// Answers a send; `now` is asked for once the body is there.
pub async fn send(
    store: &Store,
    request: &mut Request,
    origin: &str,
    pace: &Pace,
    rule: Option<&Rule>,
    now: impl Fn() -> Result<i64>,
) -> Result<Response, Failure> {
    if !is_json(request.headers().get("content-type")?.as_deref()) {
        return Err(Refusal::unsupported_media_type().into());
    }
    let body = read(request).await?;
    let (text, value) = schema::judge(&body, schema::Shape::SendMessages)?;
    let directory = look_up(store, &value, pace)?;
    let mut weight = Weight::of(&value["content"]);
    let built = Builder::build(text, &value, &directory, |recipient, senders| weight.units(recipient, senders));
    let (layout, more) = built.map_err(too_many)?;
    let tags = value.get("tags").map_or_else(|| "{}".to_owned(), ToString::to_string);
    let sha256 = HEXLOWER.encode(&Sha256::digest(&body));
    let now = now()?;
    let id = ids::operation_id(now, chance()?);
    let send_at = send_at(&value["schedule"]).filter(|&at| at > now);
    let tell = webhook::url(store)?.is_some();
    let accepted = Accepted { id: &id, now, tags: &tags, send_at, lane: &directory.lane, sha256: &sha256, rule, tell };
    store.keep(&accepted, &layout, &body, &more)?;
    Ok(respond::accepted(&format!("{origin}/v1/Messages/Operations/{id}"), &id)?)
}

fn too_many(why: Unlaid) -> Failure {
    let message = match why {
        Unlaid::Groups => "A request names at most 10 groups here.".to_owned(),
        Unlaid::Recipients => format!("A request reaches at most {MOST_RECIPIENTS} recipients, members of groups too."),
        Unlaid::Unreadable(error) => return error.into(),
    };
    Refusal::invalid(vec![Problem::at("$.to", INVALID, message)]).into()
}

/// Who the account knows of those that a request names.
fn look_up(store: &Store, request: &Value, pace: &Pace) -> Result<Directory> {
    let from = &request["from"];
    let values = |found: Vec<crate::store::Resource>| found.into_iter().rev().map(|one| one.value).collect::<Vec<_>>();
    let inventory = values(store.all(Kind::Sender, u32::MAX)?);
    let pool = match from["senderPoolId"].as_str() {
        Some(id) => values(store.senders_of(id, u32::MAX)?),
        None => Vec::new(),
    };
    let (senders, lane) = directory::senders(from, &inventory, &pool, pace);
    let mut directory = Directory { senders, lane, ..Directory::default() };
    for recipient in request["to"].as_array().into_iter().flatten() {
        let (profile, cohort) = directory::names(recipient);
        if let Some(key) = profile.filter(|key| !directory.profiles.contains_key(key))
            && let Some(found) = store.find(Kind::Profile, &key)?
        {
            directory.profiles.insert(key, found);
        }
        if let Some(id) = cohort.filter(|&id| !directory.cohorts.contains_key(id))
            && let Some(found) = store.find(Kind::Cohort, id)?
        {
            directory.cohorts.insert(id.to_owned(), found);
        }
    }
    Ok(directory)
}

/// When a schedule wants to be sent: its expressions are intersected, so the latest of the instants in it. One without
/// a zone is read as UTC; other expressions, whose grammar is nowhere documented, are passed over.
fn send_at(schedule: &Value) -> Option<i64> {
    let instant = |text: &str| {
        let zoned = DateTime::parse_from_rfc3339(text).map(|instant| instant.timestamp_millis());
        zoned.or_else(|_| text.parse::<NaiveDateTime>().map(|local| local.and_utc().timestamp_millis())).ok()
    };
    let expressions = schedule["sendAt"].as_array()?;
    expressions.iter().filter_map(Value::as_str).filter_map(instant).max()
}

/// Randomness for an id.
pub fn chance() -> Result<[u8; 10]> {
    let mut chance = [0; 10];
    getrandom::getrandom(&mut chance).map_err(|error| error.to_string())?;
    Ok(chance)
}

fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The body, if it keeps the limit. One that does not is read to its end, though not kept: a client that is cut off
/// in the middle of sending sees a broken connection in place of the answer.
pub async fn read(request: &mut Request) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    if request.inner().body().is_none() {
        return Ok(body);
    }
    let mut stream = request.stream()?;
    let mut length = 0;
    while let Some(chunk) = stream.try_next().await? {
        length += chunk.len();
        if length <= BODY_LIMIT {
            body.extend_from_slice(&chunk);
        } else {
            body = Vec::new();
        }
    }
    if length > BODY_LIMIT {
        return Err(Refusal::too_large(BODY_LIMIT).into());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schedule_is_the_latest_of_its_instants() {
        let at = |expressions: &[&str]| send_at(&json!({"sendAt": expressions}));
        assert_eq!(at(&["1970-01-01T00:00:01Z"]), Some(1_000));
        assert_eq!(at(&["1970-01-01T01:00:02+01:00", "1970-01-01T00:00:01"]), Some(2_000));
        assert_eq!(at(&["tomorrow"]), None);
        assert_eq!(send_at(&Value::Null), None);
    }
}
