//! What intake writes in front of the seal.

use worker::js_sys::Uint8Array;
use worker::{Result, SqlStorageValue as Value};

use super::{AFTER, BEFORE, Store};
use crate::piece::PIECE_BYTES;
use crate::record::Sealed;

/// `part` holds bytes in values of at most [`PIECE_BYTES`]: the rows of a piece, and the head under `n` -1 and -2.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS part (n INTEGER, part INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (n, part));
    CREATE TABLE IF NOT EXISTS piece (n INTEGER PRIMARY KEY, first INTEGER NOT NULL, rows INTEGER NOT NULL,
        entries BLOB NOT NULL);
";

impl Store {
    /// Makes the tables.
    pub fn begin(&self) -> Result<()> {
        self.run(super::TABLES, vec![])?;
        self.run(TABLES, vec![]).map(drop)
    }

    /// Stages a piece. Its number says where its rows come in the send: pieces arrive in order, each maybe twice.
    pub fn stage_piece(&self, n: u32, rows: u32, entries: &Uint8Array, bytes: &Uint8Array) -> Result<()> {
        self.sql.exec_raw(
            "INSERT OR REPLACE INTO piece SELECT ?1, coalesce(sum(rows), 0), ?2, ?3 FROM piece WHERE n < ?1",
            vec![n.into(), rows.into(), entries.into()],
        )?;
        self.stage_parts(n.into(), bytes)
    }

    /// Stages what stands around the rows.
    pub fn stage_head(&self, before: &Uint8Array, after: &Uint8Array) -> Result<()> {
        self.stage_parts(BEFORE, before)?;
        self.stage_parts(AFTER, after)
    }

    fn stage_parts(&self, n: i64, bytes: &Uint8Array) -> Result<()> {
        let size = PIECE_BYTES as u32;
        for part in 0..bytes.length().div_ceil(size) {
            let slice = bytes.slice(part * size, bytes.length().min((part + 1) * size));
            self.sql.exec_raw(
                "INSERT OR REPLACE INTO part VALUES (?1, ?2, ?3)",
                vec![(n as f64).into(), part.into(), slice.into()],
            )?;
        }
        Ok(())
    }

    /// Whether all that the seal names is here.
    pub fn is_complete(&self, sealed: &Sealed) -> Result<bool> {
        let row = self.row(
            "SELECT count(*), coalesce(sum(rows), 0), (SELECT count(DISTINCT n) FROM part WHERE n < 0) FROM piece",
            vec![],
        )?;
        let numbers = [sealed.pieces.into(), sealed.rows.into(), 2].map(Value::Integer);
        Ok(row.is_some_and(|row| row == numbers))
    }
}
