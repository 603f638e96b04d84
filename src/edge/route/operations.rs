//! The routes under `/v1/Messages/Operations`: the list, what a person asks and decides, and the cron's round.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde_json::json;
use worker::{Env, Request, console_error, console_log};

use crate::clock::{self, Millis};
use crate::http::body;
use crate::http::fault::Fault;
use crate::http::query::{self, Query};
use crate::http::respond::Reply;
use crate::id::OperationId;
use crate::json;
use crate::machine::directory::Filter;
use crate::machine::record::{Settlement, Status, Verdict};
use crate::members::quoted;
use crate::object::operation::resource::Resource;
use crate::object::refusals::Line;
use crate::object::stage::Stage;
use crate::object::tenant::{self, Client as Tenant};
use crate::route::{Act, Route};
use crate::settings::Settings;
use crate::settings::key::Key;

/// Operations on a page, unless asked otherwise, and at most.
const PAGE: (u32, u32) = (50, 1_000);
/// Most bytes of a settlement.
const SETTLEMENT_BYTES: u64 = 10_000;
/// Most operations that are poked in one round, each with a call or two.
const POKED: u32 = 20;

/// A page of something.
#[derive(Serialize)]
struct Paged<'a, T: Serialize> {
    #[serde(flatten)]
    items: T,
    pagination: Pagination<'a>,
}

#[derive(Serialize)]
struct Pagination<'a> {
    next: Option<String>,
    #[serde(rename = "self")]
    this: Option<&'a str>,
}

/// Who asks for which act, and what it takes to answer.
struct Caller<'a> {
    request: &'a Request,
    env: &'a Env,
    settings: &'a Settings,
    key: &'a Key,
}

/// Answers one of these routes.
pub async fn answer(
    route: &Route<'_>,
    request: &Request,
    env: &Env,
    settings: &Settings,
    key: &Key,
) -> Result<Reply, Fault> {
    let caller = Caller { request, env, settings, key };
    match route.row.act {
        Act::Operations => caller.list().await,
        Act::Cancel => caller.cancel(route.id()).await,
        Act::Settle => caller.settle(route.id()).await,
        Act::Errors => caller.errors(route.id()).await,
        _ => Err(Fault::NotFound),
    }
}

