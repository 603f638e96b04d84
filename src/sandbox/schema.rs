//! The examiner: is this body a request that the real API, or the test door, would take?
//!
//! The rules stand in `schema.json`, written from the contract and run by a general JSON Schema library; none of
//! Postgate's own judgement is used, or the gate would be its own examiner. What the real API finds out only in the
//! background (an address that is no number) is not judged here.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use crate::problem::{INVALID, Problem, Refusal, UNREADABLE};

/// Recipients, bad throughout, would make an answer larger than the request.
const MOST_PROBLEMS: usize = 100;

/// What a body has to be: a definition of `schema.json`, or all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `POST /v1/Messages`
    SendMessages,
    /// `POST /v1/Senders/Search`
    SearchSenders,
    /// `POST /v1/Senders/Resolve`
    ResolveSenders,
    /// `POST /v1/SenderPools`
    CreateSenderPool,
    /// `PATCH /v1/SenderPools/{id}`
    UpdateSenderPool,
    /// `POST /v1/SenderPools/{id}/Senders`
    AddSenders,
    /// `POST /sandbox/senders`
    StoreSender,
    /// `POST /sandbox/profiles`
    StoreProfiles,
    /// `POST /sandbox/cohorts`
    StoreCohort,
}

impl Shape {
    const ALL: [Self; 9] = [
        Self::SendMessages,
        Self::SearchSenders,
        Self::ResolveSenders,
        Self::CreateSenderPool,
        Self::UpdateSenderPool,
        Self::AddSenders,
        Self::StoreSender,
        Self::StoreProfiles,
        Self::StoreCohort,
    ];
}

struct Schema {
    source: Value,
    /// In the order of [`Shape::ALL`].
    validators: Vec<Validator>,
}

/// The text and the value of a body that has its shape, or the 400.
pub fn judge(body: &[u8], shape: Shape) -> Result<(&str, Value), Refusal> {
    let unreadable = |why: String| Refusal::invalid(vec![Problem::of_request(UNREADABLE, why)]);
    let text = std::str::from_utf8(body)
        .map_err(|error| unreadable(format!("The body is not UTF-8 from byte {} on.", error.valid_up_to())))?;
    let request: Value =
        serde_json::from_str(text).map_err(|error| unreadable(format!("The body is not JSON: {error}.")))?;
    let schema = schema();
    let validator = &schema.validators[shape as usize];
    // Asking for errors costs several times a plain yes, and nearly every request is valid.
    if !validator.is_valid(&request) {
        let errors = validator.iter_errors(&request);
        return Err(Refusal::invalid(errors.take(MOST_PROBLEMS).map(|error| problem(schema, &error)).collect()));
    }
    Ok((text, request))
}

fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let source: Value = serde_json::from_str(include_str!("schema.json")).expect("schema.json is JSON");
        let validator = |shape: Shape| {
            let schema = match shape {
                Shape::SendMessages => source.clone(),
                _ => json!({"$ref": format!("#/$defs/{shape:?}"), "$defs": source["$defs"]}),
            };
            jsonschema::draft202012::new(&schema).expect("schema.json is a JSON Schema")
        };
        let validators = Shape::ALL.map(validator).into();
        Schema { source, validators }
    })
}

fn problem(schema: &Schema, error: &ValidationError<'_>) -> Problem {
    let mut context = json_path(error.instance_path());
    let mut sentence = error.masked().to_string();
    match error.kind() {
        ValidationErrorKind::Type { .. } => return Problem::at(context, UNREADABLE, sentence),
        ValidationErrorKind::Required { property } => {
            push_member(&mut context, property.as_str().unwrap_or_default());
        }
        // Masked by itself this one still tells the name, and a name can be an address.
        ValidationErrorKind::PropertyNames { error } => sentence = error.masked().to_string(),
        _ => {}
    }
    let annotation = |name: &str| {
        let keyword = error.schema_path().as_str();
        let object = keyword.rsplit_once('/').map_or("", |(object, _)| object);
        schema.source.pointer(object)?.get(name)
    };
    let code = annotation("twilioCode").and_then(Value::as_u64);
    let message = annotation("twilioMessage").and_then(Value::as_str);
    Problem::at(
        context,
        code.and_then(|code| code.try_into().ok()).unwrap_or(INVALID),
        message.map_or(sentence, str::to_owned),
    )
}

