//! Posts events to the webhook that the test door was told, a batch a call. What the consumer does not take with a 2xx
//! is told again.

use std::time::Duration;

use futures_util::future::{Either, select};
use serde::Deserialize;
use serde_json::{Value, json};
use worker::js_sys::Uint8Array;
use worker::{Delay, Fetch, Headers, Method, Request as Call, RequestInit, RequestRedirect, Result, Url};

use crate::event::{self, Cursor};
use crate::plan::Plan;
use crate::problem::{INVALID, Problem, Refusal, UNREADABLE};
use crate::read::Request;
use crate::store::Store;

/// The setting that holds the URL.
const WEBHOOK: &str = "webhook";
/// A consumer that takes longer has not taken them.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between two looks for what has happened.
pub const LOOK_MILLIS: i64 = 200;

/// The URL, if there is one.
pub fn url(store: &Store) -> Result<Option<String>> {
    store.setting(WEBHOOK)
}

/// `GET /sandbox/webhook`
pub fn show(store: &Store) -> Result<Value> {
    Ok(json!({"url": url(store)?}))
}

/// `PUT /sandbox/webhook`: of what was accepted before, nothing is told.
pub fn set(store: &Store, body: &[u8]) -> Result<Value, crate::respond::Failure> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Webhook {
        url: String,
    }
    let refuse = |code, message: String| Refusal::invalid(vec![Problem::at("$.url", code, message)]);
    let told: Webhook =
        serde_json::from_slice(body).map_err(|error| refuse(UNREADABLE, format!("This is no webhook: {error}.")))?;
    let loopback = Url::parse(&told.url)
        .is_ok_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")));
    if !loopback {
        return Err(refuse(INVALID, "A webhook is an http URL on this machine: nothing leaves it.".into()).into());
    }
    store.set(WEBHOOK, &told.url)?;
    Ok(show(store)?)
}

/// `DELETE /sandbox/webhook`
pub fn clear(store: &Store) -> Result<()> {
    store.unset(WEBHOOK)?;
    store.silence()
}

/// Tells one batch of what has happened; false if the consumer did not take it.
pub async fn tell(store: &Store, now: i64) -> Result<bool> {
    let Some(url) = url(store)? else { return Ok(true) };
    for (operation, cursor) in store.untold()? {
        let request = Request::of(store, &operation, "", now)?;
        let page = {
            let plan = Plan::of(&operation, request.layout());
            cursor.unwrap_or(Cursor::NEW).page(&operation, &plan, request.layout().total(), now)
        };
        if page.is_empty() {
            store.tell(&operation.id, page.cursor)?;
            continue;
        }
        let mut events = page.before;
        let moments: Vec<(u32, i64)> = page.happenings.iter().map(|one| (one.index, one.at)).collect();
        let mut happenings = page.happenings.iter();
        request.at(&moments, |message| {
            events.extend(happenings.next().and_then(|happening| event::of_message(message, happening)));
        })?;
        events.extend(page.behind);
        if !post(&url, &Value::Array(events)).await {
            return Ok(false);
        }
        store.tell(&operation.id, page.cursor)?;
        return Ok(true);
    }
    Ok(true)
}

/// Whether the consumer took the events.
async fn post(url: &str, events: &Value) -> bool {
    let call = || -> Result<Call> {
        let headers = Headers::new();
        headers.set("content-type", "application/json")?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_redirect(RequestRedirect::Manual).with_headers(headers);
        init.with_body(Some(Uint8Array::from(events.to_string().as_bytes()).into()));
        Call::new_with_init(url, &init)
    };
    let Ok(call) = call() else { return false };
    let call = Fetch::Request(call);
    let answer = Box::pin(call.send());
    match select(answer, Delay::from(TIMEOUT)).await {
        Either::Left((Ok(answer), _)) => (200..300).contains(&answer.status_code()),
        _ => false,
    }
}
