//! What each route does: the API, and the test door.

use serde_json::{Value, json};
use worker::{Env, Request, Response, Result};

use crate::account::Times;
use crate::clock::Change;
use crate::listing::{Listing, Words};
use crate::pace::Pace;
use crate::problem::Refusal;
use crate::respond::{self, Failure};
use crate::route::Route;
use crate::store::Store;
use crate::unkindness::{Rule, Rules};
use crate::{credentials, message, operation, pool, read, received, send, sender, stored, webhook};

/// The setting that holds the unkind rules and their counts.
const RULES: &str = "unkindness";
/// The setting that holds the pace that the test door was told.
const PACE: &str = "pace";

const MESSAGES: Words = Words { statuses: &message::STATUSES, channels: &["SMS", "RCS", "WHATSAPP"] };
const OPERATIONS: Words = Words { statuses: &operation::STATUSES, channels: &[] };

/// The account's rules of unkindness.
pub fn rules(store: &Store) -> Result<Rules> {
    Ok(store.setting(RULES)?.unwrap_or_default())
}

/// The rule that spoils a request, if one does; the count is kept before anything else happens.
pub fn rule(store: &Store, method: &str, path: &str) -> Result<Option<Rule>> {
    let mut rules = rules(store)?;
    let (rule, counted) = rules.take(method, path);
    if counted {
        store.set(RULES, &rules)?;
    }
    Ok(rule)
}

/// The account's pace: what the test door was told, else what the settings say.
pub fn pace(store: &Store, env: &Env) -> Result<Pace> {
    if let Some(told) = store.setting(PACE)? {
        return Ok(told);
    }
    let setting = |name: &str| env.var(name).map(|value| value.to_string()).ok().filter(|value| !value.is_empty());
    let wrong = |name: &str| format!("the setting {name} cannot be read");
    let mut pace = Pace::default();
    if let Some(rate) = setting("DEFAULT_MPS") {
        pace.default_mps = Some(rate.parse().map_err(|_| wrong("DEFAULT_MPS"))?);
    }
    if let Some(senders) = setting("SENDER_MPS") {
        pace.senders = serde_json::from_str(&senders).map_err(|_| wrong("SENDER_MPS"))?;
    }
    if let Some(count) = setting("CONCURRENCY") {
        pace.concurrency = Some(count.parse().map_err(|_| wrong("CONCURRENCY"))?);
    }
    // Judged like what the test door is told.
    Pace::read(json!(pace).to_string().as_bytes()).map_err(|_| "a setting of the pace is out of its range".into())
}

/// Whether a request carries the sandbox's key and secret.
pub fn admit(request: &Request, env: &Env) -> Result<(), Failure> {
    let header = request.headers().get("authorization")?;
    let key = env.var("SANDBOX_KEY")?.to_string();
    let secret = env.var("SANDBOX_SECRET")?.to_string();
    if credentials::admits(header.as_deref(), &key, &secret) { Ok(()) } else { Err(Refusal::unauthorized().into()) }
}

/// Carries a request out.
pub async fn act(
    store: &Store,
    env: &Env,
    times: &Times<'_>,
    mut request: Request,
    url: &worker::Url,
    rule: Option<&Rule>,
) -> Result<Response, Failure> {
    let origin = &url.origin().ascii_serialization();
    let route = Route::of(request.method().as_ref(), url.path())?;
    let listing = |words: &Words| Listing::read(url.query_pairs(), words);
    // Whatever else a request needs of its body is read here; from then on nothing is awaited, and what a request
    // writes is one transaction.
    let body = match route {
        Route::Send => {
            let pace = pace(store, env)?;
            return send::send(store, &mut request, origin, &pace, rule, || times.now()).await;
        }
        _ if has_body(route) => send::read(&mut request).await?,
        _ => Vec::new(),
    };
    let now = times.now()?;
    let answer = match route {
        Route::Send => Value::Null,
        Route::ListMessages => {
            let mut listing = listing(&MESSAGES)?;
            if rule.is_some_and(|rule| rule.ignore_tags) {
                listing.tags.clear();
            }
            read::messages(store, &listing, origin, now)?
        }
        Route::FetchMessage(id) => read::message(store, id, origin, now)?,
        Route::SeekMessage(sid) => {
            let id = read::seek(store, sid, origin, now)?;
            return Ok(respond::moved(&format!("{origin}/v1/Messages/{id}"))?);
        }
        Route::ListOperations => read::operations(store, &listing(&OPERATIONS)?, now)?,
        Route::FetchOperation(id) => read::operation(store, id, now)?,
        Route::ListSenders => sender::list(store, &listing(&sender::WORDS)?)?,
        Route::FetchSender(id) => sender::fetch(store, id)?,
        Route::SearchSenders => sender::search(store, &body)?,
        Route::ResolveSenders => sender::resolve(store, &body)?,
        Route::ListPools => pool::list(store, &listing(&Words::default())?)?,
        Route::CreatePool => return pool::create(store, &body, origin, now),
        Route::FetchPool(id) => pool::fetch(store, id)?,
        Route::UpdatePool(id) => pool::update(store, id, &body, origin, now)?,
        Route::DeletePool(id) => return pool::delete(store, id),
        Route::ListPoolSenders(id) => pool::senders(store, id, &listing(&sender::WORDS)?)?,
        Route::AddPoolSenders(id) => return pool::add(store, id, &body, origin, now),
        Route::RemovePoolSender(id, sender) => return pool::remove(store, id, sender),
        Route::ListPoolOperations => pool::operations(store, &listing(&pool::WORDS)?, now)?,
        Route::FetchPoolOperation(id) => pool::operation(store, id, now)?,
        Route::Health => received::health(store)?,
        Route::ListRequests => received::requests(store)?,
        Route::RequestBody(n) => return Ok(Response::from_bytes(received::body(store, n)?)?),
        Route::ListRules => json!(rules(store)?),
        Route::AddRules => {
            let more = Rules::read(&body)?;
            let mut rules = rules(store)?;
            rules.append(more)?;
            store.set(RULES, &rules)?;
            json!(rules)
        }
        Route::ClearRules => {
            store.unset(RULES)?;
            return Ok(respond::nothing()?);
        }
        Route::ShowClock => times.resource()?,
        Route::SetClock => {
            times.change(&Change::read(&body)?)?;
            // What has become due by a jump happens in it.
            store.start_due(times.now()?)?;
            times.resource()?
        }
        Route::ShowPace => json!(pace(store, env)?),
        Route::SetPace => {
            let pace = Pace::read(&body)?;
            store.set(PACE, &pace)?;
            json!(pace)
        }
        Route::ShowWebhook => webhook::show(store)?,
        Route::SetWebhook => webhook::set(store, &body)?,
        Route::ClearWebhook => {
            webhook::clear(store)?;
            return Ok(respond::nothing()?);
        }
        Route::Cancel(id) => read::cancel(store, id, now)?,
        Route::StoreSender => sender::store(store, &body, now)?,
        Route::StoreProfiles => stored::profiles(store, &body)?,
        Route::StoreCohort => stored::cohort(store, &body)?,
        Route::Forget => {
            store.forget_all()?;
            return Ok(respond::nothing()?);
        }
    };
    Ok(respond::json(&answer)?)
}

fn has_body(route: Route<'_>) -> bool {
    use Route::*;
    matches!(
        route,
        SearchSenders
            | ResolveSenders
            | CreatePool
            | UpdatePool(_)
            | AddPoolSenders(_)
            | AddRules
            | SetClock
            | SetPace
            | SetWebhook
            | StoreSender
            | StoreProfiles
            | StoreCohort
    )
}
