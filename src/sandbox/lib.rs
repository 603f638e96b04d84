//! A stateful stand-in for the Communications API, for one machine.
//!
//! A Worker of its own: it takes sends, judges them by its own reading of the contract (`schema.json`), moves them to
//! COMPLETED in the background, and remembers the bytes of what it received. What it does not imitate is in
//! `README.md`.
//!
//! Everything lives in one Durable Object, `account::Account`. What the API shows is arithmetic over what was accepted
//! and the time (`plan`), so that nothing has to run for it to move, and nothing is lost when it stops. Pure, and
//! tested natively, are `clock`, `course`, `directory`, `event`, `layout`, `listing`, `message`, `operation`, `pace`,
//! `personal`, `plan`, `problem`, `recipient`, `route`, `schema`, `sid`, `unkindness` and `weight`; the others know the platform.

mod account;
mod api;
mod clock;
mod course;
mod credentials;
mod directory;
mod event;
mod ids;
mod layout;
mod listing;
mod message;
mod operation;
mod pace;
mod personal;
mod plan;
mod pool;
mod problem;
mod read;
mod received;
mod recipient;
mod respond;
mod route;
mod schema;
mod send;
mod sender;
mod sid;
mod spoil;
mod store;
mod stored;
mod unkindness;
mod webhook;
mod weight;

use worker::{Context, Env, Request, Response, Result, event};

/// Hands every request to the account.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let account = env.durable_object("ACCOUNT")?.get_by_name("sandbox")?;
    account.fetch_with_request(request).await
}
