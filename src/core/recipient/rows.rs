//! What the first pass keeps of each row, so that the second need not read it again: four bytes and three bits.

use crate::limits::REQUEST_BYTES;

/// Where the rows of a request stand, and which of them are not written as they came.
#[derive(Default)]
pub(crate) struct Rows {
    /// The first byte of each row. Requests that are read have less than 4 GiB.
    starts: Vec<u32>,
    /// The byte after the last row.
    end: u64,
    /// Whether anything but a comma stands between two rows.
    pub spaced: bool,
    /// Rows that are written otherwise than they came.
    pub edited: RowSet,
    /// Rows that stand for a stored group.
    pub groups: RowSet,
    /// Rows whose only channel is WHATSAPP.
    pub whatsapp: RowSet,
}

/// What could not be kept: there is no memory for it.
#[derive(Debug)]
pub(crate) struct Full;

impl Rows {
    /// Adds the row from `start` to `end`.
    #[inline(always)]
    pub(crate) fn add(&mut self, start: u64, end: u64) -> Result<(), Full> {
        // Asked here, as std's own question would be a call for each row.
        if self.starts.len() == self.starts.capacity() {
            self.starts.try_reserve(1).map_err(|_| Full)?;
        }
        self.spaced |= !self.starts.is_empty() && start != self.end + 1;
        self.starts.push(u32::try_from(start).map_err(|_| Full)?);
        self.end = end;
        Ok(())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Where a row begins.
    pub(crate) fn start(&self, row: usize) -> Option<u64> {
        self.starts.get(row).copied().map(u64::from)
    }

    /// Where a row ends, if nothing is spaced.
    pub(crate) fn end(&self, row: usize) -> u64 {
        self.start(row + 1).map_or(self.end, |next| next - 1)
    }

    /// Where what belongs to a row and what only stands after it ends: at the next row.
    pub(crate) fn limit(&self, row: usize) -> u64 {
        self.start(row + 1).unwrap_or(self.end)
    }
}

/// A row without the comma and the white space after it.
pub(crate) fn trimmed(row: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let end = |row: &[u8]| row.iter().rposition(|byte| !blank(byte)).map_or(0, |last| last + 1);
    let row = row.get(..end(row)).unwrap_or_default();
    let Some(row) = row.strip_suffix(b",") else { return row };
    row.get(..end(row)).unwrap_or_default()
}

/// Most bytes of a row that is written: a larger one fits no batch.
pub(crate) const LARGEST_ROW: usize = REQUEST_BYTES as usize;

/// Some of the rows, a bit each.
#[derive(Default)]
pub(crate) struct RowSet(Vec<u64>);

impl RowSet {
    /// Adds a row.
    pub(crate) fn insert(&mut self, row: usize) -> Result<(), Full> {
        let word = row / 64;
        if word >= self.0.len() {
            self.0.try_reserve(word + 1 - self.0.len()).map_err(|_| Full)?;
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (row % 64);
        Ok(())
    }

    /// Whether it has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has the row.
    pub(crate) fn contains(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn rows_end_in_front_of_what_separates_them() {
        for (written, row) in
            [("{}", "{}"), ("{} ,\n ", "{}"), ("[1,2],", "[1,2]"), ("", ""), (" , ", ""), ("7 \t", "7")]
        {
            assert_eq!(trimmed(written.as_bytes()), row.as_bytes(), "{written:?}");
        }
    }

    #[test]
    fn a_set_has_what_was_added() {
        let mut set = RowSet::default();
        for row in [0, 63, 64, 1_000_000] {
            set.insert(row).unwrap();
        }
        let found: Vec<usize> = (0..1_000_100).filter(|row| set.contains(*row)).collect();
        assert_eq!(found, [0, 63, 64, 1_000_000]);
    }
}
