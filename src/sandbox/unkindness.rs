//! Unkindness on demand: rules by which the API answers late, wrongly or not at all.
//!
//! A rule says which requests it is for, how many of them to let pass and how many to spoil, and how. Rules are asked
//! in order; the first that is not waiting or spent takes the request. Only what is asked for goes wrong: without a
//! rule the sandbox is kind.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::problem::{INVALID, Problem, Refusal, UNREADABLE};

/// Rules at a time.
const MOST_RULES: usize = 100;
/// A day: no test waits longer, and timers are exact to there.
const LONGEST_WAIT: u64 = 24 * 60 * 60 * 1000;

/// What is answered in the place of the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// A head without an id, and a body that breaks off: the connection is cut.
    Cut,
    /// Nothing, for ever.
    Silence,
    /// The 202 without a header or body that names the operation.
    NoId,
}

/// A status, or one of the ways of losing the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// This status, with an error envelope if it is none of success.
    Status(u16),
    /// No answer that could be used.
    Lost(Loss),
}

/// One rule as it is posted, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Only requests with this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests to this path; a `*` at its end stands for any rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Matching requests that pass before the first is spoiled.
    #[serde(default)]
    pub skip: u32,
    /// Requests that are spoiled; null for all.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// Milliseconds before anything else.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait: u64,
    /// Whether the request is carried out although `answer` does not say so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub accept: bool,
    /// What is answered; the truth where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The `Retry-After` of a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// The `Location` of a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Whether the body of a status is a page in HTML, as gateways answer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub html: bool,
    /// Milliseconds that the messages of a send lie still after its 202.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hold: u64,
    /// Milliseconds after which the send is forgotten, in place of seven days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forget: Option<u64>,
    /// Whether the `tags` of a list of messages are passed over.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore_tags: bool,
    /// Matching requests seen.
    #[serde(default)]
    pub seen: u32,
    /// Requests spoiled.
    #[serde(default)]
    pub used: u32,
}

fn once() -> Option<u32> {
    Some(1)
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Rule {
    fn matches(&self, method: &str, path: &str) -> bool {
        let reaches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(head) => path.starts_with(head),
            None => path == pattern,
        };
        self.method.as_ref().is_none_or(|wanted| wanted == method) && self.path.as_ref().is_none_or(reaches)
    }

    /// What cannot be meant, by the member at fault.
    fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        let of_status = matches!(self.answer, Some(Answer::Status(_)));
        match self.answer {
            Some(Answer::Status(status)) if !(200..=599).contains(&status) => {
                return Some(("answer", "A status is 200 to 599."));
            }
            Some(Answer::Lost(Loss::NoId)) if !self.accept => {
                return Some(("accept", "A 202 without an id is one of a send that was accepted."));
            }
            None if self.accept => return Some(("accept", "Without an answer every request is carried out.")),
            _ => {}
        }
        if !of_status && (self.retry_after.is_some() || self.location.is_some() || self.html) {
            return Some(("answer", "retryAfter, location and html belong to a status."));
        }
        let header = |value: &Option<String>| value.as_ref().is_none_or(|text| text.bytes().all(|b| b > 31 && b < 127));
        if !header(&self.retry_after) || !header(&self.location) {
            return Some(("answer", "A header is printable ASCII."));
        }
        if self.wait.max(self.hold).max(self.forget.unwrap_or(0)) > LONGEST_WAIT {
            return Some(("wait", "wait, hold and forget are at most a day."));
        }
        let kind = self.wait == 0 && self.hold == 0 && self.forget.is_none() && !self.ignore_tags;
        if kind && self.answer.is_none() {
            return Some(("answer", "The rule has no effect: it needs answer, wait, hold, forget or ignoreTags."));
        }
        None
    }
}

/// The rules of an account, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Asked from the first to the last.
    pub rules: Vec<Rule>,
}

