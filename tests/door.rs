//! What a door gives back, how it is compared with a case, and how the other doors learn of it.

use std::fs;

use postgate_core::{
    Checked, Envelope, Facts, Fault, Need, Nowhere, Options, Row, Sink, Verdict, Wants, analyze_segments, check_phone,
    list_variables, normalize, render_template, split, summarize,
};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::case::{Body, Case, CaseOptions, Do, files, root};

/// What the native door makes of a case.
pub struct Outcome {
    /// The canonical JSON of the verdict, or of another result.
    pub answer: String,
    /// The bodies; none unless the verdict is ok.
    pub batches: Vec<Vec<u8>>,
    /// The normalized request; none unless the verdict is ok.
    pub body: Option<Vec<u8>>,
}

impl Outcome {
    /// Runs a case natively, in memory.
    pub fn of(case: &Case, input: &[u8]) -> Self {
        let options = case.core_options();
        let text = || str::from_utf8(input).expect("text, in UTF-8");
        let answer = match case.action {
            Do::Check | Do::Split => {
                let Checked { value: batches, verdict } = split(input, &options);
                return Self { answer: verdict.to_json(), batches, body: normalize(input, &options).value };
            }
            Do::Summarize => summarize(input, &options).verdict.to_summary_json(options.prices.as_ref()),
            Do::Segments => analyze_segments(text(), options.segments).to_json(),
            Do::Phone => check_phone(text(), options.default_region).to_json(),
            Do::Render => render_template(text(), case.variables().as_bytes(), options.now),
            Do::Variables => list_variables(text()),
        };
        Self { answer, batches: Vec::new(), body: None }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.answer).expect("an answer is JSON")
    }
}

/// Where an outcome is not what the case says.
pub fn mismatches(case: &Case, input: &[u8], outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    if !case.action.judges() {
        differences(&case.out.result, &outcome.json(), "the result", &mut wrong);
        return wrong.into_iter().map(|what| format!("{}: {what}", case.name)).collect();
    }
    let verdict = outcome.json();
    let mut compare = |what: &str, expected: &Value, found: &Value| {
        if expected != found {
            wrong.push(format!("{}: {what} should be {expected}, is {found}", case.name));
        }
    };
    compare("ok", &json!(case.out.ok), &verdict["ok"]);
    let summary = |issues: Vec<(&str, &str, &str)>| json!(issues);
    let found: Vec<Value> = verdict["issues"].as_array().cloned().unwrap_or_default();
    compare(
        "the list of issues",
        &summary(case.out.issues.iter().map(|i| (&*i.code, &*i.severity, &*i.at)).collect()),
        &summary(found.iter().map(|i| (text(i, "code"), text(i, "severity"), text(i, "at"))).collect()),
    );
    for (expected, found) in case.out.issues.iter().zip(&found) {
        let named = |what: &str| format!("{what} of {}", expected.code);
        if let Some(offset) = expected.offset {
            compare(&named("the offset"), &json!(offset), &found["offset"]);
        }
        if let Some(span) = &expected.span {
            compare(&named("the span"), span, &found["span"]);
        }
        if let Some(params) = &expected.params {
            compare(&named("the params"), params, &found["params"]);
        }
    }
    if let Some(omitted) = case.out.omitted {
        compare("omitted", &json!(omitted), &verdict["omitted"]);
    }
    if let Some(batches) = &case.out.batches {
        compare("the batches", &json!(batches), &verdict["totals"]["batches"]);
    }
    let body = outcome.body.as_deref();
    let shown = body.map(|body| String::from_utf8_lossy(body).chars().take(500).collect::<String>());
    match &case.out.body {
        None => {}
        Some(Body::Same) if body == Some(input) => {}
        Some(Body::Same) => compare("the body", &json!("as it came"), &json!(shown)),
        Some(Body::Json(json)) => compare("the body", &json!(json.to_string()), &json!(shown)),
        Some(Body::Text(text)) => compare("the body", &json!(text), &json!(shown)),
        Some(Body::Sha256(hash)) => compare("the body's hash", &json!(hash), &json!(body.map(sha256))),
    }
    wrong
}

/// Where something is not as expected: members that are not expected are passed over, elements are not.
fn differences(expected: &Value, found: &Value, place: &str, wrong: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(members), Value::Object(_)) => {
            for (name, expected) in members {
                match found.get(name) {
                    Some(found) => differences(expected, found, &format!("{place}/{name}"), wrong),
                    None => wrong.push(format!("{place}/{name} should be {expected}, is missing")),
                }
            }
        }
        (Value::Array(elements), Value::Array(others)) if elements.len() == others.len() => {
            for (index, (expected, found)) in elements.iter().zip(others).enumerate() {
                differences(expected, found, &format!("{place}/{index}"), wrong);
            }
        }
        _ if expected == found => {}
        _ => wrong.push(format!("{place} should be {expected}, is {found}")),
    }
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes what the other doors need to run a case and to compare, under `target/cases`.
///
/// # Panics
///
/// When it cannot be written.
pub fn export(cases: &[(Case, Vec<u8>, Outcome)]) {
    #[derive(Serialize)]
    struct Exported<'a> {
        name: &'a str,
        #[serde(rename = "do")]
        action: Do,
        options: &'a CaseOptions,
        /// A template's, as JSON text.
        variables: String,
        input: String,
        /// The file with the canonical JSON of what comes out.
        answer: String,
        /// Whether that is the verdict on a request.
        judges: bool,
        batches: Vec<String>,
    }
    let folder = root().join("target/cases");
    // What an earlier run left would be taken for this one's.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("target/cases");
    let write = |name: String, bytes: &[u8]| {
        fs::write(folder.join(&name), bytes).expect("a file under target/cases");
        name
    };
    let index: Vec<Exported<'_>> = cases
        .iter()
        .enumerate()
        .map(|(number, (case, input, outcome))| Exported {
            name: &case.name,
            action: case.action,
            options: &case.options,
            variables: case.variables(),
            input: write(format!("{number}.in"), input),
            answer: write(format!("{number}.answer.json"), outcome.answer.as_bytes()),
            judges: case.action.judges(),
            batches: outcome.batches.iter().map(|batch| sha256(batch)).collect(),
        })
        .collect();
    write("index.json".to_owned(), serde_json::to_string_pretty(&index).expect("JSON").as_bytes());
}

