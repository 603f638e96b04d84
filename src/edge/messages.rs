//! `POST /v1/Messages` and `POST /v1/Messages/DryRun`: a body in, judged, and for the first one staged and sealed.
//!
//! The judgement is core's alone. Nothing is staged before it is known that nothing will be refused, and nothing is
//! sent before the seal.

use postgate_core::{BatchLimits, Facts, Need, Severity, Verdict, Wants, summarize};
use serde_json::json;
use worker::{Env, Request, console_error, console_log};

use crate::body::{self, Body};
use crate::clock;
use crate::fault::Fault;
use crate::hash::sha256;
use crate::id::OperationId;
use crate::key::Key;
use crate::piece::{Packer, Piece};
use crate::query;
use crate::record::Sealed;
use crate::respond::{self, Manner, Reply};
use crate::settings::Settings;
use crate::stage::Stage;
use crate::usage;

/// Largest body that is taken. It is held in memory, where an isolate has 128 MB for all its requests; core itself
/// would read more.
const INTAKE_BYTES: u64 = 32_000_000;

/// How many bytes the second pass reads before what it wrote is staged.
const STRETCH: usize = 1 << 20;

/// Judges a body as it would be judged for sending; sends nothing and keeps nothing.
pub async fn dry_run(request: &Request, settings: &Settings, key: &Key) -> Result<Reply, Fault> {
    let options = query::options(&request.inner().url(), &key.options, clock::now(), settings.development)?;
    let body = read(request, INTAKE_BYTES).await?;
    let verdict = summarize(body.bytes(), &options).verdict;
    Ok(Reply::json(200, verdict.to_summary_json(options.prices.as_ref())))
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
    let options = query::options(&request.inner().url(), &key.options, began, settings.development)?;
    let limit = options.limits.bytes.min(INTAKE_BYTES);
    let body = match read(request, limit).await {
        Err(Fault::TooLarge(limit)) if limit == options.limits.bytes => return Ok(respond::too_large(limit, manner)),
        body => body?,
    };
    let mut facts = Facts::trusting(&options, Wants::Bodies);
    facts.push(body.bytes());
    let bodies = match facts.finish() {
        Need::Again(bodies) => bodies,
        Need::Done(checked) => return Ok(refused(&checked.verdict, &body, manner)),
    };

    let id = OperationId::random(began).map_err(|error| failed("no id", error))?;
    let stage = Stage::new(env, settings, &id).map_err(|error| failed("no object", error))?;
    let staged = intake(&stage, &id, (env, settings, key), &body, *bodies, options.limits.batch).await;
    if !matches!(staged, Ok(Intake::Staged(_))) {
        // Best done now; the object's alarm does it otherwise.
        let _ = stage.wipe().await;
    }
    let Staged { rows, batches } = match staged? {
        Intake::Staged(staged) => staged,
        Intake::Refused(verdict) => return Ok(refused(&verdict, &body, manner)),
    };
    console_log!(
        "{}",
        json!({
            "event": "accepted", "operation": id.as_str(), "bytes": body.bytes().len(), "rows": rows,
            "batches": batches, "milliseconds": clock::now().saturating_sub(began),
        })
    );
    Ok(accepted(&id, key, request, manner))
}

/// What has become of a body that the first pass found nothing against.
enum Intake {
    Staged(Staged),
    /// The second pass did.
    Refused(Box<Verdict>),
}

struct Staged {
    rows: u32,
    batches: u32,
}

/// The pieces staged so far.
struct Pieces<'a> {
    stage: &'a Stage,
    count: u32,
    rows: u32,
}

impl Pieces<'_> {
    async fn put(&mut self, piece: Piece) -> Result<(), Fault> {
        self.stage.piece(self.count, &piece).await.map_err(|error| failed("a piece", error))?;
        self.count += 1;
        self.rows += piece.rows();
        Ok(())
    }
}

/// The second pass over a body without errors, its rows staged as they come, then the seal.
async fn intake(
    stage: &Stage,
    id: &OperationId,
    (env, settings, key): (&Env, &Settings, &Key),
    body: &Body,
    mut bodies: postgate_core::Bodies,
    limits: BatchLimits,
) -> Result<Intake, Fault> {
    let mut pieces = Pieces { stage, count: 0, rows: 0 };
    let mut packer = Packer::default();
    let head = bodies.envelope().clone();
    for stretch in body.bytes().chunks(STRETCH) {
        bodies.push(stretch, &mut packer);
        while let Some(piece) = packer.take_full() {
            pieces.put(piece).await?;
        }
    }
    let checked = bodies.finish().map_err(|fault| failed("the second pass", format!("{fault:?}")))?;
    if !checked.verdict.ok {
        return Ok(Intake::Refused(Box::new(checked.verdict)));
    }
    if let Some(piece) = packer.finish() {
        pieces.put(piece).await?;
    }
    stage.head(&head).await.map_err(|error| failed("the head", error))?;
    let batches = checked.verdict.totals.batches.len() as u32;
    let sealed = Sealed {
        id: id.as_str().to_owned(),
        tenant: key.tenant.clone(),
        created: clock::now(),
        fingerprint: sha256(body.bytes()),
        bytes: body.bytes().len() as u64,
        rows: pieces.rows,
        pieces: pieces.count,
        batch_rows: limits.rows,
        batch_bytes: limits.bytes,
        batches,
        first_look: settings.first_look(),
    };
    usage::recipients(env, settings, key, id.as_str(), pieces.rows.into()).await?;
    stage.seal(&sealed).await.map_err(|error| failed("the seal", error))?;
    Ok(Intake::Staged(Staged { rows: pieces.rows, batches }))
}

/// The answer to a send that is not taken.
fn refused(verdict: &Verdict, body: &Body, manner: &Manner) -> Reply {
    let errors = verdict.issues.iter().filter(|issue| issue.severity() == Severity::Error);
    let codes: std::collections::BTreeSet<&str> = errors.map(|issue| issue.code.as_str()).collect();
    console_log!("{}", json!({ "event": "refused", "bytes": body.bytes().len(), "codes": codes }));
    respond::refusal(verdict, manner)
}

/// The answer of the API to a send that it takes.
fn accepted(id: &OperationId, key: &Key, request: &Request, manner: &Manner) -> Reply {
    let id = id.as_str();
    let location = format!("{}/v1/Messages/Operations/{id}", manner.origin);
    let reply = Reply::empty(202)
        .with("operationId", id)
        .with("operation-id", id)
        .with("operation-location", location.as_str());
    let asked = header(request, "prefer").is_some_and(|prefer| query::wants_representation(&prefer));
    if !asked && !key.representation {
        return reply;
    }
    let applied = asked.then(|| ("preference-applied", "return=representation".to_owned()));
    reply
        .with_all(applied)
        .with("content-type", "application/json")
        .with_body(json!({ "operationId": id, "operationLocation": location }).to_string())
}

async fn read(request: &Request, limit: u64) -> Result<Body, Fault> {
    let json = header(request, "content-type").is_some_and(|value| query::is_json(&value));
    let plain = header(request, "content-encoding").is_none_or(|value| value.eq_ignore_ascii_case("identity"));
    if !json || !plain {
        return Err(Fault::UnsupportedMediaType);
    }
    let announced = header(request, "content-length").and_then(|value| value.parse().ok());
    body::read(request.inner().body(), announced, limit).await
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

fn failed(what: &str, error: impl std::fmt::Display) -> Fault {
    console_error!("{}", json!({ "event": "intake failed", "at": what, "error": error.to_string() }));
    Fault::Internal
}
