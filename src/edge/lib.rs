//! The Worker in front of the Communications API: takes a send, judges it with `postgate-core`, keeps it, and posts it
//! upstream in batches, none of them twice.
//!
//! Holds no rule about what a valid request is. `route` says what there is; `messages` is the way in, up to the seal;
//! `operation` is the Durable Object that sends; `ledger` is the state machine it obeys. Files that know the platform
//! are `body`, `messages`, `operation`, `stage`, `store`, `upstream`, and a few lines of `settings`, `clock` and
//! `respond`; the others are pure and tested natively.

mod answer;
mod auth;
mod base64;
mod body;
mod clock;
mod counters;
mod cutting;
mod fault;
mod hash;
mod id;
mod issues;
mod jsonpath;
mod ledger;
mod messages;
mod operation;
mod piece;
mod query;
mod record;
mod renewal;
mod resource;
mod respond;
mod route;
mod settings;
mod stage;
mod store;
mod upstream;

use futures_channel::oneshot;
use worker::{Context, Env, Request, Response, Result, console_error, event};

use fault::Fault;
use id::OperationId;
use respond::{Manner, Reply};
use route::Route;
use settings::Settings;
use stage::Stage;

/// Answers a request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    // Run to the end even when the client goes away: a future that is never polled again would keep its body.
    let (answer, answered) = oneshot::channel();
    context.wait_until(async move {
        // Nobody waits for the answer any more when the client is gone.
        let _ = answer.send(answer_to(&request, &env).await);
    });
    respond::response(answered.await.map_err(|_| "the request was given up")?)
}

async fn answer_to(request: &Request, env: &Env) -> Reply {
    let manner = manner(request);
    match act(request, env, &manner).await {
        Ok(reply) => reply,
        Err(fault) => respond::fault(&fault, &manner),
    }
}

async fn act(request: &Request, env: &Env, manner: &Manner) -> std::result::Result<Reply, Fault> {
    let (method, path) = (request.method(), request.path());
    let route = Route::of(method.as_ref(), &path)?;
    if let Route::Options(allow) = route {
        return Ok(Reply::empty(204).with("allow", allow));
    }
    let settings = Settings::read(env).map_err(Fault::Settings)?;
    if route.is_api() {
        let header = request.headers().get("authorization").ok().flatten();
        auth::admit(header.as_deref(), &settings)?;
    }
    match route {
        Route::Send => messages::send(request, env, &settings, manner).await,
        Route::DryRun => messages::dry_run(request, &settings).await,
        Route::Operation(id) => operation_of(id, request, env).await,
        Route::Health => {
            Ok(Reply::json(200, serde_json::json!({ "ok": true, "environment": settings.environment }).to_string()))
        }
        Route::Issues => Ok(issues::page()),
        Route::Panic if settings.development => panic!("asked for by POST /development/panic"),
        Route::Panic | Route::Options(_) => Err(Fault::NotFound),
    }
}

async fn operation_of(id: &str, request: &Request, env: &Env) -> std::result::Result<Reply, Fault> {
    query::none(&request.inner().url())?;
    let id = OperationId::parse(id).ok_or(Fault::NotFound)?;
    let shown = match Stage::new(env, &id) {
        Ok(stage) => stage.show(&id).await,
        Err(error) => Err(error),
    };
    match shown {
        Ok(Some(json)) => Ok(Reply::json(200, json)),
        Ok(None) => Err(Fault::NotFound),
        Err(error) => {
            console_error!("{}", serde_json::json!({ "event": "operation unreadable", "error": error.to_string() }));
            Err(Fault::Internal)
        }
    }
}

fn manner(request: &Request) -> Manner {
    let header = |name: &str| request.headers().get(name).ok().flatten();
    Manner {
        origin: query::origin(&request.inner().url()).to_owned(),
        problem: header("accept").is_some_and(|accept| query::wants_problem(&accept)),
        browser: header("sec-fetch-mode").is_some() || header("x-requested-with").is_some(),
    }
}
