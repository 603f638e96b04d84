//! An operation as a client sees it: the API's own shape, and what only this edge knows under `postgate`.
//!
//! Made from the ledger alone; a client that asks never makes the edge ask the upstream. PROCESSING until nothing will
//! change any more; a batch that is held keeps a send there, for nobody knows its end. Recipients of a refused batch
//! count as `failed`; those who are never sent to, whatever the reason, as `canceled`.

use serde::Serialize;

use crate::clock::{Millis, SECOND, rfc3339};
use crate::machine::counters::Counters;
use crate::machine::directory::Entry;
use crate::machine::ledger::Ledger;
use crate::machine::record::{Accepted, Batch, Cause, Closed, Doubt, Pause, Settlement, State, Status, Wait};
use crate::machine::warning;

/// An operation, in the order in which its members are written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource<'a> {
    id: &'a str,
    status: Status,
    stats: Counters,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    postgate: Option<Postgate<'a>>,
}

/// What the API has no words for.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Postgate<'a> {
    Whole(Box<Whole<'a>>),
    Listed(Listed),
}

/// In a list: where a person may be needed, and what waits.
#[derive(Debug, Serialize)]
struct Listed {
    /// Recipients in batches that the upstream may have.
    #[serde(skip_serializing_if = "is_zero")]
    unknown: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<Waits>,
}

/// What nothing is posted for, and until when, where that is known.
#[derive(Debug, Serialize)]
struct Waits {
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    by: Cause,
}

/// All of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    batches: Batches,
    /// Where everybody stands, in the order sent.
    parts: Vec<Part>,
    /// The upstream's operations, in the order sent.
    operations: Vec<&'a str>,
    /// Seconds since the oldest of the counters that may still move; 0 when none may.
    counters_age: u64,
    /// Rows that were refused when the send was handed in, and are not among the recipients.
    #[serde(skip_serializing_if = "is_zero")]
    refused_rows: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<warning::Shown>,
    /// When it begins, if the caller named an instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    send_at: Option<String>,
    /// When what is still unsent expires.
    deadline: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<Closed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<Halted<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<Paused>,
    /// Batches that the upstream may have, for a person to settle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unsettled: Vec<Unsettled<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settlements: Vec<Settled<'a>>,
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
    held: usize,
    canceled: usize,
    expired: usize,
}

/// Recipients one after another of whom the same became. They are counted without those that were refused when the send
/// was handed in.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    /// The first of them, from 0.
    first: u32,
    recipients: u32,
    #[serde(flatten)]
    standing: Standing,
}

/// What became of a part.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "camelCase")]
enum Standing {
    /// Not posted yet, or being posted.
    Pending,
    Accepted,
    /// By the upstream: its status, and the number of its error.
    Refused {
        status: u16,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<u64>,
    },
    /// The upstream may have them.
    Unknown,
    /// Taken back, or after a refusal.
    Canceled,
    Expired,
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

/// Until when nothing is posted, and what it waits for.
#[derive(Debug, Serialize)]
struct Paused {
    until: String,
    by: Cause,
    /// The upstream's status that caused it, if one did.
    status: Option<u16>,
    /// Since when nothing of the account is posted, if it is for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// A batch in doubt.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Unsettled<'a> {
    batch: u32,
    attempt: u32,
    recipients: u32,
    /// Whether it is not looked for any more.
    held: bool,
    since: String,
    why: &'a str,
}

/// What a person decided.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Settled<'a> {
    #[serde(flatten)]
    settlement: &'a Settlement,
    #[serde(rename = "settledAt")]
    at: String,
}

impl<'a> Resource<'a> {
    /// The operation at this moment.
    pub fn of(ledger: &'a Ledger, now: Millis) -> Self {
        let moving = accepted(ledger).filter(|accepted| !accepted.frozen);
        let oldest = moving.map(|accepted| accepted.seen.map_or(accepted.at, |(_, at)| at)).min();
        let progress = &ledger.progress;
        let pause = ledger.paused().filter(|pause| pause.until > now);
        let settled = |settlement: &'a Settlement| Settled { settlement, at: rfc3339(settlement.at) };
        Self {
            id: &ledger.sealed.id,
            status: ledger.status(now),
            stats: stats(ledger),
            created_at: rfc3339(ledger.sealed.created),
            updated_at: rfc3339(progress.updated),
            postgate: Some(Postgate::Whole(Box::new(Whole {
                batches: batches(ledger),
                parts: parts(ledger),
                operations: accepted(ledger).filter_map(|accepted| accepted.operation.as_deref()).collect(),
                counters_age: oldest.map_or(0, |at| now.saturating_sub(at) / SECOND),
                refused_rows: ledger.sealed.refused,
                warnings: warning::shown(&ledger.sealed.warnings),
                send_at: ledger.sealed.send_at.map(rfc3339),
                deadline: rfc3339(ledger.sealed.deadline()),
                closed: progress.closed,
                halted: halted(ledger),
                paused: pause.map(|&Pause { until, by, status, since, .. }| Paused {
                    until: rfc3339(until),
                    by,
                    status,
                    since: since.map(rfc3339),
                }),
                unsettled: (0..).zip(&ledger.batches).filter_map(unsettled).collect(),
                settlements: progress.settlements.iter().map(settled).collect(),
            }))),
        }
    }

