//! Cases as they are written in `cases/*.json`, and their loader.

use std::fs;
use std::path::{Path, PathBuf};

use postgate_core::Options;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::input::Input;

/// One case: an input, and what every door has to make of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `area/what`, unique in the suite; the area is the file's name.
    pub name: String,
    /// What is done with the input.
    #[serde(rename = "do")]
    pub action: Do,
    /// The rule, in a sentence.
    pub why: String,
    /// Where the rule was read.
    pub source: String,
    /// How sure the source is.
    pub mark: Mark,
    /// What goes in.
    #[serde(rename = "in")]
    pub input: Input,
    /// What a template is rendered with: as JSON, or its text where that matters.
    #[serde(default)]
    pub variables: Value,
    /// The options, under the package's names.
    #[serde(default)]
    pub options: CaseOptions,
    /// Whether the case means its members in just this order.
    #[serde(default)]
    pub fixed_order: bool,
    /// What has to come out.
    pub out: Expected,
}

/// What is done with a case's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Do {
    /// The verdict.
    Check,
    /// The verdict and the bodies.
    Split,
    /// The verdict, what the send takes, and previews.
    Summarize,
    /// What a text takes as SMS.
    Segments,
    /// What a phone number is.
    Phone,
    /// What a template renders to.
    Render,
    /// The variables that a template uses.
    Variables,
}

impl Do {
    /// Whether what comes out is a verdict and bodies. Else it is a result: of a text, which has no HTTP door, or a
    /// summary, which all doors give.
    pub fn judges(self) -> bool {
        matches!(self, Self::Check | Self::Split)
    }
}

/// How sure a rule's source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Mark {
    /// A Twilio page states it.
    D,
    /// Seen in code that Twilio generates.
    S,
    /// Read out of somebody else's code or page.
    T,
    /// Inferred.
    I,
    /// A standard, or a decision of ours.
    Ours,
}

/// A case's options, under the package's names.
pub type CaseOptions = serde_json::Map<String, Value>;

/// What has to come out. What is left out is not compared.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expected {
    /// Whether the request may be sent.
    pub ok: bool,
    /// Every issue that is listed, in order.
    pub issues: Vec<ExpectedIssue>,
    /// What comes out where no request is judged. Members that are left out are not compared, elements are.
    pub result: Value,
    /// How many issues are not listed.
    pub omitted: Option<u64>,
    /// The normalized request.
    pub body: Option<Body>,
    /// The batches.
    pub batches: Option<Vec<Value>>,
}

/// An issue that has to come out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedIssue {
    /// Its code.
    pub code: String,
    /// Its severity.
    pub severity: String,
    /// Its pointer.
    pub at: String,
    /// Its offset.
    pub offset: Option<u64>,
    /// Its span, in UTF-16 code units.
    pub span: Option<Value>,
    /// Its params.
    pub params: Option<Value>,
}

/// The normalized request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Byte for byte as it came.
    Same,
    /// This, written compactly in this order.
    Json(Value),
    /// This, byte for byte.
    Text(String),
    /// Bytes of this SHA-256, in hexadecimal.
    Sha256(String),
}

impl Case {
    /// The options as core takes them.
    ///
    /// # Panics
    ///
    /// When a name is not known: a mistake in the case.
    pub fn core_options(&self) -> Options {
        let mut options = Options::default();
        for (name, value) in &self.options {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            options.set(name, &text).unwrap_or_else(|error| panic!("{}: {name}: {error:?}", self.name));
        }
        options
    }

    /// The variables of a template, as JSON text.
    pub fn variables(&self) -> String {
        match &self.variables {
            Value::Null => "{}".to_owned(),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }

    /// The codes that have to come out.
    pub fn codes(&self) -> Vec<&str> {
        let result = &self.out.result;
        let result = if self.action == Do::Summarize { &result["verdict"]["issues"] } else { &result["issues"] };
        let result = result.as_array().into_iter().flatten();
        let result = result.filter_map(|issue| issue["code"].as_str());
        self.out.issues.iter().map(|issue| &*issue.code).chain(result).collect()
    }
}

/// The folder of the whole project.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The files of the suite, in the order of their names.
///
/// # Panics
///
/// When they cannot be read.
pub fn files() -> Vec<PathBuf> {
    let folder = root().join("tests/cases");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// Loads the whole suite.
///
/// # Panics
///
/// When a case is not well-formed, is there twice, or stands in the wrong file.
pub fn load() -> Vec<Case> {
    let schema = fs::read(root().join("tests/case.schema.json")).expect("tests/case.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).expect("JSON")).expect("a JSON Schema");
    let mut cases: Vec<Case> = Vec::new();
    for path in files() {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let written: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if let Err(error) = schema.validate(&written) {
            panic!("{}{}: {error}", path.display(), error.instance_path());
        }
        let loaded: Vec<Case> =
            serde_json::from_value(written).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let area = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        for case in loaded {
            assert_eq!(case.name.split('/').next(), Some(&*area), "{} stands in the wrong file", case.name);
            assert!(cases.iter().all(|earlier| earlier.name != case.name), "{} is there twice", case.name);
            cases.push(case);
        }
    }
    cases
}
