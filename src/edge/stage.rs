//! The Worker's side of an operation's object: the calls that show it, and the way to it for those of [`crate::draft`].
//!
//! Each carries the operation's id or a number, so that one made twice does no harm.

use worker::js_sys::Uint8Array;
use worker::{Env, Error, Method, Request, RequestInit, Response, Result};

use crate::draft::Begun;
use crate::id::OperationId;
use crate::objects::Objects;
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

    /// What is known of the idempotency key that leads to this object.
    pub async fn state(&self) -> Result<Begun> {
        let mut response = self.fetch(Method::Get, "key", None).await?;
        match response.status_code() {
            200 => response.json().await,
            status => Err(failed(status)),
        }
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

    /// Calls the object; twice if the first call fails.
    pub async fn fetch(&self, method: Method, path: &str, body: Option<Uint8Array>) -> Result<Response> {
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
