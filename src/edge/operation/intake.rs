//! Intake: what the Worker stages, the seal that makes an operation of it, and the end of what was never sealed.

use std::time::Duration;

use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Error, Request, Response, Result};

use super::{Operation, at};
use crate::clock::{self, MINUTE, Millis};
use crate::ledger::Ledger;
use crate::piece::Entry;
use crate::record::Sealed;

/// How long what was staged waits for its seal.
const INTAKE: Millis = 15 * MINUTE;

impl Operation {
    /// Stages a piece, or the head: two byte strings in one body, the first of which has `first` bytes.
    pub(super) async fn stage(&self, request: &Request, piece: Option<u32>, first: u32) -> Result<Response> {
        let body = JsFuture::from(request.inner().array_buffer()?).await?;
        let body = Uint8Array::new(&body);
        let (first, rest) = (body.subarray(0, first), body.subarray(first, body.length()));
        let store = self.store();
        let begun = store.is_begun()?;
        if begun && store.load()?.is_some() {
            return Err(Error::RustError("the operation is sealed".to_owned()));
        }
        store.begin()?;
        match piece {
            Some(n) => store.stage_piece(n, first.length() / Entry::BYTES as u32, &first, &rest)?,
            None => store.stage_head(&first, &rest)?,
        }
        if !begun {
            self.state.storage().set_alarm(Duration::from_millis(INTAKE)).await?;
        }
        Ok(Response::empty()?.with_status(204))
    }

    /// Makes the operation exist: one transaction, durable before this returns. Asked twice, it answers the same.
    pub(super) async fn seal(&self, mut request: Request) -> Result<Response> {
        let sealed: Sealed = serde_json::from_slice(&request.bytes().await?)?;
        let store = self.store();
        let done = Response::empty()?.with_status(204);
        if let Some(ledger) = store.load()? {
            return if ledger.sealed == sealed { Ok(done) } else { Err("the operation is sealed".into()) };
        }
        if !store.is_begun()? || !store.is_complete(&sealed)? {
            return Err("what was staged is not what is to be sealed".into());
        }
        let ledger = Ledger::new(sealed);
        store.seal(&ledger)?;
        self.ledger.replace(Some(ledger));
        // No await in between: the seal and its alarm are one transaction.
        self.state.storage().set_alarm(at(clock::now())).await?;
        self.state.storage().sync().await?;
        Ok(done)
    }

    pub(super) async fn wipe(&self) -> Result<Response> {
        if self.store().load()?.is_none() {
            self.state.storage().delete_alarm().await?;
            self.state.storage().delete_all().await?;
        }
        Ok(Response::empty()?.with_status(204))
    }
}
