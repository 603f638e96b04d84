//! Intake: who may hand in the send, what the Worker stages, the seal that makes an operation of it, and the end of what
//! was never sealed.
//!
//! Every call of an intake comes under its claim: see [`crate::machine::lease`].

use serde::Serialize;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Method, Request, Response, Result};

use super::{Operation, at, number};
use crate::clock;
use crate::json;
use crate::machine::lease::{INTAKE, Lease, Taken};
use crate::machine::ledger::Ledger;
use crate::object;
use crate::object::draft::Seal;
use crate::object::operation::store::Store;
use crate::object::parts;
use crate::object::stage::Begun;

impl Operation {
    /// A call of [`crate::object::draft::Draft`].
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
            return told(&store, &Begun::of(ledger.sealed));
        }
        match store.lease()? {
            Some(lease) => told(&store, &Begun::Busy { seconds: lease.wait(clock::now()) }),
            None => told(&store, &Begun::Open),
        }
    }

    async fn begin(&self, store: &Store, claim: &str) -> Result<Response> {
        if let Some(ledger) = store.load()? {
            return told(store, &Begun::of(ledger.sealed));
        }
        let now = clock::now();
        match Lease::take(store.lease()?.as_ref(), claim, now) {
            Taken::Again => return told(store, &Begun::Open),
            Taken::Busy(seconds) => return told(store, &Begun::Busy { seconds }),
            Taken::Open(lease) => {
                store.begin()?;
                store.begin_intake()?;
                store.hold(&lease)?;
            }
        }
        self.state.storage().set_alarm(at(now + INTAKE)).await?;
        told(store, &Begun::Open)
    }

    /// Makes the operation exist: one transaction, durable before this returns. Asked twice, it answers the same.
    async fn seal(&self, store: &Store, claim: &str, body: &Uint8Array) -> Result<Response> {
        let parts = parts::split(body).ok_or("no parts")?;
        let [seal, before, after, rest @ ..] = parts.as_slice() else { return Err("parts are missing".into()) };
        let Seal { sealed, slot, fresh, lists } = json::read(seal.to_vec())?;
        let begun = store.is_begun()?;
        if begun && let Some(ledger) = store.load()? {
            return if ledger.sealed == sealed { done(store) } else { taken_over() };
        }
        if fresh && !begun {
            store.begin()?;
        } else if !touch(store, claim)? {
            return taken_over();
        }
        if lists > 0 {
            store.begin_refusals()?;
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
        let ledger = Ledger::new(sealed, slot);
        store.seal(&ledger)?;
        self.remember(ledger);
        // No await in between: the seal and its alarm are one transaction.
        self.state.storage().set_alarm(at(clock::now())).await?;
        self.state.storage().sync().await?;
        done(store)
    }

    /// Gives the intake up.
    async fn give_up(&self, store: &Store, claim: &str) -> Result<Response> {
        if store.lease()?.is_some_and(|lease| lease.claim == claim) {
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

/// Notes a call of an intake; false if another one has taken over, or nobody holds it any more.
fn touch(store: &Store, claim: &str) -> Result<bool> {
    match Lease::touch(store.lease()?, claim, clock::now()) {
        Some(lease) => store.hold(&lease).map(|()| true),
        None => Ok(false),
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

fn told(store: &Store, value: &impl Serialize) -> Result<Response> {
    counted(object::reply(value)?, store)
}

/// Tells how many rows a call wrote.
fn counted(response: Response, store: &Store) -> Result<Response> {
    response.headers().set("rows-written", &store.written().to_string())?;
    Ok(response)
}
