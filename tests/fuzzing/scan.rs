//! The reader against `serde_json`: what is JSON, and what its strings, names and numbers say.
//!
//! The reader is core's own. It is looked at through what `check` and `normalize` give back, so that what is proven is
//! what callers get, whatever the inside looks like: strings come back as the addresses of media, names and strings as
//! tags, numbers by the rule for latitudes, and everything else untouched inside a field that nobody knows.

use postgate_core::{Checked, Code, MAX_DEPTH, Options, SendMessages, check, normalize};
use serde_json::Value;

use super::json::{BYTE_ORDER_MARK, Node, is_json, text, utf8};
use super::{found, shown};

/// A way in which making a `serde_json::Value` differs from reading JSON by RFC 8259, with or against us.
pub struct Difference {
    /// The reason.
    pub why: &'static str,
    /// Whether it can be the reason that we read a request and `serde_json` does not, or the other way round.
    holds: fn(&[u8]) -> bool,
}

/// Every difference that is known.
const DIFFERENCES: &[Difference] = &[
    Difference {
        why: "serde_json: nesting is refused from 128 on, as it recurses; we go 1,000 deep",
        holds: |bytes| depth(bytes) >= 128,
    },
    Difference {
        why: "serde_json: half a surrogate pair has no place in a Rust string; RFC 8259, section 8.2, lets it stand and \
              so do we, with a warning",
        holds: |bytes| strings(bytes).iter().any(|raw| is_json(&quoted(raw)) && text(raw).contains('\u{FFFD}')),
    },
    Difference {
        why: "serde_json: a number that no f64 holds is refused; to us a number is its digits",
        holds: |bytes| numbers(bytes).iter().any(|number| number.parse().is_ok_and(f64::is_infinite)),
    },
    Difference {
        why: "ours: a byte order mark in front is dropped with a note",
        holds: |bytes| bytes.starts_with(BYTE_ORDER_MARK),
    },
    Difference { why: "ours: a request is an object and nothing else", holds: |bytes| !is_object(bytes) },
];

/// The reason for which we and `serde_json` differ on whether some bytes can be read. None where we do not.
///
/// # Panics
///
/// When we differ and there is no reason.
pub fn difference(document: &[u8]) -> Option<&'static Difference> {
    let ours = reading(&judged(document)) == Reading::Whole;
    let theirs = serde_json::from_slice::<Value>(document).is_ok();
    if ours == theirs {
        return None;
    }
    let reason = DIFFERENCES.iter().find(|difference| (difference.holds)(document));
    Some(reason.unwrap_or_else(|| panic!("we {ours}, serde_json {theirs}: {}", shown(document))))
}

/// Every difference that is known, for a test that each of them is there.
pub fn differences() -> impl Iterator<Item = &'static str> {
    DIFFERENCES.iter().map(|difference| difference.why)
}

