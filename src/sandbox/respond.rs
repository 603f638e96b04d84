//! Answers: JSON, the error envelope, and the 202 of an accepted send.

use serde_json::Value;
use worker::{Error, Response, ResponseBuilder, Result};

use crate::problem::Refusal;

/// Why there is no success to answer with.
#[derive(Debug)]
pub enum Failure {
    /// The request is at fault.
    Refused(Refusal),
    /// The sandbox is.
    Broken(Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// 200 with a JSON body.
pub fn json(body: &Value) -> Result<Response> {
    Response::from_json(body)
}

/// 202 with an empty body: the id is in the headers alone, as the product page has it.
pub fn accepted(location: &str, operation_id: &str) -> Result<Response> {
    Ok(ResponseBuilder::new()
        .with_status(202)
        .with_header("operationId", operation_id)?
        .with_header("operation-id", operation_id)?
        .with_header("operation-location", location)?
        .empty())
}

/// 204.
pub fn nothing() -> Result<Response> {
    Ok(Response::empty()?.with_status(204))
}

/// 301 to another place.
pub fn moved(location: &str) -> Result<Response> {
    Ok(ResponseBuilder::new().with_status(301).with_header("Location", location)?.empty())
}

/// The refusal's status and envelope.
pub fn refused(refusal: &Refusal) -> Result<Response> {
    let mut builder = ResponseBuilder::new().with_status(refusal.status);
    if refusal.status == 401 {
        builder = builder.with_header("WWW-Authenticate", "Basic realm=\"sandbox\"")?;
    }
    if let Some(allow) = &refusal.allow {
        builder = builder.with_header("Allow", allow)?;
    }
    if let Some(seconds) = refusal.retry_after {
        builder = builder.with_header("Retry-After", &seconds.to_string())?;
    }
    builder.from_json(&refusal.envelope())
}
