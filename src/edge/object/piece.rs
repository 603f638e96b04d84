//! Pieces: the normalized rows of a send, some hundreds of thousands of bytes at a time, each with an index.
//!
//! A piece holds whole rows, one after the other with nothing between. Its index has one entry a row. Neither table
//! nor record exists for a single recipient; a batch is cut from pieces when it is due.

use std::collections::VecDeque;

use postgate_core::{Envelope, Fault, Row, Sink};

/// Most bytes of a piece's rows, unless one row alone has more; also of one stored value.
///
/// A value in an object's storage may have 2 MB. Source:
/// <https://developers.cloudflare.com/durable-objects/platform/limits/>.
pub const PIECE_BYTES: usize = 1_500_000;

/// One row in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Bytes of the row.
    pub length: u32,
    /// Its place in the caller's `to`.
    pub row: u32,
    /// What it takes of the sender's pace: core's `Row::units`, as far as two bytes hold it.
    pub units: u16,
    /// Whether it stands for a stored group, and so has a batch for itself.
    pub group: bool,
}

impl Entry {
    /// Bytes of an entry: three little-endian numbers and a flag.
    pub const BYTES: usize = 11;

    fn write(self, index: &mut Vec<u8>) {
        index.extend_from_slice(&self.length.to_le_bytes());
        index.extend_from_slice(&self.row.to_le_bytes());
        index.extend_from_slice(&self.units.to_le_bytes());
        index.push(self.group.into());
    }

    /// The entries of an index; what is left over at its end is none.
    pub fn read(index: &[u8]) -> impl Iterator<Item = Self> {
        index.as_chunks::<{ Self::BYTES }>().0.iter().map(|&[a, b, c, d, e, f, g, h, i, j, k]| Self {
            length: u32::from_le_bytes([a, b, c, d]),
            row: u32::from_le_bytes([e, f, g, h]),
            units: u16::from_le_bytes([i, j]),
            group: k != 0,
        })
    }
}

/// Some rows of a send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// One [`Entry`] a row.
    pub index: Vec<u8>,
    /// The rows.
    pub bytes: Vec<u8>,
}

impl Piece {
    /// How many rows it has.
    pub fn rows(&self) -> u32 {
        (self.index.len() / Entry::BYTES) as u32
    }

    /// Index and rows, as they are sent to the object.
    pub fn parts(&self) -> [&[u8]; 2] {
        [&self.index, &self.bytes]
    }

    /// What all of them take of the sender's pace.
    pub fn units(&self) -> u64 {
        Entry::read(&self.index).map(|entry| u64::from(entry.units)).sum()
    }

    fn has_room_for(&self, row: &[u8]) -> bool {
        self.bytes.len() + row.len() <= PIECE_BYTES && self.index.len() + Entry::BYTES <= PIECE_BYTES
    }
}

/// Gathers the rows that core writes into pieces.
#[derive(Default)]
pub struct Packer {
    open: Piece,
    full: VecDeque<Piece>,
}

impl Packer {
    /// A piece that no further row will change.
    pub fn take_full(&mut self) -> Option<Piece> {
        self.full.pop_front()
    }

    /// The last piece, after the last row.
    pub fn finish(self) -> Option<Piece> {
        (self.open.rows() > 0).then_some(self.open)
    }
}

impl Sink for Packer {
    fn begin(&mut self, _: &Envelope, _: u64) {}

    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        if self.open.rows() > 0 && !self.open.has_room_for(row.bytes) {
            self.full.push_back(std::mem::take(&mut self.open));
        }
        // A row that fits a batch, and the rows of a campaign, are far below 4 GB.
        let entry = Entry {
            length: row.bytes.len() as u32,
            row: row.index as u32,
            units: row.units.min(u16::MAX.into()) as u16,
            group: row.group,
        };
        let piece = &mut self.open;
        piece.bytes.try_reserve(row.bytes.len()).map_err(|_| Fault::OutOfMemory)?;
        entry.write(&mut piece.index);
        piece.bytes.extend_from_slice(row.bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(rows: &[Vec<u8>]) -> Vec<Piece> {
        let mut packer = Packer::default();
        for (index, bytes) in (0..).zip(rows) {
            packer.row(Row { index, bytes, group: false, begins_batch: false, units: 1 }).unwrap();
        }
        let mut pieces = Vec::new();
        while let Some(piece) = packer.take_full() {
            pieces.push(piece);
        }
        pieces.extend(packer.finish());
        pieces
    }

    #[test]
    fn an_index_is_read_as_it_was_written() {
        let entries = [
            Entry { length: 1, row: 2, units: 3, group: true },
            Entry { length: u32::MAX, row: 70_000, units: 515, group: false },
        ];
        let mut index = Vec::new();
        entries.iter().for_each(|entry| entry.write(&mut index));
        assert_eq!(index.len(), 2 * Entry::BYTES);
        assert_eq!(Entry::read(&index).collect::<Vec<_>>(), entries);
    }

    #[test]
    fn pieces_hold_all_rows_and_stay_small() {
        let rows: Vec<Vec<u8>> = (0..2_000).map(|row| vec![b'a' + (row % 26) as u8; 1 + row * 7 % 5_000]).collect();
        let pieces = pack(&rows);
        assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.bytes.len() <= PIECE_BYTES));
        assert_eq!(pieces.iter().flat_map(|piece| &piece.bytes).copied().collect::<Vec<_>>(), rows.concat());
        let entries: Vec<Entry> = pieces.iter().flat_map(|piece| Entry::read(&piece.index)).collect();
        let expected =
            (0..).zip(&rows).map(|(row, bytes)| Entry { length: bytes.len() as u32, row, units: 1, group: false });
        assert!(entries.iter().copied().eq(expected));
    }

    #[test]
    fn a_row_above_the_size_is_a_piece_of_its_own() {
        let rows = [vec![b'a'; 10], vec![b'b'; PIECE_BYTES + 1], vec![b'c'; 10]];
        let sizes: Vec<usize> = pack(&rows).iter().map(|piece| piece.bytes.len()).collect();
        assert_eq!(sizes, [10, PIECE_BYTES + 1, 10]);
    }

    #[test]
    fn many_tiny_rows_close_a_piece_by_its_index() {
        let rows = vec![vec![b'a']; PIECE_BYTES / Entry::BYTES + 1];
        let counts: Vec<u32> = pack(&rows).iter().map(Piece::rows).collect();
        assert_eq!(counts, [(PIECE_BYTES / Entry::BYTES) as u32, 1]);
    }
}
