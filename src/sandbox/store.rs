//! The database: operations with the packed rows of their recipients, the bodies in pieces, queues, the account's
//! resources, settings, and a count of refusals.
//!
//! Nothing here awaits, so that what one call writes is one transaction: an operation exists whole or not at all.

mod records;
mod resources;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::{Result, SqlStorage, SqlStorageValue};

pub use records::Accepted;
pub use resources::{Kind, Resource};

/// Raised with every change of the tables: what an older sandbox kept is forgotten.
const SCHEMA: &str = "4";

const SETTINGS: &str = "CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)";

/// All but the settings.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS operation (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        tags TEXT NOT NULL,
        recipients INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        send_at INTEGER,
        lane TEXT NOT NULL,
        rate REAL NOT NULL,
        start_at INTEGER,
        end_at INTEGER,
        canceled_at INTEGER,
        gone_at INTEGER NOT NULL,
        stats TEXT,
        told TEXT NOT NULL,
        answer TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        layout TEXT NOT NULL,
        rows BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS operation_due ON operation (due_at) WHERE start_at IS NULL AND canceled_at IS NULL;
    CREATE INDEX IF NOT EXISTS operation_untold ON operation (told) WHERE told <> 'told';
    CREATE INDEX IF NOT EXISTS operation_end ON operation (end_at) WHERE stats IS NULL;
    CREATE TABLE IF NOT EXISTS piece (
        n INTEGER NOT NULL,
        place INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (n, place)
    );
    CREATE TABLE IF NOT EXISTS lane (name TEXT PRIMARY KEY, free_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS resource (
        n INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        value TEXT NOT NULL,
        UNIQUE (kind, id)
    );
    CREATE TABLE IF NOT EXISTS pooled (pool TEXT NOT NULL, sender TEXT NOT NULL, UNIQUE (pool, sender));
    CREATE TABLE IF NOT EXISTS refusal (status INTEGER PRIMARY KEY, count INTEGER NOT NULL);
";

const NAMES: [&str; 6] = ["operation", "piece", "lane", "resource", "pooled", "refusal"];

/// Requests refused with one status.
#[derive(Debug, Deserialize)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// How many.
    pub count: u32,
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
        if self.setting::<String>("schema")?.as_deref() == Some(SCHEMA) {
            return Ok(());
        }
        for name in NAMES {
            self.sql.exec(&format!("DROP TABLE IF EXISTS {name}"), None)?;
        }
        self.sql.exec("DELETE FROM setting", None)?;
        self.sql.exec(TABLES, None)?;
        self.stock()?;
        self.set("schema", &SCHEMA)
    }

    /// Forgets everything; the next request is the first again.
    pub fn forget_all(&self) -> Result<()> {
        self.unset("schema")?;
        self.prepare()
    }

    fn select<T: DeserializeOwned>(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<Vec<T>> {
        self.sql.exec(query, values)?.to_array()
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
}

fn integer(value: u32) -> SqlStorageValue {
    i64::from(value).into()
}
