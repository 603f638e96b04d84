//! A send that is not sealed yet, seen from the Worker: the calls that stage it with its object.
//!
//! Each carries the claim under which the object took the intake, so that one whose lease another has taken over changes
//! nothing; and a number, so that one made twice does no harm.

use std::cell::Cell;

use postgate_core::{Envelope, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use worker::js_sys::Uint8Array;
use worker::{Method, console_error};

use crate::hash::hexadecimal;
use crate::http::fault::Fault;
use crate::json;
use crate::machine::record::{Sealed, Slot};
use crate::object;
use crate::object::parts;
use crate::object::piece::Piece;
use crate::object::refusals::LISTED;
use crate::object::stage::{Begun, Stage};

/// What comes before the parts of a seal.
#[derive(Serialize, Deserialize)]
pub struct Seal {
    /// What is fixed from now on.
    pub sealed: Sealed,
    /// The first turn, if it is granted.
    #[serde(default)]
    pub slot: Option<Slot>,
    /// Whether nothing was staged before, so that there is no claim to keep to.
    pub fresh: bool,
    /// How many lists of refusals there are; pieces make up the rest.
    pub lists: usize,
}

/// An intake.
pub struct Draft {
    stage: Stage,
    claim: String,
    open: Cell<bool>,
    calls: Cell<u32>,
    written: Cell<u64>,
}

impl Draft {
    /// An intake that may begin with that object. It leaves no trace before it does.
    pub fn new(stage: Stage) -> Result<Self, Fault> {
        let mut claim = [0; 16];
        getrandom::getrandom(&mut claim).map_err(|error| failed("a claim", error))?;
        Ok(Self {
            stage,
            claim: hexadecimal(&claim),
            open: Cell::new(false),
            calls: Cell::new(0),
            written: Cell::new(0),
        })
    }

    /// Calls made so far, and rows they wrote to storage.
    pub fn costs(&self) -> (u32, u64) {
        (self.calls.get(), self.written.get())
    }

    /// Asks for the intake.
    pub async fn begin(&self) -> Result<Begun, Fault> {
        let answer = self.call(Method::Post, "begin", "", None).await?;
        let begun = json::read(answer.to_vec()).map_err(|error| failed("the beginning", error))?;
        self.open.set(matches!(begun, Begun::Open));
        Ok(begun)
    }

    /// Asks for the intake of an object that nobody else knows of, unless that is done.
    pub async fn open(&self) -> Result<(), Fault> {
        if self.open.get() {
            return Ok(());
        }
        match self.begin().await? {
            Begun::Open => Ok(()),
            _ => Err(failed("the beginning", "a name that was made up is taken")),
        }
    }

    /// Keeps a part of the body.
    pub async fn spool(&self, n: u32, bytes: Uint8Array) -> Result<(), Fault> {
        self.call(Method::Put, "spool", &n.to_string(), Some(bytes)).await.map(drop)
    }

    /// Gives a part of the body back.
    pub async fn unspool(&self, n: u32) -> Result<Uint8Array, Fault> {
        self.call(Method::Get, "spool", &n.to_string(), None).await
    }

    /// Stages pieces, the first of which has that number.
    pub async fn pieces(&self, n: u32, pieces: &[Piece]) -> Result<(), Fault> {
        let parts: Vec<&[u8]> = pieces.iter().flat_map(Piece::parts).collect();
        self.call(Method::Put, "pieces", &n.to_string(), Some(parts::join(&parts))).await.map(drop)
    }

    /// Stages the last pieces, the head and the refusals, and seals it all. Returns once that is durable.
    pub async fn seal(
        &self,
        sealed: Sealed,
        slot: Option<Slot>,
        head: &Envelope,
        refusals: &[Refusal],
        pieces: &[Piece],
    ) -> Result<(), Fault> {
        let lists: Vec<Vec<u8>> = refusals.chunks(LISTED).map(list).collect();
        let seal = Seal { sealed, slot, fresh: !self.open.get(), lists: lists.len() };
        let seal = serde_json::to_vec(&seal).map_err(|error| failed("the seal", error))?;
        let mut parts: Vec<&[u8]> = vec![&seal, &head.before, &head.after];
        parts.extend(lists.iter().map(Vec::as_slice));
        parts.extend(pieces.iter().flat_map(Piece::parts));
        self.call(Method::Post, "seal", "", Some(parts::join(&parts))).await.map(drop)
    }

    /// Throws away what was staged; the object does so later if that fails.
    pub async fn wipe(&self) {
        if self.open.get() {
            let _ = self.call(Method::Delete, "", "", None).await;
        }
    }

    async fn call(
        &self,
        method: Method,
        what: &str,
        number: &str,
        body: Option<Uint8Array>,
    ) -> Result<Uint8Array, Fault> {
        self.calls.set(self.calls.get() + 1);
        let path = format!("intake/{}/{what}/{number}", self.claim);
        let response = self.stage.intake(method, &path, body).await.map_err(|error| failed(what, error))?;
        let written = response.headers().get("rows-written").ok().flatten();
        self.written.set(self.written.get() + written.and_then(|rows| rows.parse::<u64>().ok()).unwrap_or(0));
        match response.status_code() {
            200..=299 => {}
            409 => return Err(Fault::TakenOver),
            status => return Err(failed(what, format!("the object answered {status}"))),
        }
        object::answer(&response).await.map_err(|error| failed(what, error))
    }
}

/// Refusals as they are stored: a JSON array of [`crate::object::refusals::Stored`].
fn list(refusals: &[Refusal]) -> Vec<u8> {
    let lines: Vec<(u32, &str, Option<u32>, &str)> = refusals
        .iter()
        .map(|refusal| {
            let at = behind_row(&refusal.at, refusal.row);
            (refusal.row, refusal.code.as_str(), refusal.code.twilio(), at)
        })
        .collect();
    // Numbers and texts can always be written.
    serde_json::to_vec(&lines).unwrap_or_default()
}

fn behind_row(pointer: &str, row: u32) -> &str {
    pointer.strip_prefix("/to/").and_then(|rest| rest.strip_prefix(&row.to_string())).unwrap_or_default()
}

/// Something that should not fail; the log says what, and nothing of what was in it.
pub fn failed(what: &str, error: impl std::fmt::Display) -> Fault {
    console_error!("{}", json!({ "event": "intake failed", "at": what, "error": error.to_string() }));
    Fault::Internal
}

#[cfg(test)]
mod tests {
    use postgate_core::Code;

    use super::*;

    #[test]
    fn refusals_are_stored_without_what_their_row_says_already() {
        let refusal = |row, at: &str| Refusal { row, code: Code::NotE164, at: at.to_owned() };
        let list = list(&[refusal(7, "/to/7/address"), refusal(70, "/to/70"), refusal(7, "")]);
        let expected = r#"[[7,"address/not-e164",21211,"/address"],[70,"address/not-e164",21211,""],[7,"address/not-e164",21211,""]]"#;
        assert_eq!(String::from_utf8(list).unwrap(), expected);
    }
}
