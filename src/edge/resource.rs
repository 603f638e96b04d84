//! An operation as a client sees it: the API's own shape, and what only this edge knows under `postgate`.
//!
//! Made from the ledger alone; a client that asks never makes the edge ask the upstream. PROCESSING until nothing will
//! change any more. A batch that is unknown keeps a send there, for nobody knows its end. A refused batch ends the
//! send: its recipients count as `failed`, those behind it, who are never sent to, as `canceled`.

use serde::Serialize;

use crate::clock::{Millis, SECOND, rfc3339};
use crate::counters::Counters;
use crate::ledger::Ledger;
use crate::record::{Accepted, Batch, State};
use crate::warning;

/// An operation, in the order in which its members are written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource<'a> {
    id: &'a str,
    status: &'static str,
    stats: Counters,
    created_at: String,
    updated_at: String,
    postgate: Postgate<'a>,
}

/// What the API has no words for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Postgate<'a> {
    batches: Batches,
    /// The upstream's operations, in the order sent.
    operations: Vec<&'a str>,
    /// Seconds since the oldest of the counters that may still move; 0 when none may.
    counters_age: u64,
    /// Rows that were refused when the send was handed in, and are not among the recipients.
    #[serde(skip_serializing_if = "is_zero")]
    refused_rows: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<warning::Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<Halted<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<Paused>,
}

/// How many batches are in which state.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Batches {
    ready: usize,
    in_flight: usize,
    accepted: usize,
    refused: usize,
    unknown: usize,
}

/// The batch that stopped the send, and how.
#[derive(Debug, Serialize)]
struct Halted<'a> {
    by: &'static str,
    batch: u32,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// Until when nothing is posted, and the upstream's status that caused it.
#[derive(Debug, Serialize)]
struct Paused {
    until: String,
    status: Option<u16>,
}

impl<'a> Resource<'a> {
    /// The operation at this moment.
    pub fn of(ledger: &'a Ledger, now: Millis) -> Self {
        let moving = accepted(ledger).filter(|accepted| !accepted.frozen);
        let oldest = moving.map(|accepted| accepted.seen.map_or(accepted.at, |(_, at)| at)).min();
        let pause = ledger.pause.as_ref().filter(|pause| pause.until > now);
        Self {
            id: &ledger.sealed.id,
            status: if ledger.finished() { "COMPLETED" } else { "PROCESSING" },
            stats: stats(ledger),
            created_at: rfc3339(ledger.sealed.created),
            updated_at: rfc3339(ledger.updated),
            postgate: Postgate {
                batches: batches(ledger),
                operations: accepted(ledger).filter_map(|accepted| accepted.operation.as_deref()).collect(),
                counters_age: oldest.map_or(0, |at| now.saturating_sub(at) / SECOND),
                refused_rows: ledger.sealed.refused,
                warnings: warning::shown(&ledger.sealed.warnings),
                halted: (0..).zip(&ledger.batches).find_map(|(number, batch)| halted(number, batch)),
                paused: pause.map(|pause| Paused { until: rfc3339(pause.until), status: pause.status }),
            },
        }
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Sums over all recipients, sent to or not.
fn stats(ledger: &Ledger) -> Counters {
    let unsent = u64::from(ledger.sealed.rows.saturating_sub(ledger.claimed_rows()));
    let mut stats = Counters::of(unsent);
    if ledger.refused() {
        stats.canceled = unsent;
    }
    for batch in &ledger.batches {
        let rows = u64::from(batch.rows);
        stats.add(&match &batch.state {
            State::Accepted(Accepted { seen: Some((counters, _)), .. }) => *counters,
            State::Refused { .. } => Counters { failed: rows, ..Counters::of(rows) },
            _ => Counters::of(rows),
        });
    }
    stats
}

fn batches(ledger: &Ledger) -> Batches {
    let mut batches = Batches::default();
    for batch in &ledger.batches {
        match &batch.state {
            State::Ready => batches.ready += 1,
            State::InFlight => batches.in_flight += 1,
            State::Accepted(_) => batches.accepted += 1,
            State::Refused { .. } => batches.refused += 1,
            State::Unknown { .. } => batches.unknown += 1,
        }
    }
    if ledger.claimed_rows() < ledger.sealed.rows && !ledger.refused() {
        // What was not cut yet is ready, and will be cut as foreseen.
        batches.ready += (ledger.sealed.batches as usize).saturating_sub(ledger.batches.len()).max(1);
    }
    batches
}

fn accepted(ledger: &Ledger) -> impl Iterator<Item = &Accepted> {
    ledger.batches.iter().filter_map(|batch| match &batch.state {
        State::Accepted(accepted) => Some(accepted),
        _ => None,
    })
}

fn halted(batch: u32, record: &Batch) -> Option<Halted<'_>> {
    let attempt = record.attempt;
    match &record.state {
        State::Refused { status, code } => {
            Some(Halted { by: "refused", batch, attempt, status: Some(*status), code: *code, why: None })
        }
        State::Unknown { why } => {
            Some(Halted { by: "unknown", batch, attempt, status: None, code: None, why: Some(why) })
        }
        _ => None,
    }
}
