//! What was found out about a table, and the one way it is written; and the request that its rows belong to.

use std::collections::BTreeMap;

use super::found::Found;
use super::mapping::{Column, Format};
use super::numbers::Numbers;
use super::sniff::Sniffed;
use crate::issue::Issue;
use crate::scan::Reader;
use crate::verdict::{Verdict, member, push_issue, push_quoted, separated};

/// What was found out about a table that was read.
#[derive(Debug)]
pub struct TableReport {
    /// Whether it was read to its end. If not, an issue says why, and the rows that were made are only a part.
    pub complete: bool,
    /// How many records became no row.
    pub rejected: u64,
    /// The first issues of each severity, in the table's order. Their `at` is empty, their `offset` into the table, and
    /// an issue of one record has its number as the param `row`.
    pub issues: Vec<Issue>,
    /// How many issues there are of each code, listed or not.
    pub counts: BTreeMap<&'static str, u64>,
    /// How many issues are not listed.
    pub omitted: u64,
    /// Where the rows stand in the table.
    pub numbers: Numbers,
    sniffed: Option<Sniffed>,
    default_channel: String,
    fatal: Option<Issue>,
}

impl TableReport {
    pub(super) fn new(found: Found, default_channel: &str) -> Self {
        let (issues, counts, omitted) = found.findings.into_parts();
        let complete = found.fatal.is_none();
        let (rejected, numbers, sniffed, fatal) = (found.rejected, found.numbers, found.sniffed, found.fatal);
        Self {
            complete,
            rejected,
            issues,
            counts,
            omitted,
            numbers,
            sniffed,
            default_channel: default_channel.to_owned(),
            fatal,
        }
    }

    /// Has the verdict on the rows say why there are not more of them, where the table was not read to its end: such a
    /// part of a table is not to be sent.
    pub fn refuse(&self, verdict: &mut Verdict) {
        let Some(issue) = &self.fatal else { return };
        verdict.ok = false;
        verdict.totals.batches.clear();
        *verdict.counts.entry(issue.code.as_str()).or_default() += 1;
        verdict.issues.insert(0, issue.clone());
    }

    /// Whether every record became a row.
    pub fn ok(&self) -> bool {
        self.complete && self.rejected == 0 && !self.numbers.is_empty()
    }

    /// How the table is written; none where that was not found out.
    pub fn format(&self) -> Option<Format> {
        self.sniffed.as_ref().map(|sniffed| sniffed.format)
    }

    /// The columns' names in their order; in NDJSON those of the first objects.
    pub fn columns(&self) -> &[String] {
        self.sniffed.as_ref().map_or(&[], |sniffed| &sniffed.names)
    }

    /// The canonical JSON: members in this order, no white space. The mapping in it can be given back as an option.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"ok\":");
        out.push_str(word(self.ok()));
        out.push_str(",\"complete\":");
        out.push_str(word(self.complete));
        out.push(',');
        member(&mut out, "rows", self.numbers.len());
        out.push(',');
        member(&mut out, "rejected", self.rejected);
        out.push_str(",\"columns\":[");
        separated(&mut out, self.columns(), |out, name| push_quoted(out, name));
        out.push_str("],\"mapping\":");
        match &self.sniffed {
            Some(sniffed) => push_mapping(&mut out, sniffed, &self.default_channel),
            None => out.push_str("null"),
        }
        out.push_str(",\"guessed\":[");
        separated(&mut out, self.guessed(), push_quoted);
        out.push_str("],\"issues\":[");
        separated(&mut out, &self.issues, push_issue);
        out.push_str("],\"counts\":{");
        separated(&mut out, &self.counts, |out, (code, count)| member(out, code, count));
        out.push_str("},");
        member(&mut out, "omitted", self.omitted);
        out.push('}');
        out
    }

    /// Which parts of the mapping were found out and not given.
    pub fn guessed(&self) -> Vec<&'static str> {
        let Some(sniffed) = &self.sniffed else { return Vec::new() };
        let mut guessed = Vec::new();
        let mut add = |is: bool, name| is.then(|| guessed.push(name));
        add(sniffed.guessed.format, "format");
        add(sniffed.guessed.delimiter && sniffed.format == Format::Csv, "delimiter");
        add(sniffed.guessed.header && sniffed.format == Format::Csv, "header");
        if let Some(plan) = &sniffed.plan {
            for (is, name) in plan.guessed.into_iter().zip(["address", "channel", "variables"]) {
                add(is, name);
            }
        }
        guessed
    }
}

fn word(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

fn push_mapping(out: &mut String, sniffed: &Sniffed, default_channel: &str) {
    out.push_str("{\"format\":");
    push_quoted(out, sniffed.format.as_str());
    if sniffed.format == Format::Csv {
        out.push_str(",\"delimiter\":");
        push_quoted(out, char::from(sniffed.delimiter.byte()).encode_utf8(&mut [0; 4]));
        out.push_str(",\"header\":");
        out.push_str(word(sniffed.header));
    }
    out.push_str(",\"defaultChannel\":");
    push_quoted(out, default_channel);
    if let Some(plan) = &sniffed.plan {
        out.push_str(",\"address\":");
        push_column(out, &plan.address);
        out.push_str(",\"channel\":");
        match &plan.channel {
            Some(column) => push_column(out, column),
            None => out.push_str("null"),
        }
        out.push_str(",\"variables\":");
        if plan.others {
            out.push_str("\"others\"");
        } else {
            out.push('{');
            separated(out, &plan.variables, |out, (name, _, column)| {
                push_quoted(out, name);
                out.push(':');
                push_column(out, column);
            });
            out.push('}');
        }
    }
    out.push('}');
}

fn push_column(out: &mut String, column: &Column) {
    match column {
        Column::Name(name) => push_quoted(out, name),
        Column::Index(index) => out.push_str(&index.to_string()),
    }
}

/// The bytes of a request up to its first row: the members of `head`, a JSON object without `to`, then `to` and its
/// bracket. Behind the rows come `]` and `}`. None unless `head` is one JSON object.
///
/// ```
/// # use postgate_core::request_head;
/// assert_eq!(request_head(br#"{"content":{"text":"Hi"}}"#).unwrap(), br#"{"content":{"text":"Hi"},"to":["#);
/// assert_eq!(request_head(b"{} {}"), None);
/// ```
pub fn request_head(head: &[u8]) -> Option<Vec<u8>> {
    let head = head.trim_ascii();
    let mut reader = Reader::new(head, 0);
    let mut members = reader.object().ok()?;
    let mut empty = true;
    while members.next(&mut reader).ok()?.is_some() {
        empty = false;
        reader.skip().ok()?;
    }
    if reader.at() != head.len() {
        return None;
    }
    let mut request = head.strip_suffix(b"}")?.to_vec();
    request.extend_from_slice(if empty { b"\"to\":[" } else { b",\"to\":[" });
    Some(request)
}
