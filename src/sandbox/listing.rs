//! What a list is asked for, and its pages.
//!
//! Lists run from the newest operation to the oldest, and through the messages of one in the order of its rows.

use std::borrow::Cow;

use chrono::DateTime;
use serde_json::{Value, json};

use crate::ids;
use crate::problem::{INVALID, Problem, Refusal};

const PAGE_SIZES: std::ops::RangeInclusive<u32> = 1..=1000;
const PAGE_SIZE: u32 = 50;
/// Base-32 digits for the 64 bits of a place.
const TOKEN: usize = 13;
/// Largest whole number that JavaScript, through which the database is reached, holds exactly.
const LATEST: i64 = (1 << 53) - 1;

/// A place in a list: the item that a page starts with. Its token is opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The operation, by its place in the order received.
    pub n: u32,
    /// The row in it; lists of operations do not use it.
    pub row: u32,
}

impl Place {
    const NEWEST: Self = Self { n: u32::MAX, row: 0 };

    fn token(self) -> String {
        ids::encode(u128::from(self.n) << 32 | u128::from(self.row), TOKEN)
    }

    fn of(token: &str) -> Option<Self> {
        let bits = ids::decode(token).filter(|_| token.len() == TOKEN)?;
        Some(Self { n: u32::try_from(bits >> 32).ok()?, row: bits as u32 })
    }
}

/// The words that a list's parameters may be.
#[derive(Debug, Default)]
pub struct Words {
    /// For `status`.
    pub statuses: &'static [&'static str],
    /// For `channel`.
    pub channels: &'static [&'static str],
}

/// The query of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Created after, in milliseconds of the Unix epoch.
    pub after: i64,
    /// Created before, in milliseconds of the Unix epoch.
    pub before: i64,
    /// A status word, known to be one.
    pub status: Option<String>,
    /// Only this operation's messages.
    pub operation_id: Option<String>,
    /// Only what is of this channel, a word known to be one.
    pub channel: Option<String>,
    /// Only messages to this profile.
    pub profile: Option<String>,
    /// Whether only messages of a session are asked for.
    pub session: bool,
    /// Only what carries all of these.
    pub tags: Vec<(String, String)>,
    /// Where the page starts.
    pub from: Place,
    /// Items on a page.
    pub size: u32,
}

