//! Tables of any bytes: the same rows whatever pieces they come in.

use postgate_core::{Code, Issue, Mapping, Record, Records, Rejects, Table, TableReport, TableRow};
use serde_json::Value;

use super::shown;

/// What a table becomes.
#[derive(Debug, Default, PartialEq)]
pub struct Made {
    /// The rows of `to`.
    pub rows: Vec<Value>,
    /// The number of the record that each row was made of, and the record.
    pub numbers: Vec<u32>,
    /// The records as they came.
    pub raw: Vec<Vec<u8>>,
    /// The number of each record that became no row, and why.
    pub refused: Vec<(u32, Code)>,
    /// These as CSV.
    pub rejects: Vec<u8>,
}

/// Gathers what a table becomes.
#[derive(Default)]
struct Making {
    made: Made,
    writer: Rejects,
}

impl Records for Making {
    fn row(&mut self, row: TableRow<'_>) {
        self.made.rows.push(serde_json::from_slice(row.json()).expect("a row is JSON"));
        self.made.numbers.push(row.record.number);
        self.made.raw.push(row.record.raw.to_vec());
    }

    fn reject(&mut self, record: Record<'_>, issue: &Issue) {
        self.made.refused.push((record.number, issue.code));
        self.writer.add(&record, &issue.sentence(), &mut self.made.rejects);
    }
}

/// What a table becomes that comes in pieces.
///
/// # Panics
///
/// When a row is no JSON.
pub fn made_of<'a>(pieces: impl Iterator<Item = &'a [u8]>, mapping: &Mapping) -> (Made, TableReport) {
    let mut making = Making::default();
    let mut table = Table::new(mapping.clone());
    pieces.for_each(|piece| table.push(piece, &mut making));
    let report = table.finish(&mut making);
    (making.made, report)
}

/// A table becomes the same in pieces of one byte, of seven, and of lengths that its bytes give.
///
/// # Panics
///
/// When it does not.
pub fn table(data: &[u8]) {
    let cuts: Vec<usize> = data.iter().take(8).map(|&byte| usize::from(byte) * 3).collect();
    let all: Vec<usize> = (0..data.len()).collect();
    let sevenths: Vec<usize> = (0..data.len()).step_by(7).collect();
    for cuts in [&all, &sevenths, &cuts] {
        same_rows_in_pieces(data, cuts);
    }
}

/// A table that is cut anywhere becomes what it becomes whole, and its report says so.
///
/// # Panics
///
/// When it becomes something else.
pub fn same_rows_in_pieces(data: &[u8], cuts: &[usize]) {
    let mapping = Mapping::default();
    let told = || shown(data);
    let (whole, report) = made_of([data].into_iter(), &mapping);
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (data.len() + 1)).collect();
    cuts.extend([0, data.len()]);
    cuts.sort_unstable();
    let (pieced, pieced_report) = made_of(cuts.windows(2).map(|pair| &data[pair[0]..pair[1]]), &mapping);
    assert_eq!(whole, pieced, "{}", told());
    assert_eq!(report.to_json(), pieced_report.to_json(), "{}", told());
    let numbers: Vec<u32> = (0..report.numbers.len()).filter_map(|row| report.numbers.get(row)).collect();
    assert_eq!(whole.numbers, numbers, "{}", told());
    assert_eq!(whole.refused.len() as u64, report.rejected, "{}", told());
    serde_json::from_str::<Value>(&report.to_json()).expect("a report is JSON");
}
