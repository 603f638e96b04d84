//! Calls between our own objects: JSON over a binding. Each may be made twice, and is, when the first got lost.

pub mod account;
pub mod draft;
pub mod operation;
pub mod parts;
pub mod piece;
pub mod refusals;
pub mod renewal;
pub mod stage;
pub mod tenant;
pub mod usage;

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Env, Error, Method, Response, ResponseBody, Result, web_sys};

use crate::json;
use crate::settings::Settings;
use crate::settings::placement::Objects;

/// The body of an object's answer, in one piece.
pub async fn answer(response: &Response) -> Result<Uint8Array> {
    let ResponseBody::Stream(stream) = response.body() else { return Ok(Uint8Array::new_with_length(0)) };
    // The crate would read it chunk by chunk.
    let whole = web_sys::Response::new_with_opt_readable_stream(Some(stream))?;
    Ok(Uint8Array::new(&JsFuture::from(whole.array_buffer()?).await?))
}

/// What an object answers, in JSON.
pub fn reply(answer: &impl Serialize) -> Result<Response> {
    Response::from_bytes(serde_json::to_vec(answer)?)
}

/// An object of ours, seen from elsewhere.
pub struct Object {
    objects: Objects,
    name: String,
}

impl Object {
    /// The object of a binding and a name.
    pub fn new(env: &Env, settings: &Settings, binding: &str, name: &str) -> Result<Self> {
        Ok(Self { objects: settings.placement.objects(env, binding)?, name: name.to_owned() })
    }

    /// Makes a call and reads its answer.
    pub async fn call<T: DeserializeOwned>(&self, call: &str, body: &impl Serialize) -> Result<T> {
        let body = Uint8Array::from(serde_json::to_vec(body)?.as_slice());
        let response = self.fetch(Method::Post, call, Some(body)).await?;
        match response.status_code() {
            200 => Ok(json::read(answer(&response).await?.to_vec())?),
            status => Err(Error::RustError(format!("the object answered {status} to {call}"))),
        }
    }

    /// Calls the object; twice if the first call fails: it may have ended or moved meanwhile.
    pub async fn fetch(&self, method: Method, path: &str, body: Option<Uint8Array>) -> Result<Response> {
        // Not the crate's own, which brings along all that could be said of pictures.
        let init = web_sys::RequestInit::new();
        init.set_method(method.as_ref());
        init.set_body(&body.into());
        // The host is a matter of form: the stub leads to the object.
        let url = format!("https://object/{path}");
        // A new stub each time: one that failed stays broken.
        let call = async || {
            let request = web_sys::Request::new_with_str_and_init(&url, &init)?;
            self.objects.named(&self.name)?.fetch_with_request(request.into()).await
        };
        match call().await {
            Err(_) => call().await,
            answer => answer,
        }
    }
}
