//! The Communications API itself: the only calls that leave the edge.

use postgate_core::RESERVED_TAG;
use worker::js_sys::Uint8Array;
use worker::{AbortSignal, Fetch, Headers, Method, Request, Response, ResponseBody, Result, web_sys};

use crate::clock::{MINUTE, Millis, SECOND, lasting, rfc3339};
use crate::http::auth;
use crate::http::body;
use crate::http::fault::Fault;
use crate::json;
use crate::machine::answer::{Answer, Received, TIMEOUT, is_id};
use crate::machine::counters::Counters;
use crate::machine::ledger::{LOOK_TIMEOUT, Listed, Seen, likeliest, proof};
use crate::settings::Settings;

/// Most bytes of an answer that are read; the API's own are far smaller.
const ANSWER_BYTES: u64 = 64 * 1024;
/// Most bytes of a page of messages.
const PAGE_BYTES: u64 = 1_000_000;

/// Messages that are looked at for one tag: a filter that is ignored returns others.
const MESSAGES: u32 = 50;
/// Operations of the time window that are considered: as many as a page may have.
const OPERATIONS: u32 = 1_000;
/// The time window of a post's operation: its own clock and ours may differ.
const WINDOW: (Millis, Millis) = (30 * SECOND, 5 * MINUTE);

/// How long the upstream may take for what is passed on.
const PASS_TIMEOUT: Millis = 30 * SECOND;
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
    let response =
        Fetch::Request(request).send_with_signal(&within(PASS_TIMEOUT)).await.map_err(|_| Fault::NoAnswer)?;
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
    // From here on nothing but an answer proves anything. That a connection was refused would, but workerd says of it
    // what it says of one that was lost after the last byte of the request: the same sentence, and that both may be tried
    // again.
    match send(request, TIMEOUT, ANSWER_BYTES).await {
        Ok(received) => received.into(),
        Err(_) => Answer::Unknown { why: "the upstream did not answer".to_owned() },
    }
}

/// Whether the upstream answers anything at all, as it would not in an outage. Whatever becomes of this changes nothing.
pub async fn answers(settings: &Settings) -> bool {
    let Ok(request) = request(settings, Method::Get, "/Messages/Operations?pageSize=1", None) else { return false };
    let received = send(request, LOOK_TIMEOUT, PAGE_BYTES).await;
    received.is_ok_and(|received| matches!(received.status, 200..=299 | 400..=499))
}

/// Asks for an operation: its counters, and whether they are final. None if that could not be read.
pub async fn look(settings: &Settings, operation: &str) -> Option<(Counters, bool)> {
    let path = format!("/Messages/Operations/{operation}");
    #[derive(serde::Deserialize)]
    struct Operation {
        status: String,
        stats: Counters,
    }
    let operation: Operation = get(settings, &path).await?;
    Some((operation.stats, matches!(operation.status.as_str(), "COMPLETED" | "CANCELED")))
}

/// What is known of a batch that is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sought {
    /// When it was posted.
    pub posted: Millis,
    /// How many rows it has.
    pub rows: u32,
    /// How often it was looked for before.
    pub tries: u32,
}

