//! `POST /v1/Messages` and `POST /v1/Messages/DryRun`: a request in and judged, and for the first one an [`Intake`]; and what
//! was sent under an idempotency key.
//!
//! The judgement is core's alone.

use postgate_core::{Need, Nowhere, Options, Verdict, Wants};
use serde_json::json;
use worker::{Env, Request};

use crate::clock::{self, Millis};
use crate::head::Head;
use crate::http::body::Incoming;
use crate::http::fault::Fault;
use crate::http::prefer::Prefer;
use crate::http::query;
use crate::http::respond::{self, Manner, Reply};
use crate::http::share::Holder;
use crate::id::OperationId;
use crate::intake::admission;
use crate::intake::arrival;
use crate::intake::idempotency::IdempotencyKey;
use crate::intake::{Asked, Intake, Taken, finish, first_pass};
use crate::machine::warning::{self, Warning};
use crate::object::draft::{Draft, failed};
use crate::object::stage::{Begun, Stage};
use crate::settings::Settings;
use crate::settings::key::Key;

/// Judges a request as it would be judged for sending; sends nothing and keeps nothing. The verdict is always a strict one,
/// and the estimate of those to whom a send would go that is handled as this caller prefers.
pub async fn dry_run(
    request: &Request,
    env: &Env,
    settings: &Settings,
    key: &Key,
    manner: &Manner,
) -> Result<Reply, Fault> {
    let prefer = Prefer::of(request);
    let mut options = query::options(&request.inner().url(), &key.options, clock::now(), settings.development, &[])?;
    options.lenient = prefer.is_lenient();
    let draft = draft(env, settings, &random_id(clock::now())?)?;
    let judged = judge(request, settings, key, &options, &draft).await;
    draft.wipe().await;
    match judged {
        Ok(verdict) => {
            let json = verdict.to_summary_json(options.prices.as_ref());
            Ok(Reply::json(200, json).with_all(prefer.handled().applied()))
        }
        Err(fault) => too_large(fault, &options, manner),
    }
}

async fn judge(
    request: &Request,
    settings: &Settings,
    key: &Key,
    options: &Options,
    draft: &Draft,
) -> Result<Verdict, Fault> {
    let incoming = Incoming::of(request, options.limits.bytes)?;
    let mut facts = first_pass(&incoming, options, Wants::Verdict);
    facts.summarize();
    let arrived = arrival::arrive(incoming, &mut facts, draft, &Holder::of(settings, &key.tenant)).await?;
    let mut bodies = match facts.finish() {
        Need::Done(checked) => return Ok(checked.verdict),
        Need::Again(bodies) => bodies,
    };
    admission::allow(key, bodies.envelope())?;
    let mut again = arrived.again();
    while let Some(bytes) = again.next().await? {
        bodies.push(bytes, &mut Nowhere);
    }
    let Head { sender, .. } = Head::read(bodies.envelope());
    let mut verdict = finish(*bodies)?.verdict;
    if let (Some(estimate), None) = (&mut verdict.estimate, options.rate) {
        // The pace that the send itself would have, which is in thousandths.
        estimate.time(settings.lanes.of(&sender).narrowest() * 1_000);
    }
    Ok(verdict)
}

/// Takes a send: 202 means that it is kept and will be sent.
pub async fn send(
    request: &Request,
    env: &Env,
    settings: &Settings,
    key: &Key,
    manner: &Manner,
) -> Result<Reply, Fault> {
    let began = clock::now();
    let asked = Asked::read(request, settings, key, began)?;
    let incoming = match Incoming::of(request, asked.options.limits.bytes) {
        Ok(incoming) => incoming,
        Err(fault) => return too_large(fault, &asked.options, manner),
    };
    let id = match &asked.idempotency {
        Some(idempotency) => OperationId::new(idempotency.unique(&key.tenant, &settings.id_secret), began),
        None => random_id(began)?,
    };
    let draft = draft(env, settings, &id)?;
    if let Some(idempotency) = &asked.idempotency {
        let known = match known_before(env, settings, key, idempotency).await? {
            Begun::Open => draft.begin().await?,
            known => known,
        };
        match known {
            Begun::Open => {}
            Begun::Busy { seconds } => return Err(Fault::InUse(seconds)),
            Begun::Sealed { id, bytes, fingerprint } => {
                // What has more bytes is another request, however many more.
                let hash = arrival::hash(incoming, bytes).await;
                return match hash.map(|hash| hash.is_some_and(|hash| asked.fingerprint(&hash) == fingerprint)) {
                    Ok(true) => Ok(accepted(&id, &[], key, &asked.prefer, manner).with("idempotent-replayed", "true")),
                    Ok(false) => Err(Fault::KeyReused),
                    Err(fault) => too_large(fault, &asked.options, manner),
                };
            }
        }
    }
    let intake = Intake { id: &id, asked: &asked, draft: &draft, env, settings, key, began };
    match intake.take(incoming).await {
        Ok(Taken::Sealed(warnings)) => Ok(accepted(id.as_str(), &warnings, key, &asked.prefer, manner)),
        Ok(Taken::Refused(verdict)) => {
            draft.wipe().await;
            Ok(respond::refusal(&verdict, manner))
        }
        Err(fault) => {
            // Best done now; the object's alarm does it otherwise.
            draft.wipe().await;
            too_large(fault, &asked.options, manner)
        }
    }
}

