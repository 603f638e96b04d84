//! What is known of a table while it is read: where reading has come to, and what was found.

use super::mapping::{Delimiter, Format};
use super::numbers::Numbers;
use super::record::{Layout, Record, Records, TableRow};
use super::row::Writer;
use super::sniff::Sniffed;
use crate::finding::code::Code;
use crate::finding::findings::Findings;
use crate::finding::issue::{Issue, Params, param};

/// What is known of a table, and where reading has come to.
pub(super) struct Found {
    pub sniffed: Option<Sniffed>,
    pub layout: Layout,
    pub numbers: Numbers,
    pub lines: Numbers,
    pub findings: Findings,
    pub rejected: u64,
    /// Why reading stopped for good.
    pub fatal: Option<Issue>,
    /// Bytes that were read.
    pub offset: u64,
    /// The line that reading is in.
    pub line: u64,
    /// The number of the record that is open or comes next.
    pub number: u64,
    /// Where the open record begins, and in which line.
    pub record_at: (u64, u64),
    pub open: bool,
    /// Whether the byte in front was a CR, with which an LF is one line end.
    behind_cr: bool,
    pub records: u64,
}

impl Found {
    pub(super) fn new() -> Self {
        let layout =
            Layout { format: Format::Csv, delimiter: Delimiter::ALL[0], front: Vec::new(), header: None, cells: 0 };
        Self {
            sniffed: None,
            layout,
            numbers: Numbers::default(),
            lines: Numbers::default(),
            findings: Findings::default(),
            rejected: 0,
            fatal: None,
            offset: 0,
            line: 1,
            number: 1,
            record_at: (0, 1),
            open: false,
            behind_cr: false,
            records: 0,
        }
    }

    /// Passes over a byte between two records, if it is one that ends a line or, in a list, an item.
    pub(super) fn skip(&mut self, byte: u8) -> bool {
        let csv = self.layout.format == Format::Csv;
        let behind_cr = std::mem::take(&mut self.behind_cr);
        match byte {
            b'\n' if behind_cr => {}
            b'\n' | b'\r' => {
                self.behind_cr = byte == b'\r';
                self.line += 1;
                self.number += 1;
            }
            b',' | b';' | b'\t' if self.layout.format == Format::List => {}
            _ => return false,
        }
        debug_assert!(!csv || !self.open);
        self.offset += 1;
        true
    }

    pub(super) fn begin_record(&mut self) {
        self.open = true;
        self.record_at = (self.offset, self.line);
    }

    /// Counts the lines of a record that is whole, its line end included.
    pub(super) fn end_record(&mut self, raw: &[u8]) {
        self.open = false;
        self.behind_cr = raw.last() == Some(&b'\r');
        let lines = raw.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.line += lines + u64::from(self.behind_cr);
    }

    pub(super) fn next_record(&mut self) {
        self.number += 1;
    }

    /// Hands over the row that was made of a record, or why none was.
    pub(super) fn made(
        &mut self,
        raw: &[u8],
        cells: usize,
        refusal: Option<(Code, Params)>,
        writer: &Writer,
        records: &mut dyn Records,
    ) {
        let number = u32::try_from(self.number).unwrap_or(u32::MAX);
        let (offset, line) = self.record_at;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let record = Record { layout: &self.layout, raw, number, line, offset, cells };
        match refusal {
            None => {
                let index = self.numbers.len();
                self.numbers.push(number);
                self.lines.push(line);
                records.row(TableRow { index, record, json: writer.json() });
            }
            Some((code, params)) => {
                self.rejected += 1;
                let issue = issue(code, offset, self.numbered(params));
                records.reject(record, &issue);
                self.findings.add(issue);
            }
        }
        if self.layout.format == Format::Csv {
            self.next_record();
        }
    }

    /// Warns of columns that have no name, though others after them do.
    pub(super) fn judge_header(&mut self) {
        let names = self.sniffed.as_ref().map(|sniffed| &sniffed.names);
        let unnamed = |(_, name): &(usize, &String)| name.is_empty();
        let columns: Vec<usize> = names.into_iter().flatten().enumerate().filter(unnamed).map(|(at, _)| at).collect();
        for column in columns {
            self.issue(Code::TableUnnamedColumn, self.record_at.0, param("column", column + 1));
        }
    }

    /// Where the open record stands, and params after that.
    pub(super) fn numbered(&self, params: Params) -> Params {
        [vec![("row", self.number.into()), ("line", self.record_at.1.into())], params].concat()
    }

    pub(super) fn issue(&mut self, code: Code, offset: u64, params: Params) {
        self.findings.add(issue(code, offset, params));
    }

    pub(super) fn fail(&mut self, code: Code, offset: u64, params: Params) {
        let issue = issue(code, offset, params);
        self.findings.add(issue.clone());
        self.fatal = Some(issue);
    }
}

/// An issue about a table, which has no pointers.
fn issue(code: Code, offset: u64, params: Params) -> Issue {
    Issue { code, at: String::new(), offset, span: None, params }
}
