//! A message: one recipient of an operation, written as the API shows it.

use serde_json::{Map, Value, json};

use crate::course::{Course, Status, Try};
use crate::ids;
use crate::layout::Layout;
use crate::operation::{Operation, rfc3339};
use crate::plan::{Place, QUEUE_OVERFLOW, Standing};
use crate::problem::Problem;
use crate::recipient::{addresses, member_address};
use crate::sid::Attempt;

/// The words a list of messages may be filtered by.
pub const STATUSES: [&str; 10] =
    ["QUEUED", "SENT", "SCHEDULED", "DELIVERED", "READ", "FAILED", "UNDELIVERED", "CANCELED", "GROUP", "INBOUND"];

/// What a failed attempt's number means; the rest is on the page it links to.
fn sentence(code: u32) -> &'static str {
    match code {
        21211 => "The address is not a valid phone number.",
        21610 => "The recipient has opted out.",
        21614 => "The number is no mobile number.",
        QUEUE_OVERFLOW => "The sender's queue is full: the message would wait for more than ten hours.",
        30003 => "The handset cannot be reached.",
        30005 => "The handset is unknown or no longer in service.",
        30006 => "The number is a landline or its carrier cannot be reached.",
        30007 => "The message was filtered.",
        61337 => "RCS is not enabled for the recipient.",
        63003 => "The channel does not know the recipient.",
        63016 => "Outside the conversation window only a template can be sent.",
        63106 => "The handset is not capable of RCS.",
        _ => "The message failed.",
    }
}

/// A message and what it was made from.
pub struct Message<'a> {
    /// The operation it belongs to.
    pub operation: &'a Operation,
    /// The operation's senders and courses.
    pub layout: &'a Layout,
    /// Its place among the operation's messages.
    pub index: u32,
    /// What is kept of it.
    pub place: Place,
    /// Where it stands now.
    pub standing: Standing,
    /// The entry of `to`, or the stored member.
    pub recipient: Value,
    /// The request's `from`, null where none was given.
    pub from: &'a Value,
    /// Whether its content has media, which gives its SIDs another prefix.
    pub media: bool,
    /// Scheme, host and port that the client used.
    pub origin: &'a str,
}

