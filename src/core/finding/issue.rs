//! One finding about a request.

use std::borrow::Cow;
use std::fmt;

use crate::finding::code::{Code, Severity};
use crate::json::Json;

/// A number or a word that belongs to an issue: a limit, a length, the name of a field. Never a recipient's data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Param {
    /// A count, length or limit.
    Number(u64),
    /// A word of the API's or of ours.
    Text(Cow<'static, str>),
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<usize> for Param {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<u32> for Param {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Param {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&'static str> for Param {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// An issue's params by name; the sentence of its code says what they are.
pub type Params = Vec<(&'static str, Param)>;

/// The one param of an issue. Not written out where the issue is found, as the lists would be much of the module.
#[inline(never)]
pub(crate) fn param(name: &'static str, param: impl Into<Param>) -> Params {
    vec![(name, param.into())]
}

/// How much there is, under that name, and the most there may be.
#[inline(never)]
pub(crate) fn above(name: &'static str, there: impl Into<Param>, limit: impl Into<Param>) -> Params {
    vec![(name, there.into()), ("limit", limit.into())]
}

/// A range inside the decoded string at an issue's pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte of the range.
    pub start: u32,
    /// Byte after the range.
    pub end: u32,
    /// First UTF-16 code unit of the range.
    pub start_utf16: u32,
    /// UTF-16 code unit after the range.
    pub end_utf16: u32,
}

impl Span {
    /// The span of `text[start..end]`; both ends are character boundaries, else it is cut to the text.
    pub(crate) fn of(text: &str, start: usize, end: usize) -> Self {
        // One for each first byte of a character, and one more where that has four.
        let of_byte = |byte: u8| u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0);
        let units = |end: usize| text.get(..end).unwrap_or(text).bytes().map(of_byte).sum();
        Self { start: start as u32, end: end as u32, start_utf16: units(start), end_utf16: units(end) }
    }
}

/// One finding about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What it is about.
    pub code: Code,
    /// JSON Pointer into the request as it was sent; for broken JSON the deepest one reached.
    pub at: String,
    /// Bytes into the request as it was sent: start of the value, or the byte that cannot be read.
    pub offset: u64,
    /// Which part of the decoded string at `at` is meant; none where it is all of the value.
    pub span: Option<Span>,
    /// Limits, lengths and names that the sentence needs.
    pub params: Params,
}

impl Issue {
    /// How grave it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// What is wrong and what would be right, in English.
    pub fn sentence(&self) -> String {
        let mut out = String::new();
        let mut rest = self.code.sentence();
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            // Braces of Liquid are no place for a param.
            let name = behind.split_once('}').filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphabetic()));
            let Some((name, after)) = name else {
                out.push('{');
                rest = behind;
                continue;
            };
            if let Some((_, param)) = self.params.iter().find(|(param, _)| *param == name) {
                out.push_str(&param.to_string());
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// The issue as it stands in a verdict's canonical JSON.
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        push_issue(&mut json, self);
        json.finish()
    }

    /// Document order, then code; the rest only makes the order total.
    #[inline(never)]
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        let place = |issue: &Self| (issue.offset, issue.code.as_str());
        let order = place(self).cmp(&place(other)).then_with(|| self.at.cmp(&other.at));
        order.then_with(|| self.params.cmp(&other.params)).then_with(|| self.span.cmp(&other.span)).is_lt()
    }
}

/// Appends an issue as it stands in canonical JSON.
pub(crate) fn push_issue(json: &mut Json, issue: &Issue) {
    json.open('{').name("code").text(issue.code.as_str());
    json.name("severity").text(issue.severity().as_str());
    json.name("at").text(&issue.at).member("offset", issue.offset);
    if let Some(span) = issue.span {
        json.name("span").open('{');
        json.member("start", span.start_utf16.into()).member("end", span.end_utf16.into()).close('}');
    }
    json.name("params").open('{');
    for (name, param) in &issue.params {
        match param {
            Param::Number(number) => json.member(name, *number),
            Param::Text(text) => json.name(name).text(text),
        };
    }
    json.close('}').close('}');
}
