//! The database: operations with the packed rows of their recipients, the bodies in pieces, and a count of refusals.
//!
//! Nothing here awaits, so that what one call writes is one transaction: an operation exists whole or not at all.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::{Result, SqlStorage, SqlStorageValue};

use crate::listing::Listing;
use crate::operation::{Operation, RETENTION_MILLIS, STEP_MILLIS, STEPS, Stats};
use crate::recipient::{self, Layout, Span};
use crate::unkindness::{Answer, Rule};

/// A value in the database is at most 2 MB.
const PIECE: u32 = 1_500_000;

/// Raised with every change of the tables: what an older sandbox kept is forgotten.
const SCHEMA: &str = "2";

const SETTINGS: &str = "CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)";

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS operation (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        step INTEGER NOT NULL,
        stats TEXT NOT NULL,
        tags TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        due INTEGER,
        gone_at INTEGER NOT NULL,
        answer TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        content TEXT NOT NULL,
        sender TEXT NOT NULL,
        rows BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS operation_due ON operation (due) WHERE due IS NOT NULL;
    CREATE TABLE IF NOT EXISTS piece (
        n INTEGER NOT NULL,
        place INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (n, place)
    );
    CREATE TABLE IF NOT EXISTS refusal (status INTEGER PRIMARY KEY, count INTEGER NOT NULL);
";

const RESOURCE: &str = "SELECT n, id, status, step, stats, tags, created_at, updated_at FROM operation";

/// A request that was accepted, as the test door lists it.
#[derive(Debug, Deserialize)]
pub struct Received {
    /// Place in the order received, from 1.
    pub n: u32,
    /// The operation it became.
    pub id: String,
    /// Entries of `to`.
    pub recipients: u32,
    /// What was answered, as JSON: 202 unless a rule had it otherwise.
    pub answer: String,
    /// Length of the body.
    pub bytes: u32,
    /// Digest of the body in hexadecimal.
    pub sha256: String,
    /// Milliseconds of the Unix epoch.
    pub created_at: i64,
}

/// What is known of a request that is being accepted.
pub struct Accepted<'a> {
    /// The id of its operation.
    pub id: &'a str,
    /// Milliseconds of the Unix epoch.
    pub now: i64,
    /// Its tags as JSON.
    pub tags: &'a str,
    /// Digest of the body in hexadecimal.
    pub sha256: &'a str,
    /// The rule that spoils it, if one does.
    pub rule: Option<&'a Rule>,
}

/// Requests refused with one status.
#[derive(Debug, Deserialize)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// How many.
    pub count: u32,
}

/// An operation whose next step is due.
#[derive(Debug, Deserialize)]
pub struct Due {
    /// Place in the order received.
    pub n: u32,
    /// Steps done.
    pub step: u32,
}

/// The object's SQLite database.
pub struct Store {
    sql: SqlStorage,
}

impl Store {
    /// The store in this database.
    pub fn of(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Makes the tables where there are none, or others.
    pub fn prepare(&self) -> Result<()> {
        self.sql.exec(SETTINGS, None)?;
        if self.setting::<String>("schema")?.as_deref() != Some(SCHEMA) {
            self.sql.exec("DROP TABLE IF EXISTS piece; DROP TABLE IF EXISTS operation;", None)?;
            self.set("schema", &SCHEMA)?;
        }
        self.sql.exec(TABLES, None)?;
        Ok(())
    }

    /// A value kept under a name.
    pub fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        #[derive(Deserialize)]
        struct Setting {
            value: String,
        }
        let found: Vec<Setting> = self.select("SELECT value FROM setting WHERE name = ?", vec![name.into()])?;
        found.first().map(|setting| Ok(serde_json::from_str(&setting.value)?)).transpose()
    }

    /// Keeps a value under a name.
    pub fn set(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let value = serde_json::to_string(value)?;
        self.sql.exec("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", vec![name.into(), value.into()])?;
        Ok(())
    }

