//! An operation: one accepted send, from SCHEDULED or PROCESSING to COMPLETED or CANCELED.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::course::Status;

/// Operations and messages can be read for seven days.
pub const RETENTION_MILLIS: i64 = 7 * 24 * 60 * 60 * 1000;
/// The words a list of operations may be filtered by.
pub const STATUSES: [&str; 4] = ["SCHEDULED", "PROCESSING", "COMPLETED", "CANCELED"];

/// The counters of an operation, all that the contract names.
///
/// `scheduled` to `canceled` are where the messages are now and add up to `total`: a message that moves on leaves
/// its former counter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Counts messages in a state.
    pub fn add(&mut self, status: Status, count: u32) {
        *match status {
            Status::Scheduled => &mut self.scheduled,
            Status::Queued => &mut self.queued,
            Status::Sent => &mut self.sent,
            Status::Delivered => &mut self.delivered,
            Status::Read => &mut self.read,
            Status::Undelivered => &mut self.undelivered,
            Status::Failed => &mut self.failed,
            Status::Canceled => &mut self.canceled,
        } += count;
    }

    /// The sum of the places where messages are.
    #[cfg(test)]
    pub fn places(&self) -> u32 {
        [self.scheduled, self.queued, self.sent, self.delivered].iter().sum::<u32>()
            + [self.read, self.undelivered, self.failed, self.canceled].iter().sum::<u32>()
    }
}

/// The record of an operation. Times are milliseconds of the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Operation {
    /// Place in the order received, from 1.
    pub n: u32,
    /// Public id.
    pub id: String,
    /// The request's tags as JSON.
    pub tags: String,
    /// Messages.
    pub recipients: u32,
    /// When it was accepted.
    pub created_at: i64,
    /// When it may enter its queue.
    pub due_at: i64,
    /// When the request wants it sent, if not at once.
    pub send_at: Option<i64>,
    /// The queue.
    pub lane: String,
    /// Units a second that the queue sends.
    pub rate: f64,
    /// When its first message leaves, once that is known.
    pub start_at: Option<i64>,
    /// When its last message is where it stays.
    pub end_at: Option<i64>,
    /// When it was canceled.
    pub canceled_at: Option<i64>,
    /// The last [`Stats`] as JSON, once they are the last.
    pub stats: Option<String>,
}

impl Operation {
    /// Whether its messages wait for the time the request named.
    pub fn is_scheduled(&self, now: i64) -> bool {
        self.send_at.is_some_and(|at| now < at)
    }

    /// One of [`STATUSES`].
    pub fn status(&self, now: i64) -> &'static str {
        if self.canceled_at.is_some() {
            "CANCELED"
        } else if self.is_scheduled(now) {
            "SCHEDULED"
        } else if self.end_at.is_some_and(|end| end <= now) {
            "COMPLETED"
        } else {
            "PROCESSING"
        }
    }

    /// The resource as the API shows it.
    pub fn resource(&self, stats: &Stats, now: i64) -> Value {
        let moved = self.start_at.filter(|&start| start <= now).map(|_| self.end_at.unwrap_or(now).min(now));
        json!({
            "id": self.id,
            "status": self.status(now),
            "stats": stats,
            "createdAt": rfc3339(self.created_at),
            "updatedAt": rfc3339(moved.or(self.canceled_at).unwrap_or(self.created_at)),
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

    #[test]
    fn the_resource_names_every_counter_of_the_contract() {
        let operation = Operation {
            id: "comms_operation_0".into(),
            start_at: Some(0),
            end_at: Some(1_500),
            ..Operation::default()
        };
        let stats = Stats { total: 2, recipients: 2, attempts: 2, delivered: 2, ..Stats::default() };
        assert_eq!(
            operation.resource(&stats, 9_000),
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

    #[test]
    fn the_status_follows_the_time() {
        let operation =
            Operation { send_at: Some(100), start_at: Some(100), end_at: Some(400), ..Operation::default() };
        let at = |now| operation.status(now);
        assert_eq!([at(99), at(100), at(399), at(400)], ["SCHEDULED", "PROCESSING", "PROCESSING", "COMPLETED"]);
        assert_eq!(Operation { canceled_at: Some(50), ..operation }.status(60), "CANCELED");
    }
}
