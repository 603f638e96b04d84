//! The Durable Object: one account, its database, and the alarm that processes operations.
//!
//! Invariants: every path that leaves work behind leaves an alarm behind, set in the same transaction; work that
//! fails does not fail the alarm, because the runtime gives up on one that keeps failing.

use std::cell::Cell;

use chrono::DateTime;
use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use crate::listing::Listing;
use crate::operation::{self, STEPS, Stats};
use crate::problem::Refusal;
use crate::respond::{self, Failure};
use crate::route::Route;
use crate::store::Store;
use crate::{credentials, message, read, received, send};

/// How long after a failed alarm the next is tried.
const WATCHDOG_MILLIS: i64 = 1_000;

/// The account that all requests belong to.
#[durable_object(alarm)]
pub struct Account {
    state: State,
    env: Env,
    store: Store,
    /// Whether this instance has looked after the alarm.
    woken: Cell<bool>,
}

impl DurableObject for Account {
    fn new(state: State, env: Env) -> Self {
        let store = Store::of(state.storage().sql());
        if let Err(error) = store.prepare() {
            console_error!("the database cannot be prepared: {error}");
        }
        Self { state, env, store, woken: Cell::new(false) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        match self.answer(request).await {
            Ok(response) => Ok(response),
            Err(Failure::Refused(refusal)) => respond::refused(&refusal),
            Err(Failure::Broken(error)) => {
                console_error!("the sandbox failed: {error}");
                respond::refused(&Refusal::fault(&error.to_string()))
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        // Stands if the work below fails, or traps.
        self.wake_at(now() + WATCHDOG_MILLIS).await?;
        match self.process() {
            Ok(()) => self.arm().await?,
            Err(error) => console_error!("processing failed: {error}"),
        }
        Response::empty()
    }
}

impl Account {
    async fn answer(&self, request: Request) -> Result<Response, Failure> {
        // An alarm that the runtime gave up on is set again by the first request to a new instance.
        if !self.woken.replace(true) {
            self.arm().await?;
        }
        let url = request.url()?;
        let origin = url.origin().ascii_serialization();
        let method = request.method();
        let sending = method == worker::Method::Post && url.path() == "/v1/Messages";
        let result = self.act(request, &url, &origin).await;
        if let (true, Err(Failure::Refused(refusal))) = (sending, &result) {
            self.store.count_refusal(refusal.status)?;
        }
        result
    }

    async fn act(&self, request: Request, url: &worker::Url, origin: &str) -> Result<Response, Failure> {
        if Route::is_api(url.path()) {
            self.admit(&request)?;
        }
        let store = &self.store;
        let listing = |statuses| Listing::read(url.query_pairs(), statuses);
        let now = now();
        let answer = match Route::of(request.method().as_ref(), url.path())? {
            Route::Send => {
                let response = send::send(store, request, origin).await?;
                // Nothing is awaited between keeping and arming: one transaction holds both.
                self.arm().await?;
                return Ok(response);
            }
            Route::ListMessages => read::messages(store, &listing(&message::STATUSES)?, origin, now)?,
            Route::FetchMessage(id) => read::message(store, id, origin, now)?,
            Route::ListOperations => read::operations(store, &listing(&operation::STATUSES)?, now)?,
            Route::FetchOperation(id) => read::operation(store, id, now)?,
            Route::Health => received::health(store)?,
            Route::ListRequests => received::requests(store)?,
            Route::RequestBody(n) => return Ok(Response::from_bytes(received::body(store, n)?)?),
            Route::Forget => {
                store.forget_all()?;
                return Ok(Response::empty()?.with_status(204));
            }
        };
        Ok(respond::json(&answer)?)
    }

    fn admit(&self, request: &Request) -> Result<(), Failure> {
        let header = request.headers().get("authorization")?;
        let key = self.env.var("SANDBOX_KEY")?.to_string();
        let secret = self.env.var("SANDBOX_SECRET")?.to_string();
        if credentials::admits(header.as_deref(), &key, &secret) { Ok(()) } else { Err(Refusal::unauthorized().into()) }
    }

    /// One step for each operation that is due.
    fn process(&self) -> Result<()> {
        let store = &self.store;
        let now = now();
        store.forget_old(now)?;
        for due in store.due(now)? {
            let step = STEPS.min(due.step + 1);
            let layout = store.layout(due.n)?;
            store.advance(due.n, step, &Stats::at(step, &layout.rows), now)?;
        }
        Ok(())
    }

    async fn arm(&self) -> Result<()> {
        match self.store.next_wake()? {
            Some(at) => self.wake_at(at).await,
            None => self.state.storage().delete_alarm().await,
        }
    }

    async fn wake_at(&self, millis: i64) -> Result<()> {
        let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
        self.state.storage().set_alarm(at).await
    }
}

fn now() -> i64 {
    // Fits until the year 287396.
    worker::Date::now().as_millis() as i64
}
