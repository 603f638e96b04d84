//! Operations, their bodies, and the queues they leave by.

use serde::Deserialize;
use worker::{Result, SqlStorageValue};

use super::{Store, integer};
use crate::directory::Lane;
use crate::event::Cursor;
use crate::layout::Layout;
use crate::listing::Listing;
use crate::operation::{Operation, RETENTION_MILLIS, Stats};
use crate::plan::Plan;
use crate::received::Received;
use crate::recipient::Span;
use crate::unkindness::{Answer, Rule};

/// A value in the database is at most 2 MB.
const PIECE: u32 = 1_500_000;
/// In the place of a cursor: all was told, or nothing is to be.
const TOLD: &str = "told";
/// Operations that one alarm looks through for events.
const UNTOLD: u32 = 20;
/// Operations that one alarm finishes; it is due again at once if there are more.
const AT_ONCE: u32 = 8;

const RESOURCE: &str = "SELECT n, id, tags, recipients, created_at, due_at, send_at, lane, rate, start_at, end_at,
    canceled_at, stats FROM operation";

/// What is known of a request that is being accepted.
pub struct Accepted<'a> {
    /// The id of its operation.
    pub id: &'a str,
    /// Milliseconds of the Unix epoch.
    pub now: i64,
    /// Its tags as JSON.
    pub tags: &'a str,
    /// When it wants to be sent, if not now.
    pub send_at: Option<i64>,
    /// The queue it leaves by.
    pub lane: &'a Lane,
    /// Digest of the body in hexadecimal.
    pub sha256: &'a str,
    /// The rule that spoils it, if one does.
    pub rule: Option<&'a Rule>,
    /// Whether its events are told.
    pub tell: bool,
}

