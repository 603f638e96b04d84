//! What was found out about a table, and the one way it is written; and the request that its rows belong to.

use super::found::Found;
use super::mapping::{Column, Format};
use super::numbers::Numbers;
use super::sniff::Sniffed;
use crate::finding::code::Code;
use crate::finding::issue::{Issue, push_issue};
use crate::json::Json;
use crate::reader::scan::Reader;
use crate::verdict::Verdict;

/// What was found out about a table that was read.
#[derive(Debug)]
pub struct TableReport {
    /// Whether it was read to its end. If not, an issue says why, and the rows that were made are only a part.
    pub complete: bool,
    /// How many records became no row.
    pub rejected: u64,
    /// The first issues of each severity, in the table's order. Their `at` is empty, their `offset` into the table, and
    /// an issue of one record has its number as the param `row`, and the line that it begins in as `line`.
    pub issues: Vec<Issue>,
    /// How many issues there are of each code, listed or not.
    pub counts: Vec<(Code, u64)>,
    /// How many issues are not listed.
    pub omitted: u64,
    /// Where the rows stand in the table, by the number of the record.
    pub numbers: Numbers,
    /// The same by the line that the record begins in.
    pub lines: Numbers,
    sniffed: Option<Sniffed>,
    default_channel: String,
    fatal: Option<Issue>,
}

impl TableReport {
    pub(super) fn new(found: Found, default_channel: &str) -> Self {
        let (issues, counts, omitted) = found.findings.into_parts();
        let complete = found.fatal.is_none();
        let (numbers, lines) = (found.numbers, found.lines);
        let (rejected, sniffed, fatal) = (found.rejected, found.sniffed, found.fatal);
        Self {
            complete,
            rejected,
            issues,
            counts,
            omitted,
            numbers,
            lines,
            sniffed,
            default_channel: default_channel.to_owned(),
            fatal,
        }
    }

    /// The verdict on a table that was not read to its end: the rows that were made of it are not to be sent. None for
    /// any other, whose rows are judged as part of a request.
    pub fn refusal(&self) -> Option<Verdict> {
        let issue = self.fatal.as_ref()?;
        Some(Verdict { issues: vec![issue.clone()], counts: vec![(issue.code, 1)], ..Verdict::default() })
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
        let mut json = Json::default();
        json.open('{').name("ok").flag(self.ok()).name("complete").flag(self.complete);
        json.member("rows", self.numbers.len().into()).member("rejected", self.rejected);
        json.name("columns").open('[');
        for name in self.columns() {
            json.text(name);
        }
        json.close(']').name("mapping").open('{');
        if let Some(sniffed) = &self.sniffed {
            self.push_mapping(&mut json, sniffed);
        }
        json.close('}').name("guessed").open('[');
        for name in self.guessed() {
            json.text(name);
        }
        json.close(']').name("issues").open('[');
        for issue in &self.issues {
            push_issue(&mut json, issue);
        }
        json.close(']').name("counts").open('{');
        for (code, count) in &self.counts {
            json.member(code.as_str(), *count);
        }
        json.close('}').member("omitted", self.omitted).close('}').finish()
    }

    /// Which parts of the mapping were found out and not given.
    pub fn guessed(&self) -> Vec<&'static str> {
        let Some(sniffed) = &self.sniffed else { return Vec::new() };
        let csv = sniffed.format == Format::Csv;
        let [address, channel, variables] = sniffed.plan.as_ref().map_or([false; 3], |plan| plan.guessed);
        let parts = [
            (sniffed.guessed.format, "format"),
            (csv && sniffed.guessed.delimiter, "delimiter"),
            (csv && sniffed.guessed.header, "header"),
            (address, "address"),
            (channel, "channel"),
            (variables, "variables"),
        ];
        parts.into_iter().filter(|(guessed, _)| *guessed).map(|(_, name)| name).collect()
    }

    fn push_mapping(&self, json: &mut Json, sniffed: &Sniffed) {
        json.name("format").text(sniffed.format.as_str());
        if sniffed.format == Format::Csv {
            let delimiter = char::from(sniffed.delimiter.byte());
            json.name("delimiter").text(delimiter.encode_utf8(&mut [0; 4])).name("header").flag(sniffed.header);
        }
        json.name("defaultChannel").text(&self.default_channel);
        let Some(plan) = &sniffed.plan else { return };
        push_column(json, "address", Some(&plan.address));
        push_column(json, "channel", plan.channel.as_ref());
        if plan.others {
            json.name("variables").text("others");
            return;
        }
        json.name("variables").open('{');
        for (name, _, column) in &plan.variables {
            push_column(json, name, Some(column));
        }
        json.close('}');
    }
}

fn push_column(json: &mut Json, name: &str, column: Option<&Column>) {
    match column {
        Some(Column::Name(column)) => json.name(name).text(column),
        Some(Column::Index(index)) => json.member(name, (*index).into()),
        None => json.name(name).text_or_null(None),
    };
}

/// The bytes of a request up to its first row: the members of `head`, a JSON object without `to`, then `to` and its
/// bracket. After the rows come `]` and `}`. None unless `head` is one JSON object.
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
