//! What development has beside the API, so that tests can show what hours and days do. Nowhere else is it there.

use serde_json::json;
use worker::{Env, Request};

use crate::clock::{self, Turn, rfc3339};
use crate::http::body;
use crate::http::fault::Fault;
use crate::http::respond::Reply;
use crate::route::operations;
use crate::settings::Settings;

/// Most bytes of a turn of the clock.
const TURN_BYTES: u64 = 1_000;

/// `POST /development/clock`: turns the clock, and has every operation look at what is due by it.
pub async fn clock(request: &Request, env: &Env, settings: &Settings) -> Result<Reply, Fault> {
    let body = body::read(request.inner().body(), None, TURN_BYTES).await?;
    let turn = Turn::read(body.bytes()).ok_or_else(|| {
        Fault::BadBody("Expected {\"speed\"?: 1 to 1000, \"advance\"?: milliseconds, a year at most}.".to_owned())
    })?;
    let speed = clock::turn(turn);
    operations::poke_all(env, settings).await;
    Ok(Reply::json(200, json!({ "now": rfc3339(clock::now()), "speed": speed }).to_string()))
}
