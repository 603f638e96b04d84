//! Admission: the last thing in front of a seal. The directory learns of the operation, so that it can be found whatever
//! happens next, and the pacer keeps room for it or says that there is none.

use serde_json::json;
use worker::{Env, Error, console_error};

use crate::account::Client as Account;
use crate::clock;
use crate::fault::Fault;
use crate::pacer::{Admission, Joining};
use crate::record::Sealed;
use crate::settings::Settings;
use crate::tenant::Client as Tenant;

/// Admits what is about to be sealed.
pub async fn admit(env: &Env, settings: &Settings, sealed: &Sealed) -> Result<(), Fault> {
    let directory = async { Tenant::new(env, settings, &sealed.tenant)?.begin(&sealed.id).await };
    directory.await.map_err(|error| failed("the directory", &error))?;
    let (operation, units, start) = (sealed.id.clone(), sealed.units, sealed.start());
    let joining = Joining { operation, units, start, until: None };
    let room = async { Account::new(env, settings)?.join(&sealed.sender, joining).await };
    match room.await.map_err(|error| failed("the pacer", &error))? {
        Admission::Admitted => Ok(()),
        Admission::Later { at, units: (limit, left) } => {
            let seconds = at.saturating_sub(clock::now()).div_ceil(clock::SECOND);
            Err(Fault::Later { seconds, limit, left })
        }
        Admission::Never => Err(Fault::TooMuch),
    }
}

fn failed(what: &str, error: &Error) -> Fault {
    console_error!("{}", json!({ "event": "admission failed", "at": what, "error": error.to_string() }));
    Fault::Internal
}
