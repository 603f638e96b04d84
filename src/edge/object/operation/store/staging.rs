//! What intake writes before the seal: who holds the intake, the spooled request, and what was made of it.

use worker::js_sys::Uint8Array;
use worker::{Result, SqlStorageValue as Value};

use super::{AFTER, BEFORE, PARTS, Store, unreadable};
use crate::machine::lease::Lease;
use crate::machine::record::Sealed;
use crate::object::piece::{Entry, PIECE_BYTES};
use crate::object::refusals::{LISTED, Stored};

/// `part` holds bytes in values of at most [`PIECE_BYTES`], under a number times [`PARTS`](super::PARTS) and what follows:
/// the rows of a piece under its own, the head under -1 and -2.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS part (at INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS piece (n INTEGER PRIMARY KEY, first INTEGER NOT NULL, rows INTEGER NOT NULL,
        entries BLOB NOT NULL);
";
/// Lists of refused rows, where there are any.
const REFUSALS: &str = "
    CREATE TABLE IF NOT EXISTS refusal (n INTEGER PRIMARY KEY, list BLOB NOT NULL);
";
/// Here while an intake runs that takes more than one call. `intake` has one row; `spool` holds a part of the request
/// under `n` times [`VALUES`] and what follows.
const INTAKE: &str = "
    CREATE TABLE IF NOT EXISTS intake (n INTEGER PRIMARY KEY CHECK (n = 0), claim TEXT NOT NULL, epoch INTEGER NOT NULL,
        begun INTEGER NOT NULL, touched INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS spool (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
";
/// Most values of a part of the spool.
const VALUES: u32 = 16;

impl Store {
    /// Makes the tables that every send has.
    pub fn begin(&self) -> Result<()> {
        self.run(super::TABLES, vec![])?;
        self.run(TABLES, vec![]).map(drop)
    }

    /// Makes those of an intake that takes more than one call, and throws away what an earlier one has left.
    pub fn begin_intake(&self) -> Result<()> {
        self.run(INTAKE, vec![])?;
        self.run("DELETE FROM spool; DELETE FROM part; DELETE FROM piece", vec![]).map(drop)
    }

    /// Makes that of refused rows.
    pub fn begin_refusals(&self) -> Result<()> {
        self.run(REFUSALS, vec![]).map(drop)
    }

    /// Who holds the intake, if anybody does.
    pub fn lease(&self) -> Result<Option<Lease>> {
        if !self.has("intake")? {
            return Ok(None);
        }
        let Some(row) = self.row("SELECT claim, epoch, begun, touched FROM intake", vec![])? else { return Ok(None) };
        let [Value::String(claim), Value::Integer(epoch), Value::Integer(begun), Value::Integer(touched)] =
            row.as_slice()
        else {
            return Err(unreadable());
        };
        Ok(Some(Lease {
            claim: claim.clone(),
            epoch: *epoch,
            begun: (*begun).cast_unsigned(),
            touched: (*touched).cast_unsigned(),
        }))
    }

    /// Notes who holds the intake.
    pub fn hold(&self, lease: &Lease) -> Result<()> {
        self.run(
            "INSERT OR REPLACE INTO intake VALUES (0, ?1, ?2, ?3, ?4)",
            vec![
                lease.claim.as_str().into(),
                Value::Integer(lease.epoch),
                Value::Integer(lease.begun.cast_signed()),
                Value::Integer(lease.touched.cast_signed()),
            ],
        )
        .map(drop)
    }

    /// Keeps a part of the request.
    pub fn spool(&self, n: u32, bytes: &Uint8Array) -> Result<()> {
        for (value, slice) in (0..VALUES).zip(values(bytes)) {
            let n = n * VALUES + value;
            self.run_raw("INSERT OR REPLACE INTO spool VALUES (?1, ?2)", vec![n.into(), slice.into()])?;
        }
        Ok(())
    }

    /// A part of the request.
    pub fn unspool(&self, n: u32) -> Result<Vec<u8>> {
        let first = i64::from(n * VALUES);
        let range = vec![Value::Integer(first), Value::Integer(first + i64::from(VALUES))];
        self.bytes("SELECT bytes FROM spool WHERE n >= ?1 AND n < ?2 ORDER BY n", range)
    }

    /// Stages a piece. Its number says where its rows come in the send: pieces arrive in order, each maybe twice.
    pub fn stage_piece(&self, n: u32, entries: &Uint8Array, bytes: &Uint8Array) -> Result<()> {
        let rows = entries.length() / Entry::BYTES as u32;
        self.run_raw(
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

    /// Stages a list of refused rows.
    pub fn stage_refusals(&self, n: u32, list: &Uint8Array) -> Result<()> {
        self.run_raw("INSERT OR REPLACE INTO refusal VALUES (?1, ?2)", vec![n.into(), list.into()])
    }

    /// How many refusals are stored, and those from one on, at most so many. Every list but the last is full.
    pub fn refusals(&self, first: usize, most: usize) -> Result<(usize, Vec<Stored>)> {
        let mut found = Vec::new();
        if !self.has("refusal")? {
            return Ok((0, found));
        }
        let last = self.run("SELECT n, list FROM refusal ORDER BY n DESC LIMIT 1", vec![])?;
        let Some((n, list)) = last.raw().next().map(|row| listed(&row?)).transpose()? else { return Ok((0, found)) };
        let stored = n * LISTED + list.len();
        let from = Value::Integer((first / LISTED) as i64);
        for row in self.run("SELECT n, list FROM refusal WHERE n >= ?1 ORDER BY n", vec![from])?.raw() {
            let (n, list) = listed(&row?)?;
            found.extend(list.into_iter().skip(first.saturating_sub(n * LISTED)).take(most - found.len()));
            if found.len() == most {
                break;
            }
        }
        Ok((stored, found))
    }

    fn stage_parts(&self, n: i64, bytes: &Uint8Array) -> Result<()> {
        for (at, slice) in (n * PARTS..).zip(values(bytes)) {
            self.run_raw("INSERT OR REPLACE INTO part VALUES (?1, ?2)", vec![(at as f64).into(), slice.into()])?;
        }
        Ok(())
    }

    /// Whether all that the seal names is here.
    pub fn is_complete(&self, sealed: &Sealed) -> Result<bool> {
        let row = self.row(
            "SELECT count(*), coalesce(sum(rows), 0), (SELECT count(*) FROM part WHERE at IN (?1, ?2)) FROM piece",
            vec![Value::Integer(BEFORE * PARTS), Value::Integer(AFTER * PARTS)],
        )?;
        let numbers = [sealed.pieces.into(), sealed.rows.into(), 2].map(Value::Integer);
        Ok(row.is_some_and(|row| row == numbers))
    }

    /// Ends the intake: what only it needed is gone.
    pub fn end_intake(&self) -> Result<()> {
        self.run("DROP TABLE IF EXISTS spool; DROP TABLE IF EXISTS intake", vec![]).map(drop)
    }
}

/// A list of refused rows, with its number.
fn listed(row: &[Value]) -> Result<(usize, Vec<Stored>)> {
    let [Value::Integer(n), Value::Blob(list)] = row else { return Err(unreadable()) };
    Ok((usize::try_from(*n).map_err(|_| unreadable())?, serde_json::from_slice(list)?))
}

/// Bytes in slices that each fit a value.
fn values(bytes: &Uint8Array) -> impl Iterator<Item = Uint8Array> {
    let size = PIECE_BYTES as u32;
    (0..bytes.length().div_ceil(size)).map(move |n| bytes.slice(n * size, bytes.length().min((n + 1) * size)))
}
