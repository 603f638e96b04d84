//! Events of Event Streams in the form of CloudEvents 1.0: what happened to an operation and its messages, and when.
//!
//! Events are read off the plan: all that lie between two moments. A cursor says how far they were told, so that a
//! consumer that fails gets the same ones again, under the same ids.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::course::Status;
use crate::message::Message;
use crate::operation::{Operation, rfc3339};
use crate::plan::Plan;

/// Events in one call.
pub const BATCH: usize = 500;
/// The account that a test knows itself.
const ACCOUNT: &str = "AC00000000000000000000000000000000";

/// How far an operation was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything up to here was.
    pub after: i64,
    /// What lies up to here is being told.
    pub until: i64,
    /// From this message on.
    pub next: u32,
}

/// Something that happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// The message's index.
    pub index: u32,
    /// When.
    pub at: i64,
    /// What it became.
    pub status: Status,
    /// Tries begun by then.
    pub tries: u32,
}

/// What is to be told next.
#[derive(Debug, Default)]
pub struct Page {
    /// Events of the operation itself that come before it.
    pub before: Vec<Value>,
    /// Of messages, in the order of their indexes; at most [`BATCH`] and one message's more.
    pub happenings: Vec<Happening>,
    /// Events of the operation itself that come after.
    pub behind: Vec<Value>,
    /// How far it will have been told then; none when nothing is left for ever.
    pub cursor: Option<Cursor>,
}

impl Cursor {
    /// The cursor of an operation of which nothing was told.
    pub const NEW: Self = Self { after: i64::MIN, until: i64::MIN, next: 0 };

    /// What is to be told from here on of what has happened by `now`.
    pub fn page(self, operation: &Operation, plan: &Plan<'_>, total: u32, now: i64) -> Page {
        let mut page = Page::default();
        // A sweep that was not finished is finished first, with the end it had.
        let until = if self.next > 0 { self.until } else { now };
        let within = |at: i64| at > self.after && at <= until;
        if self.next == 0 {
            let scheduled = operation.send_at.map(|_| ("scheduled", operation.created_at));
            let begun = operation.start_at.map(|_| ("processing", operation.due_at));
            let events = scheduled.into_iter().chain(begun).filter(|&(_, at)| within(at));
            page.before = events.map(|(name, at)| of_operation(operation, name, at)).collect();
        }
        let mut next = self.next;
        while next < total && page.happenings.len() < BATCH {
            let queued = operation.start_at.map(|_| (operation.due_at, Status::Queued, 0));
            let transitions = plan.place(next).map(|place| plan.transitions(&place)).unwrap_or_default();
            let happened = queued.into_iter().chain(transitions).filter(|&(at, ..)| within(at));
            page.happenings.extend(happened.map(|(at, status, tries)| Happening { index: next, at, status, tries }));
            next += 1;
        }
        if next < total {
            page.cursor = Some(Self { after: self.after, until, next });
            return page;
        }
        let end = operation.end_at.filter(|_| operation.canceled_at.is_none());
        page.behind.extend(end.filter(|&at| within(at)).map(|at| of_operation(operation, "completed", at)));
        let over = match operation.canceled_at {
            Some(at) => operation.end_at.unwrap_or(at) <= until,
            None => operation.end_at.is_some_and(|end| end <= until),
        };
        page.cursor = (!over).then_some(Self { after: until, until, next: 0 });
        page
    }
}

impl Page {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.happenings.is_empty() && self.behind.is_empty()
    }
}

/// The event of a message; None for a state that has no event.
pub fn of_message(message: &Message<'_>, happening: &Happening) -> Option<Value> {
    let (name, version) = match happening.status {
        Status::Queued => ("Queued", 3),
        Status::Sent => ("Sent", 4),
        Status::Delivered => ("Delivered", 4),
        Status::Read => ("Read", 4),
        Status::Undelivered => ("Undelivered", 4),
        Status::Failed => ("Failed", 4),
        Status::Scheduled | Status::Canceled => return None,
    };
    let resource = message.metadata();
    let mut data = json!({
        "operation_id": message.operation.id,
        "message_id": resource["id"],
        "account_sid": ACCOUNT,
        "from": resource["from"],
        "to": resource["to"][0],
        "tags": resource["tags"],
    });
    if let Some(attempt) = happening.tries.checked_sub(1) {
        data["attempt"] = happening.tries.to_string().into();
        // There are at most ten.
        data["downstream_id"] = message.sid(attempt as u8).into();
    }
    if let Some(code) = message.error() {
        data["error_code"] = code.to_string().into();
    }
    let id = resource["id"].as_str().unwrap_or_default();
    let kind = format!("message.{}", name.to_lowercase());
    Some(event(&kind, &format!("CommsApi.Message{name}/{version}"), id, happening.at, data))
}

