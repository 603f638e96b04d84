//! Faults: why the edge answers otherwise than asked, when the reason is not an issue of the request's content.

use crate::settings::key::Scope;
use crate::settings::senders::Stranger;

/// The number of Twilio's dictionary for a bad request that has none of its own:
/// <https://www.twilio.com/docs/api/errors/20001>.
pub const GENERIC: u32 = 20001;

/// A refusal or failure of the edge itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A query parameter or its value is unknown; the sentence names it.
    BadParameter(String),
    /// A small body is not what it should be; the sentence says what is expected.
    BadBody(String),
    /// The batch is not unknown, or at another attempt.
    Unsettled,
    /// The sender's pace has no room for this send at present; holds how many seconds to wait.
    Later {
        /// Seconds.
        seconds: u64,
        /// Units that its lane takes in a day.
        limit: u64,
        /// How many of them are left.
        left: u64,
    },
    /// The send is more than its sender can send in a day.
    TooMuch,
    /// No key, or not one of this edge's.
    Unauthorized,
    /// The request came over http.
    Exposed,
    /// The key is not for that.
    Forbidden(Scope),
    /// The key may not send from there.
    Sender(Stranger),
    /// Nothing is there, or nothing the caller may know of.
    NotFound,
    /// Something is there, but not for this method; holds the methods for `Allow`.
    MethodNotAllowed(String),
    /// The body has more than this many bytes.
    TooLarge(u64),
    /// No row came to its end in this many bytes.
    Barren(u64),
    /// The body is not declared as JSON, or compressed otherwise than with gzip.
    UnsupportedMediaType,
    /// The body did not arrive whole.
    BodyLost,
    /// The body is no gzip, though it was declared as such.
    BrokenGzip,
    /// The body came too slowly.
    TooSlow,
    /// A send needs an idempotency key here.
    KeyRequired,
    /// A request with the same idempotency key is being read; in so many seconds it is worth asking again.
    InUse(u64),
    /// A later request with the same idempotency key took over from this one.
    TakenOver,
    /// The idempotency key belongs to another request.
    KeyReused,
    /// The Worker is set up wrongly; `/health` says how.
    Settings,
    /// Something failed that should not; the log knows what.
    Internal,
    /// The key has used what it may.
    Quota(Spent),
    /// The upstream did not answer in time, or could not be reached.
    NoAnswer,
    /// The upstream answered what the API does not answer.
    BadAnswer,
    /// The upstream refused the credentials of this edge.
    UpstreamCredentials,
    /// No memory for this body at present.
    Busy,
    /// As many large bodies are coming in as are taken at a time.
    Crowded,
}

/// Why nothing is left of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// `requests` or `recipients`.
    pub what: &'static str,
    /// How many a day may have.
    pub limit: u64,
    /// How many are left of this one.
    pub left: u64,
    /// Seconds until the next day.
    pub reset: u64,
    /// Whether no day would be enough.
    pub never: bool,
}

