//! `GET /health`: whether this edge serves, and if not, why. For the operator and for load balancers.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::json;

use crate::clock::{Millis, SECOND, rfc3339};
use crate::pacer::{Halt, Why};
use crate::respond::Reply;
use crate::settings::{Settings, Unsafe};

/// How long an answer of the account's object stands. Anybody may ask for `/health`, and that object paces all sends.
const STANDS: Millis = SECOND;

/// What the account's object said last, and when it was asked.
#[derive(Debug, Default)]
pub struct Said(Cell<Option<(Millis, Option<Halt>)>>);

impl Said {
    /// What still stands; nothing where it is time to ask. Then the old answer stands for others until there is a new one.
    pub fn standing(&self, now: Millis) -> Option<Option<Halt>> {
        let (asked, said) = self.0.get()?;
        if now.saturating_sub(asked) < STANDS {
            return Some(said);
        }
        self.say(now, said);
        None
    }

    /// Takes what the object says.
    pub fn say(&self, now: Millis, said: Option<Halt>) {
        self.0.set(Some((now, said)));
    }
}

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
    fn the_account_is_asked_once_a_second_however_many_want_to_know() {
        let (said, why) = (Said::default(), Some(Halt { why: Why::Silence { times: 7 }, since: 0, until: 0 }));
        assert_eq!(said.standing(5_000), None);
        said.say(5_000, why);
        assert_eq!([5_000, 5_999, 4_000].map(|now| said.standing(now)), [Some(why); 3]);
        assert_eq!([6_000, 6_000, 6_999].map(|now| said.standing(now)), [None, Some(why), Some(why)]);
        said.say(6_001, None);
        assert_eq!(said.standing(7_000), Some(None));
    }

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
