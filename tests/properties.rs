//! The properties of `fuzzing`, for requests as people write them: mostly right, with the mistakes they make.

use postgate_core::{Duplicates, Limits, Options, check, normalize, split, summarize};
use postgate_tests::{fuzzing, summarized};
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

/// Requests whose text may hold Liquid and whose recipients may have its values; their sender decides the channel.
fn personal() -> impl Strategy<Value = Value> {
    let part = prop_oneof![
        Just("Hi ".to_owned()),
        Just("{{ a }}".to_owned()),
        Just("{{ b | default: 'you' }}".to_owned()),
        Just("{% if a == 'x' %}{{ c }}{% else %}\u{e9}\u{2026}{% endif %}".to_owned()),
        Just("{{ a".to_owned()),
        "[a-z ]{0,90}",
        "\\PC{0,5}",
    ];
    let values =
        prop::collection::hash_map("[abcd]", prop_oneof![Just("x".to_owned()), "[a-z]{0,120}", "\\PC{0,9}"], 0..4);
    let row = (0..30_u32, prop::option::of(values)).prop_map(|(number, values)| {
        let mut row = json!({"address": format!("+141555501{number:02}"), "channel": "PHONE"});
        if let Some(values) = values {
            row["variables"] = json!(values);
        }
        row
    });
    (prop::collection::vec(row, 1..12), prop::collection::vec(part, 0..5)).prop_map(|(to, parts)| {
        let content = json!({"text": parts.concat()});
        json!({"to": to, "from": {"address": "+15017122661", "channel": "SMS"}, "content": content})
    })
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
    fn a_summary_is_the_sum_of_its_previews_whatever_the_pieces(
        request in personal(),
        drop in any::<bool>(),
        size in 1..200_usize,
    ) {
        let bytes = request.to_string().into_bytes();
        let rows = request["to"].as_array().expect("rows").len() as u64;
        let options = Options { previews: (0..rows).collect(), ..if drop { dropping(3) } else { options(3) } };
        let verdict = summarize(&bytes, &options).verdict;
        prop_assert_eq!(verdict.to_json(), check(&bytes, &options).verdict.to_json());
        prop_assert_eq!(summarized(bytes.chunks(size), &options), verdict.to_summary_json(None));
        let estimate = verdict.estimate.expect("the request can be read");
        let recipients = verdict.totals.recipients;
        prop_assert_eq!(estimate.people, recipients.listed - recipients.dropped);
        prop_assert_eq!(verdict.previews.len() as u64, estimate.people);
        let liquid = |text: &str| text.contains("{{") || text.contains("{%");
        if verdict.ok || !liquid(request["content"]["text"].as_str().expect("a text")) {
            let mut sum = [0, 0];
            for preview in &verdict.previews {
                let preview: Value = serde_json::from_str(&preview.to_json()).expect("JSON");
                let segments = &preview["channels"][0]["segments"]["segments"];
                sum[0] += segments["min"].as_u64().expect("segments");
                sum[1] += segments["max"].as_u64().expect("segments");
            }
            prop_assert_eq!(sum, [estimate.segments.min, estimate.segments.max]);
        }
    }

    #[test]
    fn the_summaries_of_the_batches_add_up(request in personal()) {
        let bytes = request.to_string().into_bytes();
        let whole = summarize(&bytes, &options(3)).verdict;
        if whole.ok {
            let estimate = whole.estimate.expect("the request can be read");
            let batches = split(&bytes, &options(3)).value;
            let parts = batches.iter().map(|batch| summarize(batch, &options(3)).verdict.estimate.expect("a batch can be read"));
            let sums = parts.fold([0; 5], |[people, min, max, least, most], part| {
                let (segments, units) = (part.segments, part.units);
                [people + part.people, min + segments.min, max + segments.max, least + units.min, most + units.max]
            });
            let (segments, units) = (estimate.segments, estimate.units);
            prop_assert_eq!(sums, [estimate.people, segments.min, segments.max, units.min, units.max]);
        }
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
