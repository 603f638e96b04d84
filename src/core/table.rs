//! Tables of recipients, CSV, NDJSON or numbers one a line, made into rows of `to`.
//!
//! A table comes in pieces of any size and leaves as rows, one by one; of its own size nothing is kept but where rows
//! were left out. How it is written and which column holds what is found out from its first bytes, unless the caller
//! says so. The same bytes give the same rows, so both passes over a request can be fed from a table.
//!
//! Knows nothing of what makes a row right: that is judged when the rows are part of a request. What is refused here is
//! what no row can be made of.

mod cell;
mod csv;
mod found;
mod mapping;
mod numbers;
mod options;
mod record;
mod rejects;
mod report;
mod row;
mod sniff;
#[cfg(test)]
mod tests;

use crate::finding::code::Code;
use crate::finding::issue::{Params, above, param};
use crate::limits::{COLUMNS, REQUEST_BYTES, TABLE_SAMPLE};
use csv::{Csv, Step};
use found::Found;
pub use mapping::{Channel, Column, Delimiter, Format, Mapping, Variables};
pub use numbers::Numbers;
pub use record::{Layout, Record, Records, TableRow};
pub use rejects::Rejects;
pub use report::{TableReport, request_head};
use row::Writer;

/// Largest record that is read: a larger one fits no batch.
const LARGEST: usize = REQUEST_BYTES as usize;

/// Reads a table of recipients in pieces of any size: CSV, NDJSON, or phone numbers one a line.
///
/// ```
/// use postgate_core::{Mapping, Record, Records, Table, TableRow};
///
/// struct Rows(Vec<u8>);
/// impl Records for Rows {
///     fn row(&mut self, row: TableRow<'_>) {
///         self.0.extend_from_slice(row.json());
///     }
///     fn reject(&mut self, _: Record<'_>, _: &postgate_core::Issue) {}
/// }
///
/// let mut rows = Rows(Vec::new());
/// let mut table = Table::new(Mapping::default());
/// table.push(b"Mobile;First name\r\n+49 1512 3456789;Zo", &mut rows);
/// table.push("ë\r\n".as_bytes(), &mut rows);
/// let report = table.finish(&mut rows);
/// assert!(report.ok());
/// assert_eq!(
///     String::from_utf8_lossy(&rows.0),
///     r#"{"address":"+49 1512 3456789","channel":"PHONE","variables":{"First name":"Zoë"}}"#,
/// );
/// ```
pub struct Table {
    mapping: Mapping,
    state: State,
    /// The first bytes, until they are enough to tell how the table is written; then a record that is not whole.
    carried: Vec<u8>,
    found: Found,
    writer: Writer,
}

#[allow(clippy::large_enum_variant, reason = "there is one a table")]
enum State {
    /// How the table is written is not known yet.
    Sample,
    Csv(Csv),
    /// NDJSON, cut at line ends, or a list, cut at other signs too.
    Lines,
    Failed,
}

impl Table {
    /// A table that is read by that mapping.
    pub fn new(mapping: Mapping) -> Self {
        let writer = Writer::new(mapping.default_channel());
        Self { mapping, state: State::Sample, carried: Vec::new(), found: Found::new(), writer }
    }

    /// Takes the next bytes of the table.
    pub fn push(&mut self, bytes: &[u8], records: &mut dyn Records) {
        let mut bytes = bytes;
        if let State::Sample = self.state {
            let room = TABLE_SAMPLE - self.carried.len();
            let (front, rest) = bytes.split_at(bytes.len().min(room));
            self.carried.extend_from_slice(front);
            bytes = rest;
            if self.carried.len() < TABLE_SAMPLE {
                return;
            }
            self.begin(false, records);
        }
        self.read(bytes, records);
    }

    /// Takes the end of the table.
    pub fn finish(mut self, records: &mut dyn Records) -> TableReport {
        if let State::Sample = self.state {
            self.begin(true, records);
        }
        if self.found.open {
            self.end_record(records);
        }
        if self.found.fatal.is_none() && self.found.numbers.is_empty() && self.found.rejected == 0 {
            self.found.issue(Code::TableEmpty, 0, vec![]);
        }
        TableReport::new(self.found, self.mapping.default_channel())
    }

    /// What the table's records have in common, as far as it is known.
    pub fn layout(&self) -> &Layout {
        &self.found.layout
    }

    /// Finds out how the table is written, and reads the bytes that were carried for it.
    fn begin(&mut self, whole: bool, records: &mut dyn Records) {
        let sample = std::mem::take(&mut self.carried);
        match sniff::sniff(&sample, whole, &self.mapping) {
            Ok(mut sniffed) => {
                let found = &mut self.found;
                found.layout.format = sniffed.format;
                found.layout.delimiter = sniffed.delimiter;
                found.layout.front = sample.get(..sniffed.front).unwrap_or_default().to_vec();
                found.offset = sniffed.front as u64;
                found.line += sniffed.front_lines;
                if sniffed.format != Format::Csv {
                    found.number = found.line;
                }
                self.state = match sniffed.format {
                    Format::Csv => State::Csv(Csv::new(sniffed.delimiter.byte())),
                    Format::Ndjson | Format::List => State::Lines,
                };
                let (front, refusal) = (sniffed.front, sniffed.refusal.take());
                found.sniffed = Some(sniffed);
                if let Some((code, params)) = refusal {
                    return self.fail(code, 0, params);
                }
                self.read(sample.get(front..).unwrap_or_default(), records);
            }
            Err((code, params)) => self.fail(code, 0, params),
        }
    }

    fn fail(&mut self, code: Code, offset: u64, params: Params) {
        self.state = State::Failed;
        self.carried = Vec::new();
        self.found.open = false;
        self.found.fail(code, offset, params);
    }

