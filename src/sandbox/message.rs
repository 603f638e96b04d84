//! A message: one row of an operation, written as the API shows it.

use serde_json::{Map, Value, json};

use crate::ids;
use crate::operation::{Fate, Operation, rfc3339};
use crate::problem::{NO_VALID_NUMBER, Problem};
use crate::recipient::{Reach, Row, addresses};

/// The words a list of messages may be filtered by.
pub const STATUSES: [&str; 10] =
    ["QUEUED", "SENT", "SCHEDULED", "DELIVERED", "READ", "FAILED", "UNDELIVERED", "CANCELED", "GROUP", "INBOUND"];
/// The sender of requests that name no address: Twilio's number for tests that always succeeds.
const SENDER: &str = "+15005550006";

/// A message and what it was made from.
pub struct Message<'a> {
    /// The operation it belongs to.
    pub operation: &'a Operation,
    /// Messages in that operation.
    pub total: u32,
    /// Its place in `to`.
    pub index: u32,
    /// What is kept of that entry.
    pub row: Row,
    /// The entry itself.
    pub recipient: Value,
    /// The request's `from`, null where none was given.
    pub from: &'a Value,
    /// Scheme, host and port that the client used.
    pub origin: &'a str,
}

impl Message<'_> {
    /// The ten members that lists show.
    pub fn metadata(&self) -> Value {
        let operation = self.operation;
        json!({
            "id": ids::message_id(&operation.id, self.index),
            "from": self.sender(),
            "to": [self.to()],
            "status": self.fate().as_str(),
            "related": [{
                "name": "OPERATION",
                "id": operation.id,
                "uri": format!("{}/v1/Messages/Operations/{}", self.origin, operation.id),
            }],
            "tags": serde_json::from_str::<Value>(&operation.tags).unwrap_or_default(),
            "scheduledFor": null,
            "createdAt": rfc3339(operation.created_at),
            "updatedAt": rfc3339(operation.updated_at),
            "deletedAt": null,
        })
    }

    /// The message by itself: the content as requested and the attempts too.
    pub fn resource(&self, content: Value) -> Value {
        let mut resource = self.metadata();
        resource["content"] = content;
        resource["attempts"] = self.attempts();
        resource
    }

    fn fate(&self) -> Fate {
        Fate::at(self.operation.step, self.index, self.total, self.row.reach)
    }

    fn sender(&self) -> Value {
        let address = self.from.get("address").cloned();
        let mut sender = Map::new();
        sender.insert("address".into(), address.unwrap_or_else(|| SENDER.into()));
        sender.insert("channel".into(), self.row.channel.as_str().into());
        copy(self.from, &["senderId", "senderPoolId"], &mut sender);
        sender.into()
    }

    /// A connected recipient is reached at its first address.
    fn to(&self) -> Value {
        let recipient = addresses(&self.recipient).first().unwrap_or(&self.recipient);
        let mut to = Map::new();
        copy(recipient, &["address", "channel", "profileId", "memoryStoreId", "cohortId"], &mut to);
        to.into()
    }

    fn attempts(&self) -> Value {
        if self.fate() == Fate::Queued || self.row.reach == Reach::Unknown {
            return json!([]);
        }
        let error = (self.row.reach == Reach::Malformed)
            .then(|| Problem::of_request(NO_VALID_NUMBER, "The address is not a valid phone number."));
        json!([{
            "from": self.sender(),
            "to": [self.to()],
            "status": self.fate().as_str(),
            "attemptedAt": rfc3339(self.operation.updated_at),
            "error": error,
        }])
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
    use crate::operation::STEPS;
    use crate::recipient::{Channel, Span};

    fn operation(step: u32) -> Operation {
        Operation {
            n: 1,
            id: ids::operation_id(1_763_900_000_000, [7; 10]),
            status: Operation::status_at(step).into(),
            step,
            stats: "{}".into(),
            tags: r#"{"campaign":"a"}"#.into(),
            created_at: 1_763_900_000_000,
            updated_at: 1_763_900_000_900,
        }
    }

    fn resource(step: u32, recipient: Value, reach: Reach, from: &Value) -> Value {
        let span = Span { start: 0, length: 0 };
        Message {
            operation: &operation(step),
            total: 1,
            index: 0,
            row: Row { span, channel: Channel::Sms, reach },
            recipient,
            from,
            origin: "http://127.0.0.1:8788",
        }
        .resource(json!({"text": "Hello"}))
    }

    #[test]
    fn a_delivered_message_has_the_contracts_members() {
        let from = json!({"address": "+14155550000", "channel": "SMS", "unknown": 1});
        let recipient = json!({"address": "+14155550100", "channel": "PHONE", "variables": {"name": "Ada"}});
        let to = json!([{"address": "+14155550100", "channel": "PHONE"}]);
        let sender = json!({"address": "+14155550000", "channel": "SMS"});
        let id = operation(0).id;
        assert_eq!(
            resource(STEPS, recipient, Reach::Number, &from),
            json!({
                "id": ids::message_id(&id, 0),
                "from": sender,
                "to": to,
                "status": "DELIVERED",
                "related": [{
                    "name": "OPERATION",
                    "id": id,
                    "uri": format!("http://127.0.0.1:8788/v1/Messages/Operations/{id}"),
                }],
                "tags": {"campaign": "a"},
                "scheduledFor": null,
                "createdAt": "2025-11-23T12:13:20.000Z",
                "updatedAt": "2025-11-23T12:13:20.900Z",
                "deletedAt": null,
                "content": {"text": "Hello"},
                "attempts": [{
                    "from": sender,
                    "to": to,
                    "status": "DELIVERED",
                    "attemptedAt": "2025-11-23T12:13:20.900Z",
                    "error": null
                }]
            })
        );
    }

    #[test]
    fn a_malformed_address_fails_with_its_number() {
        let recipient = json!({"address": "x", "channel": "PHONE"});
        let message = resource(STEPS, recipient, Reach::Malformed, &Value::Null);
        assert_eq!(message["status"], "FAILED");
        assert_eq!(message["attempts"][0]["error"]["code"], 21211);
        assert_eq!(message["from"]["address"], SENDER);
    }

    #[test]
    fn nothing_is_tried_before_its_turn_or_for_a_stored_recipient() {
        let recipient = json!({"address": "+1", "channel": "PHONE"});
        let queued = resource(0, recipient, Reach::Number, &Value::Null);
        assert_eq!((&queued["status"], &queued["attempts"]), (&json!("QUEUED"), &json!([])));
        let profile = json!({"profileId": "p", "memoryStoreId": "m"});
        let unknown = resource(STEPS, profile.clone(), Reach::Unknown, &json!({"senderPoolId": "s"}));
        assert_eq!((&unknown["status"], &unknown["attempts"]), (&json!("FAILED"), &json!([])));
        assert_eq!(unknown["to"], json!([profile]));
        assert_eq!(unknown["from"]["senderPoolId"], "s");
    }

    #[test]
    fn a_connected_recipient_is_reached_at_its_first_address() {
        let addresses = json!([{"address": "+1", "channel": "WHATSAPP"}, {"address": "+2", "channel": "PHONE"}]);
        let message = resource(STEPS, json!({"addresses": addresses}), Reach::Number, &Value::Null);
        assert_eq!(message["to"], json!([addresses[0]]));
    }
}
