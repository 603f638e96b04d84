//! An intake: what a caller asks for, and the two passes over its body, from the first byte to the seal.
//!
//! Nothing of a send is visible before its seal, nothing is sent before it, and a refusal leaves nothing behind.

pub mod admission;
pub mod arrival;
pub mod idempotency;

use postgate_core::{Bodies, Checked, Facts, Need, Options, SendMessages, Severity, Verdict, Wants};
use serde_json::json;
use worker::{Env, Request, console_log};

use crate::clock::{self, Millis};
use crate::head::Head;
use crate::http::body::Incoming;
use crate::http::fault::Fault;
use crate::http::prefer::Prefer;
use crate::http::query;
use crate::http::share::Holder;
use crate::id::OperationId;
use crate::intake::arrival::{Arrived, HELD};
use crate::intake::idempotency::IdempotencyKey;
use crate::machine::record::{Sealed, WINDOW};
use crate::machine::warning::{KEYLESS_ROWS, Warning};
use crate::object::draft::{Draft, failed};
use crate::object::piece::{Packer, Piece};
use crate::settings::Settings;
use crate::settings::key::Key;

/// How many pieces go to the object in one call.
const PIECES: usize = 4;

/// What a caller asks for, beside the body.
pub struct Asked {
    /// How it is to be judged.
    pub options: Options,
    /// What it prefers.
    pub prefer: Prefer,
    /// Its idempotency key.
    pub idempotency: Option<IdempotencyKey>,
    content_type: String,
    query: Vec<(String, String)>,
}

impl Asked {
    /// Reads it off the headers and the query.
    pub fn read(request: &Request, settings: &Settings, key: &Key, now: Millis) -> Result<Self, Fault> {
        let header = |name: &str| request.headers().get(name).ok().flatten();
        let url = request.inner().url();
        let options = query::options(&url, &key.options, now, settings.development, query::SUMMED_UP)?;
        let idempotency = header("idempotency-key").map(|key| IdempotencyKey::read(&key)).transpose()?;
        if idempotency.is_none() && settings.require_key {
            return Err(Fault::KeyRequired);
        }
        Ok(Self {
            options,
            prefer: Prefer::of(request),
            idempotency,
            content_type: header("content-type").unwrap_or_default(),
            query: query::pairs(&url).collect(),
        })
    }

    /// What tells it from another request, with the hash of its body.
    pub fn fingerprint(&self, body: &[u8; 32]) -> String {
        idempotency::fingerprint(body, &self.content_type, &self.query, self.prefer.is_lenient())
    }
}

/// An intake, from the first byte to the seal.
pub struct Intake<'a> {
    /// What the operation will be called.
    pub id: &'a OperationId,
    /// What is asked for.
    pub asked: &'a Asked,
    /// Where it is staged.
    pub draft: &'a Draft,
    /// The platform's.
    pub env: &'a Env,
    /// The operator's.
    pub settings: &'a Settings,
    /// Whose it is.
    pub key: &'a Key,
    /// When it began.
    pub began: Millis,
}

/// How an intake ends.
pub enum Taken {
    /// The operation exists.
    Sealed(Vec<Warning>),
    /// Nothing is to be kept of it.
    Refused(Box<Verdict>),
}

impl Intake<'_> {
    /// Takes it in.
    pub async fn take(&self, incoming: Incoming) -> Result<Taken, Fault> {
        let mut facts = first_pass(&incoming, &self.asked.options, Wants::Bodies);
        facts.measure();
        if self.asked.prefer.is_lenient() {
            facts.refuse_rows();
        }
        let arrived =
            arrival::arrive(incoming, &mut facts, self.draft, &Holder::of(self.settings, &self.key.tenant)).await?;
        match facts.finish() {
            Need::Again(bodies) => {
                admission::allow(self.key, bodies.envelope())?;
                self.stage(&arrived, *bodies).await
            }
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
        let slot = admission::admit(self.env, self.settings, self.key, self.id, &sealed).await?;
        let warnings = sealed.warnings.clone();
        let sealing = self.draft.seal(sealed, slot, &envelope, &listed, &pieces.kept).await;
        if sealing == Err(Fault::TakenOver) {
            // Of all ways to fail, the one after which it is certain that this will never be sealed.
            admission::give_back(self.env, self.settings, self.key, self.id).await;
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
        let errors = verdict.counts.iter().filter(|(code, _)| code.severity() == Severity::Error);
        let codes: Vec<&str> = errors.map(|(code, _)| code.as_str()).collect();
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

/// The first pass over what comes in.
pub fn first_pass(incoming: &Incoming, options: &Options, wants: Wants) -> Facts {
    // What stays in memory cannot change between the passes.
    if incoming.is_within(HELD) { Facts::trusting(options, wants) } else { Facts::new(options, wants) }
}

/// The end of the second pass. That it does not see what the first one saw is a fault of ours.
pub fn finish(bodies: Bodies) -> Result<Checked<SendMessages>, Fault> {
    bodies.finish().map_err(|fault| failed("the second pass", format!("{fault:?}")))
}