impl Caller<'_> {
    /// `GET /v1/Messages/Operations`
    async fn list(&self) -> Result<Reply, Fault> {
        let mut query = Query::of(&self.request.inner().url())?;
        let size = query.take("pageSize").map(|size| page_size(&size)).transpose()?;
        let token = query.take("pageToken").unwrap_or_default();
        let filter = Filter {
            start: query.take("startDate").map(|date| instant("startDate", &date)).transpose()?,
            end: query.take("endDate").map(|date| instant("endDate", &date)).transpose()?,
            status: query.take("status").map(|status| status_of(&status)).transpose()?,
            after: if token.is_empty() { None } else { Some(after(&token).ok_or_else(bad_token)?) },
            limit: size.unwrap_or(PAGE.0),
        };
        query.done()?;
        let page = match Tenant::new(self.env, self.settings, &self.key.tenant) {
            Ok(tenant) => tenant.list(filter).await,
            Err(error) => Err(error),
        };
        let page = page.map_err(|error| failed("list", &error))?;
        #[derive(Serialize)]
        struct Operations<'a> {
            operations: Vec<Resource<'a>>,
        }
        let now = clock::now();
        let operations = page.operations.iter().map(|entry| Resource::listed(entry, now)).collect();
        let next = page.next.map(|(at, id)| token_of(at, &id));
        reply(&Paged {
            items: Operations { operations },
            pagination: Pagination { next, this: Some(token.as_str()).filter(|token| !token.is_empty()) },
        })
    }

    /// `POST …/Cancel`
    async fn cancel(&self, id: &str) -> Result<Reply, Fault> {
        let (stage, id) = self.stage(id)?;
        query::none(&self.request.inner().url())?;
        let (status, body) = stage.cancel(&id, &self.key.tenant).await.map_err(|error| failed("cancel", &error))?;
        if status == 404 {
            return Err(Fault::NotFound);
        }
        console_log!("{}", json!({ "event": "canceled", "operation": id.as_str(), "key": self.key.name }));
        Ok(Reply::json(200, body))
    }

    /// `POST …/Settle`
    async fn settle(&self, id: &str) -> Result<Reply, Fault> {
        let (stage, id) = self.stage(id)?;
        query::none(&self.request.inner().url())?;
        let body = body::json(self.request, SETTLEMENT_BYTES).await?;
        let word = settlement(body.bytes(), &self.key.name)?;
        let (status, body) =
            stage.settle(&id, &self.key.tenant, &word).await.map_err(|error| failed("settle", &error))?;
        match status {
            404 => return Err(Fault::NotFound),
            409 => return Err(Fault::Unsettled),
            _ => {}
        }
        console_log!(
            "{}",
            json!({
                "event": "settled", "operation": id.as_str(), "batch": word.batch, "attempt": word.attempt,
                "as": word.r#as, "key": word.key,
            })
        );
        Ok(Reply::json(200, body))
    }

    /// `GET …/Errors`
    async fn errors(&self, id: &str) -> Result<Reply, Fault> {
        let (stage, id) = self.stage(id)?;
        let mut query = Query::of(&self.request.inner().url())?;
        let size = query.take("pageSize").map(|size| page_size(&size)).transpose()?.unwrap_or(PAGE.0);
        let token = query.take("pageToken").unwrap_or_default();
        query.done()?;
        let first: u32 = if token.is_empty() { 0 } else { token.parse().map_err(|_| bad_token())? };
        let accept = self.request.headers().get("accept").ok().flatten().unwrap_or_default();
        let csv = query::wants_csv(&accept);
        // One more than asked for tells whether there are more.
        let (from, most) = if csv { (0, u32::MAX) } else { (first, size + 1) };
        let refusals =
            stage.errors(&id, &self.key.tenant, from, most).await.map_err(|error| failed("errors", &error))?;
        let refusals = refusals.ok_or(Fault::NotFound)?;
        if csv {
            return Ok(Reply::empty(200).with("content-type", "text/csv; charset=utf-8").with_body(refusals.csv()));
        }
        #[derive(Serialize)]
        struct Errors<'a> {
            errors: &'a [Line],
        }
        let (errors, behind) = refusals.0.split_at(refusals.0.len().min(size as usize));
        let next = (!behind.is_empty()).then(|| (u64::from(first) + errors.len() as u64).to_string());
        reply(&Paged {
            items: Errors { errors },
            pagination: Pagination { next, this: Some(token.as_str()).filter(|token| !token.is_empty()) },
        })
    }

    fn stage(&self, id: &str) -> Result<(Stage, OperationId), Fault> {
        let id = OperationId::parse(id).ok_or(Fault::NotFound)?;
        let stage = Stage::new(self.env, self.settings, &id).map_err(|error| failed("no object", &error))?;
        Ok((stage, id))
    }
}

