//! What the upstream says about itself, as this edge says it: its URLs lead here, an operation of ours stands where one
//! of the upstream's stood, and the reserved tag is not shown.
//!
//! Every other byte is the upstream's.

use postgate_core::RESERVED_TAG;
use serde_json::value::RawValue;

use crate::http::query;
use crate::id::OperationId;
use crate::json;
use crate::members::{self, Change, Members, quoted};

/// The documented base, whose URLs may stand in answers although another host is called.
const DOCUMENTED: &str = "https://comms.twilio.com/v1/";

/// From whose words into whose.
pub struct Translation<'a> {
    /// The base of the upstream, without a slash at its end.
    pub upstream: &'a str,
    /// Scheme and authority of this edge.
    pub origin: &'a str,
}

/// A page of a list that this edge puts together from several of the upstream's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The token of this page.
    pub this: Option<String>,
    /// The token of the next one, if there is one.
    pub next: Option<String>,
}

impl Translation<'_> {
    /// A URL of the upstream's as one of ours; `None` if it leads elsewhere.
    pub fn url(&self, url: &str) -> Option<String> {
        let base = format!("{}/", self.upstream);
        let path =
            url.strip_prefix(&base).or_else(|| url.strip_prefix(DOCUMENTED)).or_else(|| url.strip_prefix("/v1/"));
        path.map(|path| format!("{}/v1/{path}", self.origin))
    }

    /// A JSON answer; `None` if it is none that the API gives.
    ///
    /// `page` has the tokens of a list that is put together here; without it those of the upstream stay, and a URL in
    /// their place leads here.
    pub fn answer(&self, json: &str, page: Option<&Page>) -> Option<String> {
        let message = Members::of(json)?.get("related").is_some();
        if message {
            return self.message(json);
        }
        members::object(json, &mut |name, value| match name {
            "messages" => Change::to(members::array(value, &mut |message| self.message(message))),
            "pagination" => Change::to(self.pagination(value, page)),
            "operationLocation" | "resourceLocation" => Change::to(self.quoted_url(value)),
            _ => Change::Keep,
        })
    }

    fn pagination(&self, json: &str, page: Option<&Page>) -> Option<String> {
        let token = |token: &Option<String>| token.as_deref().map_or("null".to_owned(), quoted);
        members::object(json, &mut |name, value| match (name, page) {
            ("self", Some(page)) => Change::Be(token(&page.this)),
            ("next", Some(page)) => Change::Be(token(&page.next)),
            ("self" | "next", None) => Change::to(self.quoted_url(value)),
            _ => Change::Keep,
        })
    }

    fn message(&self, json: &str) -> Option<String> {
        let operation = operation_of(json);
        members::object(json, &mut |name, value| match name {
            "tags" => Change::to(members::object(value, &mut |tag, _| {
                if tag == RESERVED_TAG { Change::Drop } else { Change::Keep }
            })),
            "related" => {
                let related = |entry: &str| self.related(entry, operation.as_ref());
                Change::to(members::array(value, &mut { related }))
            }
            _ => Change::Keep,
        })
    }

    /// A resource that belongs to a message. Its operation is ours, if the message carries the reserved tag.
    fn related(&self, json: &str, operation: Option<&OperationId>) -> Option<String> {
        let ours = operation
            .filter(|_| Members::of(json).and_then(|entry| entry.text("name")).as_deref() == Some("OPERATION"));
        members::object(json, &mut |name, value| match (name, ours) {
            ("id", Some(ours)) => Change::Be(quoted(ours.as_str())),
            ("uri", Some(ours)) => {
                Change::Be(quoted(&format!("{}/v1/Messages/Operations/{}", self.origin, ours.as_str())))
            }
            ("uri", None) => Change::to(self.quoted_url(value)),
            _ => Change::Keep,
        })
    }

    fn quoted_url(&self, json: &str) -> Option<String> {
        let url: String = json::read(json).ok()?;
        self.url(&url).map(|url| quoted(&url))
    }
}

/// The operation of this edge that a message belongs to, by the reserved tag.
pub fn operation_of(message: &str) -> Option<OperationId> {
    let tag = Members::of(Members::of(message)?.get("tags")?)?.text(RESERVED_TAG)?;
    OperationId::parse(tag.split('.').next()?)
}

/// A page of messages with those alone that say that they belong to an operation of this edge, of which `theirs` is a
/// batch; `None` if it is no such page. A filter may be ignored, and a page's token may lead into another list.
pub fn only_of(page: &str, ours: &str, theirs: &str) -> Option<String> {
    let belongs = |message: &str| match operation_of(message) {
        Some(operation) => operation.as_str() == ours,
        None => related_of(message).is_some_and(|operation| operation == theirs),
    };
    let messages: Vec<&RawValue> = members::list(Members::of(page)?.get("messages")?)?;
    let kept: Vec<&str> = messages.into_iter().map(RawValue::get).filter(|message| belongs(message)).collect();
    let kept = format!("[{}]", kept.join(","));
    members::object(page, &mut |name, _| if name == "messages" { Change::Be(kept.clone()) } else { Change::Keep })
}

/// The upstream's operation that a message names.
fn related_of(message: &str) -> Option<String> {
    let related: Vec<&RawValue> = members::list(Members::of(message)?.get("related")?)?;
    let mut operations = related.into_iter().filter_map(|entry| {
        let entry = Members::of(entry.get())?;
        entry.text("id").filter(|_| entry.text("name").as_deref() == Some("OPERATION"))
    });
    operations.next()
}