/// What is read, and as what, is what `serde_json` reads.
///
/// # Panics
///
/// When it is not.
pub fn scan(data: &[u8]) {
    reads(data);
    // Not judged; a row; an object with names of its own; and each of the places where a judge reads by itself.
    for (before, after) in [
        (r#"{"x":"#, "}"),
        (r#"{"to":["#, "]}"),
        (r#"{"to":[{"variables":"#, "}]}"),
        (r#"{"to":[{"addresses":"#, "}]}"),
        (r#"{"content":"#, "}"),
        (r#"{"tags":"#, "}"),
        (r#"{"#, r#":0}"#),
    ] {
        reads(&[before.as_bytes(), data, after.as_bytes()].concat());
    }
    untouched(data);
    says(data);
    counts(data);
}

/// Judges with the options of most callers.
fn judged(document: &[u8]) -> Checked<SendMessages> {
    check(document, &Options::default())
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reading {
    Whole,
    NoObject,
    Broken,
    TooDeep(Option<u64>),
}

/// How far a document was read.
fn reading(checked: &Checked<SendMessages>) -> Reading {
    let verdict = &checked.verdict;
    if found(verdict, &[Code::NotJson, Code::Truncated, Code::NotUtf8, Code::EmptyBody]) {
        Reading::Broken
    } else if found(verdict, &[Code::TooDeep]) {
        // Not among those that are listed where there were many errors in front.
        Reading::TooDeep(verdict.issues.iter().find(|issue| issue.code == Code::TooDeep).map(|issue| issue.offset))
    } else if verdict.issues.iter().any(|issue| issue.code == Code::WrongType && issue.at.is_empty()) {
        Reading::NoObject
    } else {
        Reading::Whole
    }
}

/// A document is read whole if it is an object by RFC 8259 and not too deep.
fn reads(document: &[u8]) {
    let reading = reading(&judged(document));
    let json = document.strip_prefix(BYTE_ORDER_MARK).unwrap_or(document);
    match reading {
        Reading::TooDeep(None) => assert!(depth(document) > MAX_DEPTH, "{}", shown(document)),
        Reading::TooDeep(Some(offset)) => {
            let (before, behind) = document.split_at(offset as usize);
            assert_eq!(depth(before), MAX_DEPTH, "too deep at {offset}: {}", shown(document));
            assert!(matches!(behind.first(), Some(b'[' | b'{')), "too deep at {offset}: {}", shown(document));
        }
        Reading::NoObject => assert!(!is_object(json), "an object: {}", shown(document)),
        Reading::Whole | Reading::Broken => {
            let theirs = is_json(json) && is_object(json);
            assert_eq!(reading == Reading::Whole, theirs, "{reading:?}: {}", shown(document));
        }
    }
    difference(document);
}

/// What is not judged is passed on to the byte.
fn untouched(data: &[u8]) {
    if !is_json(data) || depth(data) > MAX_DEPTH - 3 {
        return;
    }
    let text = std::str::from_utf8(data).unwrap_or_default();
    let request = format!(
        r#"{{"content":{{"text":"hi"}},"x":{text},"to":[{{"address":"+14155550100","channel":"PHONE","x":{text}}}]}}"#
    );
    let body = normalize(request.as_bytes(), &Options::default()).value.unwrap_or_default();
    // White space around the head's members is left out.
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
    let row = &request[request.find(r#""to":["#).unwrap_or_default()..];
    assert!(body.ends_with(row.as_bytes()), "{}", shown(data));
    for at in ["/x", "/to/0/x"] {
        let found = Node::of(&body, 0).map(|body| body.at(at)).unwrap_or_default();
        assert!(found.len() == 1 && found[0].text() == trimmed, "{at}: {}", shown(data));
    }
}

/// Strings and names say what they say to `serde_json`.
fn says(data: &[u8]) {
    let raws = strings(data);
    let (readable, broken): (Vec<&[u8]>, Vec<&[u8]>) = raws.iter().partition(|raw| is_json(&quoted(raw)));
    for raw in broken.iter().take(8) {
        reads(&[br#"{"content":{"media":[{"url":"#, &*quoted(raw), br#"}]}}"#].concat());
    }
    let media: Vec<String> = readable.iter().map(|raw| format!(r#"{{"url":{}}}"#, utf8(&quoted(raw)))).collect();
    let checked = judged(format!(r#"{{"content":{{"media":[{}]}}}}"#, media.join(",")).as_bytes());
    let content = checked.value.content.unwrap_or_default();
    assert_eq!(content.media.len(), readable.len(), "{}", shown(data));
    for (raw, ours) in readable.iter().zip(&content.media) {
        assert_eq!(*ours, text(raw), "{}", shown(raw));
        if let Ok(theirs) = serde_json::from_slice::<String>(&quoted(raw)) {
            assert_eq!(*ours, theirs, "{}", shown(raw));
        }
    }
    for raw in readable.iter().take(16) {
        let string = quoted(raw);
        let string = utf8(&string);
        let (known, tagged) = (
            judged(format!(r#"{{"content":{{"media":[{{{string}:"x"}}]}}}}"#).as_bytes()),
            judged(format!(r#"{{"tags":{{{string}:{string}}}}}"#).as_bytes()),
        );
        let said = text(raw);
        let found = known.value.content.is_some_and(|content| content.media == ["x"]);
        assert_eq!(found, said == "url", "{}", shown(raw));
        assert_eq!(tagged.value.tags, Some(vec![(said.clone(), said)]), "{}", shown(raw));
    }
}

/// Numbers are as large as they are to `f64`.
fn counts(data: &[u8]) {
    for number in numbers(data).iter().take(8) {
        let Ok(value) = number.parse::<f64>() else { continue };
        // Rounded: what it was before may lie on either side.
        if !is_json(number.as_bytes()) || value.abs() == 90.0 {
            continue;
        }
        let request = format!(
            r#"{{"content":{{"modules":[{{"rcs":{{"suggestions":[{{"action":{{"viewLocationAction":{{"latLong":
               {{"latitude":{number},"longitude":0}}}}}}}}]}}}}]}}}}"#
        );
        let off = found(&judged(request.as_bytes()).verdict, &[Code::NoPlace]);
        assert_eq!(off, value.abs() > 90.0, "{number}");
    }
}

/// Whether the first byte that is no white space opens an object.
fn is_object(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) == Some(&b'{')
}

fn quoted(raw: &[u8]) -> Vec<u8> {
    [b"\"", raw, b"\""].concat()
}

/// What stands between quotes, two by two.
fn strings(bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(open) = rest.iter().position(|&byte| byte == b'"') {
        rest = &rest[open + 1..];
        let mut end = 0;
        while end < rest.len() && rest[end] != b'"' {
            end += 1 + usize::from(rest[end] == b'\\');
        }
        let Some(raw) = rest.get(..end).filter(|_| end < rest.len()) else { break };
        found.push(raw);
        rest = &rest[end + 1..];
    }
    found
}

/// The bytes with what stands between quotes left out.
fn without_strings(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut in_string, mut at) = (Vec::new(), false, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            _ if !in_string => out.push(byte),
            _ => {}
        }
        at += 1;
    }
    out
}

/// How deep brackets are nested at most.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in without_strings(bytes) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What looks like a number, outside of strings.
fn numbers(bytes: &[u8]) -> Vec<String> {
    let bare = String::from_utf8_lossy(&without_strings(bytes)).into_owned();
    let parts = bare.split(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
