//! CSV records, from bytes that arrive in any pieces. The grammar is csv-core's; here are the bounds, and what it does
//! not tell: that a quote was never closed, and where.
//!
//! A quote opens a cell only as its first byte and is doubled inside; anywhere else it is a sign like any other. LF,
//! CRLF and CR each end a record. Source: RFC 4180, read as leniently as csv-core reads it.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

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

/// How far reading on has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The bytes end inside the record.
    Open,
    /// The record is whole.
    Record,
    /// There is no memory for it.
    OutOfMemory,
}

/// Reads one record after another.
pub(super) struct Csv {
    reader: Reader,
    text: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    cells: usize,
    /// Cells above [`COLUMNS`].
    surplus: usize,
}

/// Cells that are there before any record asks for more.
const FEW: usize = 64;

impl Csv {
    pub(super) fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, text: vec![0; 1024], filled: 0, ends: vec![0; FEW], cells: 0, surplus: 0 }
    }

    /// Forgets the record that was read.
    pub(super) fn next(&mut self) {
        (self.filled, self.cells, self.surplus) = (0, 0, 0);
    }

    /// The record that was read.
    pub(super) fn cells(&self) -> Cells<'_> {
        Cells {
            text: self.text.get(..self.filled).unwrap_or_default(),
            ends: self.ends.get(..self.cells).unwrap_or_default(),
            count: self.cells + self.surplus,
        }
    }

    /// Reads on to the end of the record or of the bytes; how many were taken.
    pub(super) fn read(&mut self, bytes: &[u8]) -> (Step, usize) {
        let mut taken = 0;
        // To csv-core, no bytes are the end of the table.
        while let Some(rest @ [_, ..]) = bytes.get(taken..) {
            let (result, read) = self.step(rest);
            taken += read;
            match result {
                ReadRecordResult::InputEmpty => break,
                ReadRecordResult::Record | ReadRecordResult::End => return (Step::Record, taken),
                ReadRecordResult::OutputFull => {
                    let more = self.text.len();
                    if self.text.try_reserve(more).is_err() {
                        return (Step::OutOfMemory, taken);
                    }
                    self.text.resize(2 * more, 0);
                }
                ReadRecordResult::OutputEndsFull => self.make_room_for_cells(),
            }
        }
        (Step::Open, taken)
    }

    /// Takes the end of the table inside a record. Unless a quote is open, the record is whole; else the error is how
    /// many line ends stand before that quote.
    pub(super) fn finish(&mut self) -> Result<(), u64> {
        // A line end ends every record, but inside a quoted cell it is text.
        if self.read(b"\n").0 == Step::Record {
            return Ok(());
        }
        let closed = self.cells.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        let before = self.text.get(..closed).unwrap_or_default();
        Err(before.iter().filter(|byte| **byte == b'\n').count() as u64)
    }

    fn step(&mut self, bytes: &[u8]) -> (ReadRecordResult, usize) {
        let text = self.text.get_mut(self.filled..).unwrap_or_default();
        let ends = self.ends.get_mut(self.cells..).unwrap_or_default();
        let (result, read, written, ended) = self.reader.read_record(bytes, text, ends);
        self.filled += written;
        self.cells += ended;
        (result, read)
    }

    fn make_room_for_cells(&mut self) {
        if self.ends.len() < COLUMNS {
            self.ends.resize((2 * self.ends.len()).min(COLUMNS), 0);
        } else if let Some(last) = self.cells.checked_sub(1) {
            // The last place is written again and again.
            self.surplus += 1;
            self.cells = last;
        }
    }
}
