//! The upstream's answer to a post, read with caution: what does not prove that a batch was taken or was not, proves
//! nothing.

use serde::Deserialize;

use crate::clock::{Millis, SECOND};
use crate::json;
use crate::jsonpath;
use crate::machine::record::Refusal;

/// How long the upstream may take to answer a post.
pub const TIMEOUT: Millis = 120 * SECOND;
/// Most errors of a refusal that are kept.
const ERRORS: usize = 100;

/// The members of a send.
const BODY: [&str; 5] = ["to", "from", "content", "schedule", "tags"];
/// The dictionary's numbers for messages and their senders, and for channels.
const MESSAGING: [std::ops::Range<u64>; 2] = [21_200..22_000, 63_000..64_000];

/// How a post ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The upstream has the batch.
    Accepted {
        /// Its operation; none if the answer named none.
        operation: Option<String>,
    },
    /// The upstream will not have it: the same bytes would be refused again.
    Refused {
        /// HTTP status.
        status: u16,
        /// Its errors, their rows counted within the batch.
        errors: Vec<Refusal>,
    },
    /// The upstream did not process it, and said so; holds how long it asks us to wait.
    TooMany {
        /// What `Retry-After` says.
        wait: Option<Millis>,
    },
    /// The upstream does not know us, or the account may not send.
    Credentials {
        /// HTTP status.
        status: u16,
    },
    /// An error before the call: nothing left this machine.
    NotCalled,
    /// The upstream may have it.
    Unknown {
        /// What left it open.
        why: String,
    },
}

impl Answer {
    /// One word for a log.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::TooMany { .. } => "too many",
            Self::Credentials { .. } => "credentials refused",
            Self::NotCalled => "not called",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// What of an HTTP answer is looked at.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// HTTP status.
    pub status: u16,
    /// Header `operationId`, else `operation-id`.
    pub operation: Option<String>,
    /// Header `Retry-After`.
    pub retry_after: Option<String>,
    /// The body, or none if it could not be read or is too large to be one of the API's.
    pub body: Option<Vec<u8>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    operation_id: Option<String>,
    errors: Vec<Error>,
}

#[derive(Deserialize)]
struct Error {
    code: Option<u64>,
    #[serde(default)]
    context: Option<String>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let pointer = error.context.as_deref().and_then(jsonpath::to_pointer);
        let row = pointer.as_deref().and_then(|pointer| pointer.strip_prefix("/to/")?.split('/').next()?.parse().ok());
        Self { code: error.code, row, pointer }
    }
}

impl From<Received> for Answer {
    fn from(received: Received) -> Self {
        let Received { status, operation, retry_after, body } = received;
        let body = match body.as_deref() {
            Some([]) => Some(Body::default()),
            Some(bytes) => json::read(bytes).ok(),
            None => None,
        };
        let operation = operation.filter(|id| is_id(id));
        match status {
            200..=299 => match (operation, body) {
                (Some(id), _) => Self::Accepted { operation: Some(id) },
                (None, Some(Body { operation_id: Some(id), .. })) if is_id(&id) => {
                    Self::Accepted { operation: Some(id) }
                }
                (None, Some(_)) if status == 202 => Self::Accepted { operation: None },
                _ => Self::Unknown { why: format!("the upstream answered {status} with nothing that names a send") },
            },
            400 | 403 | 404 | 413 | 415 | 422 => {
                let errors = body.map(|body| body.errors).unwrap_or_default();
                let errors: Vec<Refusal> = errors.into_iter().take(ERRORS).map(Refusal::from).collect();
                if status == 403 && !is_about_the_batch(&errors) {
                    return Self::Credentials { status };
                }
                Self::Refused { status, errors }
            }
            401 => Self::Credentials { status },
            429 => Self::TooMany { wait: retry_after.and_then(|text| seconds(&text)) },
            _ => Self::Unknown { why: format!("the upstream answered {status}") },
        }
    }
}

/// Whether a 403 is about this batch: every error names a place in the body, or has a number that the dictionary has for
/// messages and their senders. Any other may be about the account, whose next batch would be refused as well.
///
/// Source: <https://www.twilio.com/docs/api/errors>.
fn is_about_the_batch(errors: &[Refusal]) -> bool {
    let in_the_body = |pointer: &str| BODY.contains(&pointer.split('/').nth(1).unwrap_or_default());
    let of_messages = |code: u64| MESSAGING.iter().any(|numbers| numbers.contains(&code));
    let is = |error: &Refusal| error.pointer.as_deref().is_some_and(in_the_body) || error.code.is_some_and(of_messages);
    !errors.is_empty() && errors.iter().all(is)
}

