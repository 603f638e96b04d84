//! Admission: the last thing before a seal. The directory learns of the operation, so that it can be found whatever
//! happens next; the pacer keeps room for it or says that there is none, and grants its first turn if that is free; and
//! its key is charged.
//!
//! The charge comes last: it lasts for the day, and what else would be left of a refusal is taken back, or lapses.

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
use crate::object::tenant::{self, Client as Tenant};
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
    let ((directory, room), ()) = join(join(directory, room), tenant::note_names(env, settings)).await;
    directory.map_err(|error| failed("the directory", &error))?;
    let slot = match room.map_err(|error| failed("the pacer", &error))? {
        Admission::Admitted => Ok(None),
        Admission::Granted { units, until } => Ok(Some(Slot { turn: 1, units, until, silent: None })),
        Admission::Later { at, units: (limit, left) } => {
            let seconds = at.saturating_sub(clock::now()).div_ceil(clock::SECOND);
            Err(Fault::Later { seconds, limit, left })
        }
        Admission::Never => Err(Fault::TooMuch),
    };
    let Ok(slot) = slot else {
        strike(env, settings, key, id).await;
        return slot;
    };
    let charged = usage::recipients(env, settings, key, id.name(), sealed.rows.into()).await;
    if charged.is_err() {
        give_back(env, settings, key, id).await;
    }
    charged.map(|()| slot)
}

fn joining(sealed: &Sealed) -> Joining {
    let (operation, units, start) = (sealed.id.clone(), sealed.units, sealed.start());
    // What the first of several takes is not known here.
    let first = (sealed.batches == 1 && start <= sealed.created).then_some(units);
    Joining { operation, units, start, until: None, first }
}

/// Gives back the room, and the turn, that were kept for what will not be sealed, and takes it out of the directory.
/// Should that fail, they are kept until they lapse.
pub async fn give_back(env: &Env, settings: &Settings, key: &Key, id: &OperationId) {
    let left = async { Account::new(env, settings)?.report(id.as_str(), 1, Outcome::Unused, true).await };
    let (left, ()) = join(left, strike(env, settings, key, id)).await;
    let _ = left.map_err(|error| failed("the pacer", &error));
}

/// Takes what will not be sealed out of the directory. What stays there is looked for an hour later, a few of them a
/// minute, and before those whose alarm was lost: nobody may fill it by being refused.
async fn strike(env: &Env, settings: &Settings, key: &Key, id: &OperationId) {
    let forgotten = async { Tenant::new(env, settings, &key.tenant)?.forget(id.as_str()).await };
    let _ = forgotten.await.map_err(|error| failed("the directory", &error));
}

fn failed(what: &str, error: &Error) -> Fault {
    console_error!("{}", json!({ "event": "admission failed", "at": what, "error": error.to_string() }));
    Fault::Internal
}
