//! The object of an upstream account: its pacer, whose rows it keeps.
//!
//! A call is one transaction: what changed is written before the answer leaves.

use std::cell::{Cell, RefCell};

use serde::{Deserialize, Serialize};
use worker::{DurableObject, Env, Error, Request, Response, Result, SqlStorageValue as Value, State, durable_object};

use crate::clock::{self, Millis, SECOND};
use crate::hash::sha256;
use crate::head::Sender;
use crate::json;
use crate::machine::pacer::{Admission, Appointment, Asking, Halt, Joining, Pacer, Standing};
use crate::machine::record::Outcome;
use crate::object::{self, Object};
use crate::settings::Settings;
use crate::settings::lanes::Lanes;

/// The name in `wrangler.toml`.
const BINDING: &str = "ACCOUNTS";

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS pace (kind TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
";

/// What the object is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Call {
    Join { sender: Sender, joining: Joining },
    Ask { sender: Sender, asking: Asking },
    Report { operation: String, turn: u64, outcome: Outcome, last: bool },
    Leave { operation: String },
    Standing,
}

/// An upstream account.
#[durable_object(fetch)]
pub struct Account {
    state: State,
    env: Env,
    pacer: RefCell<Option<Pacer>>,
}

impl DurableObject for Account {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, pacer: RefCell::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let call: Call = json::read(request.bytes().await?)?;
        let settings = Settings::read(&self.env).map_err(|wrong| Error::RustError(wrong.join(" ")))?;
        // From here to the answer nothing waits, so no other call sees a half of it.
        let answer = self.answer(&settings.lanes, call);
        if answer.is_err() {
            // What is in memory may be ahead of what was written.
            self.pacer.take();
        }
        answer
    }
}

impl Account {
    fn answer(&self, lanes: &Lanes, call: Call) -> Result<Response> {
        let mut pacer = self.pacer.borrow_mut();
        if pacer.is_none() {
            *pacer = Some(self.load()?);
        }
        let pacer = pacer.as_mut().ok_or("the pacer is not loaded")?;
        let now = clock::now();
        let answer = match call {
            Call::Join { sender, joining } => object::reply(&pacer.join(now, &lanes.of(&sender), joining)),
            Call::Ask { sender, asking } => object::reply(&pacer.ask(now, &lanes.of(&sender), &asking)),
            Call::Report { operation, turn, outcome, last } => {
                pacer.report(now, &operation, turn, outcome);
                if last {
                    pacer.leave(now, &operation);
                }
                object::reply(&())
            }
            Call::Leave { operation } => {
                pacer.leave(now, &operation);
                object::reply(&())
            }
            Call::Standing => object::reply(&pacer.standing(now)),
        };
        let sql = self.state.storage().sql();
        for (kind, key, value) in pacer.take_changes() {
            match value {
                Some(value) => sql.exec(
                    "INSERT OR REPLACE INTO pace VALUES (?1, ?2, ?3)",
                    vec![kind.into(), key.into(), value.into()],
                )?,
                None => sql.exec("DELETE FROM pace WHERE kind = ?1 AND key = ?2", vec![kind.into(), key.into()])?,
            };
        }
        answer
    }

    fn load(&self) -> Result<Pacer> {
        let sql = self.state.storage().sql();
        sql.exec(TABLE, None)?;
        let mut pacer = Pacer::default();
        for row in sql.exec("SELECT kind, key, value FROM pace", None)?.raw() {
            match row?.as_slice() {
                [Value::String(kind), Value::String(key), Value::String(value)] => pacer.restore(kind, key, value)?,
                _ => return Err("the pacer's storage is not as it was written".into()),
            }
        }
        Ok(pacer)
    }
}

/// An account's object, seen from elsewhere.
pub struct Client(Object);

impl Client {
    /// The object of the upstream account that the settings name.
    pub fn new(env: &Env, settings: &Settings) -> Result<Self> {
        let account = format!("{} {}", settings.upstream, settings.key);
        Ok(Self(Object::new(env, settings, BINDING, &sha256(account.as_bytes()))?))
    }

    /// Whether there is room for a send; if so, it is kept.
    pub async fn join(&self, sender: &Sender, joining: Joining) -> Result<Admission> {
        self.0.call("join", &Call::Join { sender: sender.clone(), joining }).await
    }

    /// Whether a send may post.
    pub async fn ask(&self, sender: &Sender, asking: Asking) -> Result<Appointment> {
        self.0.call("ask", &Call::Ask { sender: sender.clone(), asking }).await
    }

    /// How a turn ended, and whether it was the last.
    pub async fn report(&self, operation: &str, turn: u64, outcome: Outcome, last: bool) -> Result<()> {
        self.0.call("report", &Call::Report { operation: operation.to_owned(), turn, outcome, last }).await
    }

    /// A send has nothing to post any more.
    pub async fn leave(&self, operation: &str) -> Result<()> {
        self.0.call("leave", &Call::Leave { operation: operation.to_owned() }).await
    }

    /// How the account stands.
    pub async fn standing(&self) -> Result<Standing> {
        self.0.call("standing", &Call::Standing).await
    }
}

/// How long an answer of the account's object stands. Anybody may ask for `/health`, and that object paces all sends.
const STANDS: Millis = SECOND;

/// What the account's object said last, and when it was asked.
#[derive(Debug, Default)]
struct Said(Cell<Option<(Millis, Option<Halt>)>>);

impl Said {
    /// What still stands; nothing where it is time to ask. Then the old answer stands for others until there is a new one.
    fn standing(&self, now: Millis) -> Option<Option<Halt>> {
        let (asked, said) = self.0.get()?;
        if now.saturating_sub(asked) < STANDS {
            return Some(said);
        }
        self.say(now, said);
        None
    }

    /// Takes what the object says.
    fn say(&self, now: Millis, said: Option<Halt>) {
        self.0.set(Some((now, said)));
    }
}

thread_local! {
    static SAID: Said = Said::default();
}

/// Why nothing is posted although something waits, if the pacer tells; as of a second ago at most.
pub async fn halted(env: &Env, settings: &Settings) -> Option<Halt> {
    if let Some(said) = SAID.with(|said| said.standing(clock::now())) {
        return said;
    }
    let standing = async { Client::new(env, settings)?.standing().await };
    let halted = standing.await.ok().and_then(|standing| standing.halted);
    SAID.with(|said| said.say(clock::now(), halted));
    halted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::pacer::Why;

    #[test]
    fn the_account_is_asked_once_a_second_however_many_want_to_know() {
        let (said, why) = (Said::default(), Some(Halt { why: Why::Silence { times: 7 }, since: 0, until: 0 }));
        assert_eq!(said.standing(5_000), None);
        said.say(5_000, why);
        assert_eq!([5_000, 5_999, 4_000].map(|now| said.standing(now)), [Some(why); 3]);
        assert_eq!([6_000, 6_000, 6_999].map(|now| said.standing(now)), [None, Some(why), Some(why)]);
        said.say(6_001, None);
        assert_eq!(said.standing(7_000), Some(None));
    }
}
