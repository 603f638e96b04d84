//! The Durable Object: one account, its database, and the alarm that starts, ends and forgets operations.
//!
//! Invariants: every path that leaves work behind leaves an alarm behind, set in the same transaction; work that
//! fails does not fail the alarm, because the runtime gives up on one that keeps failing.

use std::cell::Cell;

use chrono::DateTime;
use serde_json::Value;
use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use crate::clock::{Change, Clock};
use crate::problem::Refusal;
use crate::respond::{self, Failure};
use crate::route::Route;
use crate::store::Store;
use crate::unkindness::Rule;
use crate::{api, spoil, webhook};

/// How long after a failed alarm the next is tried.
const WATCHDOG_MILLIS: i64 = 1_000;
/// The setting that holds the clock.
const CLOCK: &str = "clock";

/// The account that all requests belong to.
#[durable_object(alarm)]
pub struct Account {
    state: State,
    env: Env,
    store: Store,
    /// Whether this instance has looked after the alarm.
    woken: Cell<bool>,
    /// Requests of the API that are being answered.
    answering: Cell<u32>,
}

impl DurableObject for Account {
    fn new(state: State, env: Env) -> Self {
        let store = Store::of(state.storage().sql());
        if let Err(error) = store.prepare() {
            console_error!("the database cannot be prepared: {error}");
        }
        Self { state, env, store, woken: Cell::new(false), answering: Cell::new(0) }
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
        self.wake_at(real() + WATCHDOG_MILLIS).await?;
        match self.process().await {
            Ok(true) => self.arm().await?,
            // The watchdog is the next try.
            Ok(false) => {}
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
        if !Route::is_api(url.path()) {
            return self.act(request, &url, None).await;
        }
        self.answering.set(self.answering.get() + 1);
        let _answering = Answering(&self.answering);
        match api::rule(&self.store, request.method().as_ref(), url.path())? {
            Some(rule) => spoil::answer(&rule, request, |request| self.admitted(request, &url, Some(&rule))).await,
            None => self.admitted(request, &url, None).await,
        }
    }

    /// Carries a request of the API out if it may be, and counts refused sends.
    async fn admitted(&self, request: Request, url: &worker::Url, rule: Option<&Rule>) -> Result<Response, Failure> {
        let sending = request.method() == worker::Method::Post && url.path() == "/v1/Messages";
        let limit = api::pace(&self.store, &self.env)?.concurrency;
        let result = if limit.is_some_and(|limit| self.answering.get() > limit) {
            Err(Refusal::too_many().into())
        } else {
            match api::admit(&request, &self.env) {
                Ok(()) => self.act(request, url, rule).await,
                Err(failure) => Err(failure),
            }
        };
        if let (true, Err(Failure::Refused(refusal))) = (sending, &result) {
            self.store.count_refusal(refusal.status)?;
        }
        result
    }

    async fn act(&self, request: Request, url: &worker::Url, rule: Option<&Rule>) -> Result<Response, Failure> {
        let writes = request.method() != worker::Method::Get;
        let times = Times(&self.store);
        self.store.start_due(times.now()?)?;
        let response = api::act(&self.store, &self.env, &times, request, url, rule).await?;
        if writes {
            // Nothing is awaited between writing and arming: one transaction holds both.
            self.arm().await?;
        }
        Ok(response)
    }

    /// What has become due; false if the webhook did not take its events. Each call does a bounded part of it.
    async fn process(&self) -> Result<bool> {
        let now = Times(&self.store).now()?;
        self.store.start_due(now)?;
        self.store.finish(now)?;
        self.store.forget_old(now)?;
        webhook::tell(&self.store, now).await
    }

    async fn arm(&self) -> Result<()> {
        let clock = Times(&self.store).clock()?;
        let due = self.store.next_due()?.and_then(|due| clock.real(due));
        let look = if self.store.untold()?.is_empty() { None } else { Some(real() + webhook::LOOK_MILLIS) };
        match due.into_iter().chain(look).min() {
            Some(at) => self.wake_at(at).await,
            None => self.state.storage().delete_alarm().await,
        }
    }

    async fn wake_at(&self, millis: i64) -> Result<()> {
        let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
        self.state.storage().set_alarm(at).await
    }
}

/// Counts a request down when it is answered, or when whoever asked has gone.
struct Answering<'a>(&'a Cell<u32>);

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// The sandbox's time, by its clock in the database.
pub struct Times<'a>(&'a Store);

impl Times<'_> {
    fn clock(&self) -> Result<Clock> {
        Ok(self.0.setting(CLOCK)?.unwrap_or_default())
    }

    /// Milliseconds of the Unix epoch, as the sandbox counts them.
    pub fn now(&self) -> Result<i64> {
        Ok(self.clock()?.now(real()))
    }

    /// What the test door shows.
    pub fn resource(&self) -> Result<Value> {
        Ok(self.clock()?.resource(real()))
    }

    /// Sets the clock.
    pub fn change(&self, change: &Change) -> Result<()> {
        self.0.set(CLOCK, &self.clock()?.change(real(), change))
    }
}

/// The machine's time.
fn real() -> i64 {
    // Fits until the year 287396.
    worker::Date::now().as_millis() as i64
}
