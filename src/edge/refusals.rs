//! `GET …/Errors`: whom the upstream refused, by place and code. No address and no sentence of the upstream's.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
use crate::record::State;

/// One refusal. Where it names no place, it is about all recipients of its batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Which of the caller's recipients.
    pub index: Option<u32>,
    /// The upstream's own number.
    pub code: Option<u64>,
    /// JSON Pointer into the caller's request.
    pub pointer: Option<String>,
    /// The upstream's HTTP status.
    pub status: u16,
    /// The batch.
    pub batch: u32,
    /// How many recipients were refused with it.
    pub recipients: u32,
}

/// All refusals of an operation, in the order sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals(pub Vec<Line>);

impl Refusals {
    /// Those of a ledger.
    pub fn of(ledger: &Ledger) -> Self {
        let mut lines = Vec::new();
        for (number, batch) in (0..).zip(&ledger.batches) {
            let State::Refused(refused) = &batch.state else { continue };
            let line = Line { status: refused.status, batch: number, recipients: batch.rows, ..Line::default() };
            if refused.errors.is_empty() {
                lines.push(line.clone());
            }
            lines.extend(refused.errors.iter().map(|error| Line {
                index: error.row,
                code: error.code,
                pointer: error.pointer.clone(),
                ..line
            }));
        }
        Self(lines)
    }

    /// As a table, with a header.
    pub fn csv(&self) -> String {
        let mut csv = String::from("index,code,pointer,status,batch,recipients\r\n");
        for Line { index, code, pointer, status, batch, recipients } in &self.0 {
            let cell = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
            // A pointer here is made of plain names: nothing in it needs quotes. Writing to a String cannot fail.
            let _ = write!(
                csv,
                "{},{},{},{status},{batch},{recipients}\r\n",
                cell(index.map(u64::from)),
                cell(*code),
                pointer.as_deref().unwrap_or_default(),
            );
        }
        csv
    }
}
