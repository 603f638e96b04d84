//! The Worker's side of an operation's object: the calls that stage, seal and show it.
//!
//! Each carries the operation's id or a number, so that one made twice does no harm.

use postgate_core::Envelope;
use worker::js_sys::Uint8Array;
use worker::{Env, Error, Method, Request, RequestInit, Response, Result};

use crate::id::OperationId;
use crate::objects::Objects;
use crate::piece::Piece;
use crate::record::Sealed;
use crate::settings::Settings;

/// The name in `wrangler.toml`.
const BINDING: &str = "OPERATIONS";

/// An operation's object, seen from the Worker.
pub struct Stage {
    objects: Objects,
    name: String,
}

impl Stage {
    /// The object of an operation. It comes to be with the first call.
    pub fn new(env: &Env, settings: &Settings, id: &OperationId) -> Result<Self> {
        Ok(Self { objects: settings.placement.objects(env, BINDING)?, name: id.name().to_owned() })
    }

    /// Stages a piece.
    pub async fn piece(&self, n: u32, piece: &Piece) -> Result<()> {
        let body = joined(&piece.index, &piece.bytes);
        self.call(Method::Put, &format!("pieces/{n}/{}", piece.index.len()), Some(body)).await.map(drop)
    }

    /// Stages what stands around the rows.
    pub async fn head(&self, head: &Envelope) -> Result<()> {
        let body = joined(&head.before, &head.after);
        self.call(Method::Put, &format!("head/{}", head.before.len()), Some(body)).await.map(drop)
    }

    /// Seals what was staged. Returns once that is durable.
    pub async fn seal(&self, sealed: &Sealed) -> Result<()> {
        let body = Uint8Array::from(serde_json::to_vec(sealed)?.as_slice());
        self.call(Method::Post, "seal", Some(body)).await.map(drop)
    }

    /// Throws away what was staged; without that, the object's alarm does it later.
    pub async fn wipe(&self) -> Result<()> {
        self.call(Method::Delete, "", None).await.map(drop)
    }

    /// The operation as a client sees it, in JSON; none if the tenant has none of this id.
    pub async fn show(&self, id: &OperationId, tenant: &str) -> Result<Option<Vec<u8>>> {
        let mut response = self.fetch(Method::Get, &format!("{}/{tenant}", id.as_str()), None).await?;
        match response.status_code() {
            200 => response.bytes().await.map(Some),
            404 => Ok(None),
            status => Err(failed(status)),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Uint8Array>) -> Result<Response> {
        let response = self.fetch(method, path, body).await?;
        match response.status_code() {
            200..=299 => Ok(response),
            status => Err(failed(status)),
        }
    }

    async fn fetch(&self, method: Method, path: &str, body: Option<Uint8Array>) -> Result<Response> {
        let mut init = RequestInit::new();
        init.with_method(method).with_body(body.map(Into::into));
        // The host is a matter of form: the stub leads to the object.
        let url = format!("https://operation/{path}");
        // A new stub each time: one that failed stays broken.
        let call = async || {
            let request = Request::new_with_init(&url, &init)?;
            self.objects.named(&self.name)?.fetch_with_request(request).await
        };
        match call().await {
            // The object may have ended or moved while it was called; all calls may be made twice.
            Err(_) => call().await,
            answer => answer,
        }
    }
}

fn failed(status: u16) -> Error {
    Error::RustError(format!("the operation's object answered {status}"))
}

/// Two byte strings in one, outside of this module's memory.
fn joined(first: &[u8], second: &[u8]) -> Uint8Array {
    let joined = Uint8Array::new_with_length((first.len() + second.len()) as u32);
    joined.subarray(0, first.len() as u32).copy_from(first);
    joined.subarray(first.len() as u32, joined.length()).copy_from(second);
    joined
}
