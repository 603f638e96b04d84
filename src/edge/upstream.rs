//! The Communications API itself: the only calls that leave the edge.

use worker::js_sys::Uint8Array;
use worker::{
    AbortSignal, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response, ResponseBody, Result, web_sys,
};

use crate::answer::{Answer, Received};
use crate::auth;
use crate::body;
use crate::counters::Counters;
use crate::fault::Fault;
use crate::ledger::{LOOK_TIMEOUT, TIMEOUT};
use crate::settings::Settings;

/// Most bytes of an answer that are read; the API's own are far smaller.
const ANSWER_BYTES: u64 = 64 * 1024;

/// How long the upstream may take for what is passed on.
const PASS_TIMEOUT: u32 = 30_000;
/// Most bytes of an answer that is passed on: a page of 1,000 messages has some 700 KB.
const PASSED_BYTES: u64 = 8_000_000;

/// What of an answer is passed on.
#[derive(Debug, Default)]
pub struct Passed {
    /// HTTP status.
    pub status: u16,
    /// Header `Location`.
    pub location: Option<String>,
    /// Header `Content-Type`.
    pub content_type: Option<String>,
    /// Header `Retry-After`.
    pub retry_after: Option<String>,
    /// Header `operationId`, else `operation-id`.
    pub operation: Option<String>,
    /// Header `operation-location`.
    pub operation_location: Option<String>,
    /// Header `resource-location`.
    pub resource_location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Passed {
    /// The body as text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }
}

/// Passes a request on; `path` has to be safe to stand in a URL.
pub async fn pass(
    settings: &Settings,
    method: Method,
    path: &str,
    body: Option<&[u8]>,
) -> std::result::Result<Passed, Fault> {
    let request = request(settings, method, path, body).map_err(|_| Fault::Internal)?;
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(PASS_TIMEOUT));
    let response = Fetch::Request(request).send_with_signal(&signal).await.map_err(|_| Fault::NoAnswer)?;
    let header = |name: &str| response.headers().get(name).ok().flatten();
    Ok(Passed {
        status: response.status_code(),
        location: header("location"),
        content_type: header("content-type"),
        retry_after: header("retry-after"),
        operation: header("operationId").or_else(|| header("operation-id")),
        operation_location: header("operation-location"),
        resource_location: header("resource-location"),
        body: read(&response, PASSED_BYTES).await.ok_or(Fault::BadAnswer)?,
    })
}

/// Posts a batch, once. Says how that ended, whatever happened.
pub async fn post(settings: &Settings, batch: &[u8]) -> Answer {
    let Ok(request) = request(settings, Method::Post, "/Messages", Some(batch)) else {
        return Answer::NotCalled;
    };
    // From here on nothing but an answer proves anything.
    match send(request, TIMEOUT as u32).await {
        Ok(received) => received.into(),
        Err(_) => Answer::Unknown { why: "the upstream did not answer".to_owned() },
    }
}

/// Asks for an operation: its counters, and whether they are final. None if that could not be read.
pub async fn look(settings: &Settings, operation: &str) -> Option<(Counters, bool)> {
    let path = format!("/Messages/Operations/{operation}");
    let request = request(settings, Method::Get, &path, None).ok()?;
    let received = send(request, LOOK_TIMEOUT as u32).await.ok()?;
    if received.status != 200 {
        return None;
    }
    #[derive(serde::Deserialize)]
    struct Operation {
        status: String,
        stats: Counters,
    }
    let operation: Operation = serde_json::from_slice(&received.body?).ok()?;
    Some((operation.stats, matches!(operation.status.as_str(), "COMPLETED" | "CANCELED")))
}

fn request(settings: &Settings, method: Method, path: &str, body: Option<&[u8]>) -> Result<Request> {
    let headers = Headers::new();
    headers.set("authorization", &auth::header(&settings.key, &settings.secret))?;
    headers.set("accept", "application/json")?;
    let mut init = RequestInit::new();
    // A redirect of a post is no answer, and must not carry the credentials elsewhere.
    init.with_method(method).with_redirect(RequestRedirect::Manual);
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.with_body(Some(Uint8Array::from(body).into()));
    }
    init.with_headers(headers);
    Request::new_with_init(&format!("{}{path}", settings.upstream), &init)
}

/// Makes a call and reads what comes back, all within `timeout` milliseconds.
async fn send(request: Request, timeout: u32) -> Result<Received> {
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(timeout));
    let response = Fetch::Request(request).send_with_signal(&signal).await?;
    let header = |name: &str| response.headers().get(name).ok().flatten();
    Ok(Received {
        status: response.status_code(),
        operation: header("operationId").or_else(|| header("operation-id")),
        retry_after: header("retry-after"),
        body: read(&response, ANSWER_BYTES).await,
    })
}

async fn read(response: &Response, most: u64) -> Option<Vec<u8>> {
    match response.body() {
        ResponseBody::Empty => Some(Vec::new()),
        ResponseBody::Body(bytes) => Some(bytes.clone()),
        ResponseBody::Stream(stream) => {
            let body = body::read(Some(stream.clone()), None, most).await.ok()?;
            Some(body.bytes().to_vec())
        }
    }
}
