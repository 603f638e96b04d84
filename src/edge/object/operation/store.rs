//! The operation's storage: SQLite in its Durable Object. Knows tables, and nothing of what the ledger means.
//!
//! Statements that follow each other without an `await` are one transaction:
//! <https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/>.

mod staging;

use std::cell::Cell;

use postgate_core::Envelope;
use wasm_bindgen::JsValue;
use worker::{Error, Result, SqlCursor, SqlStorage, SqlStorageValue as Value, Storage};

use crate::json;
use crate::machine::ledger::Ledger;
use crate::machine::record::Batch;
use crate::object::piece::Piece;

/// `operation` has one row from the seal on, which is what makes an operation exist.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS operation (n INTEGER PRIMARY KEY CHECK (n = 0), sealed TEXT NOT NULL,
        progress TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS batch (n INTEGER PRIMARY KEY, record TEXT NOT NULL);
";
const BEFORE: i64 = -1;
const AFTER: i64 = -2;
/// Most parts of a number.
const PARTS: i64 = 1 << 16;

/// The tables of one operation.
pub struct Store {
    sql: SqlStorage,
    written: Cell<usize>,
}

impl Store {
    /// The tables behind an object's storage.
    pub fn new(storage: &Storage) -> Self {
        Self { sql: storage.sql(), written: Cell::new(0) }
    }

    /// How many rows were written so far.
    pub fn written(&self) -> usize {
        self.written.get()
    }

    /// Whether anything was ever staged here. Asking leaves no trace, so that nobody fills storage by guessing ids.
    pub fn is_begun(&self) -> Result<bool> {
        self.has("operation")
    }

    fn has(&self, table: &str) -> Result<bool> {
        let tables = self.run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", vec![table.into()])?;
        Ok(tables.raw().next().is_some())
    }

    /// Writes the row that makes the operation exist.
    pub fn seal(&self, ledger: &Ledger) -> Result<()> {
        let sealed = serde_json::to_string(&ledger.sealed)?;
        self.run("INSERT INTO operation VALUES (0, ?1, ?2)", vec![sealed.into(), progress(ledger)?]).map(drop)
    }

    /// The ledger as it was last kept; none if nothing was sealed.
    pub fn load(&self) -> Result<Option<Ledger>> {
        if !self.is_begun()? {
            return Ok(None);
        }
        let Some(row) = self.row("SELECT sealed, progress FROM operation", vec![])? else { return Ok(None) };
        let [Value::String(sealed), Value::String(progress)] = row.as_slice() else { return Err(unreadable()) };
        let records = self.run("SELECT record FROM batch ORDER BY n", vec![])?;
        let batches = records.raw().map(|row| match row?.as_slice() {
            [Value::String(record)] => Ok(json::read(record)?),
            _ => Err(unreadable()),
        });
        let batches = batches.collect::<Result<Vec<Batch>>>()?;
        let (sealed, progress) = (json::read(sealed)?, json::read(progress)?);
        Ok(Some(Ledger { sealed, progress, batches }))
    }

    /// Writes a batch.
    pub fn keep(&self, ledger: &Ledger, n: u32) -> Result<()> {
        if let Some(batch) = ledger.batches.get(n as usize) {
            let record = serde_json::to_string(batch)?;
            let n = Value::Integer(n.into());
            self.run("INSERT OR REPLACE INTO batch VALUES (?1, ?2)", vec![n, record.into()])?;
        }
        Ok(())
    }

    /// Writes what changes beside batches.
    pub fn note(&self, ledger: &Ledger) -> Result<()> {
        self.run("UPDATE operation SET progress = ?1", vec![progress(ledger)?]).map(drop)
    }

    /// What stands around the rows of every batch.
    pub fn envelope(&self) -> Result<Envelope> {
        let mut envelope = Envelope { before: Vec::new(), after: Vec::new() };
        for row in self.run("SELECT at, bytes FROM part WHERE at < 0 ORDER BY at", vec![])?.raw() {
            match row?.as_mut_slice() {
                [Value::Integer(at), Value::Blob(part)] if *at < BEFORE * PARTS => envelope.after.append(part),
                [Value::Integer(_), Value::Blob(part)] => envelope.before.append(part),
                _ => return Err(unreadable()),
            }
        }
        Ok(envelope)
    }

