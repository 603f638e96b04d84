//! The bodies of the API's other requests: senders that are searched and resolved, pools of senders that are made,
//! changed and filled.
//!
//! Strict where the judgement of a send is lenient: these are answered at once and cost nothing to repeat, so what the
//! reference does not show is refused. How many entries a list may have is left to the API, but where a page says it.
//!
//! Sources: <https://www.twilio.com/docs/bulk-messaging/api/search-sender-resource>,
//! <https://www.twilio.com/docs/bulk-messaging/api/resolve-sender-resource>,
//! <https://www.twilio.com/docs/bulk-messaging/api/sender-pool-resource>,
//! <https://www.twilio.com/docs/bulk-messaging/api/sender-pool-sender-resource>.

use std::fmt;

use crate::field::id;
use crate::field::report::Report;
use crate::field::shape::Field;
use crate::finding::code::Severity;
use crate::finding::pointer::Pointer;
use crate::limits::{POOL_SENDERS, RESOLVED_ADDRESSES};
use crate::reader::scan::{Kind, Reader, Stop};
use crate::request::sender::POOL_CHANNELS;
use crate::request::tags;
use crate::text::is_whole;

/// A request about the senders of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRequest {
    /// `POST /Senders/Search`
    SearchSenders,
    /// `POST /Senders/Resolve`
    ResolveSenders,
    /// `POST /SenderPools`
    CreateSenderPool,
    /// `PATCH /SenderPools/{senderPoolId}`
    UpdateSenderPool,
    /// `POST /SenderPools/{senderPoolId}/Senders`
    AddSenders,
}

/// The first place where a body is not what the API takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// JSON Pointer into the body.
    pub at: String,
    /// What was expected there.
    pub expected: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expected {}.", self.expected)
    }
}

impl std::error::Error for Mistake {}

/// What a value has to be.
enum Form {
    /// A text that is not empty.
    Text,
    /// One of some words.
    Word(&'static [&'static str]),
    /// An id.
    Id(id::Kind),
    /// A whole number from 0.
    Number,
    /// Tags as a send has them.
    Tags,
    /// As many entries as that, and of that form.
    List(usize, usize, &'static Form),
    /// An object with some members: name, form, and whether it has to be there.
    Object(&'static [(&'static str, Form, bool)]),
}

const ANY: usize = usize::MAX;

const CHANNEL: Form = Form::Word(POOL_CHANNELS);
const STATUS: Form = Form::Word(&["ACTIVATED", "DEACTIVATED"]);

const SEARCH: Form = Form::Object(&[
    ("address", Form::Text, true),
    ("channel", CHANNEL, true),
    ("status", STATUS, false),
    ("pageToken", Form::Text, false),
    ("pageSize", Form::Number, false),
]);

/// Of a recipient's channels here only samples are known, and of a sender's shapes only what client programs send.
const RESOLVE: Form = Form::Object(&[
    (
        "recipientAddresses",
        Form::List(
            1,
            RESOLVED_ADDRESSES,
            &Form::Object(&[("address", Form::Text, true), ("channel", Form::Text, true)]),
        ),
        true,
    ),
    ("senderPoolId", Form::Id(id::SENDER_POOL), false),
    (
        "senderAddresses",
        Form::List(
            1,
            RESOLVED_ADDRESSES,
            &Form::Object(&[
                ("address", Form::Text, false),
                ("channel", Form::Text, false),
                ("name", Form::Text, false),
                ("fcm", Form::Text, false),
                ("apn", Form::Text, false),
            ]),
        ),
        false,
    ),
    (
        "channels",
        Form::Object(&[
            ("filterIn", Form::List(0, ANY, &CHANNEL), false),
            (
                "priority",
                Form::List(0, ANY, &Form::Object(&[("channel", CHANNEL, true), ("priority", Form::Number, true)])),
                false,
            ),
        ]),
        false,
    ),
]);

const SENDER: Form = Form::Object(&[("senderId", Form::Id(id::SENDER), true)]);
const CREATE: Form = Form::Object(&[
    ("name", Form::Text, false),
    ("senders", Form::List(0, POOL_SENDERS, &SENDER), false),
    ("tags", Form::Tags, false),
]);
const UPDATE: Form = Form::Object(&[("name", Form::Text, false), ("tags", Form::Tags, false)]);
const ADD: Form = Form::List(1, ANY, &SENDER);

