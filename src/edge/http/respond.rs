//! Answers: Twilio's error envelope, its RFC 9457 form, and the headers that every answer has.
//!
//! The only place that decides which number and which spelling of a place a client sees. An issue has the number its
//! registry row names, which is one that Twilio documents; else it is the dictionary's generic bad request,
//! [`crate::http::fault::GENERIC`].

use postgate_core::{Code, Issue, Mistake, Severity, Verdict};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use crate::http::body::HELD;
use crate::http::fault::{Fault, GENERIC, Spent};
use crate::http::place::LARGE;
use crate::jsonpath;

/// How a caller wants errors, and where they are explained.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Scheme and authority under which this edge was called.
    pub origin: String,
    /// RFC 9457 problem details instead of Twilio's envelope.
    pub problem: bool,
    /// The caller is a script in a browser, where a challenge would open a dialog.
    pub browser: bool,
}

/// An answer, before the platform has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header fields beside those that every answer has.
    pub headers: Vec<(&'static str, String)>,
    /// The body, which may be empty.
    pub body: Vec<u8>,
    /// The fault that it tells, as the log calls it.
    pub fault: Option<&'static str>,
}

impl Reply {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), fault: None }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::empty(status).with("content-type", "application/json").with_body(body)
    }

    /// Adds a header field.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds header fields.
    pub fn with_all(mut self, fields: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.headers.extend(fields);
        self
    }

    /// Sets the body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// One entry of the envelope.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    code: u32,
    message: String,
    info_url: String,
    context: String,
    /// Core's issue, to the byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<Box<RawValue>>,
}

/// Twilio's envelope, with core's counts; under RFC 9457 the same with the standard's members in front.
#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(flatten)]
    problem: Option<Problem<'a>>,
    errors: Vec<Entry>,
    counts: BTreeMap<&'static str, u64>,
    omitted: u64,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
}

/// The answer to a request whose content has errors: all that are listed, in document order. Warnings and notes are
/// in the counts only; a dry run lists them.
pub fn refusal(verdict: &Verdict, manner: &Manner) -> Reply {
    let errors = verdict.issues.iter().filter(|issue| issue.severity() == Severity::Error);
    let errors = errors.map(|issue| Entry {
        code: issue.code.twilio().unwrap_or(GENERIC),
        message: issue.sentence(),
        info_url: format!("{}/issues#{}", manner.origin, issue.code),
        context: jsonpath::from_pointer(&issue.at),
        // Core wrote this JSON itself; should it ever be none, the rest of the entry still stands.
        issue: RawValue::from_string(issue.to_json()).ok(),
    });
    let too_large = verdict.issues.iter().any(|issue| issue.code == Code::TooLarge);
    let problem = Problem {
        r#type: "about:blank",
        title: "The request has errors; nothing was sent.",
        status: if too_large { 413 } else { 400 },
    };
    let counts = verdict.counts.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    envelope(problem, errors.collect(), counts, verdict.omitted, manner)
}

/// The answer to a body over the limit that the caller chose with `limits=request`: core's own issue, at the first
/// byte that is too many, without reading for others.
pub fn too_large(limit: u64, manner: &Manner) -> Reply {
    let params = vec![("limit", limit.into())];
    let issue = Issue { code: Code::TooLarge, at: String::new(), offset: limit, span: None, params };
    let counts = vec![(Code::TooLarge, 1)];
    refusal(&Verdict { issues: vec![issue], counts, ..Verdict::default() }, manner)
}

