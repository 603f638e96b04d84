//! What tables become: read whole and in pieces.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod csv;
mod formats;
mod mapping;
mod refusals;

use super::*;
use crate::finding::code::Severity;
use crate::finding::issue::Issue;

/// What a table becomes: each row's number and JSON, each reject's number, code and raw bytes; the report.
#[derive(Default)]
struct Made {
    rows: Vec<(u32, String)>,
    rejects: Vec<(u32, Code, Vec<u8>)>,
    csv: Vec<u8>,
    writer: Rejects,
}

impl Records for Made {
    fn row(&mut self, row: TableRow<'_>) {
        assert_eq!(row.index as usize, self.rows.len());
        assert_eq!(row.element().first(), Some(if row.index == 0 { &b'{' } else { &b',' }));
        self.rows.push((row.record.number, String::from_utf8(row.json().to_vec()).unwrap()));
    }

    fn reject(&mut self, record: Record<'_>, issue: &Issue) {
        self.rejects.push((record.number, issue.code, record.raw.to_vec()));
        self.writer.add(&record, &issue.sentence(), &mut self.csv);
    }
}

fn read(table: &[u8], chunk: usize, mapping: Mapping) -> (Made, TableReport) {
    let mut made = Made::default();
    let mut reader = Table::new(mapping);
    table.chunks(chunk).for_each(|piece| reader.push(piece, &mut made));
    let report = reader.finish(&mut made);
    (made, report)
}

/// Reads a table whole and in pieces, which has to come to the same.
fn made_by(table: &[u8], mapping: &Mapping) -> (Made, TableReport) {
    let whole = read(table, table.len().max(1), mapping.clone());
    for chunk in [1, 3, 4096] {
        let pieces = read(table, chunk, mapping.clone());
        assert_eq!(pieces.0.rows, whole.0.rows, "in pieces of {chunk}");
        assert_eq!(pieces.0.rejects, whole.0.rejects, "in pieces of {chunk}");
        assert_eq!(pieces.0.csv, whole.0.csv, "in pieces of {chunk}");
        assert_eq!(pieces.1.to_json(), whole.1.to_json(), "in pieces of {chunk}");
        assert_eq!(pieces.1.numbers, whole.1.numbers, "in pieces of {chunk}");
    }
    whole
}

fn made(table: &[u8]) -> (Made, TableReport) {
    made_by(table, &Mapping::default())
}

/// Rows as `number address channel name=value …`, for short tables.
fn short(made: &Made) -> Vec<String> {
    let shorten = |json: &str| {
        json.replace("\"variables\":", "").replace("\"address\":", "").replace("\"channel\":", "").replace('"', "")
    };
    made.rows.iter().map(|(number, json)| format!("{number} {}", shorten(json))).collect()
}

#[track_caller]
fn rows(table: &[u8], expected: &[&str]) {
    let (made, report) = made(table);
    assert_eq!(short(&made), expected);
    assert_eq!(report.issues, [], "{}", report.to_json());
    assert!(report.ok());
}