impl AccountRequest {
    /// Whether a body is one that the API takes, as far as its reference says.
    ///
    /// # Errors
    ///
    /// The first place where it is not, and what was expected there; nothing of what stands there.
    ///
    /// ```
    /// use postgate_core::AccountRequest;
    ///
    /// let body = br#"{"address": "+14155550100", "channel": "SMS"}"#;
    /// assert_eq!(AccountRequest::SearchSenders.check(body), Ok(()));
    /// let mistake = AccountRequest::SearchSenders.check(br#"{"address": 7}"#).unwrap_err();
    /// assert_eq!((mistake.at.as_str(), mistake.expected.as_str()), ("/address", "a text that is not empty"));
    /// ```
    pub fn check(self, json: &[u8]) -> Result<(), Mistake> {
        let form = match self {
            Self::SearchSenders => &SEARCH,
            Self::ResolveSenders => &RESOLVE,
            Self::CreateSenderPool => &CREATE,
            Self::UpdateSenderPool => &UPDATE,
            Self::AddSenders => &ADD,
        };
        let mut check = Check { mistake: None };
        let mut reader = Reader::new(json, 0);
        let read = check.value(&mut reader, &Pointer::Root, form);
        let whole = json.get(reader.at()..).unwrap_or_default().trim_ascii().is_empty();
        if read.is_err() || !whole {
            check.refuse(&Pointer::Root, "JSON in UTF-8, whole and with nothing behind it");
        }
        check.mistake.map_or(Ok(()), Err)
    }
}

/// A body that is read, and the first thing in it that cannot be.
struct Check {
    mistake: Option<Mistake>,
}

impl Check {
    fn refuse(&mut self, at: &Pointer<'_>, expected: impl Into<String>) -> Stop {
        let expected = expected.into();
        self.mistake.get_or_insert_with(|| Mistake { at: at.text(), expected });
        Stop
    }

    /// As deep as forms are, however deep the body is.
    fn value(&mut self, reader: &mut Reader<'_>, at: &Pointer<'_>, form: &Form) -> Result<(), Stop> {
        let (kind, _) = reader.peek()?;
        match (form, kind) {
            (Form::Text, Kind::String) if !reader.string()?.raw.is_empty() => Ok(()),
            (Form::Word(words), Kind::String) => {
                let text = reader.string()?;
                if words.iter().any(|word| text.is(word)) { Ok(()) } else { Err(self.refuse(at, form.expected())) }
            }
            (Form::Id(id), Kind::String) if id.fits(&reader.string()?.decode()) => Ok(()),
            (Form::Number, Kind::Number) if is_whole(reader.number_text()?) => Ok(()),
            (Form::Tags, Kind::Object) => {
                let mut report = Report::default();
                tags::judge(&mut Field::new(reader, &mut report, *at)?)?;
                let wrong = report.issues.iter().find(|issue| issue.severity() == Severity::Error);
                wrong.map_or(Ok(()), |issue| {
                    let mistake = Mistake { at: issue.at.clone(), expected: form.expected() };
                    self.mistake.get_or_insert(mistake);
                    Err(Stop)
                })
            }
            (Form::List(fewest, most, of), Kind::Array) => {
                let mut count = 0;
                reader.array(&mut |reader, index| {
                    count += 1;
                    self.value(reader, &Pointer::Index(at, index), of)
                })?;
                if (*fewest..=*most).contains(&count) { Ok(()) } else { Err(self.refuse(at, form.expected())) }
            }
            (Form::Object(members), Kind::Object) => self.object(reader, at, members),
            _ => Err(self.refuse(at, form.expected())),
        }
    }

