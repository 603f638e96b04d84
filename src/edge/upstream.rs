//! The Communications API itself: the only calls that leave the edge.

use worker::js_sys::Uint8Array;
use worker::{
    AbortSignal, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response, ResponseBody, Result, web_sys,
};

use crate::answer::{Answer, Received};
use crate::auth;
use crate::body;
use crate::counters::Counters;
use crate::ledger::{LOOK_TIMEOUT, TIMEOUT};
use crate::settings::Settings;

/// Most bytes of an answer that are read; the API's own are far smaller.
const ANSWER_BYTES: u64 = 64 * 1024;

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
        body: read(&response).await,
    })
}

async fn read(response: &Response) -> Option<Vec<u8>> {
    match response.body() {
        ResponseBody::Empty => Some(Vec::new()),
        ResponseBody::Body(bytes) => Some(bytes.clone()),
        ResponseBody::Stream(stream) => {
            let body = body::read(Some(stream.clone()), None, ANSWER_BYTES).await.ok()?;
            Some(body.bytes().to_vec())
        }
    }
}