    /// The numbers of the pieces that hold `row` and the rows after it, each with its first row.
    pub fn pieces_from(&self, row: u32) -> Result<Vec<(i64, i64)>> {
        let pieces = self
            .run("SELECT n, first FROM piece WHERE first + rows > ?1 ORDER BY n", vec![Value::Integer(row.into())])?;
        let numbers = pieces.raw().map(|row| match row?.as_slice() {
            [Value::Integer(n), Value::Integer(first)] => Ok((*n, *first)),
            _ => Err(unreadable()),
        });
        numbers.collect()
    }

    /// A piece.
    pub fn piece(&self, n: i64) -> Result<Piece> {
        Ok(Piece { index: self.index(n)?, bytes: self.parts(n)? })
    }

    /// The index of a piece.
    pub fn index(&self, n: i64) -> Result<Vec<u8>> {
        match self
            .row("SELECT entries FROM piece WHERE n = ?1", vec![Value::Integer(n)])?
            .unwrap_or_default()
            .as_mut_slice()
        {
            [Value::Blob(index)] => Ok(std::mem::take(index)),
            _ => Err(unreadable()),
        }
    }

    /// Deletes the pieces that hold none of the rows in these ranges, and the head with the last of them.
    pub fn forget(&self, kept: &[(u32, u32)]) -> Result<()> {
        if kept.is_empty() {
            return self.run("DELETE FROM piece; DELETE FROM part", vec![]).map(drop);
        }
        let touches =
            |first: i64, end: i64| kept.iter().any(|&(from, to)| first < i64::from(to) && i64::from(from) < end);
        let pieces: Vec<_> = self.run("SELECT n, first, rows FROM piece", vec![])?.raw().collect::<Result<_>>()?;
        for piece in pieces {
            let [Value::Integer(n), Value::Integer(first), Value::Integer(rows)] = piece[..] else {
                return Err(unreadable());
            };
            if !touches(first, first + rows) {
                self.run("DELETE FROM part WHERE at >= ?1 AND at < ?2", places(n))?;
                self.run("DELETE FROM piece WHERE n = ?1", vec![Value::Integer(n)])?;
            }
        }
        self.run("DELETE FROM part WHERE at < 0 AND NOT EXISTS (SELECT 1 FROM piece)", vec![]).map(drop)
    }

    fn parts(&self, n: i64) -> Result<Vec<u8>> {
        self.bytes("SELECT bytes FROM part WHERE at >= ?1 AND at < ?2 ORDER BY at", places(n))
    }

    /// The values of one column, one after the other.
    fn bytes(&self, statement: &str, values: Vec<Value>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for row in self.run(statement, values)?.raw() {
            match row?.as_mut_slice() {
                // Most often the only one.
                [Value::Blob(part)] if bytes.is_empty() => bytes = std::mem::take(part),
                [Value::Blob(part)] => bytes.append(part),
                _ => return Err(unreadable()),
            }
        }
        Ok(bytes)
    }

    fn row(&self, statement: &str, values: Vec<Value>) -> Result<Option<Vec<Value>>> {
        self.run(statement, values)?.raw().next().transpose()
    }

    fn run(&self, statement: &str, values: Vec<Value>) -> Result<SqlCursor> {
        let cursor = self.sql.exec(statement, values)?;
        self.written.set(self.written.get() + cursor.rows_written());
        Ok(cursor)
    }

    /// As [`run`](Self::run), for bytes that need not enter the module.
    fn run_raw(&self, statement: &str, values: Vec<JsValue>) -> Result<()> {
        let cursor = self.sql.exec_raw(statement, values)?;
        self.written.set(self.written.get() + cursor.rows_written());
        Ok(())
    }
}

/// Where the parts of a number lie, and where they end.
fn places(n: i64) -> Vec<Value> {
    vec![Value::Integer(n * PARTS), Value::Integer((n + 1) * PARTS)]
}

fn progress(ledger: &Ledger) -> Result<Value> {
    Ok(serde_json::to_string(&ledger.progress)?.into())
}

fn unreadable() -> Error {
    Error::RustError("the operation's storage is not as it was written".to_owned())
}
