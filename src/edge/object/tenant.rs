//! The object of a tenant: the directory of its operations. One more object has the names of tenants, so that those are
//! known whose last key was taken out while sends of theirs are on their way.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use worker::{
    DurableObject, Env, Error, Request, Response, Result, SqlCursor, SqlStorage, SqlStorageValue as Value, State,
    console_error, durable_object,
};

use crate::clock::{self, Millis};
use crate::json;
use crate::machine::directory::{Directory, Entry, Filter, Page, Rows};
use crate::object::{self, Object};
use crate::settings::Settings;

/// The name in `wrangler.toml`.
const BINDING: &str = "TENANTS";

/// `record` is the whole row; the others are what is asked for.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS operation (id TEXT PRIMARY KEY, created INTEGER NOT NULL, status TEXT,
        poke_at INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS newest ON operation (created, id);
    CREATE INDEX IF NOT EXISTS overdue ON operation (record ->> 'finished', poke_at);
";

/// The object that has the names of tenants. None can have this one.
const NAMES: &str = "/";

/// In that object alone.
const NAMES_TABLE: &str = "CREATE TABLE IF NOT EXISTS tenant (name TEXT PRIMARY KEY) WITHOUT ROWID;";

/// Behind every moment: the largest number that JavaScript counts to.
const LAST: Millis = (1 << 53) - 1;

/// What the object is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Call {
    Begin { id: String },
    Tell { entry: Entry },
    Forget { id: String },
    Missing { id: String },
    Overdue { limit: u32 },
    List { filter: Filter },
    IsEmpty,
    Names { keyed: Vec<String> },
    ForgetName { name: String },
}

/// A tenant.
#[durable_object(fetch)]
pub struct Tenant {
    state: State,
    #[expect(dead_code, reason = "every object is made with it")]
    env: Env,
    /// Whether the table is known to be there.
    begun: Cell<bool>,
}

impl DurableObject for Tenant {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, begun: Cell::new(false) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let call: Call = json::read(request.bytes().await?)?;
        let now = clock::now();
        let sql = self.state.storage().sql();
        if !self.begun.get() {
            sql.exec(TABLE, None)?;
            self.begun.set(true);
        }
        let mut directory = Directory(Table(sql));
        match call {
            Call::Begin { id } => object::reply(&directory.begin(now, &id)?),
            Call::Tell { entry } => object::reply(&directory.tell(now, &entry)?),
            Call::Forget { id } => object::reply(&directory.forget(&id)?),
            Call::Missing { id } => object::reply(&directory.missing(now, &id)?),
            Call::Overdue { limit } => object::reply(&directory.overdue(now, limit)?),
            Call::List { filter } => object::reply(&directory.list(&filter)?),
            Call::IsEmpty => object::reply(&directory.0.is_empty()?),
            Call::Names { keyed } => object::reply(&Names::of(directory.0.0)?.with(keyed)?),
            Call::ForgetName { name } => object::reply(&Names::of(directory.0.0)?.forget(&name)?),
        }
    }
}

/// The names of tenants.
struct Names(SqlStorage);

impl Names {
    fn of(sql: SqlStorage) -> Result<Self> {
        sql.exec(NAMES_TABLE, None)?;
        Ok(Self(sql))
    }

    /// All of them, with those that have a key, of which the new ones are kept.
    fn with(&self, keyed: Vec<String>) -> Result<Vec<String>> {
        for name in keyed {
            self.0.exec("INSERT OR IGNORE INTO tenant VALUES (?1)", vec![name.into()])?;
        }
        texts(self.0.exec("SELECT name FROM tenant", None)?)
    }

    fn forget(&self, name: &str) -> Result<()> {
        self.0.exec("DELETE FROM tenant WHERE name = ?1", vec![name.into()]).map(drop)
    }
}

/// Rows in SQLite.
struct Table(SqlStorage);

impl Table {
    fn is_empty(&self) -> Result<bool> {
        Ok(texts(self.0.exec("SELECT id FROM operation LIMIT 1", None)?)?.is_empty())
    }
}

impl Rows for Table {
    type Error = Error;

    fn get(&self, id: &str) -> Result<Option<Entry>> {
        let found = self.0.exec("SELECT record FROM operation WHERE id = ?1", vec![id.into()])?;
        Ok(entries(found)?.pop())
    }

    fn put(&mut self, entry: &Entry, poke_at: Millis) -> Result<()> {
        let status = entry.status.map_or(Value::Null, |status| status.as_str().into());
        let values = vec![
            entry.id.as_str().into(),
            integer(entry.created),
            status,
            integer(poke_at),
            serde_json::to_string(entry)?.into(),
        ];
        // Not replaced: of the indexes only what changes is written.
        let statement = "INSERT INTO operation VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE
            SET created = excluded.created, status = excluded.status, poke_at = excluded.poke_at, record = excluded.record";
        self.0.exec(statement, values).map(drop)
    }

    fn poke_at(&mut self, id: &str, at: Millis) -> Result<()> {
        self.0.exec("UPDATE operation SET poke_at = ?2 WHERE id = ?1", vec![id.into(), integer(at)]).map(drop)
    }