/// What a person decided, as the request says it.
fn settlement(body: &[u8], key: &str) -> Result<Settlement, Fault> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Word {
        batch: u32,
        attempt: u32,
        r#as: Verdict,
        operation_id: Option<String>,
    }
    let wrong = || {
        Fault::BadBody(
            "Expected {\"batch\", \"attempt\", \"as\": \"accepted\" or \"not-sent\", \"operationId\"?}; operationId \
             goes with accepted."
                .to_owned(),
        )
    };
    let Word { batch, attempt, r#as, operation_id } = serde_json::from_slice(body).map_err(|_| wrong())?;
    let named = operation_id.as_deref().is_none_or(|id| crate::machine::answer::is_id(id) && r#as == Verdict::Accepted);
    if !named {
        return Err(wrong());
    }
    Ok(Settlement { batch, attempt, r#as, operation_id, key: key.to_owned(), at: 0 })
}

/// Sets the alarms of operations again that lost theirs, of every tenant that has a key or had one.
pub async fn poke_overdue(env: &Env) {
    let Ok(settings) = Settings::read(env) else { return };
    let overdue = async |tenant: &Tenant| tenant.overdue(POKED).await;
    poke(env, &settings, overdue).await;
}

/// Sets the alarms of all operations anew, as far as a page holds them: the clock was turned.
pub async fn poke_all(env: &Env, settings: &Settings) {
    let all = async |tenant: &Tenant| {
        let page = tenant.list(Filter { limit: PAGE.1, ..Filter::default() }).await?;
        Ok(page.operations.into_iter().map(|operation| operation.id).collect())
    };
    poke(env, settings, all).await;
}

async fn poke(env: &Env, settings: &Settings, which: impl AsyncFn(&Tenant) -> worker::Result<Vec<String>>) {
    let failed = |error: worker::Error| {
        console_error!("{}", json!({ "event": "round failed", "error": error.to_string() }));
    };
    let keyed = settings.keys.tenants();
    let names = tenant::names(env, settings).await.unwrap_or_else(|error| {
        failed(error);
        keyed.iter().map(|&name| name.to_owned()).collect()
    });
    for name in &names {
        let round = async {
            let tenant = Tenant::new(env, settings, name)?;
            let ids = which(&tenant).await?;
            if ids.is_empty() && !keyed.contains(&name.as_str()) && tenant.is_empty().await? {
                // Nobody can hand in another send.
                return tenant::forget_name(env, settings, name).await;
            }
            poke_each(env, settings, (name, &tenant), ids).await
        };
        if let Err(error) = round.await {
            failed(error);
        }
    }
}

async fn poke_each(
    env: &Env,
    settings: &Settings,
    (name, tenant): (&str, &Tenant),
    ids: Vec<String>,
) -> worker::Result<()> {
    for id in ids {
        let Some(id) = OperationId::parse(&id) else { continue };
        let exists = match Stage::new(env, settings, &id) {
            Ok(stage) => stage.poke(&id, name).await,
            Err(error) => Err(error),
        };
        match exists {
            Ok(true) => {}
            Ok(false) => tenant.missing(id.as_str()).await?,
            // The next ones may be luckier; this one has its turn again.
            Err(error) => {
                let error = error.to_string();
                console_error!("{}", json!({ "event": "poke failed", "operation": id.as_str(), "error": error }));
            }
        }
    }
    Ok(())
}

fn page_size(text: &str) -> Result<u32, Fault> {
    let size = text.parse().ok().filter(|size| (1..=PAGE.1).contains(size));
    size.ok_or_else(|| Fault::BadParameter("The parameter pageSize must be a number from 1 to 1000.".to_owned()))
}

fn instant(name: &str, text: &str) -> Result<Millis, Fault> {
    let instant = postgate_core::Instant::parse(text).and_then(|instant| Millis::try_from(instant.0).ok());
    instant.ok_or_else(|| Fault::BadParameter(format!("The parameter {name} must be an instant of RFC 3339.")))
}

fn status_of(text: &str) -> Result<Status, Fault> {
    let status = json::read(quoted(text));
    status.map_err(|_| {
        Fault::BadParameter("The parameter status must be SCHEDULED, PROCESSING, COMPLETED or CANCELED.".to_owned())
    })
}

/// Names the last operation of a page.
fn token_of(at: Millis, id: &str) -> String {
    Base64UrlUnpadded::encode_string(format!("{at},{id}").as_bytes())
}

/// The operation after which a page begins.
fn after(token: &str) -> Option<(Millis, String)> {
    let text = String::from_utf8(Base64UrlUnpadded::decode_vec(token).ok()?).ok()?;
    let (at, id) = text.split_once(',')?;
    Some((at.parse().ok()?, OperationId::parse(id)?.as_str().to_owned()))
}

fn bad_token() -> Fault {
    Fault::BadParameter("The parameter pageToken must be one that an answer gave.".to_owned())
}

fn reply(page: &impl Serialize) -> Result<Reply, Fault> {
    let json = serde_json::to_vec(page).map_err(|_| Fault::Internal)?;
    Ok(Reply::json(200, json))
}

fn failed(what: &str, error: &worker::Error) -> Fault {
    console_error!("{}", json!({ "event": "operations failed", "at": what, "error": error.to_string() }));
    Fault::Internal
}