    /// Forgets what is kept under a name.
    pub fn unset(&self, name: &str) -> Result<()> {
        self.sql.exec("DELETE FROM setting WHERE name = ?", vec![name.into()])?;
        Ok(())
    }

    fn select<T: DeserializeOwned>(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<Vec<T>> {
        self.sql.exec(query, values)?.to_array()
    }

    /// Keeps an accepted request and starts its operation.
    pub fn keep(&self, accepted: &Accepted<'_>, layout: &Layout, body: &[u8]) -> Result<()> {
        let &Accepted { id, now, tags, sha256, rule } = accepted;
        let hold = rule.map_or(0, |rule| rule.hold as i64);
        let gone = rule.and_then(|rule| rule.forget).map_or(RETENTION_MILLIS, |forget| forget as i64);
        self.sql.exec(
            "INSERT INTO operation
                (id, status, step, stats, tags, created_at, updated_at, due, gone_at, answer,
                 bytes, sha256, content, sender, rows)
             VALUES (?1, ?2, 0, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            vec![
                id.into(),
                Operation::status_at(0).into(),
                serde_json::to_string(&Stats::at(0, &layout.rows))?.into(),
                tags.into(),
                now.into(),
                (now + hold + STEP_MILLIS).into(),
                (now + gone).into(),
                serde_json::to_string(&rule.and_then(|rule| rule.answer).unwrap_or(Answer::Status(202)))?.into(),
                (body.len() as i64).into(),
                sha256.into(),
                serde_json::to_string(&layout.content)?.into(),
                serde_json::to_string(&layout.from)?.into(),
                recipient::pack(&layout.rows).into(),
            ],
        )?;
        for (place, piece) in (0_i64..).zip(body.chunks(PIECE as usize)) {
            self.sql.exec(
                "INSERT INTO piece (n, place, bytes) SELECT n, ?, ? FROM operation WHERE id = ?",
                vec![place.into(), piece.to_vec().into(), id.into()],
            )?;
        }
        Ok(())
    }

    /// Counts a request that was refused.
    pub fn count_refusal(&self, status: u16) -> Result<()> {
        self.sql.exec(
            "INSERT INTO refusal (status, count) VALUES (?, 1) ON CONFLICT (status) DO UPDATE SET count = count + 1",
            vec![i32::from(status).into()],
        )?;
        Ok(())
    }

    /// Refusals by status.
    pub fn refused(&self) -> Result<Vec<Refused>> {
        self.select("SELECT status, count FROM refusal ORDER BY status", vec![])
    }

    /// Accepted requests in the order received.
    pub fn received(&self) -> Result<Vec<Received>> {
        self.select(
            "SELECT n, id, stats ->> 'recipients' AS recipients, answer, bytes, sha256, created_at
             FROM operation ORDER BY n",
            vec![],
        )
    }

    /// The length of a kept body.
    pub fn body_length(&self, n: u32) -> Result<Option<u32>> {
        #[derive(Deserialize)]
        struct Length {
            bytes: u32,
        }
        let found: Vec<Length> = self.select("SELECT bytes FROM operation WHERE n = ?", vec![integer(n)])?;
        Ok(found.first().map(|length| length.bytes))
    }

    /// A part of a kept body.
    pub fn body(&self, n: u32, part: Span) -> Result<Vec<u8>> {
        let first = part.start / PIECE;
        let last = part.end().saturating_sub(1) / PIECE;
        let pieces = self.sql.exec(
            "SELECT bytes FROM piece WHERE n = ? AND place BETWEEN ? AND ? ORDER BY place",
            vec![integer(n), integer(first), integer(last)],
        )?;
        let mut bytes = Vec::new();
        for piece in pieces.raw() {
            let [SqlStorageValue::Blob(piece)] = &piece?[..] else {
                return Err("a piece of a body is not bytes".into());
            };
            bytes.extend_from_slice(piece);
        }
        let start = (part.start - first * PIECE) as usize;
        bytes
            .get(start..start + part.length as usize)
            .map(<[u8]>::to_vec)
            .ok_or_else(|| "a body is shorter than its index says".into())
    }

    /// Where the parts of a kept body lie.
    pub fn layout(&self, n: u32) -> Result<Layout> {
        let query = "SELECT content, sender, rows FROM operation WHERE n = ?";
        let found = self.sql.exec(query, vec![integer(n)])?.raw().next().transpose()?;
        let Some([SqlStorageValue::String(content), SqlStorageValue::String(from), SqlStorageValue::Blob(rows)]) =
            found.as_deref()
        else {
            return Err("an operation has no index".into());
        };
        Ok(Layout {
            content: serde_json::from_str(content)?,
            from: serde_json::from_str(from)?,
            rows: recipient::unpack(rows),
        })
    }

    /// One operation, unless it is too old to be read.
    pub fn operation(&self, id: &str, now: i64) -> Result<Option<Operation>> {
        let query = format!("{RESOURCE} WHERE id = ? AND gone_at > ?");
        let mut found = self.select(&query, vec![id.into(), now.into()])?;
        Ok(found.pop())
    }

    /// The operations of a listing's time and id, from its place on, newest first.
    pub fn operations(&self, listing: &Listing, now: i64) -> Result<Vec<Operation>> {
        let query = format!(
            "{RESOURCE} WHERE n <= ? AND gone_at > ? AND created_at > ? AND created_at < ? AND id = coalesce(?, id)
             ORDER BY n DESC"
        );
        self.select(
            &query,
            vec![
                integer(listing.from.n),
                now.into(),
                listing.after.into(),
                listing.before.into(),
                listing.operation_id.clone().into(),
            ],
        )
    }

    /// Operations with a step to do.
    pub fn due(&self, now: i64) -> Result<Vec<Due>> {
        self.select("SELECT n, step FROM operation WHERE due <= ? ORDER BY due", vec![now.into()])
    }

    /// Writes what an operation is after `step` steps.
    pub fn advance(&self, n: u32, step: u32, stats: &Stats, now: i64) -> Result<()> {
        let due = (step < STEPS).then_some(now + STEP_MILLIS);
        self.sql.exec(
            "UPDATE operation SET step = ?, status = ?, stats = ?, updated_at = ?, due = ? WHERE n = ?",
            vec![
                integer(step),
                Operation::status_at(step).into(),
                serde_json::to_string(stats)?.into(),
                now.into(),
                due.into(),
                integer(n),
            ],
        )?;
        Ok(())
    }

    /// When there is next something to do: a step, or forgetting what has grown too old.
    pub fn next_wake(&self) -> Result<Option<i64>> {
        #[derive(Deserialize)]
        struct Wake {
            at: i64,
        }
        let found: Vec<Wake> = self.select(
            "SELECT min(at) AS at FROM (
                SELECT min(due) AS at FROM operation WHERE due IS NOT NULL
                UNION ALL
                SELECT min(created_at) + ? FROM operation
             ) HAVING at IS NOT NULL",
            vec![RETENTION_MILLIS.into()],
        )?;
        Ok(found.first().map(|wake| wake.at))
    }

    /// Forgets operations, and their bodies, that are too old to be read.
    pub fn forget_old(&self, now: i64) -> Result<()> {
        let oldest = || vec![(now - RETENTION_MILLIS).into()];
        let bodies = "DELETE FROM piece WHERE n IN (SELECT n FROM operation WHERE created_at <= ?)";
        self.sql.exec(bodies, oldest())?;
        self.sql.exec("DELETE FROM operation WHERE created_at <= ?", oldest())?;
        Ok(())
    }

    /// Forgets everything; the next request is the first again.
    pub fn forget_all(&self) -> Result<()> {
        self.sql.exec("DELETE FROM piece; DELETE FROM operation; DELETE FROM refusal; DELETE FROM setting;", None)?;
        self.set("schema", &SCHEMA)
    }
}

fn integer(value: u32) -> SqlStorageValue {
    i64::from(value).into()
}