    /// The operation as the directory last heard of it, for a list.
    pub fn listed(entry: &'a Entry, now: Millis) -> Self {
        let wait = entry.paused.filter(|wait| wait.until.is_none_or(|until| until > now));
        let paused = wait.map(|Wait { by, until }| Waits { until: until.map(rfc3339), by });
        let listed = Listed { unknown: entry.unknown, paused };
        Self {
            id: &entry.id,
            status: entry.status.unwrap_or(Status::Processing),
            stats: entry.stats,
            created_at: rfc3339(entry.created),
            updated_at: rfc3339(entry.updated),
            postgate: (listed.unknown > 0 || listed.paused.is_some()).then_some(Postgate::Listed(listed)),
        }
    }
}

/// What the directory is told.
pub fn entry(ledger: &Ledger, now: Millis) -> Entry {
    Entry {
        id: ledger.sealed.id.clone(),
        created: ledger.sealed.created,
        change: ledger.progress.changes,
        status: Some(ledger.status(now)),
        updated: ledger.progress.updated,
        stats: stats(ledger),
        unknown: ledger.tally().unknown,
        paused: ledger.paused().map(Pause::wait),
        finished: ledger.finished(),
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Sums over all recipients, sent to or not.
fn stats(ledger: &Ledger) -> Counters {
    let unsent = u64::from(ledger.sealed.rows.saturating_sub(ledger.claimed_rows()));
    let mut stats = Counters::of(unsent);
    if ledger.progress.closed.is_some() {
        stats.canceled = unsent;
    }
    for batch in &ledger.batches {
        let rows = u64::from(batch.rows);
        stats.add(&match &batch.state {
            State::Accepted(Accepted { seen: Some((counters, _)), .. }) => *counters,
            State::Refused(_) => Counters { failed: rows, ..Counters::of(rows) },
            State::Canceled | State::Expired => Counters { canceled: rows, ..Counters::of(rows) },
            _ => Counters::of(rows),
        });
    }
    stats
}

fn batches(ledger: &Ledger) -> Batches {
    let mut batches = Batches::default();
    for batch in &ledger.batches {
        let count = match &batch.state {
            State::Ready => &mut batches.ready,
            State::InFlight => &mut batches.in_flight,
            State::Accepted(_) => &mut batches.accepted,
            State::Refused(_) => &mut batches.refused,
            State::Unknown(_) => &mut batches.unknown,
            State::Held(_) => &mut batches.held,
            State::Canceled => &mut batches.canceled,
            State::Expired => &mut batches.expired,
        };
        *count += 1;
    }
    if ledger.claimed_rows() < ledger.sealed.rows {
        // What was not cut yet counts as foreseen; the pace may make more of it.
        let count = match ledger.progress.closed {
            None => &mut batches.ready,
            Some(Closed::Expired) => &mut batches.expired,
            Some(Closed::Canceled | Closed::Refused) => &mut batches.canceled,
        };
        *count += (ledger.sealed.batches as usize).saturating_sub(ledger.batches.len()).max(1);
    }
    batches
}

fn parts(ledger: &Ledger) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut add = |first, recipients, standing| match parts.last_mut() {
        Some(last) if last.standing == standing => last.recipients += recipients,
        _ => parts.push(Part { first, recipients, standing }),
    };
    for batch in &ledger.batches {
        let standing = match &batch.state {
            State::Ready | State::InFlight => Standing::Pending,
            State::Accepted(_) => Standing::Accepted,
            State::Refused(refused) => Standing::Refused { status: refused.status, code: refused.code() },
            State::Unknown(_) | State::Held(_) => Standing::Unknown,
            State::Canceled => Standing::Canceled,
            State::Expired => Standing::Expired,
        };
        add(batch.first, batch.rows, standing);
    }
    let claimed = ledger.claimed_rows();
    if claimed < ledger.sealed.rows {
        let standing = match ledger.progress.closed {
            None => Standing::Pending,
            Some(Closed::Expired) => Standing::Expired,
            Some(Closed::Canceled | Closed::Refused) => Standing::Canceled,
        };
        add(claimed, ledger.sealed.rows - claimed, standing);
    }
    parts
}

fn accepted(ledger: &Ledger) -> impl Iterator<Item = &Accepted> {
    ledger.batches.iter().filter_map(|batch| match &batch.state {
        State::Accepted(accepted) => Some(accepted),
        _ => None,
    })
}

fn halted(ledger: &Ledger) -> Option<Halted<'_>> {
    let mut batches = (0..).zip(&ledger.batches);
    if ledger.progress.closed == Some(Closed::Refused) {
        return batches.find_map(|(batch, record)| match &record.state {
            State::Refused(refused) => {
                let (attempt, status) = (record.attempt, Some(refused.status));
                Some(Halted { by: "refused", batch, attempt, status, code: refused.code(), why: None })
            }
            _ => None,
        });
    }
    if !ledger.halts() {
        return None;
    }
    batches.find_map(unsettled).map(|Unsettled { batch, attempt, why, .. }| Halted {
        by: "unknown",
        batch,
        attempt,
        status: None,
        code: None,
        why: Some(why),
    })
}

fn unsettled((batch, record): (u32, &Batch)) -> Option<Unsettled<'_>> {
    let (held, Doubt { why, since, .. }) = match &record.state {
        State::Unknown(doubt) => (false, doubt),
        State::Held(doubt) => (true, doubt),
        _ => return None,
    };
    let (attempt, recipients) = (record.attempt, record.rows);
    Some(Unsettled { batch, attempt, recipients, held, since: rfc3339(*since), why })
}