/// The operation that was sealed under an idempotency key: 404 if none was, 409 while its intake runs.
pub async fn sent(request: &Request, env: &Env, settings: &Settings, key: &Key) -> Result<Reply, Fault> {
    let given = query::only(&request.inner().url(), &["idempotencyKey"])?.pop();
    let (_, given) = given.ok_or_else(|| Fault::BadParameter("The parameter idempotencyKey is missing.".to_owned()))?;
    let idempotency = IdempotencyKey::read(&given)?;
    let known = match known_before(env, settings, key, &idempotency).await? {
        Begun::Open => known(env, settings, idempotency.unique(&key.tenant, &settings.id_secret)).await?,
        known => known,
    };
    let id = match known {
        Begun::Open => return Err(Fault::NotFound),
        Begun::Busy { seconds } => return Err(Fault::InUse(seconds)),
        Begun::Sealed { id, .. } => OperationId::parse(&id).ok_or(Fault::NotFound)?,
    };
    let stage = Stage::new(env, settings, &id).map_err(|error| failed("no object", error))?;
    let shown = stage.show(&id, &key.tenant).await.map_err(|error| failed("an operation", error))?;
    shown.map(|json| Reply::json(200, json)).ok_or(Fault::NotFound)
}

/// What is known of an idempotency key under the secret that names were made with before.
async fn known_before(env: &Env, settings: &Settings, key: &Key, idempotency: &IdempotencyKey) -> Result<Begun, Fault> {
    match &settings.id_secret_before {
        Some(secret) => known(env, settings, idempotency.unique(&key.tenant, secret)).await,
        None => Ok(Begun::Open),
    }
}

/// What is known under the name that an idempotency key makes.
async fn known(env: &Env, settings: &Settings, unique: u128) -> Result<Begun, Fault> {
    let stage = Stage::new(env, settings, &OperationId::new(unique, 0));
    stage.map_err(|error| failed("no object", error))?.state().await.map_err(|error| failed("a key", error))
}

fn random_id(now: Millis) -> Result<OperationId, Fault> {
    OperationId::random(now).map_err(|error| failed("no id", error))
}

fn draft(env: &Env, settings: &Settings, id: &OperationId) -> Result<Draft, Fault> {
    Draft::new(Stage::new(env, settings, id).map_err(|error| failed("no object", error))?)
}

/// A body over the limit that the caller chose is an issue of core's.
fn too_large(fault: Fault, options: &Options, manner: &Manner) -> Result<Reply, Fault> {
    match fault {
        Fault::TooLarge(limit) if limit == options.limits.bytes => Ok(respond::too_large(limit, manner)),
        fault => Err(fault),
    }
}

/// The answer of the API to a send that it takes.
fn accepted(id: &str, warnings: &[Warning], key: &Key, prefer: &Prefer, manner: &Manner) -> Reply {
    let location = format!("{}/v1/Messages/Operations/{id}", manner.origin);
    let reply = Reply::empty(202)
        .with("operationId", id)
        .with("operation-id", id)
        .with("operation-location", location.as_str())
        .with_all(prefer.applied());
    if !prefer.representation && !key.representation {
        return reply;
    }
    let mut body = json!({ "operationId": id, "operationLocation": location });
    if !warnings.is_empty() {
        body["warnings"] = json!(warning::shown(warnings));
    }
    reply.with("content-type", "application/json").with_body(body.to_string())
}
