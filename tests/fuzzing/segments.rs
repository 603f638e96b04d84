//! Texts as SMS: the parts are the text, and what is proposed brings it into the GSM 7-bit alphabet.

use postgate_core::{Analysis, Encoding, SegmentOptions, analyze_segments, count_segments};
use serde_json::Value;

use super::shown;

/// A text is cut into parts that fit, are as few as can be, and are the text. Writing the replacements brings it into
/// the alphabet if there is one for each culprit, and the analysis' JSON says what was found.
///
/// An odd first byte asks for smart encoding; the rest is the text.
///
/// # Panics
///
/// When it is not so.
pub fn segments(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let options = SegmentOptions { smart_encoding: first % 2 == 1 };
    let analysis = analyze_segments(&text, options);
    assert_eq!(analysis.segments, count_segments(&text, options), "{}", shown(data));
    assert_eq!(analysis.characters, text.chars().count(), "{}", shown(data));
    are_the_text(&analysis, &text);
    bring_into_gsm(&text);
    let json: Value = serde_json::from_str(&analysis.to_json()).expect("an analysis is JSON");
    let culprits = json["culprits"].as_array().map_or(&[][..], Vec::as_slice);
    let said: Vec<_> = culprits.iter().filter_map(|culprit| culprit["text"].as_str()).collect();
    let found: Vec<_> = analysis.culprits.iter().map(|culprit| culprit.text).collect();
    assert_eq!(said, found, "{}", shown(data));
    assert_eq!(json["segments"]["max"], analysis.segments.max, "{}", shown(data));
}

fn are_the_text(analysis: &Analysis<'_>, text: &str) {
    let segments = analysis.segments;
    assert!(segments.min <= segments.max, "{text:?}");
    assert_eq!(analysis.parts.len() + analysis.parts_omitted, segments.min, "{text:?}");
    let most = match (segments.encoding, segments.min) {
        (Encoding::Gsm7, 1) => 160,
        (Encoding::Gsm7, _) => 153,
        (Encoding::Ucs2, 1) => 70,
        (Encoding::Ucs2, _) => 67,
    };
    let (mut end, mut end_utf16) = (0, 0);
    for part in &analysis.parts {
        assert!(part.units <= most, "{part:?}: {text:?}");
        assert_eq!((part.span.start, part.span.start_utf16), (end, end_utf16), "{text:?}");
        assert!(text.is_char_boundary(part.span.end as usize), "{part:?}: {text:?}");
        (end, end_utf16) = (part.span.end, part.span.end_utf16);
    }
    if analysis.parts_omitted == 0 {
        assert_eq!(analysis.parts.iter().map(|part| part.units).sum::<usize>(), segments.units, "{text:?}");
    }
    if segments.units > 0 && analysis.parts_omitted == 0 {
        assert_eq!((end as usize, end_utf16 as usize), (text.len(), text.encode_utf16().count()), "{text:?}");
    }
    // Of two neighbours the first has no room for what the second begins with: 7 septets are the longest.
    for pair in analysis.parts.windows(2) {
        assert!(pair[0].units + 7 > most, "{pair:?}: {text:?}");
    }
}

fn bring_into_gsm(text: &str) {
    let analysis = analyze_segments(text, SegmentOptions::default());
    assert_eq!(analysis.culprits.is_empty(), analysis.segments.encoding == Encoding::Gsm7, "{text:?}");
    if analysis.culprits_omitted > 0 {
        return;
    }
    let (mut written, mut end, mut all) = (String::new(), 0, true);
    for culprit in &analysis.culprits {
        let span = culprit.span.start as usize..culprit.span.end as usize;
        assert_eq!(&text[span.clone()], culprit.text, "{text:?}");
        written += &text[end..span.start];
        written += culprit.replacement.as_deref().unwrap_or(culprit.text);
        all &= culprit.replacement.is_some();
        end = span.end;
    }
    written += &text[end..];
    let encoding = count_segments(&written, SegmentOptions::default()).encoding;
    assert_eq!(encoding == Encoding::Gsm7, all, "{text:?}");
}