    fn object(
        &mut self,
        reader: &mut Reader<'_>,
        at: &Pointer<'_>,
        known: &[(&'static str, Form, bool)],
    ) -> Result<(), Stop> {
        let mut seen = 0_u32;
        let mut members = reader.object()?;
        while let Some(name) = members.next(reader)? {
            let Some(place) = known.iter().position(|(known, ..)| name.is(known)) else {
                let names: Vec<&str> = known.iter().map(|(name, ..)| *name).collect();
                return Err(
                    self.refuse(&Pointer::Name(at, &name.decode()), format!("no member but {}", names.join(", ")))
                );
            };
            let (name, form, _) = &known[place];
            let at = &Pointer::Name(at, name);
            if seen >> place & 1 == 1 {
                return Err(self.refuse(at, "this member once"));
            }
            seen |= 1 << place;
            self.value(reader, at, form)?;
        }
        let missing = known.iter().enumerate().find(|(place, (.., required))| *required && seen >> place & 1 == 0);
        missing.map_or(Ok(()), |(_, (name, ..))| {
            Err(self.refuse(&Pointer::Name(at, name), "this member, which is missing"))
        })
    }
}

impl Form {
    fn expected(&self) -> String {
        match self {
            Self::Text => "a text that is not empty".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Id(id) => format!("an id that begins with {}", id.prefix()),
            Self::Number => "a whole number from 0".to_owned(),
            Self::Tags => "at most 10 tags of up to 128 and 256 letters, digits and ._~-".to_owned(),
            Self::List(fewest, ANY, _) => format!("an array of at least {fewest}"),
            Self::List(fewest, most, _) => format!("an array of {fewest} to {most}"),
            Self::Object(_) => "an object".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AccountRequest::*;
    use super::*;

    fn mistake(request: AccountRequest, json: &str) -> String {
        request
            .check(json.as_bytes())
            .map_or_else(|mistake| format!("{}: {}", mistake.at, mistake.expected), |()| String::new())
    }

    const ID: &str = "comms_sender_01h9krwprkeee8fzqspvwy6nq8";
    const POOL: &str = "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8";

    #[test]
    fn what_the_reference_shows_is_taken() {
        let senders = |count: usize| vec![format!("{{\"senderId\":\"{ID}\"}}"); count].join(",");
        for (request, json) in [
            (SearchSenders, r#"{"address":"+15017122661","channel":"SMS"}"#.to_owned()),
            (
                SearchSenders,
                r#" {"channel":"RCS","address":"x","status":"ACTIVATED","pageSize":50,"pageToken":"a"} "#.to_owned(),
            ),
            (ResolveSenders, r#"{"recipientAddresses":[{"address":"+14155550100","channel":"PHONE"}]}"#.to_owned()),
            (
                ResolveSenders,
                format!(
                    r#"{{"recipientAddresses":[{{"address":"a","channel":"EMAIL"}}],"senderPoolId":"{POOL}",
                       "channels":{{"filterIn":["SMS"],"priority":[{{"channel":"RCS","priority":0}}]}}}}"#
                ),
            ),
            (CreateSenderPool, "{}".to_owned()),
            (CreateSenderPool, format!(r#"{{"name":"x","senders":[{}],"tags":{{"a":"b"}}}}"#, senders(10_000))),
            (CreateSenderPool, r#"{"senders":[]}"#.to_owned()),
            (UpdateSenderPool, r#"{"name":"y","tags":{}}"#.to_owned()),
            (AddSenders, format!("[{}]", senders(1))),
        ] {
            assert_eq!(mistake(request, &json), "", "{request:?}");
        }
    }

    #[test]
    fn the_first_mistake_is_told_with_its_place() {
        let eleven: Vec<String> = (0..11).map(|n| format!("\"t{n}\":\"x\"")).collect();
        let many = format!("[{}]", vec!["{\"address\":\"a\",\"channel\":\"PHONE\"}"; 101].join(","));
        for (request, json, expected) in [
            (SearchSenders, "", ": JSON in UTF-8, whole and with nothing behind it"),
            (SearchSenders, "{", ": JSON in UTF-8, whole and with nothing behind it"),
            (
                SearchSenders,
                r#"{"address":"a","channel":"SMS"}{}"#,
                ": JSON in UTF-8, whole and with nothing behind it",
            ),
            (SearchSenders, "[]", ": an object"),
            (SearchSenders, "{}", "/address: this member, which is missing"),
            (SearchSenders, r#"{"address":"","channel":"SMS"}"#, "/address: a text that is not empty"),
            (SearchSenders, r#"{"address":"a","channel":"sms"}"#, "/channel: one of SMS, RCS, EMAIL, WHATSAPP, PUSH"),
            (SearchSenders, r#"{"address":"a","address":"a"}"#, "/address: this member once"),
            (
                SearchSenders,
                r#"{"adress":"a"}"#,
                "/adress: no member but address, channel, status, pageToken, pageSize",
            ),
            (SearchSenders, r#"{"pageSize":-1}"#, "/pageSize: a whole number from 0"),
            (SearchSenders, r#"{"address":null}"#, "/address: a text that is not empty"),
            (ResolveSenders, r#"{"recipientAddresses":[]}"#, "/recipientAddresses: an array of 1 to 100"),
            (
                ResolveSenders,
                &format!("{{\"recipientAddresses\":{many}}}"),
                "/recipientAddresses: an array of 1 to 100",
            ),
            (ResolveSenders, r#"{"senderPoolId":"x"}"#, "/senderPoolId: an id that begins with comms_senderpool_"),
            (
                CreateSenderPool,
                r#"{"tags":{"a b":"c"}}"#,
                "/tags/a b: at most 10 tags of up to 128 and 256 letters, digits and ._~-",
            ),
            (
                UpdateSenderPool,
                &format!("{{\"tags\":{{{}}}}}", eleven.join(",")),
                "/tags: at most 10 tags of up to 128 and 256 letters, digits and ._~-",
            ),
            (AddSenders, "[]", "/: an array of at least 1"),
            (AddSenders, "[{}]", "/0/senderId: this member, which is missing"),
            (
                AddSenders,
                &format!("[{{\"senderId\":\"{POOL}\"}}]"),
                "/0/senderId: an id that begins with comms_sender_",
            ),
            (AddSenders, &"[".repeat(100_000), "/0: an object"),
        ] {
            assert_eq!(mistake(request, json), expected.replace("/: ", ": "), "{request:?}");
        }
    }
}
