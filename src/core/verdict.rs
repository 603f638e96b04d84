//! The verdict, and the one way it is written: the same bytes at every door.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::issue::{Issue, Param};

/// A value together with the verdict on the request it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked<T> {
    /// What could be made of the request.
    pub value: T,
    /// Whether it may be sent, and every finding.
    pub verdict: Verdict,
}

/// What was found in a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the request may be sent: no error was found.
    pub ok: bool,
    /// The first issues of each severity, in document order.
    pub issues: Vec<Issue>,
    /// How many issues there are of each code, listed or not.
    pub counts: BTreeMap<&'static str, u64>,
    /// How many issues are not listed.
    pub omitted: u64,
    /// Sums over the request.
    pub totals: Totals,
}

/// Sums over a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Who is in `to`.
    pub recipients: Recipients,
    /// Bytes of the request as it was sent.
    pub bytes: u64,
    /// The upstream requests it becomes; none unless the verdict is ok.
    pub batches: Vec<BatchTotals>,
}

/// Who is in `to`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// Rows that name one person each.
    pub listed: u64,
    /// Rows that name a stored group of people.
    pub groups: u64,
}

/// The size of one upstream request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchTotals {
    /// Recipients.
    pub rows: u32,
    /// Bytes of its body.
    pub bytes: u64,
}

impl Verdict {
    /// The canonical JSON: members in this order, no white space, spans in UTF-16 code units.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"ok\":");
        out.push_str(if self.ok { "true" } else { "false" });
        out.push_str(",\"issues\":[");
        separated(&mut out, &self.issues, push_issue);
        out.push_str("],\"counts\":{");
        separated(&mut out, &self.counts, |out, (code, count)| member(out, code, count));
        out.push_str("},");
        member(&mut out, "omitted", self.omitted);
        out.push_str(",\"totals\":{\"recipients\":{");
        member(&mut out, "listed", self.totals.recipients.listed);
        out.push(',');
        member(&mut out, "groups", self.totals.recipients.groups);
        out.push_str("},");
        member(&mut out, "bytes", self.totals.bytes);
        out.push_str(",\"batches\":[");
        separated(&mut out, &self.totals.batches, |out, batch| {
            out.push('{');
            member(out, "rows", batch.rows);
            out.push(',');
            member(out, "bytes", batch.bytes);
            out.push('}');
        });
        out.push_str("]}}");
        out
    }
}

impl Issue {
    /// The issue as it stands in a verdict's canonical JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        push_issue(&mut out, self);
        out
    }
}

fn push_issue(out: &mut String, issue: &Issue) {
    out.push_str("{\"code\":");
    push_quoted(out, issue.code.as_str());
    out.push_str(",\"severity\":");
    push_quoted(out, issue.severity().as_str());
    out.push_str(",\"at\":");
    push_quoted(out, &issue.at);
    out.push(',');
    member(out, "offset", issue.offset);
    if let Some(span) = issue.span {
        out.push_str(",\"span\":{");
        member(out, "start", span.start_utf16);
        out.push(',');
        member(out, "end", span.end_utf16);
        out.push('}');
    }
    out.push_str(",\"params\":{");
    separated(out, &issue.params, |out, (name, param)| match param {
        Param::Number(number) => member(out, name, number),
        Param::Text(text) => {
            push_quoted(out, name);
            out.push(':');
            push_quoted(out, text);
        }
    });
    out.push_str("}}");
}

/// Appends a member whose value is a number.
pub(crate) fn member(out: &mut String, name: &str, number: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\"{name}\":{number}");
}

/// Appends what `push` writes for each item, with commas between.
pub(crate) fn separated<T>(out: &mut String, items: impl IntoIterator<Item = T>, mut push: impl FnMut(&mut String, T)) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push(out, item);
    }
}

/// Appends a JSON string, escaping only what has to be.
pub(crate) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..'\u{20}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
