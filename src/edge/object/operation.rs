//! The operation's object: stages what intake brings and seals it ([`intake`]), carries out what its ledger says
//! ([`dispatch`]), and takes what persons decide ([`person`]). Here is what they share: the calls, the alarm, and the
//! copy of the ledger.
//!
//! All that matters is in storage; what is in memory is a copy that is thrown away whenever something fails. There is
//! one alarm. It rings for one bounded step, which first sets it ahead again: whatever becomes of the step, it rings.

mod cutting;
mod dispatch;
mod intake;
mod person;
pub mod resource;
mod store;

use serde_json::json;
use std::cell::{Cell, RefCell};
use worker::js_sys::Date;
use worker::{
    DurableObject, Env, Error, Method, Request, Response, Result, ScheduledTime, State, console_error, console_log,
    durable_object,
};

use crate::clock::{self, MINUTE, Millis};
use crate::machine::ledger::{Ledger, WATCHDOG};
use crate::machine::record::Progress;
use crate::object::operation::cutting::Cut;
use crate::object::operation::store::Store;
use crate::object::renewal::{self, Timer};

/// When to try again after a step failed.
const AFTER_FAILURE: Millis = MINUTE;

/// One send.
#[durable_object(alarm)]
pub struct Operation {
    state: State,
    env: Env,
    /// See [`renewal`].
    renewed: bool,
    ledger: RefCell<Option<Ledger>>,
    /// The progress that is in storage, as far as that is known.
    noted: RefCell<Option<Progress>>,
    /// The batch that was cut last, until it is posted.
    cut: RefCell<Option<Cut>>,
    /// Calls made to others since the last alarm rang.
    calls: Cell<u32>,
}

impl DurableObject for Operation {
    fn new(state: State, env: Env) -> Self {
        let renewed = renewal::is_renewed(&state);
        Self {
            state,
            env,
            renewed,
            ledger: RefCell::default(),
            noted: RefCell::default(),
            cut: RefCell::default(),
            calls: Cell::default(),
        }
    }

    /// Calls of the Worker, see [`crate::object::stage`]: only a binding leads here.
    async fn fetch(&self, request: Request) -> Result<Response> {
        if self.renewed {
            renewal::end(&self.state).await?;
        }
        let path = request.path();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (request.method(), segments.as_slice()) {
            (Method::Get, ["key"]) => self.state().await,
            (method, ["intake", claim, what, n]) => self.intake(method, [claim, what, n], &request).await,
            (Method::Get, [id, tenant]) => self.show(id, tenant).await,
            (Method::Get, [id, tenant, "errors", first, most]) => self.errors(id, tenant, [first, most]).await,
            (Method::Post, [id, tenant, "cancel"]) => self.cancel(id, tenant).await,
            (Method::Post, [id, tenant, "settle"]) => self.settle(id, tenant, request).await,
            (Method::Post, [id, tenant, "poke"]) => self.poke(id, tenant).await,
            _ => Err(Error::RustError("no such call".to_owned())),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if self.renewed {
            renewal::end(&self.state).await?;
        }
        let _timer = Timer::set(&self.state, WATCHDOG)?;
        self.calls.set(0);
        let rang = self.ring().await;
        if self.calls.get() > 0 {
            console_log!("{}", json!({ "event": "step", "operation": self.id(), "calls": self.calls.get() }));
        }
        if let Err(error) = rang {
            console_error!("{}", json!({ "event": "step failed", "operation": self.id(), "error": error.to_string() }));
            self.forget();
            self.state.storage().set_alarm(at(clock::now() + AFTER_FAILURE)).await?;
        }
        Response::empty()
    }
}

impl Operation {
    fn store(&self) -> Store {
        Store::new(&self.state.storage())
    }

    /// Takes a ledger that is the one in storage.
    fn remember(&self, ledger: Ledger) {
        self.noted.replace(Some(ledger.progress.clone()));
        self.ledger.replace(Some(ledger));
    }

    /// Forgets what is in memory: it may be ahead of what was written.
    fn forget(&self) {
        self.ledger.take();
        self.noted.take();
    }

    fn id(&self) -> Option<String> {
        self.ledger.borrow().as_ref().map(|ledger| ledger.sealed.id.clone())
    }
}

fn at(moment: Millis) -> ScheduledTime {
    ScheduledTime::new(Date::new(&(clock::platform(moment) as f64).into()))
}

fn number(text: &str) -> Result<u32> {
    text.parse().map_err(|_| Error::RustError("not a number".to_owned()))
}