impl Fault {
    /// Status, number of Twilio's dictionary, and sentence.
    pub fn row(&self) -> (u16, u32, String) {
        let (status, number, sentence) = match self {
            Self::BadParameter(sentence) | Self::BadBody(sentence) => (400, GENERIC, sentence.as_str()),
            Self::Later { .. } => {
                (429, 20429, "The sender is busy for a day with what was sent before; nothing of this send was kept.")
            }
            Self::TooMuch => (422, GENERIC, "The send is more than its sender can send in a day; nothing was kept."),
            Self::Unsettled => {
                (409, GENERIC, "This batch is not unknown, or not at this attempt; nothing was changed.")
            }
            Self::BodyLost => (400, GENERIC, "The body did not arrive whole."),
            Self::BrokenGzip => (400, GENERIC, "The body is declared as gzip and cannot be inflated."),
            Self::KeyRequired => (400, GENERIC, "Sends need the header Idempotency-Key here."),
            Self::Unauthorized => (401, 20003, "Authenticate with a key of this gate by HTTP Basic."),
            Self::Exposed => {
                let sentence = "Call over https: over http, anybody on the way can read the key. Have it replaced.";
                (403, 20003, sentence)
            }
            Self::Forbidden(scope) => return (403, 20003, format!("This key lacks the scope {}.", scope.as_str())),
            Self::Sender(Stranger::Foreign(at)) => {
                return (403, 20003, format!("This key may not send from what {at} names; nothing was kept."));
            }
            Self::Sender(Stranger::Open) => {
                (403, 20003, "This key has senders of its own, one of which /from has to name; nothing was kept.")
            }
            Self::Sender(Stranger::Unknown(at)) => {
                let whose = if at.is_empty() { "the request" } else { *at };
                let sentence = format!(
                    "This key has senders of its own, and {whose} has a member that is not in the API's reference and \
                     might name another; nothing was kept."
                );
                return (403, 20003, sentence);
            }
            Self::NotFound => (404, 20404, "The requested resource was not found."),
            Self::MethodNotAllowed(_) => (405, 20004, "This method is not allowed here."),
            Self::TooSlow => (408, GENERIC, "The body came too slowly; nothing of it was kept."),
            Self::InUse(_) => (409, GENERIC, "A request with this idempotency key is being read; try again later."),
            Self::TakenOver => (409, GENERIC, "A later request with this idempotency key took over from this one."),
            Self::TooLarge(limit) => return (413, 20413, format!("The body has more than {limit} bytes.")),
            Self::Barren(bytes) => {
                let sentence =
                    format!("No recipient comes to an end in {bytes} bytes of the body; the rest was not read.");
                return (413, 20413, sentence);
            }
            Self::UnsupportedMediaType => {
                (415, 70002, "Expected Content-Type: application/json, and Content-Encoding: gzip or none.")
            }
            Self::KeyReused => (422, 20422, "This idempotency key belongs to a request that says something else."),
            Self::Internal => (500, 20500, "The gate failed; nothing is known to have been sent for this request."),
            Self::Quota(Spent { what, limit, never: true, .. }) => {
                return (422, 20429, format!("This key's quota of {what} a day is {limit}, and this is more."));
            }
            Self::Quota(Spent { what, limit, left, .. }) => {
                let sentence = format!("This key's quota of {what} a day is {limit}; left of today: {left}.");
                return (429, 20429, sentence);
            }
            Self::BadAnswer => (502, 20503, "The upstream gave an answer that is none of the API's."),
            Self::UpstreamCredentials => (502, 20503, "The upstream refused the gate's own credentials."),
            Self::NoAnswer => (504, 20503, "The upstream did not answer."),
            Self::Crowded => (503, 20503, "Too many large requests are being read; try again in a moment."),
            Self::Busy => (503, 20503, "There is no memory for this request at present; try again in a moment."),
            Self::Settings => (503, 20503, "The gate is not set up to serve; /health says what is missing."),
        };
        (status, number, sentence.to_owned())
    }

    /// What the log calls it: nothing that a caller wrote.
    pub fn word(&self) -> &'static str {
        match self {
            Self::BadParameter(_) => "bad parameter",
            Self::BadBody(_) => "bad body",
            Self::Unsettled => "not unknown",
            Self::Later { .. } => "sender busy",
            Self::TooMuch => "more than a day of the sender",
            Self::Unauthorized => "no key",
            Self::Exposed => "not https",
            Self::Forbidden(_) => "no scope",
            Self::Sender(Stranger::Foreign(_)) => "foreign sender",
            Self::Sender(Stranger::Open) => "no sender",
            Self::Sender(Stranger::Unknown(_)) => "unknown member",
            Self::NotFound => "not found",
            Self::MethodNotAllowed(_) => "method",
            Self::TooLarge(_) => "too large",
            Self::Barren(_) => "no recipient ends",
            Self::UnsupportedMediaType => "media type",
            Self::BodyLost => "body lost",
            Self::BrokenGzip => "broken gzip",
            Self::TooSlow => "too slow",
            Self::KeyRequired => "no idempotency key",
            Self::InUse(_) => "idempotency key in use",
            Self::TakenOver => "taken over",
            Self::KeyReused => "idempotency key reused",
            Self::Settings => "settings",
            Self::Internal => "failed",
            Self::Quota(Spent { what, .. }) => what,
            Self::NoAnswer => "no answer",
            Self::BadAnswer => "bad answer",
            Self::UpstreamCredentials => "upstream credentials",
            Self::Busy => "no memory",
            Self::Crowded => "crowded",
        }
    }
}
