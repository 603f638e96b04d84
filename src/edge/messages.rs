//! `POST /v1/Messages` and `POST /v1/Messages/DryRun`: a request in, judged, and for the first one staged and sealed.
//!
//! The judgement is core's alone. Nothing of a send is visible before its seal, nothing is sent before it, and a refusal
//! leaves nothing behind.

use std::collections::BTreeSet;

use postgate_core::{Bodies, Checked, Facts, Need, Nowhere, Options, SendMessages, Severity, Verdict, Wants};
use serde_json::json;
use worker::{Env, Request, console_log};

use crate::admission;
use crate::arrival::{self, Arrived, HELD};
use crate::body::Incoming;
use crate::clock::{self, Millis};
use crate::draft::{Draft, failed};
use crate::fault::Fault;
use crate::head::Head;
use crate::id::OperationId;
use crate::idempotency::{self, IdempotencyKey};
use crate::key::Key;
use crate::piece::{Packer, Piece};
use crate::prefer::Prefer;
use crate::query;
use crate::record::{Sealed, WINDOW};
use crate::respond::{self, Manner, Reply};
use crate::settings::Settings;
use crate::stage::{Begun, Stage};
use crate::warning::{self, KEYLESS_ROWS, Warning};

/// How many pieces go to the object in one call.
const PIECES: usize = 4;

/// Judges a request as it would be judged for sending; sends nothing and keeps nothing.
pub async fn dry_run(
    request: &Request,
    env: &Env,
    settings: &Settings,
    key: &Key,
    manner: &Manner,
) -> Result<Reply, Fault> {
    let options = query::options(&request.inner().url(), &key.options, clock::now(), settings.development, &[])?;
    let draft = draft(env, settings, &random_id(clock::now())?)?;
    let judged = judge(request, settings, &options, &draft).await;
    draft.wipe().await;
    match judged {
        Ok(verdict) => Ok(Reply::json(200, verdict.to_summary_json(options.prices.as_ref()))),
        Err(fault) => too_large(fault, &options, manner),
    }
}