fn json_path(location: &Location) -> String {
    let mut path = String::from("$");
    for segment in location.iter() {
        match segment {
            LocationSegment::Property(name) => push_member(&mut path, &name),
            LocationSegment::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

fn push_member(path: &mut String, name: &str) {
    let plain = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if plain {
        path.push('.');
        path.push_str(name);
    } else {
        let escaped = name.replace('\\', "\\\\").replace('\'', "\\'");
        path.push_str(&format!("['{escaped}']"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(recipients: usize) -> Value {
        let to: Vec<Value> = (0..recipients)
            .map(|row| json!({"address": format!("+1415555{row:04}"), "channel": "PHONE", "variables": {"n": "x"}}))
            .collect();
        json!({
            "to": to,
            "from": {"address": "+14155550000", "channel": "SMS"},
            "content": {"text": "Hello {{ n }}"},
            "tags": {"campaign": "a-1"}
        })
    }

    /// Context and number of each problem.
    fn problems(request: &Value) -> Vec<(String, u32)> {
        match judge(request.to_string().as_bytes(), Shape::SendMessages) {
            Ok(_) => Vec::new(),
            Err(refusal) => {
                assert_eq!(refusal.status, 400);
                refusal.problems.into_iter().map(|problem| (problem.context, problem.code)).collect()
            }
        }
    }

    fn with(pointer: &str, value: Value) -> Vec<(String, u32)> {
        let mut request = request(3);
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match request.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
            Value::Object(members) => drop(members.insert(name.to_owned(), value)),
            other => panic!("{other}"),
        }
        problems(&request)
    }

    fn accepted(pointer: &str, value: Value) {
        assert_eq!(with(pointer, value.clone()), [], "{pointer} {value}");
    }

    fn refused(pointer: &str, value: Value, context: &str, code: u32) {
        assert_eq!(with(pointer, value.clone()), [(context.to_owned(), code)], "{pointer} {value}");
    }

    #[test]
    fn ten_thousand_recipients_and_not_one_more() {
        assert_eq!(problems(&request(10_000)), []);
        assert_eq!(problems(&request(10_001)), [("$.to".to_owned(), 400)]);
        assert_eq!(problems(&request(0)), [("$.to".to_owned(), 400)]);
    }

    #[test]
    fn what_no_page_forbids_passes() {
        accepted("/unknown", json!({"deep": [1, null]}));
        accepted("/to/1/unknown", json!(1));
        accepted("/to/1/address", json!("415-555-0100, extension 3"));
        accepted("/to/1/variables", json!({}));
        accepted("/to/1/variables/empty", json!(""));
        accepted("/to/1", json!({"addresses": [{"address": "+1", "channel": "WHATSAPP"}]}));
        accepted("/to/1", json!({"profileId": "mem_profile_x", "memoryStoreId": "mem_store_x"}));
        accepted("/to/1", json!({"cohortId": "cmp_cohort_x"}));
        accepted("/from", json!({"senderPoolId": "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8"}));
        accepted("/content", json!({"contentId": "HX0123"}));
        accepted("/content", json!({"modules": [{"sms": {"text": "x"}}]}));
        accepted("/content/text", json!(""));
        accepted("/schedule", json!({"sendAt": ["2026-12-01T10:00:00Z"]}));
    }

    #[test]
    fn a_problem_is_named_by_its_path_and_number() {
        refused("/to", json!({}), "$.to", 70002);
        refused("/to/1", json!("+14155550101"), "$.to[1]", 70002);
        refused("/to/1", json!({"channel": "PHONE"}), "$.to[1].address", 400);
        refused("/to/1/address", json!(""), "$.to[1].address", 21211);
        refused("/to/1/address", json!(14155550101_u64), "$.to[1].address", 70002);
        refused("/to/1/channel", json!("phone"), "$.to[1].channel", 400);
        refused("/to/1/variables", json!({"first name": 1}), "$.to[1].variables['first name']", 70002);
        refused("/to/1", json!({"addresses": [{"address": "+1"}]}), "$.to[1].addresses[0].channel", 400);
        refused("/from", json!({"address": "+1", "channel": "PHONE"}), "$.from.channel", 400);
        refused("/from", json!({"senderPoolId": "MG0123"}), "$.from.senderPoolId", 400);
        refused("/content", json!({}), "$.content", 21602);
        refused("/content/media", json!("https://example.com/a.png"), "$.content.media", 70002);
        refused("/tags", json!({"a b": "c"}), "$.tags", 400);
        refused("/tags/a", json!(""), "$.tags.a", 400);
        refused("/tags/a", json!("x".repeat(257)), "$.tags.a", 400);
    }

    #[test]
    fn an_eleventh_tag_is_refused() {
        let tags = |count: u32| (0..count).map(|n| (format!("k{n}"), json!("v"))).collect();
        accepted("/tags", Value::Object(tags(10)));
        refused("/tags", Value::Object(tags(11)), "$.tags", 400);
    }

    #[test]
    fn too_many_entries_are_not_judged_one_by_one() {
        let broken = json!({"to": vec![json!(0); 10_001], "content": {"text": "x"}});
        assert_eq!(problems(&broken), [("$.to".to_owned(), 400)]);
    }

    #[test]
    fn every_problem_is_told_up_to_a_hundred() {
        let broken = json!({"to": vec![json!({}); 10_000]});
        assert_eq!(problems(&broken).len(), MOST_PROBLEMS);
        assert_eq!(
            problems(&json!({"to": [{"address": "+1"}]})),
            [("$.content".to_owned(), 400), ("$.to[0].channel".to_owned(), 400)]
        );
    }

    #[test]
    fn no_bytes_are_fatal() {
        let nested = "[".repeat(100_000);
        for body in [&b""[..], b"{", b"\xff\xfe", b"null", b"{\"to\":[\xff]}", nested.as_bytes()] {
            let refusal = judge(body, Shape::SendMessages).expect_err("refused");
            assert_eq!(refusal.status, 400);
            assert_eq!(refusal.problems[0].code, UNREADABLE);
        }
    }

    #[test]
    fn messages_hold_no_value_of_the_request() {
        let mut secret = request(1);
        secret["to"][0]["channel"] = json!("+14155559999");
        secret["tags"]["+14155559999 "] = json!("+14155559999 ");
        let refusal = judge(secret.to_string().as_bytes(), Shape::SendMessages).expect_err("refused");
        assert!(refusal.problems.len() >= 2);
        for problem in refusal.problems {
            assert!(!problem.message.contains("9999"), "{}", problem.message);
        }
    }

    #[test]
    fn the_other_bodies_have_their_shapes() {
        let id = "comms_sender_01h9krwprkeee8fzqspvwy6nq8";
        let (pair, to) = (json!({"address": "+1", "channel": "SMS"}), json!({"address": "+1", "channel": "PHONE"}));
        let senders = |count: usize| vec![json!({"senderId": id}); count];
        let takes = |shape, body: &Value| judge(body.to_string().as_bytes(), shape).is_ok();
        for (shape, good, bad) in [
            (Shape::SearchSenders, pair.clone(), json!({"address": "+1"})),
            (Shape::ResolveSenders, json!({"recipientAddresses": [to]}), json!({"recipientAddresses": vec![to; 101]})),
            (Shape::CreateSenderPool, json!({"senders": []}), json!({"name": 1})),
            (Shape::UpdateSenderPool, json!({"tags": {}}), json!({})),
            (Shape::AddSenders, json!(senders(1_000)), json!(senders(1_001))),
            (Shape::StoreSender, pair, json!({"address": "+1", "channel": "PHONE"})),
            (Shape::StoreCohort, json!({"cohortId": "c", "members": []}), json!({"cohortId": "c", "size": 1_000_001})),
            (Shape::StoreProfiles, json!({"profiles": []}), json!({"profiles": [{"profileId": "p"}]})),
        ] {
            assert!(takes(shape, &good), "{shape:?} {good}");
            assert!(!takes(shape, &bad), "{shape:?} {bad}");
        }
        let refusal = judge(br#"[{"senderId":"x"}]"#, Shape::AddSenders).expect_err("no sender");
        assert_eq!(refusal.problems[0].context, "$[0].senderId");
    }
}
