//! A request's parameters and headers, read strictly: what is unknown is refused by name, not ignored.

use postgate_core::{Instant, OptionError, Options};

use crate::clock::Millis;
use crate::http::fault::Fault;

/// Longest value that is passed on; tokens of pages are the longest there are.
const VALUE: usize = 2_048;

/// Scheme and authority of a URL as the platform writes it.
pub fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |at| authority + at);
    &url[..end]
}

/// The query parameters of a URL, decoded as forms write them.
///
/// By hand, because a library for URLs brings the tables of international domain names along.
pub fn pairs(url: &str) -> impl Iterator<Item = (String, String)> {
    let url = url.split('#').next().unwrap_or_default();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        let digit = |at: usize| behind.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let (byte, behind) = match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, &behind[2..]),
            (b'+', ..) => (b' ', behind),
            _ => (*byte, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The option that no query has here: it is a preference, for which there is a header.
const PREFERENCE: &str = "handling";

/// What tells nothing of how a request is judged, but what a dry run sums up.
pub const SUMMED_UP: &[&str] = &["mps", "prices", "preview"];

/// How a request is to be judged: as the key's defaults say, and over them the query of its URL, whose parameters have
/// the names of the npm package's options, but for those that mean nothing here. `now` may be given in development only,
/// so that nobody can have a send judged for another day.
pub fn options(
    url: &str,
    defaults: &Options,
    now: Millis,
    development: bool,
    meaningless: &[&str],
) -> Result<Options, Fault> {
    let mut options = Options { now: i64::try_from(now).ok().map(Instant), ..defaults.clone() };
    let mut given: Vec<String> = Vec::new();
    for (name, value) in pairs(url) {
        if name == PREFERENCE || meaningless.contains(&&*name) || name == "now" && !development {
            return Err(unknown(&name));
        }
        options.set(&name, &value).map_err(|error| match error {
            OptionError::Unknown => unknown(&name),
            OptionError::Invalid { expected } => {
                // Not what it is: it may be anybody's data.
                Fault::BadParameter(format!("The parameter {name} must be {expected}."))
            }
        })?;
        if given.contains(&name) {
            return Err(twice(&name));
        }
        given.push(name);
    }
    Ok(options)
}

/// The query parameters of a URL, each of which has to be one of those and may be there once.
pub fn only(url: &str, known: &'static [&'static str]) -> Result<Vec<(&'static str, String)>, Fault> {
    let mut given: Vec<(&'static str, String)> = Vec::new();
    for (name, value) in pairs(url) {
        let known = known.iter().find(|known| **known == name).ok_or_else(|| unknown(&name))?;
        if given.iter().any(|(given, _)| given == known) {
            return Err(twice(known));
        }
        if value.len() > VALUE {
            return Err(Fault::BadParameter(format!("The parameter {known} has more than {VALUE} bytes.")));
        }
        given.push((known, value));
    }
    Ok(given)
}

/// Parameters as the query of a URL, with its question mark; nothing for none. Every byte that could mean something
/// to a URL is written in hexadecimal.
pub fn written(parameters: &[(&'static str, String)]) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => query.push(char::from(byte)),
                _ => {
                    query.push('%');
                    query.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[digit as usize])));
                }
            }
        }
    }
    query
}

/// The parameters of a URL, to be taken by name; each may stand there once.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a URL.
    pub fn of(url: &str) -> Result<Self, Fault> {
        let mut given: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs(url) {
            if given.iter().any(|(before, _)| *before == name) {
                return Err(Fault::BadParameter(format!("The parameter {} stands here twice.", shown(&name))));
            }
            given.push((name, value));
        }
        Ok(Self(given))
    }

    /// Takes a parameter out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(given, _)| given == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Refuses what nobody took.
    pub fn done(&self) -> Result<(), Fault> {
        self.0.first().map_or(Ok(()), |(name, _)| Err(unknown(name)))
    }
}

/// Whether a URL has a parameter of this name.
pub fn names(url: &str, name: &str) -> bool {
    pairs(url).any(|(given, _)| given == name)
}

/// Refuses any query parameter, for routes that have none.
pub fn none(url: &str) -> Result<(), Fault> {
    pairs(url).next().map_or(Ok(()), |(name, _)| Err(unknown(&name)))
}

fn twice(name: &str) -> Fault {
    Fault::BadParameter(format!("The parameter {name} stands here twice."))
}

fn unknown(name: &str) -> Fault {
    Fault::BadParameter(format!("There is no query parameter {} here.", shown(name)))
}

/// The name of a parameter in a sentence; nothing of one that is no name, as it may be anybody's data.
fn shown(name: &str) -> String {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let is_name = name.len() <= 40 && name.bytes().all(usual) && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_name { format!("\"{name}\"") } else { "of that name".to_owned() }
}

/// Whether a `Content-Type` is JSON as the API takes it: `application/json`, with any parameters.
pub fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Whether an `Accept` header asks for RFC 9457 problem details by name.
pub fn wants_problem(accept: &str) -> bool {
    words(accept).any(|word| word.eq_ignore_ascii_case("application/problem+json"))
}