fn of_operation(operation: &Operation, name: &str, at: i64) -> Value {
    let schema = match name {
        "scheduled" => "CommsApi.OperationScheduled/2",
        "processing" => "CommsApi.OperationProcessing/2",
        _ => "CommsApi.OperationCompleted/2",
    };
    let data = json!({"operation_id": operation.id});
    event(&format!("operation.{name}"), schema, &operation.id, at, data)
}

fn event(kind: &str, schema: &str, subject: &str, at: i64, data: Value) -> Value {
    // The same happening has the same id whenever it is told.
    let digest = Sha256::new().chain_update(kind).chain_update(subject).chain_update(at.to_be_bytes()).finalize();
    let id: Vec<u8> = digest.iter().copied().take(16).collect();
    json!({
        "specversion": "1.0",
        "id": data_encoding::HEXLOWER.encode(&id),
        "source": format!("/v1/{subject}"),
        "type": format!("com.twilio.comms-api.{kind}"),
        "dataschema": format!("https://events-schemas.twilio.com/{schema}"),
        "time": rfc3339(at),
        "data": data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{Course, Ending, Try};
    use crate::layout::{Group, Layout, Row};
    use crate::recipient::Span;

    fn layout(total: u32) -> Layout {
        let ending = Ending::Delivered(0);
        Layout {
            courses: vec![Course::of(vec![Try { sender: 0, address: 0, ending }])],
            groups: vec![Group { first: 0, row: 0, rows: 1, times: total, member: Some(0) }],
            rows: vec![Row { span: Span::default(), course: 0, units: 1 }],
            ..Layout::default()
        }
    }

    fn operation(end_at: i64) -> Operation {
        Operation {
            created_at: 1_000,
            due_at: 1_000,
            start_at: Some(1_000),
            end_at: Some(end_at),
            rate: 1_000.0,
            ..Operation::default()
        }
    }

    /// Names of the operation's events, and states by message, that are told when asked at these moments.
    fn told(total: u32, moments: &[i64]) -> (Vec<String>, Vec<Vec<&'static str>>, bool) {
        let layout = layout(total);
        let operation = operation(1_000 + i64::from(total) - 1 + 300);
        let plan = Plan::of(&operation, &layout);
        let mut cursor = Some(Cursor::NEW);
        let (mut names, mut states) = (Vec::new(), vec![Vec::new(); total as usize]);
        for &now in moments {
            while let Some(at) = cursor {
                let page = at.page(&operation, &plan, total, now);
                assert!(page.happenings.len() <= BATCH + 2);
                cursor = page.cursor;
                for event in page.before.iter().chain(&page.behind) {
                    names.push(event["type"].as_str().unwrap().rsplit_once('.').unwrap().1.to_owned());
                }
                for happening in page.happenings {
                    states[happening.index as usize].push(happening.status.as_str());
                }
                if cursor.is_none_or(|cursor| cursor.next == 0) {
                    break;
                }
            }
        }
        (names, states, cursor.is_none())
    }

    #[test]
    fn everything_is_told_once_however_often_one_asks() {
        for moments in [&[9_000][..], &[1_000, 1_001, 1_299, 1_300, 1_301, 2_000, 9_000], &[999, 1_500, 1_500, 9_000]] {
            for total in [1, 2, 700] {
                let (names, states, over) = told(total, moments);
                assert_eq!((names, over), (vec!["processing".to_owned(), "completed".to_owned()], true));
                assert!(states.iter().all(|states| *states == ["QUEUED", "SENT", "DELIVERED"]), "{moments:?} {total}");
            }
        }
    }

    #[test]
    fn what_has_not_happened_is_not_told() {
        let (names, states, over) = told(700, &[1_000, 1_350]);
        assert_eq!((names, over), (vec!["processing".to_owned()], false));
        assert_eq!(states[0], ["QUEUED", "SENT", "DELIVERED"]);
        assert_eq!(states[100], ["QUEUED", "SENT"]);
        assert_eq!(states[699], ["QUEUED"]);
    }

    #[test]
    fn an_id_is_that_of_the_happening() {
        let one = of_operation(&operation(1), "processing", 5);
        assert_eq!(one, of_operation(&operation(1), "processing", 5));
        assert_ne!(one["id"], of_operation(&operation(1), "completed", 5)["id"]);
        assert_eq!(one["type"], "com.twilio.comms-api.operation.processing");
    }
}
