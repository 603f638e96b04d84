//! Admission: the last thing before a seal. The directory learns of the operation, so that it can be found whatever
//! happens next; the pacer keeps room for it or says that there is none, and grants its first turn if that is free; and
//! its key is charged.
//!
//! The charge comes last: it lasts for the day, and what else a refusal leaves behind is given back or lapses.

use futures_util::future::join;
use postgate_core::Envelope;
use serde_json::json;
use worker::{Env, Error, console_error};

use crate::clock;
use crate::http::fault::Fault;
use crate::id::OperationId;
use crate::machine::pacer::{Admission, Joining};
use crate::machine::record::{Outcome, Sealed, Slot};
use crate::object::account::Client as Account;
use crate::object::tenant::Client as Tenant;
use crate::object::usage;
use crate::settings::Settings;
use crate::settings::key::Key;

/// Whether a key may send what has this head.
pub fn allow(key: &Key, envelope: &Envelope) -> Result<(), Fault> {
    match key.senders.as_ref().and_then(|senders| senders.refuse(envelope)) {
        Some(stranger) => Err(Fault::Sender(stranger)),
        None => Ok(()),
    }
}

/// Admits what is about to be sealed under an id; with its first turn, if the pacer grants that.
pub async fn admit(
    env: &Env,
    settings: &Settings,
    key: &Key,
    id: &OperationId,
    sealed: &Sealed,
) -> Result<Option<Slot>, Fault> {
    let directory = async { Tenant::new(env, settings, &sealed.tenant)?.begin(&sealed.id).await };
    let room = async { Account::new(env, settings)?.join(&sealed.sender, joining(sealed)).await };
    let (directory, room) = join(directory, room).await;
    directory.map_err(|error| failed("the directory", &error))?;
    let slot = match room.map_err(|error| failed("the pacer", &error))? {
        Admission::Admitted => None,
        Admission::Granted { units, until } => Some(Slot { turn: 1, units, until, silent: None }),
        Admission::Later { at, units: (limit, left) } => {
            let seconds = at.saturating_sub(clock::now()).div_ceil(clock::SECOND);
            return Err(Fault::Later { seconds, limit, left });
        }
        Admission::Never => return Err(Fault::TooMuch),
    };
    let charged = usage::recipients(env, settings, key, id.name(), sealed.rows.into()).await;
    if charged.is_err() {
        give_back(env, settings, id).await;
    }
    charged.map(|()| slot)
}

fn joining(sealed: &Sealed) -> Joining {
    let (operation, units, start) = (sealed.id.clone(), sealed.units, sealed.start());
    // What the first of several takes is not known here.
    let first = (sealed.batches == 1 && start <= sealed.created).then_some(units);
    Joining { operation, units, start, until: None, first }
}

/// Gives back the room, and the turn, that were kept for what will not be sealed. Should that fail, they are kept until
/// they lapse.
pub async fn give_back(env: &Env, settings: &Settings, id: &OperationId) {
    let left = async { Account::new(env, settings)?.report(id.as_str(), 1, Outcome::Unused, true).await };
    let _ = left.await.map_err(|error| failed("the pacer", &error));
}

fn failed(what: &str, error: &Error) -> Fault {
    console_error!("{}", json!({ "event": "admission failed", "at": what, "error": error.to_string() }));
    Fault::Internal
}