/// The answer to a body of which one place is not what the API takes.
pub fn mistake(mistake: &Mistake, manner: &Manner) -> Reply {
    let entry = Entry {
        code: GENERIC,
        message: mistake.to_string(),
        info_url: format!("https://www.twilio.com/docs/api/errors/{GENERIC}"),
        context: jsonpath::from_pointer(&mistake.at),
        issue: None,
    };
    let title = "The request is not one that the API takes; it was not passed on.";
    let problem = Problem { r#type: "about:blank", title, status: 400 };
    envelope(problem, vec![entry], BTreeMap::new(), 0, manner)
}

/// The answer to a fault.
pub fn fault(fault: &Fault, manner: &Manner) -> Reply {
    let (status, code, message) = fault.row();
    let info_url = format!("https://www.twilio.com/docs/api/errors/{code}");
    let context = match fault {
        Fault::Sender(stranger) => jsonpath::from_pointer(stranger.at()),
        // Where no field is at fault, the samples of the API have the text "null".
        _ => "null".to_owned(),
    };
    let entry = Entry { code, message: message.clone(), info_url: info_url.clone(), context, issue: None };
    let problem = Problem { r#type: &info_url, title: &message, status };
    let reply = envelope(problem, vec![entry], BTreeMap::new(), 0, manner);
    let reply = Reply { fault: Some(fault.word()), ..reply };
    match fault {
        Fault::MethodNotAllowed(allow) => reply.with("allow", allow.as_str()),
        // Quotas of what is here at a time: draft-ietf-httpapi-ratelimit-headers, "content-bytes" and
        // "concurrent-requests".
        Fault::Busy => reply
            .with("retry-after", "5")
            .with("ratelimit", "\"bodies\";r=0;t=5")
            .with("ratelimit-policy", format!("\"bodies\";q={HELD};qu=\"content-bytes\"")),
        Fault::Crowded => reply
            .with("retry-after", "10")
            .with("ratelimit", "\"large-requests\";r=0;t=10")
            .with("ratelimit-policy", format!("\"large-requests\";q={LARGE};qu=\"concurrent-requests\"")),
        Fault::InUse(seconds) => reply.with("retry-after", seconds.to_string()),
        Fault::Later { seconds, limit, left } => reply
            .with("retry-after", seconds.to_string())
            .with("ratelimit-policy", format!("\"units\";q={limit};w=86400"))
            .with("ratelimit", format!("\"units\";r={left};t={seconds}")),
        Fault::Settings => reply.with("retry-after", "60"),
        Fault::Quota(Spent { never: true, .. }) => reply,
        Fault::Quota(Spent { what, limit, left, reset, .. }) => reply
            .with("retry-after", reset.to_string())
            .with("ratelimit-policy", format!("\"{what}\";q={limit};w=86400"))
            .with("ratelimit", format!("\"{what}\";r={left};t={reset}")),
        Fault::Unauthorized if !manner.browser => reply.with("www-authenticate", "Basic realm=\"postgate\""),
        _ => reply,
    }
}

fn envelope(
    problem: Problem<'_>,
    errors: Vec<Entry>,
    counts: BTreeMap<&'static str, u64>,
    omitted: u64,
    manner: &Manner,
) -> Reply {
    let status = problem.status;
    let (problem, content_type) =
        if manner.problem { (Some(problem), "application/problem+json") } else { (None, "application/json") };
    // Numbers, texts and core's JSON can always be written.
    let body = serde_json::to_vec(&Envelope { problem, errors, counts, omitted }).unwrap_or_default();
    Reply::empty(status).with("content-type", content_type).with("refused-by", "gate").with_body(body)
}

/// What every answer has: nothing the edge says may be kept by a cache, read as another type, shown in a frame, or load
/// anything. A page has a policy of its own. The files of `www` have theirs in `_headers`.
const ALWAYS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
];

/// Hands an answer to the platform.
pub fn response(reply: Reply) -> worker::Result<worker::Response> {
    let mut builder = worker::Response::builder().with_status(reply.status);
    let own = reply.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let is_own = |name: &str| reply.headers.iter().any(|(own, _)| *own == name);
    for (name, value) in ALWAYS.iter().copied().filter(|(name, _)| !is_own(name)).chain(own) {
        builder = builder.with_header(name, value)?;
    }
    Ok(if reply.body.is_empty() { builder.empty() } else { builder.fixed(reply.body) })
}

#[cfg(test)]
mod tests {
    use postgate_core::{Options, check};
    use serde_json::{Value, json};

    use super::*;

    fn manner() -> Manner {
        Manner { origin: "https://gate.example".into(), ..Manner::default() }
    }

    fn body(reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).unwrap()
    }

    #[test]
    fn errors_are_listed_in_document_order_and_warnings_are_not() {
        let request = br#"{"to":[{"address":"no","channel":"PHONE"},{"address":"none","channel":"x","y":1}],"content":{"text":"x"}}"#;
        let verdict = check(request, &Options::default()).verdict;
        let reply = refusal(&verdict, &manner());
        assert_eq!(reply.status, 400);
        let body = body(&reply);
        let codes: Vec<&Value> =
            body["errors"].as_array().unwrap().iter().map(|error| &error["issue"]["code"]).collect();
        assert_eq!(codes, ["address/not-e164", "address/not-e164", "request/not-one-of"]);
        assert_eq!(body["counts"], json!({"address/not-e164": 2, "request/not-one-of": 1, "request/unknown-field": 1}));
        assert_eq!(body["omitted"], 0);
        assert_eq!(
            body["errors"][0],
            json!({
                "code": 21211,
                "message": verdict.issues[0].sentence(),
                "infoUrl": "https://gate.example/issues#address/not-e164",
                "context": "$.to[0].address",
                "issue": serde_json::from_str::<Value>(&verdict.issues[0].to_json()).unwrap(),
            })
        );
        assert_eq!(body["errors"][2]["code"], GENERIC);
    }

    #[test]
    fn too_large_is_cores_own_issue_under_413() {
        let limits = postgate_core::Limits { bytes: 10, ..postgate_core::Limits::request() };
        let verdict = check(&[b' '; 11], &Options { limits, ..Options::default() }).verdict;
        let reply = too_large(10, &manner());
        assert_eq!(reply, refusal(&verdict, &manner()));
        assert_eq!(reply.status, 413);
        assert_eq!(body(&reply)["errors"][0]["code"], 20413);
    }

    #[test]
    fn problem_details_carry_the_same_entries() {
        let problem = Manner { problem: true, ..manner() };
        let reply = fault(&Fault::NotFound, &problem);
        let headers = [("content-type", "application/problem+json"), ("refused-by", "gate")];
        assert_eq!(reply.headers, headers.map(|(name, value)| (name, value.to_owned())));
        let (plain, problem) = (body(&fault(&Fault::NotFound, &manner())), body(&reply));
        assert_eq!(problem["errors"], plain["errors"]);
        assert_eq!((&problem["status"], &problem["title"]), (&json!(404), &plain["errors"][0]["message"]));
    }

    #[test]
    fn a_spent_quota_says_when_there_is_more() {
        let spent = Spent { what: "recipients", limit: 1_000, left: 7, reset: 60, never: false };
        let reply = fault(&Fault::Quota(spent.clone()), &manner());
        let header =
            |name: &str| reply.headers.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str());
        assert_eq!((reply.status, header("retry-after")), (429, Some("60")));
        assert_eq!(header("ratelimit-policy"), Some("\"recipients\";q=1000;w=86400"));
        assert_eq!(header("ratelimit"), Some("\"recipients\";r=7;t=60"));
        let never = fault(&Fault::Quota(Spent { never: true, ..spent }), &manner());
        assert!(never.status == 422 && never.headers.iter().all(|(name, _)| *name != "retry-after"));
    }

    #[test]
    fn browsers_are_not_challenged() {
        let challenged = |manner: &Manner| {
            fault(&Fault::Unauthorized, manner).headers.iter().any(|(name, _)| *name == "www-authenticate")
        };
        assert!(challenged(&manner()));
        assert!(!challenged(&Manner { browser: true, ..manner() }));
    }
}
