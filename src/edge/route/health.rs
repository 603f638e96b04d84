//! `GET /health`: whether this edge serves, and if not, why. For the operator and for load balancers.

use std::rc::Rc;

use serde_json::json;

use crate::clock::rfc3339;
use crate::http::respond::Reply;
use crate::machine::pacer::{Halt, Why};
use crate::settings::{Settings, Unsafe};

/// 200 when sends are taken and go out; else 503 with the reasons, none of which holds the value of a setting. `halted`
/// is why they do not go out.
pub fn reply(settings: &Result<Rc<Settings>, Unsafe>, halted: Option<Halt>) -> Reply {
    match (settings, halted) {
        (Ok(_), Some(Halt { why, since, .. })) => {
            let reason = match why {
                Why::Credentials { status } => format!("The upstream answers {status} to UPSTREAM_KEY"),
                Why::Silence { times } => format!("The upstream has not answered {times} times in a row"),
            };
            let reason = format!("{reason}, since {}: sends are kept, and wait.", rfc3339(since));
            json_reply(503, json!({ "ok": false, "reasons": [reason] }))
        }
        (Ok(settings), None) => {
            let held = settings.lanes.holds().then_some("The setting HOLD holds sends back: they are kept, and wait.");
            let reasons: Vec<&str> = held.into_iter().collect();
            json_reply(200, json!({ "ok": true, "environment": settings.environment, "reasons": reasons }))
        }
        (Err(reasons), _) => json_reply(503, json!({ "ok": false, "reasons": reasons.as_ref() })),
    }
}

fn json_reply(status: u16, body: serde_json::Value) -> Reply {
    Reply::json(status, body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_and_nothing_else_of_an_edge_that_does_not_serve() {
        let reply = reply(&Err(Rc::from(["The setting KEYS is missing.".to_owned()])), None);
        assert_eq!(reply.status, 503);
        assert_eq!(reply.body, br#"{"ok":false,"reasons":["The setting KEYS is missing."]}"#);
        let settings = Rc::new(Settings::for_tests());
        let well: serde_json::Value =
            serde_json::from_slice(&super::reply(&Ok(settings.clone()), None).body).expect("health is JSON");
        assert_eq!(well, serde_json::json!({ "ok": true, "environment": "development", "reasons": [] }));
        for (why, words) in [(Why::Credentials { status: 401 }, "answers 401"), (Why::Silence { times: 7 }, "7 times")]
        {
            let halt = Halt { why, since: 1_763_913_600_123, until: 0 };
            let reply = super::reply(&Ok(settings.clone()), Some(halt));
            assert_eq!(reply.status, 503);
            let text = String::from_utf8_lossy(&reply.body);
            assert!(text.contains(words) && text.contains("since 2025-11-23T16:00:00.123Z"), "{text}");
        }
    }
}