/// Fills params, spans, batches and hashes of the cases' files in from what comes out.
///
/// Codes, pointers and `ok` are a person's to write: a case where they differ is left as it is.
///
/// # Panics
///
/// When the files cannot be read or written.
pub fn bless(cases: &[(Case, Vec<u8>, Outcome)]) {
    for path in files() {
        let text = fs::read_to_string(&path).expect("a file of cases");
        let mut written: Vec<Value> = serde_json::from_str(&text).expect("cases");
        for value in &mut written {
            let Some((case, _, outcome)) = cases.iter().find(|(case, ..)| value["name"] == case.name) else { continue };
            if !case.action.judges() {
                continue;
            }
            bless_case(case, outcome, &mut value["out"]);
        }
        let blessed = serde_json::to_string_pretty(&written).expect("JSON") + "\n";
        if blessed != text {
            fs::write(&path, blessed).expect("a file of cases");
        }
    }
}

fn bless_case(case: &Case, outcome: &Outcome, out: &mut Value) {
    let verdict = outcome.json();
    let found = verdict["issues"].as_array().cloned().unwrap_or_default();
    let same = case.out.ok == verdict["ok"]
        && case.out.issues.len() == found.len()
        && case.out.issues.iter().zip(&found).all(|(a, b)| a.code == text(b, "code") && a.at == text(b, "at"));
    if !same {
        return;
    }
    for (issue, found) in out["issues"].as_array_mut().into_iter().flatten().zip(&found) {
        for member in ["span", "params"] {
            if found[member].as_object().is_some_and(|object| !object.is_empty()) {
                issue[member] = found[member].clone();
            }
        }
    }
    if out.get("batches").is_some() {
        out["batches"] = verdict["totals"]["batches"].clone();
    }
    if let (Some(Body::Sha256(_)), Some(body)) = (&case.out.body, &outcome.body) {
        out["body"] = json!({ "sha256": sha256(body) });
    }
}

/// The summary of a request that arrives in pieces.
///
/// # Panics
///
/// When the second pass says that the bytes differ.
pub fn summarized<'a>(pieces: impl Iterator<Item = &'a [u8]> + Clone, options: &Options) -> String {
    let mut facts = Facts::new(options, Wants::Verdict);
    facts.summarize();
    pieces.clone().for_each(|piece| facts.push(piece));
    let verdict = match facts.finish() {
        Need::Done(checked) => checked.verdict,
        Need::Again(mut bodies) => {
            pieces.for_each(|piece| bodies.push(piece, &mut Nowhere));
            bodies.finish().expect("the same bytes").verdict
        }
    };
    verdict.to_summary_json(options.prices.as_ref())
}

/// The verdict of a request that arrives in pieces, and its bodies.
///
/// # Panics
///
/// When the second pass says that the bytes differ.
pub fn streamed<'a>(
    pieces: impl Iterator<Item = &'a [u8]> + Clone,
    options: &Options,
    wants: Wants,
) -> (Verdict, Vec<Vec<u8>>) {
    #[derive(Default)]
    struct Bodies(Vec<Vec<u8>>, Vec<u8>, Vec<u8>);
    impl Sink for Bodies {
        fn begin(&mut self, envelope: &Envelope, _: u64) {
            self.1 = envelope.before.clone();
            self.2 = envelope.after.clone();
        }
        fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
            if row.begins_batch {
                self.0.push(self.1.clone());
            } else {
                self.0.last_mut().expect("a batch").push(b',');
            }
            self.0.last_mut().expect("a batch").extend_from_slice(row.bytes);
            Ok(())
        }
    }
    let mut facts = Facts::new(options, wants);
    pieces.clone().for_each(|piece| facts.push(piece));
    let mut sink = Bodies::default();
    match facts.finish() {
        Need::Done(checked) => (checked.verdict, Vec::new()),
        Need::Again(mut bodies) => {
            pieces.for_each(|piece| bodies.push(piece, &mut sink));
            let verdict = bodies.finish().expect("the same bytes").verdict;
            if !verdict.ok {
                sink.0.clear();
            }
            for batch in &mut sink.0 {
                batch.extend_from_slice(&sink.2);
            }
            (verdict, sink.0)
        }
    }
}
