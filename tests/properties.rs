//! The properties of `fuzzing`, for requests as people write them: mostly right, with the mistakes they make.

use postgate_core::{Duplicates, Limits, Options, check, normalize};
use postgate_tests::fuzzing;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Requests, as values.
fn request() -> impl Strategy<Value = Value> {
    let address = prop_oneof![
        4 => "\\+[1-9][0-9]{6,14}",
        3 => "\\+1415555010[0-3]",
        1 => "whatsapp:\\+[1-9][0-9]{6,14}",
        1 => "\\PC{0,12}",
    ];
    let channel = prop_oneof![3 => Just("PHONE".to_owned()), 1 => Just("whatsapp".to_owned()), 1 => "[A-Z]{0,5}"];
    let variables = prop::collection::hash_map("\\PC{0,6}", "\\PC{0,20}", 0..4);
    let row = (address, channel, prop::option::of(variables)).prop_map(|(address, channel, variables)| {
        let mut row = json!({"address": address, "channel": channel});
        if let Some(variables) = variables {
            row["variables"] = json!(variables);
        }
        row
    });
    let tags = prop::collection::hash_map("[a-z .]{0,4}", "[a-z .{]{0,6}", 0..3);
    let junk = prop_oneof![Just(json!(null)), Just(json!(-1.5e3)), Just(json!([[], {"a": "\u{1F600}\n"}]))];
    (prop::collection::vec(prop_oneof![9 => row, 1 => junk.clone()], 0..12), "\\PC{0,40}", tags, junk).prop_map(
        |(to, text, tags, junk)| {
            json!({
                "to": to,
                "from": {"address": "+15017122661", "channel": "SMS"},
                "content": {"text": text},
                "tags": tags,
                "extra": junk,
            })
        },
    )
}

/// Bytes of a request, whole, cut off, or with a byte changed.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    (request(), any::<bool>(), any::<prop::sample::Index>(), any::<Option<u8>>(), 0..3u8).prop_map(
        |(request, pretty, place, byte, harm)| {
            let text = if pretty { serde_json::to_string_pretty(&request) } else { serde_json::to_string(&request) };
            let mut bytes = text.expect("JSON").into_bytes();
            let place = place.index(bytes.len());
            match (harm, byte) {
                (1, _) => bytes.truncate(place),
                (2, Some(byte)) => bytes[place] = byte,
                _ => {}
            }
            bytes
        },
    )
}

fn options(batch_rows: u32) -> Options {
    let mut limits = Limits::campaign();
    limits.batch.rows = batch_rows;
    Options { limits, ..Options::default() }
}

fn dropping(batch_rows: u32) -> Options {
    Options { duplicates: Duplicates::Drop, ..options(batch_rows) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_gives_the_same_bytes(bytes in bytes(), cuts in prop::collection::vec(any::<usize>(), 0..20)) {
        for options in [options(3), dropping(3)] {
            fuzzing::same_in_pieces(&bytes, &cuts, &options);
        }
    }

    #[test]
    fn any_bytes_get_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzzing::check(&bytes);
        prop_assert!(!check(&bytes, &options(3)).verdict.ok);
    }

    #[test]
    fn a_verdict_leads_to_what_it_speaks_of(bytes in bytes()) {
        fuzzing::check(&bytes);
    }

    #[test]
    fn dropping_duplicates_leaves_the_first_of_each(bytes in bytes()) {
        if let Some(kept) = normalize(&bytes, &options(3)).value {
            let dropped = normalize(&bytes, &dropping(3));
            let rows = |body: &[u8]| serde_json::from_slice::<Value>(body).expect("JSON")["to"].as_array().expect("rows").clone();
            let mut first: Vec<Value> = Vec::new();
            for row in rows(&kept) {
                let named = |row: &Value| [row["address"].clone(), row["channel"].clone()];
                if first.iter().all(|earlier| named(earlier) != named(&row)) {
                    first.push(row);
                }
            }
            let recipients = dropped.verdict.totals.recipients;
            prop_assert_eq!(rows(&dropped.value.expect("a body")), first.clone());
            prop_assert_eq!(recipients.listed - recipients.dropped, first.len() as u64);
        }
    }

    #[test]
    fn splitting_loses_nothing_and_normalizing_twice_is_once(bytes in bytes()) {
        fuzzing::split(&bytes);
    }

    #[test]
    fn numbers_are_read_as_themselves_from_then_on(number in "[A-Z]{0,2}[+0-9 ().x/-]{0,24}") {
        fuzzing::phone(number.as_bytes());
    }

    #[test]
    fn what_is_readable_is_what_serde_json_reads(bytes in bytes()) {
        fuzzing::scan(&bytes);
    }

    #[test]
    fn no_issue_repeats_what_a_recipient_said(secret in "[g-z]{12}") {
        let request = json!({
            "to": [{"address": secret, "channel": secret, "variables": {"name": [secret], "other": {"deep": secret}}}, secret],
            "content": {"text": "hi"},
        });
        let verdict = check(request.to_string().as_bytes(), &options(3)).verdict;
        prop_assert!(!verdict.ok);
        prop_assert!(!verdict.to_json().contains(&secret));
        prop_assert!(verdict.issues.iter().all(|issue| !issue.sentence().contains(&secret)));
    }
}

#[test]
fn what_is_wrong_in_front_of_a_limit_is_found_in_any_pieces() {
    let mut options = options(3);
    options.limits.bytes = 40;
    for wrong in [r#"{"x":[1,"#, r#"{"x":[1,}"#, r#"{"to":[{"a":01}"#, r#"{"to":["\x"#, "{\"na\u{1}me\":"] {
        let request = wrong.to_owned() + &" ".repeat(60);
        let cuts: Vec<usize> = (0..request.len()).collect();
        fuzzing::same_in_pieces(request.as_bytes(), &cuts, &options);
        fuzzing::same_in_pieces(request.as_bytes(), &[4], &options);
    }
}
