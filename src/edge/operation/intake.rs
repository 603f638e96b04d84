//! Intake: who may hand in the send, what the Worker stages, the seal that makes an operation of it, and the end of what
//! was never sealed.
//!
//! `empty → intake (claim, lease) → sealed`. Every call of an intake comes under its claim. A lease that has lapsed may
//! be taken over, with a claim of its own: whoever held it before then changes nothing any more, whenever its calls
//! arrive.

use std::time::Duration;

use serde::Serialize;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Method, Request, Response, Result};

use super::{Operation, at, number};
use crate::clock::{self, MINUTE, Millis, SECOND};
use crate::draft::{Begun, Seal};
use crate::ledger::Ledger;
use crate::parts;
use crate::store::{Intake, Store};

/// How long a lease lasts behind the last call, and how long an intake may take in all.
const LEASE: Millis = 60 * SECOND;
const INTAKE: Millis = 15 * MINUTE;

impl Operation {
    /// A call of [`crate::draft::Draft`].
    pub(super) async fn intake(&self, method: Method, call: [&str; 3], request: &Request) -> Result<Response> {
        let [claim, what, n] = call;
        let store = self.store();
        if what == "begin" {
            return self.begin(&store, claim).await;
        }
        if what.is_empty() && method == Method::Delete {
            return self.give_up(&store, claim).await;
        }
        // Read first: what follows has to be without an await, so that it is one transaction.
        let body = match method {
            Method::Get => Uint8Array::new_with_length(0),
            _ => Uint8Array::new(&JsFuture::from(request.inner().array_buffer()?).await?),
        };
        if what == "seal" {
            return self.seal(&store, claim, &body).await;
        }
        if !touch(&store, claim)? {
            return taken_over();
        }
        match (method, what) {
            (Method::Put, "spool") => store.spool(number(n)?, &body)?,
            (Method::Get, "spool") => return Response::from_bytes(store.unspool(number(n)?)?),
            (Method::Put, "pieces") => {
                let parts = parts::split(&body).ok_or("no parts")?;
                stage_pieces(&store, number(n)?, &parts)?;
            }
            _ => return Err("no such call".into()),
        }
        done(&store)
    }

    /// What is known of the key that leads here.
    pub(super) async fn state(&self) -> Result<Response> {
        let store = self.store();
        if let Some(ledger) = store.load()? {
            return json(&store, &Begun::Sealed { id: ledger.sealed.id, fingerprint: ledger.sealed.fingerprint });
        }
        match store.intake()? {
            Some(intake) => json(&store, &Begun::Busy { seconds: left(&intake, clock::now()) }),
            None => json(&store, &Begun::Open),
        }
    }

    async fn begin(&self, store: &Store, claim: &str) -> Result<Response> {
        if let Some(ledger) = store.load()? {
            return json(store, &Begun::Sealed { id: ledger.sealed.id, fingerprint: ledger.sealed.fingerprint });
        }
        let now = clock::now();
        let before = store.intake()?;
        match &before {
            // The same call once more.
            Some(intake) if intake.claim == claim => return json(store, &Begun::Open),
            Some(intake) if left(intake, now) > 0 => {
                return json(store, &Begun::Busy { seconds: left(intake, now) });
            }
            _ => {}
        }
        store.begin()?;
        store.clear()?;
        let epoch = before.map_or(1, |intake| intake.epoch + 1);
        store.hold(&Intake { claim: claim.to_owned(), epoch, begun: now, touched: now })?;
        self.state.storage().set_alarm(Duration::from_millis(INTAKE)).await?;
        json(store, &Begun::Open)
    }

    /// Makes the operation exist: one transaction, durable before this returns. Asked twice, it answers the same.
    async fn seal(&self, store: &Store, claim: &str, body: &Uint8Array) -> Result<Response> {
        let parts = parts::split(body).ok_or("no parts")?;
        let [seal, before, after, rest @ ..] = parts.as_slice() else { return Err("parts are missing".into()) };
        let Seal { sealed, fresh, lists } = serde_json::from_slice(&seal.to_vec())?;
        if let Some(ledger) = store.load()? {
            return if ledger.sealed == sealed { done(store) } else { taken_over() };
        }
        if fresh && !store.is_begun()? {
            store.begin()?;
        } else if !touch(store, claim)? {
            return taken_over();
        }
        let (lists, pieces) = rest.split_at_checked(lists).ok_or("lists are missing")?;
        store.stage_head(before, after)?;
        for (n, list) in (0..).zip(lists) {
            store.stage_refusals(n, list)?;
        }
        let here = (pieces.len() / 2) as u32;
        stage_pieces(store, sealed.pieces.checked_sub(here).ok_or("too many pieces")?, pieces)?;
        if !store.is_complete(&sealed)? {
            self.wipe().await?;
            return Err("what was staged is not what is to be sealed".into());
        }
        store.end_intake()?;
        let ledger = Ledger::new(sealed);
        store.seal(&ledger)?;
        self.ledger.replace(Some(ledger));
        // No await in between: the seal and its alarm are one transaction.
        self.state.storage().set_alarm(at(clock::now())).await?;
        self.state.storage().sync().await?;
        done(store)
    }

    /// Gives the intake up.
    async fn give_up(&self, store: &Store, claim: &str) -> Result<Response> {
        if store.intake()?.is_some_and(|intake| intake.claim == claim) {
            return self.wipe().await;
        }
        done(store)
    }

    /// Throws away what was staged and never sealed.
    pub(super) async fn wipe(&self) -> Result<Response> {
        let store = self.store();
        if store.load()?.is_none() {
            self.state.storage().delete_alarm().await?;
            self.state.storage().delete_all().await?;
        }
        done(&store)
    }
}

/// How many seconds of its lease an intake has left.
fn left(intake: &Intake, now: Millis) -> u64 {
    let until = (intake.touched + LEASE).min(intake.begun + INTAKE);
    until.saturating_sub(now).div_ceil(SECOND)
}

/// Notes a call of an intake; false if another one has taken over, or nobody holds it any more.
fn touch(store: &Store, claim: &str) -> Result<bool> {
    match store.intake()? {
        Some(intake) if intake.claim == claim => {
            store.hold(&Intake { touched: clock::now(), ..intake })?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn stage_pieces(store: &Store, first: u32, parts: &[Uint8Array]) -> Result<()> {
    let (pieces, rest) = parts.as_chunks::<2>();
    for (n, [entries, bytes]) in (first..).zip(pieces) {
        store.stage_piece(n, entries, bytes)?;
    }
    if rest.is_empty() { Ok(()) } else { Err("half a piece".into()) }
}

fn taken_over() -> Result<Response> {
    Ok(Response::empty()?.with_status(409))
}

fn done(store: &Store) -> Result<Response> {
    counted(Response::empty()?.with_status(204), store)
}

fn json(store: &Store, value: &impl Serialize) -> Result<Response> {
    counted(Response::from_json(value)?, store)
}

/// Tells how many rows a call wrote.
fn counted(response: Response, store: &Store) -> Result<Response> {
    response.headers().set("rows-written", &store.written().to_string())?;
    Ok(response)
}
