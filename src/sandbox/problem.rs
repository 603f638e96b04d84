//! A refusal: an HTTP status and the entries of Twilio's error envelope.
//!
//! Numbers come from Twilio's error dictionary; where it has none for the case, the number is the plain status.

use serde::Serialize;

/// The request body or a parameter is not in the expected format: <https://www.twilio.com/docs/api/errors/70002>.
pub const UNREADABLE: u32 = 70002;
/// Bad request with no number of its own: <https://www.twilio.com/docs/api/errors/400>.
pub const INVALID: u32 = 400;

/// One entry of the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Number in Twilio's error dictionary.
    pub code: u32,
    /// What is wrong; never holds a value of the request.
    pub message: String,
    /// The dictionary's page.
    pub info_url: String,
    /// JSON path of the member at fault, or the text `null` as in Twilio's samples.
    pub context: String,
}

impl Problem {
    /// A problem at the JSON path `context`.
    pub fn at(context: impl Into<String>, code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            info_url: format!("https://www.twilio.com/docs/api/errors/{code}"),
            context: context.into(),
        }
    }

    /// A problem of the request as a whole.
    pub fn of_request(code: u32, message: impl Into<String>) -> Self {
        Self::at("null", code, message)
    }
}

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// At least one entry.
    pub problems: Vec<Problem>,
    /// The methods of the path, for the `Allow` header of a 405.
    pub allow: Option<String>,
    /// Seconds, for the `Retry-After` header of a 429.
    pub retry_after: Option<u32>,
}

/// The envelope around the entries.
#[derive(Serialize)]
struct Envelope<'a> {
    errors: &'a [Problem],
}

impl Refusal {
    fn new(status: u16, code: u32, message: &str) -> Self {
        Self { status, problems: vec![Problem::of_request(code, message)], allow: None, retry_after: None }
    }

    /// 400 for one or more problems of the request.
    pub fn invalid(problems: Vec<Problem>) -> Self {
        Self { status: 400, problems, allow: None, retry_after: None }
    }

    /// 401: no credentials, or not the sandbox's.
    pub fn unauthorized() -> Self {
        Self::new(401, 20003, "Authenticate with the sandbox's key and secret by HTTP Basic.")
    }

    /// 404: nothing by that name.
    pub fn not_found() -> Self {
        Self::new(404, 20404, "The requested resource was not found.")
    }

    /// 405: the path is there, but not for this method.
    pub fn method_not_allowed(allow: String) -> Self {
        Self { allow: Some(allow), ..Self::new(405, 20004, "This method is not allowed here.") }
    }

    /// 409: it would be one too many by that name.
    pub fn conflict(message: &str) -> Self {
        Self::new(409, 20409, message)
    }

    /// 429: as many requests as the account may have are being answered.
    pub fn too_many() -> Self {
        let message = "Too many requests of this account are being answered.";
        Self { retry_after: Some(1), ..Self::new(429, 20429, message) }
    }

    /// 413: the body is larger than the service takes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(413, 20413, &format!("The request body is larger than {limit} bytes."))
    }

    /// 415: the body is not declared as JSON.
    pub fn unsupported_media_type() -> Self {
        Self::new(415, UNREADABLE, "The content type has to be application/json.")
    }

    /// 500: the sandbox itself failed.
    pub fn fault(message: &str) -> Self {
        Self::new(500, 20500, message)
    }

    /// A status that a rule of unkindness asked for.
    pub fn unkind(status: u16) -> Self {
        // 20429, 20500, 20503 and their like are how the dictionary names what is no more than a status.
        Self::new(status, 20_000 + u32::from(status), "The sandbox was asked to answer so.")
    }

    /// The body of the answer.
    pub fn envelope(&self) -> serde_json::Value {
        serde_json::json!(Envelope { errors: &self.problems })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelope_has_the_four_documented_members() {
        let refusal = Refusal::invalid(vec![Problem::at("$.to[3].address", 21211, "no")]);
        assert_eq!(
            serde_json::json!(refusal.envelope()),
            serde_json::json!({"errors": [{
                "code": 21211,
                "message": "no",
                "infoUrl": "https://www.twilio.com/docs/api/errors/21211",
                "context": "$.to[3].address"
            }]})
        );
    }
}