async fn judge(request: &Request, settings: &Settings, options: &Options, draft: &Draft) -> Result<Verdict, Fault> {
    let incoming = Incoming::of(request, options.limits.bytes)?;
    let mut facts = first_pass(&incoming, options, Wants::Verdict);
    facts.summarize();
    let arrived = arrival::arrive(incoming, &mut facts, draft).await?;
    let mut bodies = match facts.finish() {
        Need::Done(checked) => return Ok(checked.verdict),
        Need::Again(bodies) => bodies,
    };
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

/// What a caller asks for, beside the body.
struct Asked {
    options: Options,
    prefer: Prefer,
    idempotency: Option<IdempotencyKey>,
    content_type: String,
    query: Vec<(String, String)>,
}

impl Asked {
    fn read(request: &Request, settings: &Settings, key: &Key, now: Millis) -> Result<Self, Fault> {
        let header = |name: &str| request.headers().get(name).ok().flatten();
        let url = request.inner().url();
        let options = query::options(&url, &key.options, now, settings.development, query::SUMMED_UP)?;
        let idempotency = header("idempotency-key").map(|key| IdempotencyKey::read(&key)).transpose()?;
        if idempotency.is_none() && settings.require_key {
            return Err(Fault::KeyRequired);
        }
        Ok(Self {
            options,
            prefer: Prefer::read(&header("prefer").unwrap_or_default()),
            idempotency,
            content_type: header("content-type").unwrap_or_default(),
            query: query::pairs(&url).collect(),
        })
    }

    fn fingerprint(&self, body: &[u8; 32]) -> String {
        idempotency::fingerprint(body, &self.content_type, &self.query, self.prefer.is_lenient())
    }
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
    if asked.idempotency.is_some() {
        match draft.begin().await? {
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
    let name = OperationId::new(idempotency.unique(&key.tenant, &settings.id_secret), 0);
    let stage = Stage::new(env, settings, &name).map_err(|error| failed("no object", error))?;
    let id = match stage.state().await.map_err(|error| failed("a key", error))? {
        Begun::Open => return Err(Fault::NotFound),
        Begun::Busy { seconds } => return Err(Fault::InUse(seconds)),
        Begun::Sealed { id, .. } => OperationId::parse(&id).ok_or(Fault::NotFound)?,
    };
    let shown = stage.show(&id, &key.tenant).await.map_err(|error| failed("an operation", error))?;
    shown.map(|json| Reply::json(200, json)).ok_or(Fault::NotFound)
}

/// An intake, from the first byte to the seal.
struct Intake<'a> {
    id: &'a OperationId,
    asked: &'a Asked,
    draft: &'a Draft,
    env: &'a Env,
    settings: &'a Settings,
    key: &'a Key,
    began: Millis,
}

/// How an intake ends.
enum Taken {
    Sealed(Vec<Warning>),
    Refused(Box<Verdict>),
}

impl Intake<'_> {
    async fn take(&self, incoming: Incoming) -> Result<Taken, Fault> {
        let mut facts = first_pass(&incoming, &self.asked.options, Wants::Bodies);
        facts.measure();
        if self.asked.prefer.is_lenient() {
            facts.refuse_rows();
        }
        let arrived = arrival::arrive(incoming, &mut facts, self.draft).await?;
        match facts.finish() {
            Need::Again(bodies) => self.stage(&arrived, *bodies).await,
            Need::Done(checked) => Ok(self.refused(checked.verdict, arrived.bytes)),
        }
    }

    /// The second pass: pieces are staged as they come, and what is left goes with the seal.
    async fn stage(&self, arrived: &Arrived<'_>, mut bodies: Bodies) -> Result<Taken, Fault> {
        let mut pieces = Pieces { draft: self.draft, kept: Vec::new(), staged: 0, rows: 0, units: 0 };
        let mut packer = Packer::default();
        let envelope = bodies.envelope().clone();
        let mut again = arrived.again();
        while let Some(bytes) = again.next().await? {
            bodies.push(bytes, &mut packer);
            while let Some(piece) = packer.take_full() {
                pieces.add(piece, arrived.is_spooled()).await?;
            }
        }
        drop(again);
        if let Some(piece) = packer.finish() {
            pieces.add(piece, false).await?;
        }
        let refused = bodies.refused().map_or(0, |refused| refused.rows);
        let listed = bodies.refused().map(|refused| refused.listed.clone()).unwrap_or_default();
        let Checked { verdict, .. } = finish(bodies)?;
        if !verdict.ok {
            return Ok(self.refused(verdict, arrived.bytes));
        }
        let sealed = self.sealed(arrived, &verdict, &pieces, (Head::read(&envelope), refused));
        admission::admit(self.env, self.settings, self.key, self.id, &sealed).await?;
        let warnings = sealed.warnings.clone();
        let sealing = self.draft.seal(sealed, &envelope, &listed, &pieces.kept).await;
        if sealing == Err(Fault::TakenOver) {
            // Of all ways to fail, the one behind which it is certain that this will never be sealed.
            admission::give_back(self.env, self.settings, self.id).await;
        }
        sealing?;
        let (calls, rows_written) = self.draft.costs();
        console_log!(
            "{}",
            json!({
                "event": "accepted", "operation": self.id.as_str(), "bytes": arrived.bytes, "rows": pieces.rows,
                "refused": refused, "batches": verdict.totals.batches.len(), "spooled": arrived.is_spooled(),
                "calls": calls, "rowsWritten": rows_written,
                "milliseconds": clock::now().saturating_sub(self.began),
            })
        );
        Ok(Taken::Sealed(warnings))
    }

    fn sealed(
        &self,
        arrived: &Arrived<'_>,
        verdict: &Verdict,
        pieces: &Pieces<'_>,
        (head, refused): (Head, u64),
    ) -> Sealed {
        let limits = self.asked.options.limits.batch;
        let keyless = self.asked.idempotency.is_none() && pieces.rows > KEYLESS_ROWS;
        let warnings = [(keyless, Warning::NoIdempotencyKey), (!head.tagged, Warning::Untagged)];
        let warnings = warnings.into_iter().filter_map(|(is, warning)| is.then_some(warning)).collect();
        Sealed {
            id: self.id.as_str().to_owned(),
            tenant: self.key.tenant.clone(),
            created: clock::now(),
            fingerprint: self.asked.fingerprint(&arrived.hash),
            bytes: arrived.bytes,
            rows: pieces.rows,
            units: pieces.units,
            pieces: pieces.count(),
            batch_rows: limits.rows,
            batch_bytes: limits.bytes,
            batches: verdict.totals.batches.len() as u32,
            first_look: self.settings.first_look(),
            sender: head.sender,
            send_at: head.send_at,
            window: WINDOW,
            tagged: head.tagged,
            lenient: self.asked.prefer.is_lenient(),
            refused,
            warnings,
        }
    }

    fn refused(&self, verdict: Verdict, bytes: u64) -> Taken {
        let errors = verdict.issues.iter().filter(|issue| issue.severity() == Severity::Error);
        let codes: BTreeSet<&str> = errors.map(|issue| issue.code.as_str()).collect();
        console_log!("{}", json!({ "event": "refused", "bytes": bytes, "codes": codes }));
        Taken::Refused(Box::new(verdict))
    }
}

/// The pieces of a send.
struct Pieces<'a> {
    draft: &'a Draft,
    /// Those that are not staged so far.
    kept: Vec<Piece>,
    staged: u32,
    rows: u32,
    units: u64,
}

impl Pieces<'_> {
    /// Takes the next one; with `stage`, those that are here go to the object once they are some.
    async fn add(&mut self, piece: Piece, stage: bool) -> Result<(), Fault> {
        self.rows += piece.rows();
        self.units += piece.units();
        self.kept.push(piece);
        if stage && self.kept.len() >= PIECES {
            self.draft.pieces(self.staged, &self.kept).await?;
            self.staged += self.kept.len() as u32;
            self.kept.clear();
        }
        Ok(())
    }

    fn count(&self) -> u32 {
        self.staged + self.kept.len() as u32
    }
}

fn first_pass(incoming: &Incoming, options: &Options, wants: Wants) -> Facts {
    // What stays in memory cannot change between the passes.
    if incoming.is_within(HELD) { Facts::trusting(options, wants) } else { Facts::new(options, wants) }
}

fn finish(bodies: Bodies) -> Result<Checked<SendMessages>, Fault> {
    bodies.finish().map_err(|fault| failed("the second pass", format!("{fault:?}")))
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
