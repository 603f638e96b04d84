//! A stateful stand-in for the Communications API, for one machine.
//!
//! A Worker of its own: it takes sends, judges them by its own reading of the contract (`schema.json`), moves them to
//! COMPLETED in the background, and remembers the bytes of what it received. What it does not imitate is in
//! `README.md`.
//!
//! Everything lives in one Durable Object, `account::Account`. Files that know the platform are `account`, `store`,
//! `respond`, `send`, `read`, `received` and `spoil`; the others are pure and tested natively.

mod account;
mod credentials;
mod ids;
mod listing;
mod message;
mod operation;
mod problem;
mod read;
mod received;
mod recipient;
mod respond;
mod route;
mod schema;
mod send;
mod spoil;
mod store;
mod unkindness;

use worker::{Context, Env, Request, Response, Result, event};

/// Hands every request to the account.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let account = env.durable_object("ACCOUNT")?.get_by_name("sandbox")?;
    account.fetch_with_request(request).await
}
