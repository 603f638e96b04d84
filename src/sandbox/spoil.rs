//! Carries a rule of unkindness out: waits, answers falsely, cuts the connection, or never answers.

use std::future::Future;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use worker::{Delay, Request, Response, ResponseBuilder, Result};

use crate::problem::Refusal;
use crate::respond::Failure;
use crate::send;
use crate::unkindness::{Answer, Loss, Rule};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Between the head of an answer that breaks off and the break.
const HEAD_START: Duration = Duration::from_millis(200);

/// Answers a request as `rule` has it; `act` is what would have been done without.
pub async fn answer<F>(rule: &Rule, mut request: Request, act: impl FnOnce(Request) -> F) -> Result<Response, Failure>
where
    F: Future<Output = Result<Response, Failure>>,
{
    if rule.wait > 0 {
        Delay::from(Duration::from_millis(rule.wait)).await;
    }
    let Some(answer) = rule.answer else {
        return act(request).await;
    };
    if rule.accept {
        // What is refused all the same is answered as if it had been accepted: whoever asks for a lie gets it.
        if let Err(Failure::Broken(error)) = act(request).await {
            return Err(error.into());
        }
    } else {
        // A client that is answered in the middle of sending sees a broken connection instead.
        drop(send::read(&mut request).await);
    }
    match answer {
        Answer::Status(status) => Ok(with_status(rule, status)?),
        Answer::Lost(Loss::NoId) => Ok(Response::empty()?.with_status(202)),
        Answer::Lost(Loss::Cut) => Ok(cut()?),
        Answer::Lost(Loss::Silence) => loop {
            Delay::from(HOUR).await;
        },
    }
}

fn with_status(rule: &Rule, status: u16) -> Result<Response> {
    let mut builder = ResponseBuilder::new().with_status(status);
    for (name, value) in [("Retry-After", &rule.retry_after), ("Location", &rule.location)] {
        if let Some(value) = value {
            builder = builder.with_header(name, value)?;
        }
    }
    if rule.html {
        return builder.from_html(format!("<!doctype html><title>{status}</title><h1>{status}</h1>"));
    }
    if status < 400 {
        return Ok(builder.empty());
    }
    builder.from_json(&Refusal::unkind(status).envelope())
}

/// A head, and a body that breaks off: no Worker can cut a connection before its head.
fn cut() -> Result<Response> {
    let start = stream::once(async { Ok(b"{".to_vec()) });
    let end = stream::once(async {
        // The runtime makes a 500 of a body that breaks before its head has left.
        Delay::from(HEAD_START).await;
        Err::<Vec<u8>, _>(worker::Error::from("cut on demand"))
    });
    ResponseBuilder::new().with_status(202).from_stream(start.chain(end))
}