impl Store {
    /// Keeps an accepted request, and what is known of its recipients beside it, and starts its operation.
    pub fn keep(&self, accepted: &Accepted<'_>, layout: &Layout, body: &[u8], more: &[u8]) -> Result<()> {
        let &Accepted { id, now, tags, send_at, lane, sha256, rule, tell } = accepted;
        let hold = rule.map_or(0, |rule| rule.hold as i64);
        let gone = rule.and_then(|rule| rule.forget).map_or(RETENTION_MILLIS, |forget| forget as i64);
        self.sql.exec(
            "INSERT INTO operation (id, tags, recipients, created_at, due_at, send_at, lane, rate, gone_at, told, answer,
                bytes, sha256, layout, rows)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                id.into(),
                tags.into(),
                integer(layout.total()),
                now.into(),
                send_at.unwrap_or(now).max(now + hold).into(),
                send_at.into(),
                lane.name.as_str().into(),
                lane.rate.into(),
                (now + gone).into(),
                (if tell { "null" } else { TOLD }).into(),
                serde_json::to_string(&rule.and_then(|rule| rule.answer).unwrap_or(Answer::Status(202)))?.into(),
                (body.len() as i64).into(),
                sha256.into(),
                serde_json::to_string(layout)?.into(),
                layout.pack_rows().into(),
            ],
        )?;
        let kept = [body, more].concat();
        for (place, piece) in (0_i64..).zip(kept.chunks(PIECE as usize)) {
            self.sql.exec(
                "INSERT INTO piece (n, place, bytes) SELECT n, ?, ? FROM operation WHERE id = ?",
                vec![place.into(), piece.to_vec().into(), id.into()],
            )?;
        }
        self.start_due(now)
    }

    /// Puts every operation whose time has come into its queue, in the order of their times.
    pub fn start_due(&self, now: i64) -> Result<()> {
        #[derive(Deserialize)]
        struct Free {
            free_at: i64,
        }
        let query =
            format!("{RESOURCE} WHERE start_at IS NULL AND canceled_at IS NULL AND due_at <= ? ORDER BY due_at, n");
        for mut operation in self.select::<Operation>(&query, vec![now.into()])? {
            let query = "SELECT free_at FROM lane WHERE name = ?";
            let free: Vec<Free> = self.select(query, vec![operation.lane.as_str().into()])?;
            let start = free.first().map_or(operation.due_at, |lane| lane.free_at.max(operation.due_at));
            operation.start_at = Some(start);
            let layout = self.layout(operation.n)?;
            let plan = Plan::of(&operation, &layout);
            self.sql.exec(
                "INSERT OR REPLACE INTO lane (name, free_at) VALUES (?, ?)",
                vec![operation.lane.as_str().into(), plan.free_at().into()],
            )?;
            self.sql.exec(
                "UPDATE operation SET start_at = ?, end_at = ? WHERE n = ?",
                vec![start.into(), plan.end().into(), integer(operation.n)],
            )?;
        }
        Ok(())
    }

    /// Writes the last counters of some operations that have come to their end, so that reading them is quick.
    pub fn finish(&self, now: i64) -> Result<()> {
        let query = format!("{RESOURCE} WHERE stats IS NULL AND end_at <= ? ORDER BY end_at LIMIT ?");
        for operation in self.select::<Operation>(&query, vec![now.into(), integer(AT_ONCE)])? {
            let stats = self.stats(&operation, now)?;
            self.sql.exec(
                "UPDATE operation SET stats = ? WHERE n = ?",
                vec![serde_json::to_string(&stats)?.into(), integer(operation.n)],
            )?;
        }
        Ok(())
    }

    /// The counters of an operation.
    pub fn stats(&self, operation: &Operation, now: i64) -> Result<Stats> {
        match &operation.stats {
            Some(last) => Ok(serde_json::from_str(last)?),
            None => Ok(Plan::of(operation, &self.layout(operation.n)?).stats(now)),
        }
    }

    /// Cancels what of an operation has not left. What has been canceled or is over stays as it is.
    pub fn cancel(&self, operation: &Operation, now: i64) -> Result<()> {
        if operation.canceled_at.is_some() || operation.end_at.is_some_and(|end| end <= now) {
            return Ok(());
        }
        let canceled = Operation { canceled_at: Some(now), ..operation.clone() };
        let layout = self.layout(operation.n)?;
        let end = Plan::of(&canceled, &layout).end().unwrap_or(now);
        self.sql.exec(
            "UPDATE operation SET canceled_at = ?, end_at = ? WHERE n = ?",
            vec![now.into(), end.into(), integer(operation.n)],
        )?;
        Ok(())
    }

    /// Operations with events to tell, and how far they were; the one that has waited longest first.
    pub fn untold(&self) -> Result<Vec<(Operation, Option<Cursor>)>> {
        #[derive(Deserialize)]
        struct Untold {
            n: u32,
            told: String,
        }
        // One that waits for its time has told what there is to tell with the first look.
        let found: Vec<Untold> = self.select(
            "SELECT n, told FROM operation
             WHERE told <> ? AND (start_at IS NOT NULL OR canceled_at IS NOT NULL OR told = 'null')
             ORDER BY told ->> 'after', n LIMIT ?",
            vec![TOLD.into(), integer(UNTOLD)],
        )?;
        let mut untold = Vec::new();
        for Untold { n, told } in found {
            let query = format!("{RESOURCE} WHERE n = ?");
            for operation in self.select::<Operation>(&query, vec![integer(n)])? {
                untold.push((operation, serde_json::from_str(&told)?));
            }
        }
        Ok(untold)
    }

    /// Writes how far an operation was told; without a cursor nothing is left.
    pub fn tell(&self, id: &str, cursor: Option<Cursor>) -> Result<()> {
        let told = cursor.map_or_else(|| Ok(TOLD.to_owned()), |cursor| serde_json::to_string(&cursor))?;
        self.sql.exec("UPDATE operation SET told = ? WHERE id = ?", vec![told.into(), id.into()])?;
        Ok(())
    }

    /// Tells no more of what there is.
    pub fn silence(&self) -> Result<()> {
        self.sql.exec("UPDATE operation SET told = ?", vec![TOLD.into()])?;
        Ok(())
    }

    /// Accepted requests in the order received.
    pub fn received(&self) -> Result<Vec<Received>> {
        self.select("SELECT n, id, recipients, answer, bytes, sha256, created_at FROM operation ORDER BY n", vec![])
    }

    /// The length of a received body.
    pub fn body_length(&self, n: u32) -> Result<Option<u32>> {
        #[derive(Deserialize)]
        struct Length {
            bytes: u32,
        }
        let found: Vec<Length> = self.select("SELECT bytes FROM operation WHERE n = ?", vec![integer(n)])?;
        Ok(found.first().map(|length| length.bytes))
    }

    /// A part of the kept bytes: of the body, or of what is kept after it.
    pub fn body(&self, n: u32, part: Span) -> Result<Vec<u8>> {
        let first = part.start / PIECE;
        let last = part.end().saturating_sub(1) / PIECE;
        let pieces = self.sql.exec(
            "SELECT bytes FROM piece WHERE n = ? AND place BETWEEN ? AND ? ORDER BY place",
            vec![integer(n), integer(first), integer(last)],
        )?;
        let mut bytes = Vec::new();
        for piece in pieces.raw() {
            let [SqlStorageValue::Blob(piece)] = &piece?[..] else {
                return Err("a piece of a body is not bytes".into());
            };
            bytes.extend_from_slice(piece);
        }
        let start = (part.start - first * PIECE) as usize;
        bytes
            .get(start..start + part.length as usize)
            .map(<[u8]>::to_vec)
            .ok_or_else(|| "a body is shorter than its index says".into())
    }

    /// Where the parts of a kept body lie, and the courses of its recipients.
    pub fn layout(&self, n: u32) -> Result<Layout> {
        let query = "SELECT layout, rows FROM operation WHERE n = ?";
        let found = self.sql.exec(query, vec![integer(n)])?.raw().next().transpose()?;
        let Some([SqlStorageValue::String(layout), SqlStorageValue::Blob(rows)]) = found.as_deref() else {
            return Err("an operation has no index".into());
        };
        Ok(Layout { rows: Layout::unpack_rows(rows), ..serde_json::from_str(layout)? })
    }

    /// One operation, unless it is too old to be read.
    pub fn operation(&self, id: &str, now: i64) -> Result<Option<Operation>> {
        let query = format!("{RESOURCE} WHERE id = ? AND gone_at > ?");
        let mut found = self.select(&query, vec![id.into(), now.into()])?;
        Ok(found.pop())
    }

    /// One operation by its place in the order received.
    pub fn operation_at(&self, n: u32, now: i64) -> Result<Option<Operation>> {
        let query = format!("{RESOURCE} WHERE n = ? AND gone_at > ?");
        let mut found = self.select(&query, vec![integer(n), now.into()])?;
        Ok(found.pop())
    }

    /// The operations of a listing's time and id, from its place on, newest first.
    pub fn operations(&self, listing: &Listing, now: i64) -> Result<Vec<Operation>> {
        let query = format!(
            "{RESOURCE} WHERE n <= ? AND gone_at > ? AND created_at > ? AND created_at < ? AND id = coalesce(?, id)
             ORDER BY n DESC"
        );
        self.select(
            &query,
            vec![
                integer(listing.from.n),
                now.into(),
                listing.after.into(),
                listing.before.into(),
                listing.operation_id.clone().into(),
            ],
        )
    }

    /// When there is next something to do: a start, an end, or forgetting what has grown too old.
    pub fn next_due(&self) -> Result<Option<i64>> {
        #[derive(Deserialize)]
        struct Due {
            at: i64,
        }
        let found: Vec<Due> = self.select(
            "SELECT min(at) AS at FROM (
                SELECT min(due_at) AS at FROM operation WHERE start_at IS NULL AND canceled_at IS NULL
                UNION ALL
                SELECT min(end_at) FROM operation WHERE stats IS NULL
                UNION ALL
                SELECT min(created_at) + ? FROM operation
             ) HAVING at IS NOT NULL",
            vec![RETENTION_MILLIS.into()],
        )?;
        Ok(found.first().map(|due| due.at))
    }

    /// Forgets operations, and their bodies, that are too old to be read.
    pub fn forget_old(&self, now: i64) -> Result<()> {
        let oldest = || vec![(now - RETENTION_MILLIS).into()];
        let bodies = "DELETE FROM piece WHERE n IN (SELECT n FROM operation WHERE created_at <= ?)";
        self.sql.exec(bodies, oldest())?;
        self.sql.exec("DELETE FROM operation WHERE created_at <= ?", oldest())?;
        Ok(())
    }
}
