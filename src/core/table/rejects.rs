//! Rejects as CSV: the records that are not sent, as they came, with the reason in a column of its own.

use super::cell;
use super::mapping::{Format, REASON};
use super::record::Record;

/// Writes rejects. Nothing is kept but whether the header was written.
///
/// The cells of a table stay as they came, byte by byte, quotes included: one that begins with `=` and was harmless in
/// the table it came from is so here. What is added begins with a letter, so no program takes it for a formula. A
/// line that is no CSV, of NDJSON or a list, becomes one cell, with an apostrophe in front where it could be a formula.
#[derive(Debug, Default)]
pub struct Rejects {
    begun: bool,
}

impl Rejects {
    /// Appends a record with the reason why it is not sent; before the first one, the header.
    pub fn add(&mut self, record: &Record<'_>, reason: &str, out: &mut Vec<u8>) {
        let layout = record.layout;
        let csv = layout.format == Format::Csv;
        let delimiter = if csv { layout.delimiter.byte() } else { b',' };
        if !self.begun {
            self.begun = true;
            out.extend_from_slice(&layout.front);
            if let Some(header) = layout.header.as_deref().or((!csv).then_some(b"record")) {
                out.extend_from_slice(header);
                out.push(delimiter);
                out.extend_from_slice(REASON.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
        }
        if csv {
            out.extend_from_slice(record.raw);
            // The reason stands in its own column, also after a record that lacks cells.
            out.extend(std::iter::repeat_n(delimiter, layout.cells.saturating_sub(record.cells)));
        } else {
            cell::push_csv(out, record.raw, delimiter);
        }
        out.push(delimiter);
        cell::push_csv(out, reason.as_bytes(), delimiter);
        out.extend_from_slice(b"\r\n");
    }
}