impl Message<'_> {
    /// Its id.
    pub fn id(&self) -> String {
        ids::message_id(&self.operation.id, self.index)
    }

    /// The ten members that lists show.
    pub fn metadata(&self) -> Value {
        let operation = self.operation;
        let current = self.attempted().last().map(|&(attempt, ..)| attempt);
        json!({
            "id": self.id(),
            "from": self.sender(current),
            "to": [self.to(current)],
            "status": self.standing.status.as_str(),
            "related": [{
                "name": "OPERATION",
                "id": operation.id,
                "uri": format!("{}/v1/Messages/Operations/{}", self.origin, operation.id),
            }],
            "tags": serde_json::from_str::<Value>(&operation.tags).unwrap_or_default(),
            "scheduledFor": operation.send_at.map(rfc3339),
            "createdAt": rfc3339(operation.created_at),
            "updatedAt": rfc3339(self.standing.since),
            "deletedAt": null,
        })
    }

    /// The message by itself: the content and the attempts too.
    pub fn resource(&self, content: Value) -> Value {
        let mut resource = self.metadata();
        resource["content"] = content;
        resource["attempts"] = self.attempts();
        resource
    }

    fn course(&self) -> Option<&Course> {
        self.layout.courses.get(usize::from(self.place.row.course))
    }

    /// The attempts begun, each with its state and when it began.
    fn attempted(&self) -> Vec<(Try, Status, i64)> {
        let Some(course) = self.course() else { return Vec::new() };
        if self.standing.overflowed {
            let first = course.tries.first();
            return first.map(|&first| (first, Status::Failed, self.standing.since)).into_iter().collect();
        }
        let left_at = self.standing.since - self.settled();
        let attempts = course.attempts(self.standing.elapsed).into_iter();
        attempts.map(|(attempt, status, after)| (attempt, status, left_at + after)).collect()
    }

    /// How long after it left it came to where it stands.
    fn settled(&self) -> i64 {
        let moments = self.course().map(Course::moments).unwrap_or_default();
        moments.iter().rfind(|moment| moment.after <= self.standing.elapsed).map_or(0, |moment| moment.after)
    }

    fn sender(&self, attempt: Option<Try>) -> Value {
        let tried = attempt.or_else(|| self.course()?.tries.first().copied());
        let known = tried.and_then(|attempt| self.layout.senders.get(usize::from(attempt.sender)));
        match known.or(self.layout.senders.first()) {
            Some(sender) => json!(sender),
            None => self.from.clone(),
        }
    }

    /// The address that is tried, with the names under which the recipient is stored.
    fn to(&self, attempt: Option<Try>) -> Value {
        let place = attempt.map_or(0, |attempt| usize::from(attempt.address));
        let mut to = Map::new();
        let addresses = addresses(&self.recipient);
        if let Some(address) = addresses.get(place).or(addresses.first()) {
            copy(address, &["address", "channel"], &mut to);
        }
        if let (Some(member), Some(Value::String(pattern))) = (self.place.member, to.get("address")) {
            let address = member_address(pattern, member);
            to.insert("address".into(), address.into());
        }
        copy(&self.recipient, &["profileId", "memoryStoreId", "cohortId"], &mut to);
        to.into()
    }

    /// What an attempt in this state failed with.
    fn code(&self, attempt: Try, status: Status) -> Option<u32> {
        match status {
            _ if self.standing.overflowed => Some(QUEUE_OVERFLOW),
            Status::Failed | Status::Undelivered => attempt.ending.code(),
            _ => None,
        }
    }

    /// What its last attempt failed with, if it did.
    pub fn error(&self) -> Option<u32> {
        let (attempt, status, _) = self.attempted().pop()?;
        self.code(attempt, status)
    }

    fn attempts(&self) -> Value {
        let attempts = (0_u8..).zip(self.attempted()).map(|(number, (attempt, status, at))| {
            let code = self.code(attempt, status);
            json!({
                "from": self.sender(Some(attempt)),
                "to": [self.to(Some(attempt))],
                "status": status.as_str(),
                "attemptedAt": rfc3339(at),
                "infoUrl": format!("https://www.twilio.com/console/sms/logs/{}", self.sid(number)),
                "error": code.map(|code| Problem::of_request(code, sentence(code))),
            })
        });
        attempts.collect()
    }

    /// What Programmable Messaging would call an attempt.
    pub fn sid(&self, attempt: u8) -> String {
        Attempt { n: self.operation.n, index: self.index, attempt }.sid(&self.operation.id, self.media)
    }

    /// How many attempts have begun.
    pub fn begun(&self) -> u8 {
        self.attempted().len() as u8
    }
}