/// `Retry-After` in seconds; its other form, a date, is not worth a clock that both sides agree on.
fn seconds(retry_after: &str) -> Option<Millis> {
    let digits = retry_after.trim();
    let known = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More than can be counted is long, and not nothing.
    known.then(|| digits.parse().unwrap_or(Millis::MAX).saturating_mul(SECOND))
}

/// Whether a text can be an id and part of a URL.
pub fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, operation: Option<&str>, body: Option<&str>) -> Answer {
        let operation = operation.map(str::to_owned);
        let body = body.map(|body| body.as_bytes().to_vec());
        Received { status, operation, body, retry_after: Some("7".into()) }.into()
    }

    fn accepted(operation: Option<&str>) -> Answer {
        Answer::Accepted { operation: operation.map(str::to_owned) }
    }

    #[test]
    fn an_accepted_send_is_recognized_in_all_documented_forms() {
        assert_eq!(answer(202, Some("comms_operation_1"), Some("")), accepted(Some("comms_operation_1")));
        assert_eq!(answer(202, Some("comms_operation_1"), None), accepted(Some("comms_operation_1")));
        assert_eq!(
            answer(202, None, Some(r#"{"operationId":"comms_operation_2"}"#)),
            accepted(Some("comms_operation_2"))
        );
        assert_eq!(answer(202, None, Some("{}")), accepted(None));
        assert_eq!(answer(202, None, Some("")), accepted(None));
        assert_eq!(answer(202, Some("../../elsewhere"), Some("")), accepted(None));
    }

    #[test]
    fn what_proves_nothing_is_unknown() {
        for (status, body) in
            [(202, Some("<html>")), (202, None), (200, Some("")), (204, Some("")), (301, Some("")), (500, None)]
        {
            assert!(matches!(answer(status, None, body), Answer::Unknown { .. }), "{status} {body:?}");
        }
        for status in [300, 302, 402, 405, 408, 409, 500, 502, 503, 504, 599] {
            assert!(matches!(answer(status, Some("comms_operation_1"), Some("")), Answer::Unknown { .. }), "{status}");
        }
    }

    #[test]
    fn a_403_about_the_body_is_told_from_one_about_the_account() {
        for errors in [
            r#"{"code":21606}"#,
            r#"{"code":63007,"context":"null"}"#,
            r#"{"code":20403,"context":"$.from.address"},{"code":21408}"#,
            r#"{"context":"$.to[3]"}"#,
        ] {
            let refused = answer(403, None, Some(&format!(r#"{{"errors":[{errors}]}}"#)));
            assert!(matches!(refused, Answer::Refused { status: 403, .. }), "{errors}");
        }
        for body in [
            r#"{"errors":[{"code":20003,"context":"null"}]}"#,
            r#"{"errors":[{"code":70051}]}"#,
            r#"{"errors":[{"code":20403,"context":"$"}]}"#,
            r#"{"errors":[{"code":20403,"context":"$.account"}]}"#,
            // One of them is enough.
            r#"{"errors":[{"code":21606},{"code":20003}]}"#,
            r#"{"errors":[]}"#,
            r#"{"code":20003,"message":"x","status":403}"#,
            "<html>",
            "",
        ] {
            assert_eq!(answer(403, None, Some(body)), Answer::Credentials { status: 403 }, "{body}");
        }
    }

    #[test]
    fn refusals_are_told_from_waiting() {
        let body = Some(r#"{"errors":[{"code":21211,"message":"x"}]}"#);
        for status in [400, 404, 413, 415, 422] {
            let error = Refusal { code: Some(21211), ..Refusal::default() };
            assert_eq!(answer(status, None, body), Answer::Refused { status, errors: vec![error] });
        }
        let body = r#"{"errors":[{"code":21211,"context":"$.to[3].address"},{"code":1,"context":"$.to[x y]"}]}"#;
        let errors = vec![
            Refusal { code: Some(21211), row: Some(3), pointer: Some("/to/3/address".into()) },
            Refusal { code: Some(1), row: None, pointer: None },
        ];
        assert_eq!(answer(400, None, Some(body)), Answer::Refused { status: 400, errors });
        assert_eq!(answer(400, None, Some("<html>")), Answer::Refused { status: 400, errors: Vec::new() });
        assert_eq!(answer(401, None, Some(body)), Answer::Credentials { status: 401 });
        assert_eq!(answer(429, None, None), Answer::TooMany { wait: Some(7_000) });
        for (text, wait) in [
            ("0", Some(0)),
            (" 7 ", Some(7_000)),
            ("99999999999", Some(99_999_999_999_000)),
            ("99999999999999999999999", Some(Millis::MAX)),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
            ("-5", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), wait, "{text}");
        }
    }
}