/// The token of the next page in an answer of the upstream's, where a URL may stand in its place.
pub fn next_token(page: &str) -> Option<String> {
    let next = Members::of(Members::of(page)?.get("pagination")?)?.text("next")?;
    let in_url = query::pairs(&next).find(|(name, _)| name == "pageToken" && next.contains("://"));
    Some(in_url.map_or_else(|| next.clone(), |(_, token)| token))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSLATION: Translation<'_> =
        Translation { upstream: "https://upstream.example/v1", origin: "https://gate.example" };
    const OURS: &str = "comms_operation_00000000000000000000000000000000011";

    fn message(tags: &str) -> String {
        format!(
            r#"{{"id":"comms_message_1","to":[{{"address":"+14155550100"}}],"related":[{{"name":"OPERATION","id":"theirs","uri":"https://upstream.example/v1/Messages/Operations/theirs"}},{{"name":"SESSION","id":"s","uri":"https://comms.twilio.com/v1/Sessions/s"}}],"tags":{tags},"n":1.50}}"#
        )
    }

    #[test]
    fn a_page_holds_only_what_says_that_it_belongs_there() {
        let other = OURS.replace("operation_0", "operation_1");
        let tagged = |operation: &str| message(&format!(r#"{{"postgate.batch":"{operation}.0.1"}}"#));
        let own = [tagged(OURS), message("{}"), message(r#"{"postgate.batch":"no.id"}"#)];
        let foreign = [
            tagged(&other),
            message("{}").replace("theirs", "another's"),
            r#"{"id":"m","related":[],"tags":{}}"#.to_owned(),
            r#"{"id":"m","related":[{"name":"SESSION","id":"theirs"}]}"#.to_owned(),
            "7".to_owned(),
        ];
        let page =
            |messages: &[String]| format!(r#"{{"messages":[{}],"pagination":{{"next":"x"}}}}"#, messages.join(","));
        let mixed: Vec<String> = own.iter().chain(&foreign).cloned().collect();
        assert_eq!(only_of(&page(&mixed), OURS, "theirs"), Some(page(&own)));
        assert_eq!(only_of(&page(&foreign), OURS, "theirs"), Some(page(&[])));
        for no_page in ["", "[]", "{}", r#"{"messages":{}}"#, r#"{"messages":null}"#] {
            assert_eq!(only_of(no_page, OURS, "theirs"), None, "{no_page}");
        }
    }

    #[test]
    fn a_message_names_our_operation_and_hides_the_reserved_tag() {
        let tagged = message(&format!(r#"{{"a":"b","postgate.batch":"{OURS}.0.1"}}"#));
        let expected = format!(
            r#"{{"id":"comms_message_1","to":[{{"address":"+14155550100"}}],"related":[{{"name":"OPERATION","id":"{OURS}","uri":"https://gate.example/v1/Messages/Operations/{OURS}"}},{{"name":"SESSION","id":"s","uri":"https://gate.example/v1/Sessions/s"}}],"tags":{{"a":"b"}},"n":1.50}}"#
        );
        assert_eq!(TRANSLATION.answer(&tagged, None).as_deref(), Some(expected.as_str()));
        let page = format!(r#"{{"messages":[{tagged}],"pagination":{{"next":"n","self":null}}}}"#);
        let page_expected = format!(r#"{{"messages":[{expected}],"pagination":{{"next":"n","self":null}}}}"#);
        assert_eq!(TRANSLATION.answer(&page, None), Some(page_expected));
        assert_eq!(operation_of(&tagged).unwrap().as_str(), OURS);
    }

    #[test]
    fn a_message_of_nobodys_keeps_its_operation_under_our_url() {
        for tags in ["{}", r#"{"postgate.batch":"x.0.1"}"#, "null"] {
            let translated = TRANSLATION.answer(&message(tags), None).unwrap();
            assert!(translated.contains(r#""id":"theirs","uri":"https://gate.example/v1/Messages/Operations/theirs""#));
            assert!(!translated.contains("upstream.example") && operation_of(&message(tags)).is_none());
        }
    }

    #[test]
    fn pages_have_our_tokens_or_our_urls() {
        let page =
            r#"{"senders":[],"pagination":{"self":"https://upstream.example/v1/Senders?pageSize=5","next":null}}"#;
        assert_eq!(
            TRANSLATION.answer(page, None).unwrap(),
            r#"{"senders":[],"pagination":{"self":"https://gate.example/v1/Senders?pageSize=5","next":null}}"#
        );
        let ours = Page { this: None, next: Some("x.\"y".to_owned()) };
        assert_eq!(
            TRANSLATION.answer(page, Some(&ours)).unwrap(),
            r#"{"senders":[],"pagination":{"self":null,"next":"x.\"y"}}"#
        );
    }

    #[test]
    fn tokens_are_found_in_both_documented_forms() {
        let next = |next: &str| next_token(&format!(r#"{{"pagination":{{"next":{next}}}}}"#));
        assert_eq!(next("null"), None);
        assert_eq!(next(r#""abc?pageToken=x""#).as_deref(), Some("abc?pageToken=x"));
        assert_eq!(next(r#""https://u/v1/Messages?pageSize=1&pageToken=a%2Bb""#).as_deref(), Some("a+b"));
        assert_eq!(next_token("{}"), None);
    }

    #[test]
    fn only_urls_of_the_upstream_become_ours() {
        let url = |url| TRANSLATION.url(url);
        assert_eq!(url("https://upstream.example/v1/A").as_deref(), Some("https://gate.example/v1/A"));
        assert_eq!(url("/v1/Messages/x").as_deref(), Some("https://gate.example/v1/Messages/x"));
        for other in
            ["https://upstream.example/v1.evil/A", "https://evil.example/v1/A", "//evil.example/v1/", "", "/v2/A"]
        {
            assert_eq!(url(other), None, "{other}");
        }
    }
}