impl Rules {
    /// Reads what was posted, `{"rules": […]}`.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let refuse =
            |context: String, code, message: String| Err(Refusal::invalid(vec![Problem::at(context, code, message)]));
        let posted: Value = match serde_json::from_slice(body) {
            Ok(posted) => posted,
            Err(error) => return refuse("$".into(), UNREADABLE, format!("The body is not JSON: {error}.")),
        };
        let rules: Self = match serde_json::from_value(posted) {
            Ok(rules) => rules,
            Err(error) => return refuse("$.rules".into(), UNREADABLE, format!("These are no rules: {error}.")),
        };
        for (index, rule) in rules.rules.iter().enumerate() {
            if let Some((member, why)) = rule.contradiction() {
                return refuse(format!("$.rules[{index}].{member}"), INVALID, why.into());
            }
        }
        Ok(rules)
    }

    /// Adds rules after those there are, counted from nothing.
    pub fn append(&mut self, more: Self) -> Result<(), Refusal> {
        if self.rules.len() + more.rules.len() > MOST_RULES {
            let message = format!("There are at most {MOST_RULES} rules; DELETE clears them.");
            return Err(Refusal::invalid(vec![Problem::at("$.rules", INVALID, message)]));
        }
        self.rules.extend(more.rules.into_iter().map(|rule| Rule { seen: 0, used: 0, ..rule }));
        Ok(())
    }

    /// Counts a request, and hands out the rule that spoils it. The second is whether a count has changed.
    pub fn take(&mut self, method: &str, path: &str) -> (Option<Rule>, bool) {
        let mut counted = false;
        for rule in &mut self.rules {
            if !rule.matches(method, path) {
                continue;
            }
            rule.seen = rule.seen.saturating_add(1);
            counted = true;
            if rule.seen > rule.skip && rule.times.is_none_or(|times| rule.used < times) {
                rule.used = rule.used.saturating_add(1);
                return (Some(rule.clone()), true);
            }
        }
        (None, counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(body: &str) -> Rules {
        let mut rules = Rules::default();
        rules.append(Rules::read(body.as_bytes()).unwrap()).unwrap();
        rules
    }

    /// Places of the requests, from 1, that were spoiled.
    fn spoiled(rules: &mut Rules, count: u32) -> Vec<u32> {
        (1..=count).filter(|_| rules.take("POST", "/v1/Messages").0.is_some()).collect()
    }

    fn context(body: &str) -> String {
        Rules::read(body.as_bytes()).unwrap_err().problems.remove(0).context
    }

    #[test]
    fn a_rule_spoils_the_requests_it_says() {
        assert_eq!(spoiled(&mut rules(r#"{"rules":[{"answer":503}]}"#), 4), [1]);
        assert_eq!(spoiled(&mut rules(r#"{"rules":[{"answer":503,"skip":1,"times":2}]}"#), 5), [2, 3]);
        assert_eq!(spoiled(&mut rules(r#"{"rules":[{"answer":503,"skip":2,"times":null}]}"#), 5), [3, 4, 5]);
        assert_eq!(spoiled(&mut rules(r#"{"rules":[{"answer":503,"method":"GET"}]}"#), 3), [0; 0]);
    }

    #[test]
    fn a_spent_rule_leaves_requests_to_the_next() {
        let mut rules = rules(r#"{"rules":[{"answer":429},{"answer":503,"times":2}]}"#);
        let answers: Vec<Option<Answer>> =
            (0..4).map(|_| rules.take("GET", "/v1/Messages").0.and_then(|rule| rule.answer)).collect();
        let status = |status| Some(Answer::Status(status));
        assert_eq!(answers, [status(429), status(503), status(503), None]);
        assert_eq!(rules.rules[1].seen, 3);
    }

    #[test]
    fn a_star_stands_for_the_rest_of_a_path() {
        let mut rules = rules(r#"{"rules":[{"answer":500,"path":"/v1/Messages/*","times":null}]}"#);
        assert!(rules.take("GET", "/v1/Messages/Operations/x").0.is_some());
        assert!(rules.take("GET", "/v1/Messages").0.is_none());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_place() {
        for (rule, member) in [
            (r#"{}"#, "answer"),
            (r#"{"answer":99}"#, "answer"),
            (r#"{"answer":"no-id"}"#, "accept"),
            (r#"{"accept":true}"#, "accept"),
            (r#"{"answer":"cut","retryAfter":"1"}"#, "answer"),
            (r#"{"answer":429,"retryAfter":"1\n"}"#, "answer"),
            (r#"{"wait":86400001}"#, "wait"),
        ] {
            let body = format!(r#"{{"rules":[{{"wait":1}},{rule}]}}"#);
            assert_eq!(context(&body), format!("$.rules[1].{member}"), "{rule}");
        }
        for body in ["", "[]", r#"{"rules":[{"anser":500}]}"#, r#"{"rules":[{"answer":"lost"}]}"#] {
            assert!(context(body).starts_with('$'), "{body}");
        }
    }

    #[test]
    fn counts_start_at_nothing_and_rules_have_an_end() {
        assert_eq!(rules(r#"{"rules":[{"answer":500,"seen":7,"used":7}]}"#).rules[0].used, 0);
        let many = format!(r#"{{"rules":[{}]}}"#, vec![r#"{"wait":1}"#; MOST_RULES].join(","));
        let mut full = rules(&many);
        assert!(full.append(Rules::read(br#"{"rules":[{"wait":1}]}"#).unwrap()).is_err());
    }

    #[test]
    fn rules_are_shown_as_they_were_posted() {
        let posted =
            r#"{"rules":[{"path":"/v1/Messages","skip":0,"times":1,"accept":true,"answer":"cut","seen":0,"used":0}]}"#;
        assert_eq!(serde_json::to_string(&rules(posted)).unwrap(), posted);
    }
}
