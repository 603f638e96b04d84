//! Rows among others against rows by themselves: what is found at a row, and what becomes of it, is what it is alone; and
//! who is named twice is who a list of everybody says.

use std::collections::BTreeMap;

use postgate_core::{Code, Duplicates, Issue, Limits, Options, Region, check, split};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

/// Addresses as people write them.
const ADDRESSES: [&str; 14] = [
    "+14155550100",
    "+14155550101",
    "+1 (415) 555-0100",
    "whatsapp:+14155550101",
    "rcs:+14155550102",
    "4155550103",
    "+4915123456789",
    "00491512 3456789",
    "+442079460000",
    "+1415555",
    "",
    "\\u002b14155550100",
    "\\ud83d",
    "tel:+14155550100",
];
const PLAIN: [&str; 3] = ["+14155550100", "+14155550101", "+4915123456789"];
const CHANNELS: [&str; 5] = ["PHONE", "PHONE", "WHATSAPP", "whatsapp", "SMS"];
const VALUES: [&str; 12] = [
    "Ada",
    "Grace",
    "",
    "exactly 16 bytes",
    "José \\u00e9",
    "${Twilio.Profile.name}",
    "\\ud83d",
    "{{ b }}",
    "1 < 2\\n",
    "x y z",
    "12",
    "more than sixteen bytes, and more than thirty-two of them",
];
const NAMES: [&str; 6] = ["a", "b", "c", "a", "", "\\u0061"];
const STORE: &str = r#""memoryStoreId":"mem_store_01h9krwprkeee8fzqspvwy6nq8""#;
const TEXTS: [&str; 6] = [
    "Hi {{ a }}",
    "Soon",
    "{% if a == 'Ada' %}{{ b }}{% else %}{{ c | default: 'x' }}{% endif %}",
    "{{ a | append: b }}{{ c }}",
    "{{ 'a' | times: a }}{% for i in (1..b) %}{{ i }}{% endfor %}",
    "{% assign v = c | split: ' ' %}{{ v[1] }}",
];