/// Looks for a batch by its tag: among messages, then among those of operations that are not known to be others'. None
/// if the upstream could not be asked; else whether it has the batch, and the operation if it says so. `calling` hears of
/// each call: at most two and one for each that is [`likeliest`].
pub async fn search(
    settings: &Settings,
    tag: &str,
    &Sought { posted, rows, tries }: &Sought,
    known: &[String],
    calling: impl Fn(),
) -> Option<Option<Option<String>>> {
    calling();
    let seen = messages(settings, &format!("tags={RESERVED_TAG}:{tag};&pageSize={MESSAGES}")).await?;
    if let Some(operation) = proof(&seen, tag) {
        return Some(Some(operation));
    }
    let (from, to) = (rfc3339(posted.saturating_sub(WINDOW.0)), rfc3339(posted + WINDOW.1));
    let path = format!("/Messages/Operations?startDate={from}&endDate={to}&pageSize={OPERATIONS}");
    #[derive(serde::Deserialize)]
    struct Operations {
        operations: Vec<Operation>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Operation {
        id: String,
        #[serde(default)]
        created_at: String,
        #[serde(default)]
        stats: Counters,
    }
    calling();
    let Operations { operations } = get(settings, &path).await?;
    let listed = operations.into_iter().filter(|operation| is_id(&operation.id)).map(|operation| Listed {
        id: operation.id,
        created: operation.created_at,
        recipients: operation.stats.recipients,
    });
    for id in likeliest(listed.collect(), known, posted, rows, tries) {
        calling();
        let seen = messages(settings, &format!("operationId={id}&pageSize=1")).await?;
        if proof(&seen, tag).is_some() {
            return Some(Some(Some(id)));
        }
    }
    Some(None)
}

/// Messages of the upstream, as far as they prove anything.
async fn messages(settings: &Settings, query: &str) -> Option<Vec<Seen>> {
    #[derive(serde::Deserialize)]
    struct Messages {
        messages: Vec<Message>,
    }
    #[derive(serde::Deserialize)]
    struct Message {
        #[serde(default)]
        tags: Tags,
        #[serde(default)]
        related: Vec<Related>,
    }
    #[derive(Default, serde::Deserialize)]
    struct Tags {
        /// [`RESERVED_TAG`]
        #[serde(rename = "postgate.batch")]
        batch: Option<String>,
    }
    #[derive(serde::Deserialize)]
    struct Related {
        name: String,
        id: String,
    }
    let Messages { messages } = get(settings, &format!("/Messages?{query}")).await?;
    let seen = messages.into_iter().map(|message| {
        let operation = message.related.into_iter().find(|related| related.name == "OPERATION" && is_id(&related.id));
        Seen { tag: message.tags.batch, operation: operation.map(|related| related.id) }
    });
    Some(seen.collect())
}

/// Reads a resource; none if that could not be done.
async fn get<T: serde::de::DeserializeOwned>(settings: &Settings, path: &str) -> Option<T> {
    let request = request(settings, Method::Get, path, None).ok()?;
    let received = send(request, LOOK_TIMEOUT, PAGE_BYTES).await.ok()?;
    if received.status != 200 {
        return None;
    }
    json::read(received.body?).ok()
}

fn request(settings: &Settings, method: Method, path: &str, body: Option<&[u8]>) -> Result<Request> {
    let headers = Headers::new();
    headers.set("authorization", &auth::header(&settings.key, &settings.secret))?;
    headers.set("accept", "application/json")?;
    let init = web_sys::RequestInit::new();
    init.set_method(method.as_ref());
    // A redirect of a post is no answer, and must not carry the credentials elsewhere.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_body(&Uint8Array::from(body));
    }
    init.set_headers(&headers.0);
    Ok(web_sys::Request::new_with_str_and_init(&format!("{}{path}", settings.upstream), &init)?.into())
}

/// Makes a call and reads what comes back, at most so many bytes, all within that time.
async fn send(request: Request, timeout: Millis, most: u64) -> Result<Received> {
    let response = Fetch::Request(request).send_with_signal(&within(timeout)).await?;
    let header = |name: &str| response.headers().get(name).ok().flatten();
    Ok(Received {
        status: response.status_code(),
        operation: header("operationId").or_else(|| header("operation-id")),
        retry_after: header("retry-after"),
        body: read(&response, most).await,
    })
}

/// What gives a call up that takes longer.
fn within(timeout: Millis) -> AbortSignal {
    AbortSignal::from(web_sys::AbortSignal::timeout_with_f64(lasting(timeout) as f64))
}

async fn read(response: &Response, most: u64) -> Option<Vec<u8>> {
    match response.body() {
        ResponseBody::Empty => Some(Vec::new()),
        ResponseBody::Body(bytes) => Some(bytes.clone()),
        ResponseBody::Stream(stream) => {
            let header = |name: &str| response.headers().get(name).ok().flatten();
            // Of an encoded one it is the length before it was decoded.
            let announced = header("content-length").filter(|_| header("content-encoding").is_none());
            let announced = announced.and_then(|length| length.parse().ok());
            let body = body::read(Some(stream.clone()), announced, most).await.ok()?;
            Some(body.bytes().to_vec())
        }
    }
}
