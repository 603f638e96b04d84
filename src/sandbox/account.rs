//! The Durable Object: one account, its database, and the alarm that processes operations.
//!
//! Invariants: every path that leaves work behind leaves an alarm behind, set in the same transaction; work that
//! fails does not fail the alarm, because the runtime gives up on one that keeps failing.

use std::cell::Cell;

use chrono::DateTime;
use serde_json::json;
use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use crate::listing::Listing;
use crate::operation::{self, STEPS, Stats};
use crate::problem::Refusal;
use crate::respond::{self, Failure};
use crate::route::Route;
use crate::store::Store;
use crate::unkindness::{Rule, Rules};
use crate::{credentials, message, read, received, send, spoil};

/// How long after a failed alarm the next is tried.
const WATCHDOG_MILLIS: i64 = 1_000;
/// The setting that holds the unkind rules and their counts.
const RULES: &str = "unkindness";

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
        let rule = match Route::is_api(url.path()) {
            true => self.rule(request.method().as_ref(), url.path())?,
            false => None,
        };
        match &rule {
            Some(rule) => spoil::answer(rule, request, |request| self.count(request, &url, Some(rule))).await,
            None => self.count(request, &url, None).await,
        }
    }

    /// The rule that spoils a request, if one does; the count is kept before anything else happens.
    fn rule(&self, method: &str, path: &str) -> Result<Option<Rule>> {
        let mut rules = self.rules()?;
        let (rule, counted) = rules.take(method, path);
        if counted {
            self.store.set(RULES, &rules)?;
        }
        Ok(rule)
    }

    fn rules(&self) -> Result<Rules> {
        Ok(self.store.setting(RULES)?.unwrap_or_default())
    }

    /// Carries a request out, and counts refused sends.
    async fn count(&self, request: Request, url: &worker::Url, rule: Option<&Rule>) -> Result<Response, Failure> {
        let sending = request.method() == worker::Method::Post && url.path() == "/v1/Messages";
        let result = self.act(request, url, rule).await;
        if let (true, Err(Failure::Refused(refusal))) = (sending, &result) {
            self.store.count_refusal(refusal.status)?;
        }
        result
    }

    async fn act(&self, mut request: Request, url: &worker::Url, rule: Option<&Rule>) -> Result<Response, Failure> {
        if Route::is_api(url.path()) {
            self.admit(&request)?;
        }
        let origin = &url.origin().ascii_serialization();
        let store = &self.store;
        let listing = |statuses| Listing::read(url.query_pairs(), statuses);
        let now = now();
        let answer = match Route::of(request.method().as_ref(), url.path())? {
            Route::Send => {
                let response = send::send(store, request, origin, rule).await?;
                // Nothing is awaited between keeping and arming: one transaction holds both.
                self.arm().await?;
                return Ok(response);
            }
            Route::ListMessages => {
                let mut listing = listing(&message::STATUSES)?;
                if rule.is_some_and(|rule| rule.ignore_tags) {
                    listing.tags.clear();
                }
                read::messages(store, &listing, origin, now)?
            }
            Route::FetchMessage(id) => read::message(store, id, origin, now)?,
            Route::ListOperations => read::operations(store, &listing(&operation::STATUSES)?, now)?,
            Route::FetchOperation(id) => read::operation(store, id, now)?,
            Route::Health => received::health(store)?,
            Route::ListRequests => received::requests(store)?,
            Route::RequestBody(n) => return Ok(Response::from_bytes(received::body(store, n)?)?),
            Route::ListRules => json!(self.rules()?),
            Route::AddRules => {
                let more = Rules::read(&send::read(&mut request).await?)?;
                // Read only now: nothing is awaited from here on.
                let mut rules = self.rules()?;
                rules.append(more)?;
                store.set(RULES, &rules)?;
                json!(rules)
            }
            Route::ClearRules => {
                store.unset(RULES)?;
                return Ok(Response::empty()?.with_status(204));
            }
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
