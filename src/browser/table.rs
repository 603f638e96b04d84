//! Tables as they come from JavaScript, and the rows and rejects that go back.

use postgate_core::{Code, Issue, Mapping, OptionError, Record, Records, Rejects, Table, TableReport, TableRow};
use wasm_bindgen::prelude::*;

use crate::error::PostgateError;
use crate::host::{Bytes, List, give_numbers};
use crate::parts::Parts;
use crate::request::Room;

#[wasm_bindgen(raw_module = "./sentence.js")]
extern "C" {
    /// The package's sentence for an issue, which is JSON.
    fn reason(issue: &str) -> String;
}

/// Reads a mapping from its JSON.
pub(crate) fn mapping(json: &str) -> Result<Mapping, PostgateError> {
    Mapping::from_json(json.as_bytes()).map_err(|(name, error)| match error {
        OptionError::Unknown => PostgateError::new("unknown-option", &["A mapping has no ", &name, "."].concat()),
        OptionError::Invalid { expected } if name.is_empty() => {
            PostgateError::new("invalid-option", &["A mapping must be ", expected, "."].concat())
        }
        OptionError::Invalid { expected } => {
            PostgateError::new("invalid-option", &["In a mapping, ", &name, " must be ", expected, "."].concat())
        }
    })
}

/// Makes rows of a table: a report's JSON. The rows' JSON goes to `rows`, with commas between, the records that became
/// none to `rejects`, and the rows' numbers and lines in the table to `places`.
#[wasm_bindgen(js_name = fromTable)]
pub fn from_table(
    table: &Bytes,
    mapping: &str,
    rows: List,
    rejects: List,
    places: &List,
) -> Result<String, PostgateError> {
    let mut made = Made { rows: Parts::new(rows), rejects: Rejected::new(rejects) };
    let mut reader = Table::new(self::mapping(mapping)?);
    let mut room = Room::default();
    room.fit(table)?;
    room.each_piece(table, &mut |piece| reader.push(piece, &mut made));
    let report = reader.finish(&mut made);
    made.rows.flush();
    made.rejects.flush();
    give_places(&report, places);
    Ok(report.to_json())
}

/// Appends the rows' numbers and lines in their table.
pub(crate) fn give_places(report: &TableReport, places: &List) {
    for numbers in [&report.numbers, &report.lines] {
        let all: Vec<u32> = (0..numbers.len()).filter_map(|row| numbers.get(row)).collect();
        give_numbers(places, &all);
    }
}

struct Made {
    rows: Parts,
    rejects: Rejected,
}

impl Records for Made {
    fn row(&mut self, row: TableRow<'_>) {
        self.rows.room().extend_from_slice(row.element());
    }

    fn reject(&mut self, record: Record<'_>, issue: &Issue) {
        self.rejects.add(&record, issue);
    }
}

/// Rejects as CSV. Their sentences are JavaScript's, which knows them in other languages too.
pub(crate) struct Rejected {
    parts: Parts,
    writer: Rejects,
    /// The last sentence, and the code that always has it, if it has.
    last: (Option<Code>, String),
}

impl Rejected {
    pub(crate) fn new(parts: List) -> Self {
        Self { parts: Parts::new(parts), writer: Rejects::default(), last: (None, String::new()) }
    }

    pub(crate) fn add(&mut self, record: &Record<'_>, issue: &Issue) {
        if self.last.0 != Some(issue.code) {
            // With no param but the record's number and line, which no sentence says, it is the same for all records.
            let code = (issue.params.len() == 2).then_some(issue.code);
            self.last = (code, reason(&issue.to_json()));
        }
        self.writer.add(record, &self.last.1, self.parts.room());
    }

    /// Adds a record for a reason that is known.
    pub(crate) fn add_for(&mut self, record: &Record<'_>, reason: &str) {
        self.writer.add(record, reason, self.parts.room());
    }

    /// Begins anew after what was handed over.
    pub(crate) fn restart(&mut self) {
        self.writer = Rejects::default();
    }

    pub(crate) fn flush(&mut self) {
        self.parts.flush();
    }
}
