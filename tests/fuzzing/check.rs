//! The verdict on any bytes: the same in any pieces, and true to what was sent.

use std::borrow::Cow;

use postgate_core::{Code, Issue, Options, Param, Severity, Verdict, Wants, split};
use serde_json::Value;

use super::json::{BYTE_ORDER_MARK, Node};
use super::{found, options, shown};
use crate::streamed;

/// Names longer than this end a pointer at their parent.
const LONGEST_NAME: usize = 256;

/// The verdict is well-formed, leads to what it speaks of, says nothing that a recipient said, and is the same
/// whatever pieces the request comes in.
///
/// # Panics
///
/// When it is not.
pub fn check(data: &[u8]) {
    let options = options(data);
    let verdict = postgate_core::check(data, &options).verdict;
    is_sound(&verdict, data);
    let json = data.strip_prefix(BYTE_ORDER_MARK).unwrap_or(data);
    if let Some(root) = Node::of(json, (data.len() - json.len()) as u64).filter(|root| root.has_readable_names()) {
        leads(&verdict, root, data);
        tells_no_tales(&verdict, root, data);
    }
    // Pieces of one byte, of a few, and of any length: a few numbers that the bytes give.
    let cuts: Vec<usize> = data.iter().take(8).map(|&byte| usize::from(byte) * 7).collect();
    let all: Vec<usize> = (0..data.len()).collect();
    let sevenths: Vec<usize> = (0..data.len()).step_by(7).collect();
    for cuts in [&all, &sevenths, &cuts] {
        same_in_pieces(data, cuts, &options);
    }
}

/// A request that is cut anywhere gets the verdict and the bodies that it gets whole.
///
/// # Panics
///
/// When it gets others.
pub fn same_in_pieces(data: &[u8], cuts: &[usize], options: &Options) {
    let whole = split(data, options);
    let verdict = whole.verdict.to_json();
    assert_eq!(postgate_core::check(data, options).verdict.to_json(), verdict, "{}", shown(data));
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (data.len() + 1)).collect();
    cuts.extend([0, data.len()]);
    cuts.sort_unstable();
    let pieces = cuts.windows(2).map(|pair| &data[pair[0]..pair[1]]);
    for wants in [Wants::Verdict, Wants::Bodies] {
        let (pieced, bodies) = streamed(pieces.clone(), options, wants);
        let few = &cuts[..cuts.len().min(20)];
        let told = || format!("in pieces {}, cut at {few:?} …: {}", shown(pieced.to_json().as_bytes()), shown(data));
        assert!(pieced.to_json() == verdict, "whole {}, {}", shown(verdict.as_bytes()), told());
        assert!(!pieced.ok || wants == Wants::Verdict || bodies == whole.value, "other bodies {}", told());
    }
}

/// The parts of a verdict agree with each other, and its JSON is JSON.
fn is_sound(verdict: &Verdict, data: &[u8]) {
    let told = shown(data);
    let errors = verdict.issues.iter().any(|issue| issue.severity() == Severity::Error);
    assert_eq!(verdict.ok, !errors, "{told}");
    let total: u64 = verdict.counts.iter().map(|(_, count)| count).sum();
    assert_eq!(total, verdict.issues.len() as u64 + verdict.omitted, "{told}");
    assert!(verdict.issues.is_sorted_by_key(|issue| (issue.offset, issue.code.as_str())), "{told}");
    assert!(verdict.issues.iter().all(|issue| issue.offset <= data.len() as u64), "{told}");
    assert_eq!(verdict.totals.bytes, data.len() as u64, "{told}");
    assert_eq!(verdict.ok, !verdict.totals.batches.is_empty(), "{told}");
    let json: Value = serde_json::from_str(&verdict.to_json()).expect("a verdict is JSON");
    assert_eq!(json["issues"].as_array().map(Vec::len), Some(verdict.issues.len()), "{told}");
    for issue in &verdict.issues {
        // Liquid's own braces stand double.
        let named = issue.code.sentence().split('{').skip(1).filter_map(|behind| behind.split_once('}'));
        for (name, _) in named {
            assert!(issue.params.iter().any(|(param, _)| *param == name), "no {name} in {issue:?}: {told}");
        }
        assert!(serde_json::from_str::<Value>(&issue.to_json()).is_ok(), "{told}");
    }
}