/// One address with its channel.
fn address(plain: bool) -> impl Strategy<Value = String> {
    let addresses = if plain { PLAIN.to_vec() } else { ADDRESSES.to_vec() };
    let channels = if plain { CHANNELS[..3].to_vec() } else { CHANNELS.to_vec() };
    let space = select(vec!["", "", "", " "]);
    (select(addresses), select(channels), space)
        .prop_map(|(address, channel, space)| format!(r#""address":{space}"{address}","channel":"{channel}""#))
}

/// A row, of which many are written alike.
fn row(plain: bool) -> impl Strategy<Value = String> {
    let id = select(vec!["v", "w", "x"]);
    let whom = prop_oneof![
        8 => address(plain),
        2 => prop::collection::vec(address(plain), usize::from(plain)..4).prop_map(|addresses| {
            let list: Vec<String> = addresses.iter().map(|address| format!("{{{address}}}")).collect();
            format!(r#""addresses":[{}]"#, list.join(","))
        }),
        1 => id.clone().prop_map(|id| format!(r#""profileId":"mem_profile_01h9krwprkeee8fzqspvwy6nq{id}",{STORE}"#)),
        1 => id.prop_map(|id| format!(r#""cohortId":"cmp_cohort_01h9krwprkeee8fzqspvwy6nq{id}""#)),
        u32::from(!plain) => select(vec![
            r#""address":7,"channel":"PHONE""#,
            r#""address":"+14155550100""#,
            r#""adress":"+14155550100","channel":"PHONE""#,
            r#""profileId":"x","cohortId":"y""#,
            r#""address":"+14155550100","channel":"PHONE","extra":[1]"#,
            "",
        ])
        .prop_map(str::to_owned),
    ];
    let values = if plain { VALUES[..2].to_vec() } else { VALUES.to_vec() };
    let names = if plain { NAMES[..3].to_vec() } else { NAMES.to_vec() };
    let variable = (select(names), select(values)).prop_map(|(name, value)| format!(r#""{name}":"{value}""#));
    let full = select(VALUES[..2].to_vec()).prop_map(|value| format!(r#""a":"{value}","b":"{value}","c":"x""#));
    let variables = prop_oneof![
        3 => full,
        2 => prop::collection::vec(variable, 0..4).prop_map(|variables| variables.join(",")),
    ];
    (whom, prop::option::weighted(0.8, variables)).prop_map(|(whom, variables)| {
        let comma = if whom.is_empty() { "" } else { "," };
        let variables = variables.map_or(String::new(), |variables| format!(r#"{comma}"variables":{{{variables}}}"#));
        format!("{{{whom}{variables}}}")
    })
}

/// Rows among which earlier ones are there again; fewer than are named where the head makes them wrong.
fn rows(plain: bool, most: usize) -> impl Strategy<Value = Vec<String>> {
    (prop::collection::vec(row(plain), 1..most), prop::collection::vec(any::<prop::sample::Index>(), 0..8)).prop_map(
        |(mut rows, again)| {
            for place in again {
                rows.push(place.get(&rows).clone());
            }
            rows
        },
    )
}

fn request(head: &str, rows: &[String]) -> String {
    format!(r#"{{"to":[{}],{head}}}"#, rows.join(","))
}

fn options(duplicates: Duplicates, region: bool) -> Options {
    let mut limits = Limits::campaign();
    limits.batch.rows = 1;
    let default_region = if region { Region::named("US") } else { None };
    Options { limits, duplicates, default_region, ..Options::default() }
}

/// What is said of a row: the issue without its place, and that within the row.
fn of_row(issue: &Issue, row: usize, start: usize) -> Option<String> {
    let at = issue.at.strip_prefix(&format!("/to/{row}"))?;
    let is_own = at.is_empty() || at.starts_with('/');
    // An issue of all of a row may stand at its begin or at none.
    let offset = issue.offset.saturating_sub(start as u64);
    is_own.then(|| format!("{} {at} {offset} {:?} {:?}", issue.code, issue.span, issue.params))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_row_is_judged_and_written_as_if_it_were_alone(
        (rows, text, region) in any::<bool>().prop_flat_map(|plain| (rows(plain, 12), select(&TEXTS[..]), any::<bool>())),
    ) {
        let head = format!(r#""from":{{"address":"+15017122661","channel":"SMS"}},"content":{{"text":"{text}"}}"#);
        let options = options(Duplicates::Keep, region);
        let whole = request(&head, &rows);
        let together = split(whole.as_bytes(), &options);
        let mut start = r#"{"to":["#.len();
        for (place, row) in rows.iter().enumerate() {
            let alone = split(request(&head, std::slice::from_ref(row)).as_bytes(), &options);
            let own = |issue: &&Issue| ![Code::DuplicateRecipient, Code::UnusedVariables].contains(&issue.code);
            let said: Vec<String> =
                together.verdict.issues.iter().filter(own).filter_map(|issue| of_row(issue, place, start)).collect();
            let expected: Vec<String> =
                alone.verdict.issues.iter().filter(own).filter_map(|issue| of_row(issue, 0, r#"{"to":["#.len())).collect();
            prop_assert_eq!(said, expected, "row {} of {}", place, whole);
            if together.verdict.ok {
                prop_assert_eq!(&together.value[place], &alone.value[0], "row {} of {}", place, whole);
            }
            start += row.len() + 1;
        }
    }

    #[test]
    fn who_is_named_twice_is_who_a_list_says(rows in rows(true, 12)) {
        let head = r#""from":{"address":"+15017122661","channel":"SMS"},"content":{"text":"Soon"}"#;
        let whole = request(head, &rows);
        // Everybody, with the first row that names them.
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        let mut expected = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let row: Value = serde_json::from_str(row).expect("JSON");
            let named: Vec<String> = match &row["addresses"] {
                Value::Array(addresses) => addresses.iter().map(|one| format!("{} {}", one["address"], one["channel"])).collect(),
                _ => vec![format!("{} {} {} {}", row["address"], row["channel"], row["profileId"], row["cohortId"])],
            };
            let named: Vec<String> = named.into_iter().map(|name| name.replace(" null", "")).collect();
            let earlier: Vec<Option<usize>> = named.iter().map(|name| first.get(name).copied()).collect();
            if let Some(earliest) = earlier.iter().flatten().min() {
                expected.push((place, *earliest, earlier.iter().all(Option::is_some)));
            }
            for name in named {
                first.entry(name).or_insert(place);
            }
        }
        for (duplicates, of_some, of_all) in [
            (Duplicates::Keep, Code::DuplicateRecipient, Code::DuplicateRecipient),
            (Duplicates::Refuse, Code::DuplicateRefused, Code::DuplicateRefused),
            (Duplicates::Drop, Code::DuplicateRecipient, Code::DuplicateDropped),
        ] {
            let options = options(duplicates, false);
            let verdict = check(whole.as_bytes(), &options).verdict;
            if duplicates != Duplicates::Refuse && !verdict.ok {
                // Whether ids are the same is seen once everything else is right.
                continue;
            }
            let codes = [Code::DuplicateRecipient, Code::DuplicateRefused, Code::DuplicateDropped];
            let found: Vec<(String, Code, String)> = verdict
                .issues
                .iter()
                .filter(|issue| codes.contains(&issue.code))
                .map(|issue| (issue.at.clone(), issue.code, format!("{:?}", issue.params)))
                .collect();
            let expected_issues: Vec<(String, Code, String)> = expected
                .iter()
                .map(|(place, first, all)| {
                    let first = vec![("first", postgate_core::Param::from(*first))];
                    (format!("/to/{place}"), if *all { of_all } else { of_some }, format!("{first:?}"))
                })
                .collect();
            prop_assert_eq!(found, expected_issues, "{}", whole);
            if verdict.ok {
                let dropped = |place: &usize| expected.iter().any(|(row, _, all)| row == place && *all && duplicates == Duplicates::Drop);
                let left: Vec<usize> = (0..rows.len()).filter(|place| !dropped(place)).collect();
                let bodies = split(whole.as_bytes(), &options).value;
                prop_assert_eq!(bodies.len(), left.len(), "{}", whole);
                for (body, place) in bodies.iter().zip(left) {
                    let body = String::from_utf8_lossy(body);
                    prop_assert!(body.contains(rows[place].as_str()), "row {}: {} of {}", place, body, whole);
                }
            }
        }
    }
}
