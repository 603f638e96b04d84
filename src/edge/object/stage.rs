//! The Worker's side of an operation's object: the calls that show it, and the way to it for those of [`crate::object::draft`].
//!
//! Each carries the operation's id or a number, so that one made twice does no harm.

use serde::{Deserialize, Serialize};
use worker::js_sys::Uint8Array;
use worker::{Env, Error, Method, Response, Result};

use crate::id::OperationId;
use crate::json;
use crate::machine::record::{Sealed, Settlement};
use crate::object::refusals::Refusals;
use crate::object::{self, Object};
use crate::settings::Settings;

/// The name in `wrangler.toml`.
const BINDING: &str = "OPERATIONS";

/// What an object says to who wants to begin an intake.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum Begun {
    /// The intake is the caller's.
    Open,
    /// Another one runs; in so many seconds it is worth asking again.
    Busy { seconds: u64 },
    /// The operation is sealed: how many bytes its request had, and what else told it from others.
    Sealed { id: String, bytes: u64, fingerprint: String },
}

impl Begun {
    /// What is said of a sealed operation.
    pub fn of(Sealed { id, bytes, fingerprint, .. }: Sealed) -> Self {
        Self::Sealed { id, bytes, fingerprint }
    }
}

/// An operation's object, seen from the Worker.
pub struct Stage(Object);

impl Stage {
    /// The object of an operation. It comes to be with the first call.
    pub fn new(env: &Env, settings: &Settings, id: &OperationId) -> Result<Self> {
        Ok(Self(Object::new(env, settings, BINDING, id.name())?))
    }

    /// What is known of the idempotency key that leads to this object.
    pub async fn state(&self) -> Result<Begun> {
        let response = self.0.fetch(Method::Get, "key", None).await?;
        match response.status_code() {
            200 => Ok(json::read(object::answer(&response).await?.to_vec())?),
            status => Err(failed(status)),
        }
    }

    /// The operation as a client sees it, in JSON; none if the tenant has none of this id.
    pub async fn show(&self, id: &OperationId, tenant: &str) -> Result<Option<Vec<u8>>> {
        let response = self.0.fetch(Method::Get, &format!("{}/{tenant}", id.as_str()), None).await?;
        match response.status_code() {
            200 => Ok(Some(object::answer(&response).await?.to_vec())),
            404 => Ok(None),
            status => Err(failed(status)),
        }
    }

    /// Who was refused, from one on, at most so many; none if the tenant has no such operation.
    pub async fn errors(&self, id: &OperationId, tenant: &str, first: u32, most: u32) -> Result<Option<Refusals>> {
        let path = format!("{}/{tenant}/errors/{first}/{most}", id.as_str());
        let response = self.0.fetch(Method::Get, &path, None).await?;
        match response.status_code() {
            200 => Ok(Some(serde_json::from_slice(&object::answer(&response).await?.to_vec())?)),
            404 => Ok(None),
            status => Err(failed(status)),
        }
    }

    /// Takes the send back: status and body of the answer. 404 if the tenant has none of this id.
    pub async fn cancel(&self, id: &OperationId, tenant: &str) -> Result<(u16, Vec<u8>)> {
        self.decide(&format!("{}/{tenant}/cancel", id.as_str()), None).await
    }

    /// Settles a batch: status and body of the answer. 404 if there is no such batch, 409 if it is in another state.
    pub async fn settle(&self, id: &OperationId, tenant: &str, word: &Settlement) -> Result<(u16, Vec<u8>)> {
        let body = Uint8Array::from(serde_json::to_vec(word)?.as_slice());
        self.decide(&format!("{}/{tenant}/settle", id.as_str()), Some(body)).await
    }

    /// Makes sure that the operation's alarm is set; whether it exists.
    pub async fn poke(&self, id: &OperationId, tenant: &str) -> Result<bool> {
        let (status, _) = self.decide(&format!("{}/{tenant}/poke", id.as_str()), None).await?;
        Ok(status == 200)
    }

    /// A call of an intake's.
    pub async fn intake(&self, method: Method, path: &str, body: Option<Uint8Array>) -> Result<Response> {
        self.0.fetch(method, path, body).await
    }

    async fn decide(&self, path: &str, body: Option<Uint8Array>) -> Result<(u16, Vec<u8>)> {
        let response = self.0.fetch(Method::Post, path, body).await?;
        match response.status_code() {
            status @ (200 | 404 | 409) => Ok((status, object::answer(&response).await?.to_vec())),
            status => Err(failed(status)),
        }
    }
}

fn failed(status: u16) -> Error {
    Error::RustError(format!("the operation's object answered {status}"))
}