/// Every pointer leads to a value; it begins at the offset, and the span lies in its text.
fn leads(verdict: &Verdict, root: Node<'_>, data: &[u8]) {
    // Looking at all of very many would take long and show no more.
    let issues = verdict.issues.iter().enumerate().filter(|(index, _)| index % (1 + verdict.issues.len() / 32) == 0);
    for (_, issue) in issues {
        let told = || format!("{issue:?}: {}", shown(data));
        let nodes = root.at(&issue.at);
        assert!(!nodes.is_empty(), "leads nowhere: {}", told());
        let there: Vec<Node<'_>> = nodes.iter().copied().filter(|node| node.start == issue.offset).collect();
        let behind_long_name = || {
            let longest = nodes.iter().filter_map(|node| node.members()).flatten();
            longest.map(|(name, _)| name.len()).max().is_some_and(|longest| longest > LONGEST_NAME)
        };
        let reading_ended = issue.code == Code::ByteOrderMark || !reads_whole(verdict);
        assert!(!there.is_empty() || reading_ended || behind_long_name(), "begins elsewhere: {}", told());
        if let Some(span) = issue.span {
            let text = there.first().and_then(|node| node.string());
            let part = text.as_ref().and_then(|text| text.get(span.start as usize..span.end as usize));
            let units = part.map(|part| part.encode_utf16().count() as u32);
            assert_eq!(units, Some(span.end_utf16 - span.start_utf16), "{}", told());
        }
    }
}

/// Whether nothing stopped the reader.
fn reads_whole(verdict: &Verdict) -> bool {
    !found(verdict, &[Code::TooDeep, Code::TooLarge, Code::OutOfMemory])
}

/// No param holds what a recipient said.
fn tells_no_tales(verdict: &Verdict, root: Node<'_>, data: &[u8]) {
    let mut said = Vec::new();
    root.at("/to").into_iter().for_each(|to| to.strings(&mut said));
    // What is as short may be part of any word.
    said.retain(|said| said.chars().count() > 3 && !OWN_WORDS.iter().any(|own| own.contains(said.as_str())));
    let texts = |issue: &Issue| -> Vec<String> {
        // A borrowed text is part of the program.
        let owned = issue.params.iter().filter_map(|(_, param)| match param {
            Param::Text(Cow::Owned(text)) => Some(text.clone()),
            _ => None,
        });
        owned.collect()
    };
    for text in verdict.issues.iter().flat_map(texts) {
        let tale = said.iter().find(|said| text.contains(said.as_str()));
        assert!(tale.is_none(), "a param says {text:?}: {}", shown(data));
    }
}

/// The texts that core puts together from its own words; a recipient may say the same.
const OWN_WORDS: &[&str] = &[
    "PHONE, WHATSAPP",
    "SMS, RCS, WHATSAPP",
    "SMS, RCS, EMAIL, WHATSAPP, PUSH",
    "HORIZONTAL, VERTICAL",
    "LEFT, RIGHT",
    "SHORT, MEDIUM, TALL",
    "SMALL, MEDIUM",
    "comms_sender_, 0 to 7, and 25 to 34 digits and small letters without i, l, o and u",
    "comms_senderpool_, 0 to 7, and 25 to 34 digits and small letters without i, l, o and u",
    "mem_profile_, 0 to 7, and 25 to 34 digits and small letters",
    "mem_store_, 0 to 7, and 25 to 34 digits and small letters",
    "cmp_cohort_, 0 to 7, and 25 to 34 digits and small letters without i, l, o and u",
    "HX and 32 hexadecimal digits",
    "text, media, richCard",
    "standaloneCard, carouselCard",
    "title, description, media",
    "reply, action",
    "openUrlAction, dialAction, viewLocationAction, createCalendarEventAction, shareLocationAction",
    "latLong, query",
];
