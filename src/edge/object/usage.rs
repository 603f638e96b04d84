//! What a key has used of its quota today: an object for each key that has one.
//!
//! A day is one of UTC. Recipients are charged under the name of the operation's object, which an idempotency key keeps,
//! so that a send that is handed in twice counts once. What was charged for a send whose seal failed stays charged: it
//! may be sealed. A request counts twice if its first call got lost. A key without a quota costs no call.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorageValue as Value, State, console_error, durable_object,
};

use crate::clock::{self, HOUR, Millis, SECOND};
use crate::http::fault::{Fault, Spent};
use crate::json;
use crate::object::renewal;
use crate::object::{self, Object};
use crate::settings::Settings;
use crate::settings::key::Key;

/// The name in `wrangler.toml`.
const BINDING: &str = "USAGE";
const DAY: Millis = 24 * HOUR;

/// `used` has a row for what is counted, `charge` one for each send of today.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS used (what TEXT PRIMARY KEY, day INTEGER NOT NULL, amount INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS charge (id TEXT PRIMARY KEY, day INTEGER NOT NULL, amount INTEGER NOT NULL);
";

/// What a quota is of.
const REQUESTS: &str = "requests";
const RECIPIENTS: &str = "recipients";

/// Counts a request to the API.
pub async fn request(env: &Env, settings: &Settings, key: &Key) -> std::result::Result<(), Fault> {
    match key.quota.requests {
        Some(limit) => take(env, settings, key, &Take { what: REQUESTS.into(), id: None, amount: 1, limit }).await,
        None => Ok(()),
    }
}

/// Counts the recipients of a send that is about to be kept in the object of that name.
pub async fn recipients(
    env: &Env,
    settings: &Settings,
    key: &Key,
    name: &str,
    amount: u64,
) -> std::result::Result<(), Fault> {
    match key.quota.recipients {
        Some(limit) => {
            take(env, settings, key, &Take { what: RECIPIENTS.into(), id: Some(name.into()), amount, limit }).await
        }
        None => Ok(()),
    }
}

/// What is asked of the object.
#[derive(Debug, Serialize, Deserialize)]
struct Take<'a> {
    what: Cow<'a, str>,
    id: Option<Cow<'a, str>>,
    amount: u64,
    limit: u64,
}

async fn take(env: &Env, settings: &Settings, key: &Key, take: &Take<'_>) -> std::result::Result<(), Fault> {
    // Names of keys are the configuration's own.
    let asked = async { Object::new(env, settings, BINDING, &key.name)?.call::<Option<u64>>("take", take).await };
    let left = asked.await.map_err(|error| {
        console_error!(
            "{}",
            serde_json::json!({ "event": "usage unreadable", "key": key.name, "error": error.to_string() })
        );
        Fault::Internal
    })?;
    let Some(left) = left else { return Ok(()) };
    let what = if take.what == REQUESTS { REQUESTS } else { RECIPIENTS };
    let reset = (DAY - clock::now() % DAY).div_ceil(SECOND);
    Err(Fault::Quota(Spent { what, limit: take.limit, left, reset, never: take.amount > take.limit }))
}

/// What a key has used today.
#[durable_object(fetch)]
pub struct Usage {
    state: State,
    renewed: bool,
}

impl DurableObject for Usage {
    fn new(state: State, _: Env) -> Self {
        let renewed = renewal::is_renewed(&state);
        Self { state, renewed }
    }

    /// Calls of the functions above: only a binding leads here.
    async fn fetch(&self, mut request: Request) -> Result<Response> {
        if self.renewed {
            renewal::end(&self.state).await?;
        }
        self.run(TABLES, vec![])?;
        object::reply(&self.take(&json::read(request.bytes().await?)?)?)
    }
}

impl Usage {
    /// Counts; or how many are left where that is too few. Statements without an `await` between are one transaction.
    fn take(&self, take: &Take<'_>) -> Result<Option<u64>> {
        let today = number(clock::now() / DAY);
        // Once a day, as it goes through all of them.
        if self.number("SELECT 1 FROM used WHERE day < ?1", vec![today.clone()])?.is_some() {
            self.run("DELETE FROM charge WHERE day < ?1", vec![today.clone()])?;
            self.run("DELETE FROM used WHERE day < ?1", vec![today.clone()])?;
        }
        let paid = match take.id.as_deref() {
            Some(id) => self.number("SELECT amount FROM charge WHERE id = ?1", vec![id.into()])?.unwrap_or(0),
            None => 0,
        };
        // Of what was charged before, only what it is more by: another send may come under a key whose first one failed.
        let due = take.amount.saturating_sub(paid);
        if due == 0 {
            return Ok(None);
        }
        let today_only = vec![take.what.as_ref().into(), today.clone()];
        let used = self.number("SELECT amount FROM used WHERE what = ?1 AND day = ?2", today_only)?.unwrap_or(0);
        let left = take.limit.saturating_sub(used);
        if due > left {
            return Ok(Some(left));
        }
        let sum = vec![take.what.as_ref().into(), today.clone(), number(used + due)];
        self.run("INSERT OR REPLACE INTO used VALUES (?1, ?2, ?3)", sum)?;
        if let Some(id) = take.id.as_deref() {
            let charge = vec![id.into(), today, number(take.amount)];
            self.run("INSERT OR REPLACE INTO charge VALUES (?1, ?2, ?3)", charge)?;
        }
        Ok(None)
    }

    fn number(&self, statement: &str, values: Vec<Value>) -> Result<Option<u64>> {
        match self.state.storage().sql().exec(statement, values)?.raw().next().transpose()?.as_deref() {
            Some([Value::Integer(number)]) => Ok(u64::try_from(*number).ok()),
            _ => Ok(None),
        }
    }

    fn run(&self, statement: &str, values: Vec<Value>) -> Result<()> {
        self.state.storage().sql().exec(statement, values).map(drop)
    }
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}