    fn read(&mut self, bytes: &[u8], records: &mut dyn Records) {
        let mut rest = bytes;
        while let [byte, ..] = *rest {
            if !self.found.open && self.found.skip(byte) {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let taken = match self.state {
                State::Csv(_) => self.read_csv(rest, records),
                State::Lines => self.read_line(rest, records),
                State::Sample | State::Failed => return,
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// Reads on in a record of CSV; how many bytes were taken.
    fn read_csv(&mut self, bytes: &[u8], records: &mut dyn Records) -> usize {
        let State::Csv(csv) = &mut self.state else { return bytes.len() };
        if !self.found.open {
            self.found.begin_record();
            csv.next();
        }
        let room = (LARGEST + 1).saturating_sub(self.carried.len());
        let (step, taken) = csv.read(bytes.get(..room).unwrap_or(bytes));
        self.found.offset += taken as u64;
        let part = bytes.get(..taken).unwrap_or_default();
        match step {
            Step::Open => self.carry(part),
            Step::OutOfMemory => self.fail(Code::OutOfMemory, self.found.record_at.0, vec![]),
            Step::Record if self.carried.is_empty() => self.csv_record(part, records),
            Step::Record => {
                self.carry(part);
                let raw = std::mem::take(&mut self.carried);
                self.csv_record(&raw, records);
                self.recycle(raw);
            }
        }
        taken
    }

    /// Reads on in a line, or in an item of a list; how many bytes were taken.
    fn read_line(&mut self, bytes: &[u8], records: &mut dyn Records) -> usize {
        if !self.found.open {
            self.found.begin_record();
        }
        let list = self.found.layout.format == Format::List;
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r') || (list && matches!(byte, b',' | b';' | b'\t'));
        let room = (LARGEST + 1).saturating_sub(self.carried.len());
        let bytes = bytes.get(..room).unwrap_or(bytes);
        let Some(end) = bytes.iter().position(ends) else {
            self.found.offset += bytes.len() as u64;
            self.carry(bytes);
            return bytes.len();
        };
        let part = bytes.get(..end).unwrap_or_default();
        self.found.offset += end as u64;
        if self.carried.is_empty() {
            self.line_record(part, records);
        } else {
            self.carry(part);
            let raw = std::mem::take(&mut self.carried);
            self.line_record(&raw, records);
            self.recycle(raw);
        }
        end
    }

    /// Keeps a part of a record until the rest comes.
    fn carry(&mut self, part: &[u8]) {
        let (offset, line) = self.found.record_at;
        if self.carried.len() + part.len() > LARGEST {
            self.fail(Code::TableRowTooLarge, offset, above("line", line, LARGEST));
        } else if self.carried.try_reserve(part.len()).is_err() {
            self.fail(Code::OutOfMemory, offset, vec![]);
        } else {
            self.carried.extend_from_slice(part);
        }
    }

    fn recycle(&mut self, mut raw: Vec<u8>) {
        raw.clear();
        self.carried = raw;
    }

    /// Takes the end of the table as that of the open record.
    fn end_record(&mut self, records: &mut dyn Records) {
        let raw = std::mem::take(&mut self.carried);
        let State::Csv(csv) = &mut self.state else { return self.line_record(&raw, records) };
        match csv.finish() {
            Ok(()) => self.csv_record(&raw, records),
            Err(lines) => {
                let (offset, line) = self.found.record_at;
                self.fail(Code::TableUnclosedQuote, offset, param("line", line + lines));
            }
        }
    }

    /// Takes a record of CSV that is whole; `raw` with its line end.
    fn csv_record(&mut self, raw: &[u8], records: &mut dyn Records) {
        let State::Csv(csv) = &self.state else { return };
        let found = &mut self.found;
        let cells = csv.cells();
        found.end_record(raw);
        let raw = raw.strip_suffix(b"\n").or(raw.strip_suffix(b"\r")).unwrap_or(raw);
        let Some(sniffed) = &found.sniffed else { return };
        let is_first = found.records == 0;
        if is_first {
            found.layout.cells = cells.count;
        }
        found.records += u64::from(cells.width() > 0);
        if cells.count > COLUMNS && (is_first || sniffed.width.is_none()) {
            let offset = found.record_at.0;
            return self.fail(Code::TableTooManyColumns, offset, param("limit", COLUMNS));
        }
        if is_first && sniffed.header {
            if cells.width() > 0 {
                found.layout.header = Some(raw.to_vec());
                found.judge_header();
            }
            return found.next_record();
        }
        if cells.width() == 0 {
            return found.next_record();
        }
        let refusal = match &sniffed.plan {
            Some(plan) => self.writer.cells(cells, sniffed.width, plan).err(),
            None => return found.next_record(),
        };
        let count = cells.count;
        if let Some(limit) = sniffed.width.filter(|width| count < *width && refusal.is_none()) {
            let params = found.numbered(above("count", count, limit));
            found.issue(Code::TableMissingCells, found.record_at.0, params);
        }
        found.made(raw, count, refusal, &self.writer, records);
    }

    /// Takes a line, or an item of a list.
    fn line_record(&mut self, raw: &[u8], records: &mut dyn Records) {
        let found = &mut self.found;
        found.open = false;
        let trimmed = cell::trim(raw);
        if trimmed.is_empty() {
            return;
        }
        let plan = found.sniffed.as_ref().and_then(|sniffed| sniffed.plan.as_ref());
        let refusal = match found.layout.format {
            Format::List => self.writer.number(cell::unquoted(trimmed)).err(),
            _ => self.writer.object(trimmed, plan).err(),
        };
        found.made(trimmed, 1, refusal, &self.writer, records);
    }
}
