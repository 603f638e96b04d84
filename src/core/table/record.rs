//! Records as they stand in a table, and who takes what becomes of them.

use super::mapping::{Delimiter, Format};
use crate::finding::issue::Issue;

/// What a table's records have in common.
#[derive(Clone, Debug)]
pub struct Layout {
    /// How the table is written.
    pub format: Format,
    /// The sign between two cells; in CSV only.
    pub delimiter: Delimiter,
    /// What stands before the header: a byte order mark, and a line that names the delimiter.
    pub(super) front: Vec<u8>,
    /// The header as it came, without its line end.
    pub(super) header: Option<Vec<u8>>,
    /// How many cells the first record has.
    pub(super) cells: usize,
}

/// One record of a table, as it came.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What it has in common with the others.
    pub layout: &'a Layout,
    /// Its bytes, without the line end.
    pub raw: &'a [u8],
    /// Its number: from 1, header and empty rows included; a record over several lines is one, as in a spreadsheet. In
    /// NDJSON and lists it is the line's.
    pub number: u32,
    /// The line that it begins in, from 1. Records may have several, with line breaks in their cells.
    pub line: u32,
    /// Where it begins, in bytes into the table.
    pub offset: u64,
    /// How many cells it has.
    pub(super) cells: usize,
}

/// A row of `to` that was made of a record.
#[derive(Clone, Copy, Debug)]
pub struct TableRow<'a> {
    /// Its place in `to`.
    pub index: u32,
    /// The record it was made of.
    pub record: Record<'a>,
    /// The JSON, with a comma before it.
    pub(super) json: &'a [u8],
}

impl<'a> TableRow<'a> {
    /// The row's JSON.
    pub fn json(&self) -> &'a [u8] {
        self.json.get(1..).unwrap_or_default()
    }

    /// The row's JSON as it goes into the array: with a comma before it, unless it is the first.
    pub fn element(&self) -> &'a [u8] {
        if self.index == 0 { self.json() } else { self.json }
    }
}

/// Takes what is made of a table, record by record, in order. The table keeps none of it.
pub trait Records {
    /// A record became a row.
    fn row(&mut self, row: TableRow<'_>);
    /// No row could be made of a record, and why.
    fn reject(&mut self, record: Record<'_>, issue: &Issue);
}
