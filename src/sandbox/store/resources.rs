//! What the account has beside its sends: senders, pools and their operations, profiles, cohorts.

use serde::Deserialize;
use serde_json::{Value, json};
use worker::Result;

use super::{Store, integer};
use crate::ids;

/// A sender that the account has from the start.
struct Stocked {
    address: &'static str,
    channel: &'static str,
    name: Option<&'static str>,
    status: &'static str,
}

/// The account's inventory, as the README lists it; their ids count from 1. The first is Twilio's number for tests
/// that always succeeds.
const STOCK: [Stocked; 7] = [
    Stocked { address: "+15005550006", channel: "SMS", name: None, status: "ACTIVATED" },
    Stocked { address: "+18885550100", channel: "SMS", name: Some("Toll-free"), status: "ACTIVATED" },
    Stocked { address: "70707", channel: "SMS", name: Some("Short code"), status: "ACTIVATED" },
    Stocked { address: "Postgate", channel: "SMS", name: Some("Alphanumeric"), status: "ACTIVATED" },
    Stocked { address: "postgate_sandbox_agent", channel: "RCS", name: Some("Postgate"), status: "ACTIVATED" },
    Stocked { address: "+15005550006", channel: "WHATSAPP", name: Some("Postgate"), status: "ACTIVATED" },
    Stocked { address: "+15005550007", channel: "SMS", name: None, status: "DEACTIVATED" },
];
/// Created before anything that is done here, and readable for ever: 2026-01-01.
const STOCKED_AT: &str = "2026-01-01T00:00:00.000Z";

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A sender, as the API shows it.
    Sender,
    /// A sender pool, as the API shows it.
    Pool,
    /// A job on a pool; with `at` and `poolId` beside what the API shows.
    PoolOperation,
    /// `{addresses, traits}` under [`crate::directory::profile_key`].
    Profile,
    /// `{size, members}`.
    Cohort,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Pool => "pool",
            Self::PoolOperation => "pool operation",
            Self::Profile => "profile",
            Self::Cohort => "cohort",
        }
    }
}

/// A resource and its place in the order made.
#[derive(Debug, Clone)]
pub struct Resource {
    /// From 1.
    pub n: u32,
    /// As it is kept.
    pub value: Value,
}

#[derive(Deserialize)]
struct Row {
    n: u32,
    value: String,
}

impl Row {
    fn resource(self) -> Result<Resource> {
        Ok(Resource { n: self.n, value: serde_json::from_str(&self.value)? })
    }
}

impl Store {
    /// Gives a new account its senders.
    pub(super) fn stock(&self) -> Result<()> {
        for (n, sender) in (1..).zip(&STOCK) {
            let id = ids::sender_id(n);
            let value = json!({
                "id": id,
                "displayName": sender.name,
                "address": sender.address,
                "channel": sender.channel,
                "status": sender.status,
                "tags": {},
                "createdAt": STOCKED_AT,
                "updatedAt": STOCKED_AT,
            });
            self.put(Kind::Sender, &id, &value)?;
        }
        Ok(())
    }

    /// Keeps a resource, in the place of what was there under its id.
    pub fn put(&self, kind: Kind, id: &str, value: &Value) -> Result<()> {
        self.sql.exec(
            "INSERT INTO resource (kind, id, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (kind, id) DO UPDATE SET value = ?3",
            vec![kind.as_str().into(), id.into(), value.to_string().into()],
        )?;
        Ok(())
    }

    /// A resource by its id.
    pub fn find(&self, kind: Kind, id: &str) -> Result<Option<Value>> {
        let query = "SELECT n, value FROM resource WHERE kind = ? AND id = ?";
        let found: Vec<Row> = self.select(query, vec![kind.as_str().into(), id.into()])?;
        Ok(found.into_iter().next().map(Row::resource).transpose()?.map(|resource| resource.value))
    }

    /// Removes a resource; false if there was none.
    pub fn remove(&self, kind: Kind, id: &str) -> Result<bool> {
        if self.find(kind, id)?.is_none() {
            return Ok(false);
        }
        self.sql.exec("DELETE FROM resource WHERE kind = ? AND id = ?", vec![kind.as_str().into(), id.into()])?;
        if kind == Kind::Pool {
            self.sql.exec("DELETE FROM pooled WHERE pool = ?", vec![id.into()])?;
        }
        Ok(true)
    }

    /// All of a kind from a place on, newest first.
    pub fn all(&self, kind: Kind, from: u32) -> Result<Vec<Resource>> {
        let query = "SELECT n, value FROM resource WHERE kind = ? AND n <= ? ORDER BY n DESC";
        let found: Vec<Row> = self.select(query, vec![kind.as_str().into(), integer(from)])?;
        found.into_iter().map(Row::resource).collect()
    }

    /// The senders of a pool, newest in the account first.
    pub fn senders_of(&self, pool: &str, from: u32) -> Result<Vec<Resource>> {
        let query = "SELECT n, value FROM resource JOIN pooled ON sender = id
            WHERE kind = 'sender' AND pool = ? AND n <= ? ORDER BY n DESC";
        let found: Vec<Row> = self.select(query, vec![pool.into(), integer(from)])?;
        found.into_iter().map(Row::resource).collect()
    }

    /// Puts a sender into a pool. One that is in it stays there.
    pub fn pool_sender(&self, pool: &str, sender: &str) -> Result<()> {
        self.sql.exec("INSERT OR IGNORE INTO pooled (pool, sender) VALUES (?, ?)", vec![pool.into(), sender.into()])?;
        Ok(())
    }

    /// Takes a sender out of a pool; false if it was not in it.
    pub fn unpool_sender(&self, pool: &str, sender: &str) -> Result<bool> {
        #[derive(Deserialize)]
        struct Count {
            count: u32,
        }
        let values = || vec![pool.into(), sender.into()];
        let found: Vec<Count> =
            self.select("SELECT count(*) AS count FROM pooled WHERE pool = ? AND sender = ?", values())?;
        self.sql.exec("DELETE FROM pooled WHERE pool = ? AND sender = ?", values())?;
        Ok(found.first().is_some_and(|found| found.count > 0))
    }
}
