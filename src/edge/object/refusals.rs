//! `GET …/Errors`: who was refused, by the gate when the send was handed in or by the upstream, by place and code. No
//! address and no sentence of the upstream's.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::machine::ledger::Ledger;
use crate::machine::record::State;

/// How many refusals stand in one stored list; what is stored is read by that.
pub const LISTED: usize = 1_000;

/// One refusal. Where it names no place, it is about all recipients of its batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Which of the caller's recipients.
    pub index: Option<u32>,
    /// The upstream's own number; for the gate's refusals that of Twilio's dictionary, where there is one.
    pub code: Option<u64>,
    /// JSON Pointer into the caller's request.
    pub pointer: Option<String>,
    /// The HTTP status: the upstream's, or the one that a strict send would have got.
    pub status: u16,
    /// The batch; none where the gate refused.
    pub batch: Option<u32>,
    /// How many recipients were refused with it.
    pub recipients: u32,
    /// What the gate found: a code of core's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

/// A refusal of the gate's as it is stored: the row, core's code, Twilio's number, and the rest of the pointer after the row.
pub type Stored = (u32, String, Option<u32>, String);

impl From<Stored> for Line {
    fn from((row, issue, number, at): Stored) -> Self {
        Self {
            index: Some(row),
            code: number.map(u64::from),
            pointer: Some(format!("/to/{row}{at}")),
            status: 400,
            batch: None,
            recipients: 1,
            issue: Some(issue),
        }
    }
}

/// Refusals of an operation, in the order sent: the gate's, then the upstream's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals(pub Vec<Line>);

impl Refusals {
    /// At most so many from one on: of the `stored` ones of the gate's, those that were `found` there, and behind them
    /// those of a ledger.
    pub fn of((stored, found): (usize, Vec<Stored>), ledger: &Ledger, first: usize, most: usize) -> Self {
        let mut lines: Vec<Line> = found.into_iter().map(Line::from).collect();
        let mut rest = Vec::new();
        for (number, batch) in (0..).zip(&ledger.batches) {
            let State::Refused(refused) = &batch.state else { continue };
            let line = Line { status: refused.status, batch: Some(number), recipients: batch.rows, ..Line::default() };
            if refused.errors.is_empty() {
                rest.push(line.clone());
            }
            rest.extend(refused.errors.iter().map(|error| Line {
                index: error.row,
                code: error.code,
                pointer: error.pointer.clone(),
                ..line.clone()
            }));
        }
        let room = most.saturating_sub(lines.len());
        lines.extend(rest.into_iter().skip(first.saturating_sub(stored)).take(room));
        Self(lines)
    }

    /// As a table, with a header.
    pub fn csv(&self) -> String {
        let mut csv = String::from("index,code,pointer,status,batch,recipients,issue\r\n");
        for Line { index, code, pointer, status, batch, recipients, issue } in &self.0 {
            let cell = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
            // A pointer may hold a name of the caller's. Writing to a String cannot fail.
            let _ = write!(
                csv,
                "{},{},{},{status},{},{recipients},{}\r\n",
                cell(index.map(u64::from)),
                cell(*code),
                quoted(pointer.as_deref().unwrap_or_default()),
                cell(batch.map(u64::from)),
                issue.as_deref().unwrap_or_default(),
            );
        }
        csv
    }
}

/// A cell in quotes where it needs them (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gate_refused_has_its_place_and_code() {
        let stored: Stored = serde_json::from_str(r#"[7,"address/not-e164",21211,"/variables/a,\"b"]"#).unwrap();
        let refusals = Refusals(vec![stored.into()]);
        let lines = "index,code,pointer,status,batch,recipients,issue\r\n\
                     7,21211,\"/to/7/variables/a,\"\"b\",400,,1,address/not-e164\r\n";
        assert_eq!(refusals.csv(), lines);
    }
}
