//! The Worker in front of the Communications API: takes a send, judges it with `postgate-core`, keeps it, and posts it
//! upstream in batches, none of them twice.
//!
//! Holds no rule about what a valid request is. `route` says what there is and answers it; `intake` takes a send in, up
//! to the seal; `object` has the Durable Objects, of which `operation` sends; `machine` has the state machines that they
//! obey. Files that use the crate `worker` know the platform; the others are pure and tested natively.

mod clock;
mod hash;
mod head;
mod http;
mod id;
mod intake;
mod json;
mod jsonpath;
mod machine;
mod members;
mod mutation;
mod object;
mod route;
mod settings;
#[cfg(test)]
mod simulation;
mod upstream;

use futures_channel::oneshot;
use worker::{
    Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, console_error, console_log, event,
};

use http::fault::Fault;
use http::respond::{Manner, Reply};
use http::{auth, query, respond};
use id::OperationId;
use object::stage::Stage;
use object::{account, usage};
use route::{Act, Route};
use route::{development, forward, health, issues, messages, operations};
use settings::Settings;
use settings::cors::Cors;
use settings::key::Key;

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

/// Finds operations whose alarm was lost, and sets it again.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    operations::poke_overdue(&env).await;
}

async fn answer_to(request: &Request, env: &Env) -> Reply {
    let manner = manner(request);
    let header = |name: &str| request.headers().get(name).ok().flatten();
    // As it was sent: the crate takes a method it does not know for GET.
    let (method, path) = (request.inner().method(), request.path());
    let cors = |methods: Option<&str>| Cors::read(env).fields(header("origin").as_deref(), methods);
    if method == "OPTIONS" {
        return match route::allowed(&path) {
            Some(methods) => Reply::empty(204).with_all(cors(Some(&methods))).with("allow", methods),
            None => respond::fault(&Fault::NotFound, &manner),
        };
    }
    let began = clock::now();
    let mut caller = Caller::default();
    let answer = match Route::of(&method, &path) {
        Ok(route) => {
            caller.path = Some(route.row.path);
            act(&route, request, env, &manner, &mut caller).await
        }
        Err(fault) => Err(fault),
    };
    let reply = answer.unwrap_or_else(|fault| respond::fault(&fault, &manner));
    // Not the path itself, nor the query: they are the caller's.
    let Caller { path, key } = caller;
    let (status, milliseconds) = (reply.status, clock::now().saturating_sub(began));
    let mut line = serde_json::json!({ "event": "request", "path": path, "key": key, "status": status, "milliseconds": milliseconds });
    if let Some(fault) = reply.fault {
        line["fault"] = fault.into();
    }
    console_log!("{line}");
    reply.with_all(cors(None))
}

/// What the log says of a request.
#[derive(Default)]
struct Caller {
    /// The route table's path.
    path: Option<&'static str>,
    /// The name of the key that its secret opened, let in or not.
    key: Option<String>,
}

async fn act(
    route: &Route<'_>,
    request: &Request,
    env: &Env,
    manner: &Manner,
    caller: &mut Caller,
) -> std::result::Result<Reply, Fault> {
    let ray = request.headers().get("cf-ray").ok().flatten();
    let settings = Settings::for_request(env, ray.as_deref());
    let Some(scope) = route.row.scope else {
        return match (route.row.act, settings) {
            (Act::Health, settings) => {
                let halted = match &settings {
                    Ok(settings) => account::halted(env, settings).await,
                    Err(_) => None,
                };
                Ok(health::reply(&settings, halted))
            }
            (Act::Issues, _) => Ok(issues::page()),
            (Act::Panic, Ok(settings)) if settings.development => panic!("asked for by POST /development/panic"),
            (Act::Clock, Ok(settings)) if settings.development => development::clock(request, env, &settings).await,
            _ => Err(Fault::NotFound),
        };
    };
    let settings = settings.map_err(|_| Fault::Settings)?;
    if settings.is_exposed(ray.as_deref(), &request.inner().url()) {
        return Err(Fault::Exposed);
    }
    let header = request.headers().get("authorization").ok().flatten();
    let key = auth::open(header.as_deref(), &settings.keys)?;
    caller.key = Some(key.name.clone());
    auth::admit(key, scope, clock::now())?;
    usage::request(env, &settings, key).await?;
    match route.row.act {
        Act::Send => messages::send(request, env, &settings, key, manner).await,
        Act::DryRun => messages::dry_run(request, env, &settings, key, manner).await,
        Act::Operation => match operation_of(route.id(), request, env, &settings, key).await {
            Err(Fault::NotFound) => forward::foreign_operation(route.id(), (env, &settings, key), manner).await,
            answer => answer,
        },
        Act::Forward(what) => forward::forward(&what, route, request, (env, &settings, key), manner).await,
        Act::Operations if query::names(&request.inner().url(), "idempotencyKey") => {
            messages::sent(request, env, &settings, key).await
        }
        Act::Operations | Act::Cancel | Act::Settle | Act::Errors => {
            operations::answer(route, request, env, &settings, key).await
        }
        // Answered above: they have no scope.
        Act::Health | Act::Issues | Act::Panic | Act::Clock => Err(Fault::NotFound),
    }
}

async fn operation_of(
    id: &str,
    request: &Request,
    env: &Env,
    settings: &Settings,
    key: &Key,
) -> std::result::Result<Reply, Fault> {
    query::none(&request.inner().url())?;
    let id = OperationId::parse(id).ok_or(Fault::NotFound)?;
    let shown = match Stage::new(env, settings, &id) {
        Ok(stage) => stage.show(&id, &key.tenant).await,
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