    fn delete(&mut self, id: &str) -> Result<()> {
        self.0.exec("DELETE FROM operation WHERE id = ?1", vec![id.into()]).map(drop)
    }

    fn overdue(&self, now: Millis, behind: Millis, limit: u32) -> Result<Vec<String>> {
        // Three ranges of the index, whatever is stored.
        let statement = "SELECT id FROM operation WHERE record ->> 'finished' = 0 AND poke_at <= ?1
            OR record ->> 'finished' = 0 AND poke_at > ?2 OR record ->> 'finished' = 1 AND poke_at <= ?1
            ORDER BY poke_at, id LIMIT ?3";
        texts(self.0.exec(statement, vec![integer(now), integer(behind), integer(limit.into())])?)
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Entry>> {
        let statement = "SELECT record FROM operation WHERE status IS NOT NULL AND (?1 IS NULL OR status = ?1)
            AND created >= ?2 AND created < ?3 AND (created, id) < (?4, ?5)
            ORDER BY created DESC, id DESC LIMIT ?6";
        let (at, id) = filter.after.clone().unwrap_or((LAST, String::new()));
        let values = vec![
            filter.status.map_or(Value::Null, |status| status.as_str().into()),
            integer(filter.start.unwrap_or(0)),
            integer(filter.end.unwrap_or(LAST)),
            integer(at),
            id.into(),
            integer(filter.limit.into()),
        ];
        entries(self.0.exec(statement, values)?)
    }
}

fn entries(rows: SqlCursor) -> Result<Vec<Entry>> {
    let entries = rows.raw().map(|row| match row?.as_slice() {
        [Value::String(record)] => Ok(json::read(record)?),
        _ => Err(unreadable()),
    });
    entries.collect()
}

/// Of rows of one text each.
fn texts(rows: SqlCursor) -> Result<Vec<String>> {
    let texts = rows.raw().map(|row| match row?.as_mut_slice() {
        [Value::String(text)] => Ok(std::mem::take(text)),
        _ => Err(unreadable()),
    });
    texts.collect()
}

fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn unreadable() -> Error {
    Error::RustError("the directory's storage is not as it was written".to_owned())
}

/// A tenant's object, seen from elsewhere.
pub struct Client(Object);

impl Client {
    /// The object of a tenant.
    pub fn new(env: &Env, settings: &Settings, tenant: &str) -> Result<Self> {
        Ok(Self(Object::new(env, settings, BINDING, tenant)?))
    }

    /// An intake has begun.
    pub async fn begin(&self, id: &str) -> Result<()> {
        self.0.call("begin", &Call::Begin { id: id.to_owned() }).await
    }

    /// How an operation stands.
    pub async fn tell(&self, entry: &Entry) -> Result<()> {
        self.0.call("tell", &Call::Tell { entry: entry.clone() }).await
    }

    /// An operation is no more.
    pub async fn forget(&self, id: &str) -> Result<()> {
        self.0.call("forget", &Call::Forget { id: id.to_owned() }).await
    }

    /// An operation that was to be poked is not there.
    pub async fn missing(&self, id: &str) -> Result<()> {
        self.0.call("missing", &Call::Missing { id: id.to_owned() }).await
    }

    /// Operations that are to be poked.
    pub async fn overdue(&self, limit: u32) -> Result<Vec<String>> {
        self.0.call("overdue", &Call::Overdue { limit }).await
    }

    /// A page of operations.
    pub async fn list(&self, filter: Filter) -> Result<Page> {
        self.0.call("list", &Call::List { filter }).await
    }

    /// Whether it has no operation any more, not even one that is not sealed.
    pub async fn is_empty(&self) -> Result<bool> {
        self.0.call("is-empty", &Call::IsEmpty).await
    }
}

/// The tenants that have a key, and those that had one and may have sends on their way.
pub async fn names(env: &Env, settings: &Settings) -> Result<Vec<String>> {
    let keyed = settings.keys.tenants().into_iter().map(str::to_owned).collect();
    Object::new(env, settings, BINDING, NAMES)?.call("names", &Call::Names { keyed }).await
}

thread_local! {
    /// Whether this instance has noted its tenants.
    static NOTED: Cell<bool> = const { Cell::new(false) };
}

/// Notes the tenants that have a key, once for each instance, before anything of theirs is sealed: a key may be taken out
/// before the next round. A send does not wait for that to succeed.
pub async fn note_names(env: &Env, settings: &Settings) {
    if NOTED.get() {
        return;
    }
    match names(env, settings).await {
        Ok(_) => NOTED.set(true),
        Err(error) => {
            console_error!("{}", serde_json::json!({ "event": "names failed", "error": error.to_string() }));
        }
    }
}

/// A tenant has neither keys nor sends any more.
pub async fn forget_name(env: &Env, settings: &Settings, name: &str) -> Result<()> {
    Object::new(env, settings, BINDING, NAMES)?.call("forget-name", &Call::ForgetName { name: name.to_owned() }).await
}