/// Whether an `Accept` header asks for CSV by name.
pub fn wants_csv(accept: &str) -> bool {
    words(accept).any(|word| word.eq_ignore_ascii_case("text/csv"))
}

/// The elements of a list header without their parameters.
fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(|element| element.split(';').next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use postgate_core::Limits;

    use super::*;

    fn sentence(query: &str) -> String {
        match options(&format!("https://gate.example/v1/Messages?{query}"), &Options::default(), 0, false, SUMMED_UP) {
            Err(Fault::BadParameter(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn limits_are_chosen_by_name() {
        let options = |url| options(url, &Options::default(), 0, false, &[]);
        assert_eq!(options("https://x/?limits=request").unwrap().limits, Limits::request());
        assert_eq!(options("https://x/?&%6Cimits=camp%61ign#limits=x").unwrap().limits, Limits::campaign());
        assert_eq!(options("https://x/").unwrap().limits, Limits::campaign());
    }

    #[test]
    fn a_keys_defaults_hold_until_the_query_says_otherwise() {
        let mut defaults = Options::default();
        defaults.set("batchRows", "7").unwrap();
        let rows = |url| options(url, &defaults, 0, false, &[]).unwrap().limits.batch.rows;
        assert_eq!((rows("https://x/"), rows("https://x/?batchRows=9")), (7, 9));
    }

    #[test]
    fn now_is_the_clock_s_except_in_development() {
        let url = "https://x/?now=1970-01-01T00:00:01Z";
        let options = |url, now, development| options(url, &Options::default(), now, development, &[]);
        assert_eq!(options("https://x/", 7, false).unwrap().now, Some(Instant(7)));
        assert_eq!(options(url, 7, true).unwrap().now, Some(Instant(1_000)));
        assert!(options(url, 7, false).is_err() && options("https://x/?now=soon", 7, true).is_err());
    }

    #[test]
    fn what_is_unknown_is_named() {
        assert_eq!(sentence("limit=request"), "There is no query parameter \"limit\" here.");
        for name in ["preview", "handling"] {
            assert_eq!(sentence(&format!("{name}=0")), format!("There is no query parameter \"{name}\" here."));
        }
        for name in ["%2B14155550100", "14155550100", "a%20b+c%2", "caf%C3%A9", "%00"] {
            assert_eq!(sentence(&format!("{name}=1")), "There is no query parameter of that name here.");
        }
        for value in ["all", "", "%2B14155550100"] {
            assert_eq!(sentence(&format!("limits={value}")), "The parameter limits must be campaign or request.");
        }
        assert!(sentence("limits=request&limits=request").ends_with("twice."));
        assert_eq!(sentence(&"x".repeat(1_000)), "There is no query parameter of that name here.");
        assert!(none("https://x/?limits=request").is_err() && none("https://x/?").is_ok());
    }

    #[test]
    fn what_is_passed_on_is_named_and_written_anew() {
        const KNOWN: &[&str] = &["pageToken", "tags"];
        let only = |query: &str| only(&format!("https://x/?{query}"), KNOWN);
        let given = only("tags=a%3Ab%3Bc:d%26e&pageToken=%E9%0D%0AHost:+x").unwrap();
        assert_eq!(written(&given), "?tags=a%3Ab%3Bc%3Ad%26e&pageToken=%EF%BF%BD%0D%0AHost%3A%20x");
        assert_eq!(written(&only("").unwrap()), "");
        for wrong in ["tags=a&tags=b", "Tags=a", "tags[]=a", "x=1", &format!("tags={}", "x".repeat(VALUE + 1))] {
            assert!(matches!(only(wrong), Err(Fault::BadParameter(_))), "{wrong}");
        }
    }

    #[test]
    fn parameters_are_taken_once_and_none_is_left() {
        let mut query = Query::of("https://x/?a=1&b=2").unwrap();
        assert_eq!((query.take("a"), query.take("a")), (Some("1".into()), None));
        assert!(matches!(query.done(), Err(Fault::BadParameter(sentence)) if sentence.contains("\"b\"")));
        assert_eq!(query.take("b"), Some("2".into()));
        assert!(query.done().is_ok() && Query::of("https://x/?a=1&a=1").is_err());
        assert!(wants_csv("text/csv, */*;q=0.1") && !wants_csv("*/*"));
    }

    #[test]
    fn the_origin_ends_where_the_path_begins() {
        for url in ["http://127.0.0.1:8787/v1", "http://127.0.0.1:8787", "http://127.0.0.1:8787?x=/"] {
            assert_eq!(origin(url), "http://127.0.0.1:8787", "{url}");
        }
    }

    #[test]
    fn headers_are_read_as_lists_of_words() {
        assert!(is_json("application/json") && is_json("Application/JSON ; charset=utf-8"));
        assert!(!is_json("application/merge-patch+json") && !is_json("text/plain") && !is_json(""));
        assert!(wants_problem("text/html, application/problem+json;q=0.9") && !wants_problem("application/json, */*"));
    }
}
