//! HTTP: what a request says and how its body is read, and how answers are written.

pub mod auth;
pub mod body;
pub mod fault;
pub mod place;
pub mod prefer;
pub mod query;
pub mod respond;
pub mod share;
