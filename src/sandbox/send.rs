//! `POST /v1/Messages`: judges a request and keeps it.

use data_encoding::HEXLOWER;
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use worker::{Request, Response, Result};

use crate::problem::Refusal;
use crate::recipient::Layout;
use crate::respond::{self, Failure};
use crate::store::{Accepted, Store};
use crate::unkindness::Rule;
use crate::{ids, schema};

/// The smaller reading of the documented 10 MB.
const BODY_LIMIT: usize = 10_000_000;

/// Answers a send.
pub async fn send(store: &Store, mut request: Request, origin: &str, rule: Option<&Rule>) -> Result<Response, Failure> {
    if !is_json(request.headers().get("content-type")?.as_deref()) {
        return Err(Refusal::unsupported_media_type().into());
    }
    let body = read(&mut request).await?;
    let (text, value) = schema::judge(&body)?;
    let layout = Layout::of(text, &value)?;
    let tags = value.get("tags").map_or_else(|| "{}".to_owned(), ToString::to_string);
    let sha256 = HEXLOWER.encode(&Sha256::digest(&body));
    let now = worker::Date::now().as_millis() as i64;
    let mut chance = [0; 10];
    getrandom::getrandom(&mut chance).map_err(|error| error.to_string())?;
    let id = ids::operation_id(now, chance);
    store.keep(&Accepted { id: &id, now, tags: &tags, sha256: &sha256, rule }, &layout, &body)?;
    Ok(respond::accepted(origin, &id)?)
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
