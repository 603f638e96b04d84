//! CSV records, from bytes that arrive in any pieces.
//!
//! A quote opens a cell only as its first byte and is doubled inside; anywhere else it is a sign like any other, also
//! behind the quote that closes. LF, CRLF and CR each end a record, and empty lines are none. Source: RFC 4180, read as
//! leniently as csv-core reads it; a test holds the two against each other.

use crate::limits::COLUMNS;

/// The cells of a record, unquoted.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    text: &'a [u8],
    ends: &'a [usize],
    /// How many there are, more than [`COLUMNS`] included, which are not kept.
    pub count: usize,
}

impl<'a> Cells<'a> {
    /// The cell in that column; none where the record is shorter.
    pub(super) fn get(&self, column: usize) -> Option<&'a [u8]> {
        let start = match column.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(column)?)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.ends.len()).map_while(move |column| self.get(column))
    }

    /// How many there are up to the last one that says anything.
    pub(super) fn width(&self) -> usize {
        if self.count > self.ends.len() {
            return self.count;
        }
        let said = |column: &usize| self.get(*column).is_some_and(|cell| !super::cell::trim(cell).is_empty());
        (0..self.ends.len()).rev().find(said).map_or(0, |last| last + 1)
    }
}

/// What reading on came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The bytes end inside the record.
    Open,
    /// The record is whole.
    Record,
    /// There is no memory for it.
    OutOfMemory,
}

/// Where in a record reading stands.
#[derive(Clone, Copy)]
enum At {
    /// In front of it, where line ends are no records.
    Start,
    /// In front of a cell.
    Cell,
    /// In a cell, and not between quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that stood between quotes: it closes them, or is the first of two that say one.
    Quote,
}

/// Reads one record after another.
pub(super) struct Csv {
    delimiter: u8,
    at: At,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Cells above [`COLUMNS`].
    surplus: usize,
}

impl Csv {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, at: At::Start, text: Vec::new(), ends: Vec::new(), surplus: 0 }
    }

    /// Forgets the record that was read.
    pub(super) fn next(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.surplus = 0;
    }

    /// The record that was read.
    pub(super) fn cells(&self) -> Cells<'_> {
        Cells { text: &self.text, ends: &self.ends, count: self.ends.len() + self.surplus }
    }

    /// Reads on to the end of the record or of the bytes; how many were taken.
    pub(super) fn read(&mut self, bytes: &[u8]) -> (Step, usize) {
        let mut taken = 0;
        while let Some(rest @ [sign, ..]) = bytes.get(taken..) {
            let delimiter = self.delimiter;
            let up_to = |ends: &dyn Fn(u8) -> bool| rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len());
            let (at, length) = match (self.at, *sign) {
                (At::Start, b'\r' | b'\n') => (At::Start, 0),
                (At::Start | At::Cell, b'"') => (At::Quoted, 0),
                (At::Quoted, b'"') => (At::Quote, 0),
                (At::Quoted, _) => (At::Quoted, up_to(&|byte| byte == b'"')),
                (At::Quote, b'"') => (At::Quoted, 1),
                (_, b'\r' | b'\n') => {
                    self.end_cell();
                    self.at = At::Start;
                    return (Step::Record, taken + 1);
                }
                (_, sign) if sign == delimiter => {
                    self.end_cell();
                    (At::Cell, 0)
                }
                _ => (At::Plain, up_to(&|byte| byte == delimiter || matches!(byte, b'\r' | b'\n'))),
            };
            if self.text.try_reserve(length).is_err() {
                return (Step::OutOfMemory, taken);
            }
            self.text.extend_from_slice(rest.get(..length).unwrap_or_default());
            self.at = at;
            // A sign that is no text is still taken.
            taken += length.max(1);
        }
        (Step::Open, taken)
    }

    /// Takes the end of the table inside a record. Unless a quote is open, the record is whole; else the error is how
    /// many line ends stand in front of that quote.
    pub(super) fn finish(&mut self) -> Result<(), u64> {
        // A line end ends every record, but inside a quoted cell it is text.
        if self.read(b"\n").0 == Step::Record {
            return Ok(());
        }
        let closed = self.ends.last().copied().unwrap_or(0);
        let before = self.text.get(..closed).unwrap_or_default();
        Err(before.iter().filter(|byte| **byte == b'\n').count() as u64)
    }

    fn end_cell(&mut self) {
        if self.ends.len() == COLUMNS {
            // The last place is written again and again.
            self.ends.pop();
            self.surplus += 1;
        }
        self.ends.push(self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use csv_core::{ReadRecordResult, ReaderBuilder};

    use super::*;

    fn by_csv_core(mut bytes: &[u8], delimiter: u8) -> Vec<Vec<Vec<u8>>> {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
        let (mut text, mut ends) = ([0; 256], [0; 64]);
        let mut records = Vec::new();
        let (mut filled, mut cells) = (0, 0);
        loop {
            let (result, read, written, ended) = reader.read_record(bytes, &mut text[filled..], &mut ends[cells..]);
            bytes = &bytes[read..];
            (filled, cells) = (filled + written, cells + ended);
            match result {
                ReadRecordResult::Record => {
                    let starts = [0].into_iter().chain(ends);
                    let record = starts.zip(ends).take(cells).map(|(start, end)| text[start..end].to_vec());
                    records.push(record.collect());
                    (filled, cells) = (0, 0);
                }
                ReadRecordResult::End => return records,
                more => assert_eq!(more, ReadRecordResult::InputEmpty),
            }
        }
    }

    fn by_pieces(bytes: &[u8], delimiter: u8, piece: usize) -> Vec<Vec<Vec<u8>>> {
        let mut csv = Csv::new(delimiter);
        let mut records = Vec::new();
        for mut piece in bytes.chunks(piece) {
            while let (Step::Record, taken) = csv.read(piece) {
                piece = &piece[taken..];
                records.push(csv.cells().iter().map(<[u8]>::to_vec).collect());
                csv.next();
            }
        }
        if csv.finish().is_ok() {
            records.push(csv.cells().iter().map(<[u8]>::to_vec).collect());
        }
        records
    }

    fn ends_quoted(mut table: &[u8], delimiter: u8) -> bool {
        let mut csv = Csv::new(delimiter);
        while let (Step::Record, taken) = csv.read(table) {
            table = &table[taken..];
        }
        matches!(csv.at, At::Quoted)
    }

    #[test]
    fn records_are_those_of_csv_core() {
        const SIGNS: &[u8] = b"\",;a\n\r ";
        let mut tables = 0;
        for length in 0..6 {
            for number in 0..SIGNS.len().pow(length) {
                let places = (0..length).map(|place| number / SIGNS.len().pow(place) % SIGNS.len());
                let table: Vec<u8> = places.map(|place| SIGNS[place]).collect();
                for delimiter in [b',', b';'] {
                    let mut expected = by_csv_core(&table, delimiter);
                    // Where a quote is left open, csv-core closes it; here that is no record.
                    if ends_quoted(&table, delimiter) {
                        expected.pop();
                    }
                    for piece in [1, 2, 9] {
                        assert_eq!(by_pieces(&table, delimiter, piece), expected, "{table:?}");
                    }
                }
                tables += 1;
            }
        }
        assert_eq!(tables, 19_608);
    }
}
