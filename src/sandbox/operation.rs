//! An operation: one accepted send, and its way from PROCESSING to COMPLETED.
//!
//! Processing is a pure function of a step number. The alarm only counts steps, so that running one twice, or
//! starting again after a crash, cannot make counters jump or disagree with the messages.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::recipient::{Reach, Row};

/// Steps from acceptance to COMPLETED: few enough to be quick, enough for a progress display to move.
pub const STEPS: u32 = 6;
/// Milliseconds between two steps.
pub const STEP_MILLIS: i64 = 150;
/// Operations and messages can be read for seven days.
pub const RETENTION_MILLIS: i64 = 7 * 24 * 60 * 60 * 1000;
/// The words a list of operations may be filtered by.
pub const STATUSES: [&str; 4] = ["SCHEDULED", "PROCESSING", "COMPLETED", "CANCELED"];

/// How far a message has come. The sandbox makes no other state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Waiting.
    Queued,
    /// Handed to the carrier.
    Sent,
    /// On the handset.
    Delivered,
    /// Refused while processing.
    Failed,
}

impl Fate {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
        }
    }

    /// The fate at `step` of the message for row `index` of `total`.
    pub fn at(step: u32, index: u32, total: u32, reach: Reach) -> Self {
        let tried = (total * step.min(STEPS - 1)).div_ceil(STEPS - 1);
        let delivered = total * step.saturating_sub(1).min(STEPS - 1) / (STEPS - 1);
        match reach {
            _ if index >= tried => Self::Queued,
            Reach::Malformed | Reach::Unknown => Self::Failed,
            Reach::Number if index < delivered => Self::Delivered,
            Reach::Number => Self::Sent,
        }
    }
}

/// The counters of an operation, all that the contract names.
///
/// `scheduled` to `canceled` are where the messages are now and add up to `total`: a message that moves on leaves
/// its former counter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Messages.
    pub total: u32,
    /// Targets.
    pub recipients: u32,
    /// Sends tried over all channels.
    pub attempts: u32,
    /// Recipients for whom no address was found, and no attempt made.
    pub unaddressable: u32,
    /// Waiting for their time.
    pub scheduled: u32,
    /// Waiting their turn.
    pub queued: u32,
    /// Handed to the carrier.
    pub sent: u32,
    /// On the handset.
    pub delivered: u32,
    /// Opened.
    pub read: u32,
    /// Sent, but not delivered.
    pub undelivered: u32,
    /// Refused while processing.
    pub failed: u32,
    /// Taken back.
    pub canceled: u32,
}

impl Stats {
    /// The counters at `step`.
    pub fn at(step: u32, rows: &[Row]) -> Self {
        // `to` holds at most 10,000.
        let total = rows.len() as u32;
        let mut stats = Self { total, recipients: total, ..Self::default() };
        for (index, row) in (0..).zip(rows) {
            let fate = Fate::at(step, index, total, row.reach);
            match fate {
                Fate::Queued => stats.queued += 1,
                Fate::Sent => stats.sent += 1,
                Fate::Delivered => stats.delivered += 1,
                Fate::Failed => stats.failed += 1,
            }
            match row.reach {
                _ if fate == Fate::Queued => {}
                Reach::Unknown => stats.unaddressable += 1,
                Reach::Number | Reach::Malformed => stats.attempts += 1,
            }
        }
        stats
    }
}

/// The record of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Operation {
    /// Place in the order received, from 1.
    pub n: u32,
    /// Public id.
    pub id: String,
    /// One of [`STATUSES`].
    pub status: String,
    /// Steps done.
    pub step: u32,
    /// [`Stats`] as JSON.
    pub stats: String,
    /// The request's tags as JSON.
    pub tags: String,
    /// Milliseconds of the Unix epoch.
    pub created_at: i64,
    /// Milliseconds of the Unix epoch.
    pub updated_at: i64,
}

impl Operation {
    /// Its status after `step` steps.
    pub fn status_at(step: u32) -> &'static str {
        if step < STEPS { "PROCESSING" } else { "COMPLETED" }
    }

    /// The resource as the API shows it.
    pub fn resource(&self) -> Value {
        json!({
            "id": self.id,
            "status": self.status,
            "stats": serde_json::from_str::<Value>(&self.stats).unwrap_or_default(),
            "createdAt": rfc3339(self.created_at),
            "updatedAt": rfc3339(self.updated_at),
        })
    }
}

/// A moment as the API writes it.
pub fn rfc3339(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::{Channel, Span};

    /// Every seventh address malformed, every eleventh recipient stored elsewhere.
    fn rows(count: u32) -> Vec<Row> {
        let reach = |index: u32| match index {
            _ if index % 7 == 3 => Reach::Malformed,
            _ if index % 11 == 5 => Reach::Unknown,
            _ => Reach::Number,
        };
        let row = |index| Row { span: Span { start: 0, length: 0 }, channel: Channel::Sms, reach: reach(index) };
        (0..count).map(row).collect()
    }

    #[test]
    fn the_counters_add_up_at_every_step() {
        for count in [1, 2, 3, 4, 5, 6, 7, 99, 10_000] {
            let rows = rows(count);
            for step in 0..=STEPS + 1 {
                let s = Stats::at(step, &rows);
                let places =
                    s.scheduled + s.queued + s.sent + s.delivered + s.read + s.undelivered + s.failed + s.canceled;
                assert_eq!(places, s.total, "{count} rows, step {step}");
                assert_eq!(s.total, count);
                assert_eq!(s.attempts + s.unaddressable + s.queued, count);
            }
        }
    }

    #[test]
    fn messages_only_ever_move_forward() {
        for count in [1, 2, 5, 6, 10_000] {
            for (index, row) in (0..).zip(&rows(count)) {
                let way: Vec<Fate> = (0..=STEPS).map(|step| Fate::at(step, index, count, row.reach)).collect();
                assert!(way.is_sorted_by_key(|&fate| fate as u8), "{way:?}");
                assert_eq!(way[0], Fate::Queued);
                assert_eq!(way[STEPS as usize] == Fate::Failed, row.reach != Reach::Number);
                assert!(!matches!(way[STEPS as usize], Fate::Queued | Fate::Sent));
            }
        }
    }

    #[test]
    fn a_display_sees_several_different_states_on_the_way() {
        let rows = rows(10_000);
        let seen: Vec<Stats> = (0..=STEPS).map(|step| Stats::at(step, &rows)).collect();
        for (before, after) in seen.iter().zip(&seen[1..]) {
            assert_ne!(before, after);
        }
        assert!(seen[3].queued > 0 && seen[3].sent > 0 && seen[3].delivered > 0 && seen[3].failed > 0);
    }

    #[test]
    fn the_resource_names_every_counter_of_the_contract() {
        let operation = Operation {
            n: 1,
            id: "comms_operation_0".into(),
            status: Operation::status_at(STEPS).into(),
            step: STEPS,
            stats: serde_json::to_string(&Stats::at(STEPS, &rows(2))).unwrap(),
            tags: "{}".into(),
            created_at: 0,
            updated_at: 1_500,
        };
        assert_eq!(
            operation.resource(),
            json!({
                "id": "comms_operation_0",
                "status": "COMPLETED",
                "stats": {
                    "total": 2, "recipients": 2, "attempts": 2, "unaddressable": 0, "scheduled": 0, "queued": 0,
                    "sent": 0, "delivered": 2, "read": 0, "undelivered": 0, "failed": 0, "canceled": 0
                },
                "createdAt": "1970-01-01T00:00:00.000Z",
                "updatedAt": "1970-01-01T00:00:01.500Z"
            })
        );
    }
}
