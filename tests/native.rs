//! The native door: every case in memory, in pieces, and with its members the other way round.

use postgate_core::{Code, Wants, check};
use postgate_tests::{Case, Do, FEWEST_CASES, Mark, Outcome, bless, export, load, mismatches, streamed, summarized};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

#[test]
fn every_case_natively() {
    let cases: Vec<(Case, Vec<u8>, Outcome)> = load()
        .into_iter()
        .map(|case| {
            let input = case.input.bytes();
            let outcome = Outcome::of(&case, &input);
            (case, input, outcome)
        })
        .collect();
    if std::env::var_os("POSTGATE_BLESS").is_some() {
        bless(&cases);
    }
    let mut wrong = Vec::new();
    for (case, input, outcome) in &cases {
        wrong.extend(mismatches(case, input, outcome));
        if case.action == Do::Summarize {
            for chunk in [1, 7, 4096] {
                let summary = summarized(input.chunks(chunk), &case.core_options());
                assert_eq!(summary, outcome.answer, "{} in chunks of {chunk}", case.name);
            }
        }
        if !case.action.judges() {
            continue;
        }
        assert_eq!(check(input, &case.core_options()).verdict.to_json(), outcome.answer, "{}", case.name);
        for chunk in [1, 7, 4096] {
            let (verdict, batches) = streamed(input.chunks(chunk), &case.core_options(), Wants::Bodies);
            assert_eq!(verdict.to_json(), outcome.answer, "{} in chunks of {chunk}", case.name);
            assert!(batches == outcome.batches, "{} in chunks of {chunk}: other batches", case.name);
        }
        if let Some(reversed) = reversed(input).filter(|_| !case.fixed_order) {
            let other = check(&reversed, &case.core_options()).verdict.to_json();
            assert_eq!(placeless(&other), placeless(&outcome.answer), "{} the other way round", case.name);
        }
    }
    assert!(wrong.is_empty(), "{} mismatches:\n{}", wrong.len(), wrong.join("\n"));
    let requests = cases.iter().filter(|(case, ..)| case.action.judges() || case.action == Do::Summarize).count();
    for ((what, fewest), count) in FEWEST_CASES.into_iter().zip([requests, cases.len() - requests]) {
        assert!(count >= fewest, "only {count} cases of {what}");
        assert!(count <= fewest + fewest / 10, "{count} cases of {what}: raise FEWEST_CASES, which has {fewest}");
    }
    export(&cases);
    println!("door native: {} cases", cases.len());
}

/// Codes that no request can bring about, with the reason.
const NO_CASE: &[(Code, &str)] = &[
    (Code::OutOfMemory, "depends on the machine, not on the request"),
    (Code::NotCompared, "takes 1,250,001 addresses; a test of the identities shows the bound"),
];

#[test]
fn every_code_has_a_case() {
    let cases = load();
    let raised = |code: Code| cases.iter().any(|case| case.codes().contains(&code.as_str()));
    for &code in Code::ALL {
        // No request has them; the tests of core's tables show each.
        let of_tables = code.as_str().starts_with("table/");
        let excused = of_tables || NO_CASE.iter().any(|(excused, _)| *excused == code);
        assert_ne!(raised(code), excused, "{code}: needs a case, or has one and needs no excuse");
    }
    for case in &cases {
        for name in case.codes() {
            let known = Code::ALL.iter().any(|code| code.as_str() == name);
            assert!(known, "{}: no code is named {name}", case.name);
        }
    }
}

/// The gate must not refuse what the API may take.
#[test]
fn what_no_page_of_twilios_states_is_no_error() {
    for case in load().iter().filter(|case| matches!(case.mark, Mark::T | Mark::I)) {
        let errors: Vec<&str> = case.out.issues.iter().filter(|i| i.severity == "error").map(|i| &*i.code).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", case.name);
    }
}

/// The request with its members in reverse order; `None` where it is no object or has a name twice.
fn reversed(input: &[u8]) -> Option<Vec<u8>> {
    struct Members(Vec<(String, Box<RawValue>)>);
    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visit;
            impl<'de> Visitor<'de> for Visit {
                type Value = Members;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                    let mut members = Vec::new();
                    while let Some(member) = map.next_entry()? {
                        members.push(member);
                    }
                    Ok(Members(members))
                }
            }
            deserializer.deserialize_map(Visit)
        }
    }
    let Members(mut members) = serde_json::from_slice(input).ok()?;
    let mut names: Vec<&String> = members.iter().map(|(name, _)| name).collect();
    names.sort();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return None;
    }
    members.reverse();
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{}", Value::from(&**name), value.get())).collect();
    Some(format!("{{{}}}", members.join(",")).into_bytes())
}

/// A verdict without what depends on the order and spacing of the request's members.
fn placeless(verdict: &str) -> Value {
    let mut verdict: Value = serde_json::from_str(verdict).expect("a verdict is JSON");
    verdict["totals"]["bytes"] = Value::Null;
    let issues = verdict["issues"].as_array_mut().expect("issues");
    for issue in issues.iter_mut() {
        issue["offset"] = Value::Null;
    }
    issues.sort_by_key(Value::to_string);
    verdict
}
