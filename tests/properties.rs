//! Properties that hold for every request, well-formed or not.

use postgate_core::{Duplicates, Facts, Limits, Need, Options, Wants, check, normalize, split};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Requests as people write them: mostly right, with the mistakes they make.
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

fn streamed(bytes: &[u8], cuts: &[usize], options: &Options, wants: Wants) -> String {
    let mut facts = Facts::new(options, wants);
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    let pieces = || cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
    pieces().for_each(|piece| facts.push(piece));
    struct Ignore;
    impl postgate_core::Sink for Ignore {
        fn begin(&mut self, _: &postgate_core::Envelope, _: u64) {}
        fn row(&mut self, _: postgate_core::Row<'_>) -> Result<(), postgate_core::Fault> {
            Ok(())
        }
    }
    match facts.finish() {
        Need::Done(checked) => checked.verdict.to_json(),
        Need::Again(mut bodies) => {
            pieces().for_each(|piece| bodies.push(piece, &mut Ignore));
            bodies.finish().expect("the same bytes").verdict.to_json()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_gives_the_same_bytes(bytes in bytes(), cuts in prop::collection::vec(any::<usize>(), 0..20)) {
        for options in [options(3), dropping(3)] {
            let whole = check(&bytes, &options).verdict.to_json();
            prop_assert_eq!(streamed(&bytes, &cuts, &options, Wants::Verdict), whole.clone());
            prop_assert_eq!(streamed(&bytes, &cuts, &options, Wants::Bodies), whole);
        }
    }

    #[test]
    fn any_bytes_get_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let verdict = check(&bytes, &options(3)).verdict;
        prop_assert!(!verdict.ok);
        prop_assert!(verdict.issues.iter().all(|issue| issue.offset <= bytes.len() as u64));
    }

    #[test]
    fn normalizing_twice_changes_nothing(bytes in bytes()) {
        if let Some(once) = normalize(&bytes, &options(3)).value {
            let twice = normalize(&once, &options(3));
            prop_assert_eq!(twice.value.as_ref(), Some(&once));
            let notes = twice.verdict.issues.iter().filter(|issue| issue.severity() == postgate_core::Severity::Note);
            prop_assert_eq!(notes.count(), 0);
        }
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
    fn joining_the_batches_gives_the_rows_back(bytes in bytes(), rows in 1..5u32) {
        let split = split(&bytes, &options(rows));
        prop_assert_eq!(split.verdict.ok, !split.value.is_empty());
        if let Some(whole) = normalize(&bytes, &options(rows)).value {
            let whole: Value = serde_json::from_slice(&whole).expect("JSON");
            let mut joined = Vec::new();
            for (batch, totals) in split.value.iter().zip(&split.verdict.totals.batches) {
                prop_assert_eq!(batch.len() as u64, totals.bytes);
                let mut body: Value = serde_json::from_slice(batch).expect("JSON");
                let part = body["to"].as_array_mut().expect("rows");
                prop_assert_eq!(part.len(), totals.rows as usize);
                prop_assert!(part.len() <= rows as usize);
                joined.append(part);
                body["to"] = whole["to"].clone();
                prop_assert_eq!(&body, &whole);
            }
            prop_assert_eq!(&json!(joined), &whole["to"]);
        }
    }

    #[test]
    fn every_pointer_leads_to_a_value(request in request()) {
        let bytes = serde_json::to_vec(&request).expect("JSON");
        for issue in check(&bytes, &options(3)).verdict.issues {
            prop_assert!(request.pointer(&issue.at).is_some(), "{} leads nowhere", issue.at);
        }
    }

    #[test]
    fn what_is_readable_is_what_serde_json_reads(bytes in bytes()) {
        let verdict = check(&bytes, &options(3)).verdict;
        let unreadable = ["request/not-json", "request/truncated", "request/not-utf8", "request/empty-body"];
        let refused = verdict.issues.iter().any(|issue| unreadable.contains(&issue.code.as_str()));
        let object = matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{'));
        if object {
            prop_assert_eq!(!refused, serde_json::from_slice::<Value>(&bytes).is_ok());
        }
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