impl Listing {
    /// Reads a query string; `words` are what `status` and `channel` may be. Other parameters are passed over.
    pub fn read<'a>(
        parameters: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
        words: &Words,
    ) -> Result<Self, Refusal> {
        let mut listing = Self {
            after: -1,
            before: LATEST,
            status: None,
            operation_id: None,
            channel: None,
            profile: None,
            session: false,
            tags: Vec::new(),
            from: Place::NEWEST,
            size: PAGE_SIZE,
        };
        let mut problems = Vec::new();
        for (name, value) in parameters {
            if let Err(expected) = listing.set(&name, &value, words) {
                let message = format!("The parameter {name} has to be {expected}.");
                problems.push(Problem::at(name, INVALID, message));
            }
        }
        if listing.after >= listing.before {
            problems.push(Problem::at("endDate", INVALID, "endDate has to be later than startDate."));
        }
        if problems.is_empty() { Ok(listing) } else { Err(Refusal::invalid(problems)) }
    }

    /// Takes one parameter, or says what it should have been.
    fn set(&mut self, name: &str, value: &str, words: &Words) -> Result<(), String> {
        match name {
            "startDate" => self.after = instant(value)?,
            "endDate" => self.before = instant(value)?,
            "status" => self.status = Some(one_of(value, words.statuses)?),
            "operationId" => self.operation_id = Some(value.to_owned()),
            "channel" => self.channel = Some(one_of(value, words.channels)?),
            "profile" => self.profile = Some(value.to_owned()),
            "sessionId" => self.session = true,
            "tags" => self.tags = tags(value).ok_or("key_1:value;key_2:value;")?,
            "pageToken" => self.from = Place::of(value).ok_or("a token from pagination")?,
            "pageSize" => {
                let size = value.parse().ok().filter(|size| PAGE_SIZES.contains(size));
                self.size = size.ok_or("1 to 1000")?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether `carried`, a request's tags as JSON, holds every pair asked for.
    pub fn tags_match(&self, carried: &str) -> bool {
        if self.tags.is_empty() {
            return true;
        }
        let carried: Value = serde_json::from_str(carried).unwrap_or_default();
        self.tags.iter().all(|(key, value)| carried[key] == **value)
    }

    /// Whether a resource made then, by its `createdAt`, is asked for.
    pub fn is_between(&self, created_at: Option<&str>) -> bool {
        let at = created_at.and_then(|text| instant(text).ok());
        at.is_none_or(|at| at > self.after && at < self.before)
    }

    /// The answer: items under the resource's name, and the tokens.
    pub fn page(&self, resource: &str, items: Vec<Value>, next: Option<Place>) -> Value {
        json!({
            resource: items,
            "pagination": {"next": next.map(Place::token), "self": self.from.token()},
        })
    }
}

fn one_of(value: &str, words: &[&str]) -> Result<String, String> {
    if words.contains(&value) { Ok(value.to_owned()) } else { Err(format!("one of {}", words.join(", "))) }
}

fn instant(value: &str) -> Result<i64, String> {
    DateTime::parse_from_rfc3339(value)
        .map(|instant| instant.timestamp_millis())
        .map_err(|_| "an RFC 3339 date and time".to_owned())
}

fn tags(value: &str) -> Option<Vec<(String, String)>> {
    value
        .split(';')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once(':').map(|(key, value)| (key.to_owned(), value.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&'static str, &'static str)]) -> Result<Listing, Vec<String>> {
        let parameters = query.iter().map(|&(name, value)| (name.into(), value.into()));
        Listing::read(parameters, &Words { statuses: &["QUEUED", "SENT"], channels: &["SMS", "RCS"] })
            .map_err(|refusal| refusal.problems.into_iter().map(|problem| problem.context).collect())
    }

    #[test]
    fn a_token_leads_back_to_its_place() {
        for place in [Place::NEWEST, Place { n: 0, row: 0 }, Place { n: 7, row: 9_999 }, Place { n: 1, row: u32::MAX }]
        {
            assert_eq!(Place::of(&place.token()), Some(place));
        }
        for foreign in ["", "0", "zzzzzzzzzzzzz", "000000000000u", "00000000000000"] {
            assert_eq!(Place::of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn defaults_list_everything() {
        let listing = read(&[("anything", "x")]).unwrap();
        assert_eq!((listing.size, listing.from), (50, Place::NEWEST));
        assert!(listing.tags_match("{}"));
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let wrong = [
            ("startDate", "yesterday"),
            ("status", "queued"),
            ("channel", "PHONE"),
            ("tags", "a"),
            ("pageToken", "x"),
            ("pageSize", "1001"),
        ];
        assert_eq!(read(&wrong), Err(wrong.map(|(name, _)| name.to_owned()).to_vec()));
        for size in ["0", "-1", "", "1e2"] {
            assert_eq!(read(&[("pageSize", size)]), Err(vec!["pageSize".to_owned()]));
        }
    }

    #[test]
    fn the_end_has_to_be_later_than_the_start() {
        let start = ("startDate", "2026-11-23T12:00:00+01:00");
        assert!(read(&[start, ("endDate", "2026-11-23T11:00:00.001Z")]).is_ok());
        assert_eq!(read(&[start, ("endDate", "2026-11-23T11:00:00Z")]), Err(vec!["endDate".to_owned()]));
    }

    #[test]
    fn tags_match_only_if_every_pair_is_carried() {
        let listing = read(&[("tags", "campaign:a;batch:1.2;")]).unwrap();
        assert!(listing.tags_match(r#"{"campaign":"a","batch":"1.2","more":"x"}"#));
        for carried in ["{}", r#"{"campaign":"a"}"#, r#"{"campaign":"a","batch":"1"}"#] {
            assert!(!listing.tags_match(carried), "{carried}");
        }
    }

    #[test]
    fn a_page_carries_its_own_token_and_the_next() {
        let page = read(&[]).unwrap().page("messages", vec![json!(1)], Some(Place { n: 1, row: 2 }));
        assert_eq!(
            page,
            json!({"messages": [1], "pagination": {"next": "0000004000002", "self": Place::NEWEST.token()}})
        );
    }
}