fn copy(source: &Value, names: &[&str], into: &mut Map<String, Value>) {
    for &name in names {
        if let Some(value) = source.get(name) {
            into.insert(name.to_owned(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::SenderRef;
    use crate::layout::{Group, Row};
    use crate::plan::Plan;
    use crate::recipient::{Channel, Span};

    const NOW: i64 = 1_763_900_000_000;

    fn operation() -> Operation {
        Operation {
            n: 1,
            id: ids::operation_id(NOW, [7; 10]),
            tags: r#"{"campaign":"a"}"#.into(),
            created_at: NOW,
            due_at: NOW,
            rate: 1_000.0,
            start_at: Some(NOW),
            ..Operation::default()
        }
    }

    fn layout(endings: &[&str]) -> Layout {
        let channel = |index| if index == 0 && endings.len() == 2 { Channel::Rcs } else { Channel::Sms };
        let sender = |index| SenderRef {
            address: format!("+1415555000{index}"),
            channel: channel(index),
            sender_id: None,
            sender_pool_id: None,
        };
        let tries = endings.iter().enumerate().map(|(index, address)| Try {
            sender: index as u16,
            address: 0,
            ending: crate::course::Ending::of(address, channel(index)),
        });
        Layout {
            senders: (0..endings.len().max(1)).map(sender).collect(),
            courses: vec![Course::of(tries.collect())],
            groups: vec![Group { first: 0, row: 0, rows: 1, times: 1, member: None }],
            rows: vec![Row { span: Span::default(), course: 0, units: 1 }],
            ..Layout::default()
        }
    }

    fn resource(operation: &Operation, layout: &Layout, recipient: Value, now: i64) -> Value {
        let plan = Plan::of(operation, layout);
        let place = plan.place(0).unwrap();
        Message {
            operation,
            layout,
            index: 0,
            standing: plan.standing(&place, now),
            place,
            recipient,
            from: &Value::Null,
            media: false,
            origin: "http://127.0.0.1:8788",
        }
        .resource(json!({"text": "Hello"}))
    }

    #[test]
    fn a_delivered_message_has_the_contracts_members() {
        let recipient = json!({"address": "+14155550100", "channel": "PHONE", "variables": {"name": "Ada"}});
        let to = json!([{"address": "+14155550100", "channel": "PHONE"}]);
        let sender = json!({"address": "+14155550000", "channel": "SMS"});
        let operation = operation();
        let sid = Attempt { n: 1, index: 0, attempt: 0 }.sid(&operation.id, false);
        assert_eq!(
            resource(&operation, &layout(&["+14155550100"]), recipient, NOW + 9_000),
            json!({
                "id": ids::message_id(&operation.id, 0),
                "from": sender,
                "to": to,
                "status": "DELIVERED",
                "related": [{
                    "name": "OPERATION",
                    "id": operation.id,
                    "uri": format!("http://127.0.0.1:8788/v1/Messages/Operations/{}", operation.id),
                }],
                "tags": {"campaign": "a"},
                "scheduledFor": null,
                "createdAt": "2025-11-23T12:13:20.000Z",
                "updatedAt": "2025-11-23T12:13:20.300Z",
                "deletedAt": null,
                "content": {"text": "Hello"},
                "attempts": [{
                    "from": sender,
                    "to": to,
                    "status": "DELIVERED",
                    "attemptedAt": "2025-11-23T12:13:20.000Z",
                    "infoUrl": format!("https://www.twilio.com/console/sms/logs/{sid}"),
                    "error": null
                }]
            })
        );
    }

    #[test]
    fn each_channel_tried_is_an_attempt() {
        let number = "+15005552106";
        let recipient = json!({"address": number, "channel": "PHONE"});
        let message = resource(&operation(), &layout(&[number, number]), recipient, NOW + 9_000);
        let attempts = message["attempts"].as_array().unwrap();
        let shown: Vec<(&Value, &Value, &Value)> = attempts
            .iter()
            .map(|attempt| (&attempt["from"]["channel"], &attempt["status"], &attempt["error"]["code"]))
            .collect();
        assert_eq!(
            shown,
            [(&json!("RCS"), &json!("FAILED"), &json!(63106)), (&json!("SMS"), &json!("DELIVERED"), &Value::Null)]
        );
        assert_eq!((&message["status"], &message["from"]["channel"]), (&json!("DELIVERED"), &json!("SMS")));
        assert_eq!(attempts[1]["attemptedAt"], "2025-11-23T12:13:20.100Z");
    }

    #[test]
    fn nothing_is_tried_before_its_turn_or_without_an_address() {
        let recipient = json!({"address": "+1", "channel": "PHONE"});
        let waiting = Operation { start_at: None, send_at: Some(NOW + 60_000), ..operation() };
        let scheduled = resource(&waiting, &layout(&["+1"]), recipient, NOW);
        assert_eq!((&scheduled["status"], &scheduled["attempts"]), (&json!("SCHEDULED"), &json!([])));
        assert_eq!(scheduled["scheduledFor"], "2025-11-23T12:14:20.000Z");
        let profile = json!({"profileId": "p", "memoryStoreId": "m"});
        let unknown = resource(&operation(), &layout(&[]), profile.clone(), NOW);
        assert_eq!((&unknown["status"], &unknown["attempts"]), (&json!("FAILED"), &json!([])));
        assert_eq!(unknown["to"], json!([profile]));
    }
}
