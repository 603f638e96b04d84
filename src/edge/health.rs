//! `GET /health`: whether this edge serves, and if not, why. For the operator and for load balancers.

use serde_json::json;

use crate::respond::Reply;
use crate::settings::{Settings, Unsafe};
use std::rc::Rc;

/// 200 when sends are taken and go out; else 503 with the reasons, none of which holds the value of a setting. `refused`
/// is the status with which the upstream refuses our credentials.
pub fn reply(settings: &Result<Rc<Settings>, Unsafe>, refused: Option<u16>) -> Reply {
    match (settings, refused) {
        (Ok(_), Some(status)) => {
            let reason = format!("The upstream answers {status} to UPSTREAM_KEY: sends are kept, and wait.");
            json_reply(503, json!({ "ok": false, "reasons": [reason] }))
        }
        (Ok(settings), None) => {
            json_reply(200, json!({ "ok": true, "environment": settings.environment, "reasons": [] }))
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
        assert_eq!(super::reply(&Ok(settings), Some(401)).status, 503);
    }
}
