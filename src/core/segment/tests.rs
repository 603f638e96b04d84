use super::*;

const PLAIN: SegmentOptions = SegmentOptions { smart_encoding: false };
const SMART: SegmentOptions = SegmentOptions { smart_encoding: true };

fn range(text: &str, options: SegmentOptions) -> (Encoding, usize, usize, usize) {
    let Segments { encoding, units, min, max, .. } = count(text, options);
    (encoding, units, min, max)
}

#[test]
fn texts_of_160_septets_are_one_segment_and_longer_ones_several_of_153() {
    use Encoding::Gsm7;
    assert_eq!(range("", PLAIN), (Gsm7, 0, 0, 0));
    for (length, segments) in [(1, 1), (160, 1), (161, 2), (305, 2), (306, 2), (307, 3), (458, 3), (459, 3), (460, 4)] {
        assert_eq!(range(&"a".repeat(length), PLAIN), (Gsm7, length, segments, segments));
        assert_eq!(range(&"é".repeat(length), PLAIN), (Gsm7, length, segments, segments));
    }
}

#[test]
fn texts_of_70_code_units_are_one_segment_and_longer_ones_several_of_67() {
    use Encoding::Ucs2;
    for (length, segments) in [(1, 1), (70, 1), (71, 2), (133, 2), (134, 2), (135, 3), (200, 3), (201, 3), (202, 4)] {
        assert_eq!(range(&"中".repeat(length), PLAIN), (Ucs2, length, segments, segments));
    }
}

#[test]
fn an_escape_and_its_character_stay_in_one_part() {
    // 152 septets, then a pair that would have its second half in the next part.
    let text = format!("{}€{}", "a".repeat(152), "a".repeat(152));
    assert_eq!(range(&text, PLAIN), (Encoding::Gsm7, 306, 3, 3));
    let text = format!("{}€{}", "a".repeat(151), "a".repeat(153));
    assert_eq!(range(&text, PLAIN), (Encoding::Gsm7, 306, 2, 2));
    // As Twilio bills it: https://github.com/TwilioDevEd/message-segment-calculator/issues/39
    assert_eq!(range(&"]".repeat(153), PLAIN), (Encoding::Gsm7, 306, 3, 3));
}

#[test]
fn a_surrogate_pair_stays_in_one_part() {
    let text = format!("{}😀{}", "a".repeat(66), "a".repeat(66));
    assert_eq!(range(&text, PLAIN), (Encoding::Ucs2, 134, 3, 3));
    let text = format!("{}😀{}", "a".repeat(65), "a".repeat(67));
    assert_eq!(range(&text, PLAIN), (Encoding::Ucs2, 134, 2, 2));
    // 33 a part, as the 67th unit stays empty.
    assert_eq!(range(&"😀".repeat(66), PLAIN), (Encoding::Ucs2, 132, 2, 2));
    assert_eq!(range(&"😀".repeat(67), PLAIN), (Encoding::Ucs2, 134, 3, 3));
    assert_eq!(range(&"😀".repeat(1_600), PLAIN), (Encoding::Ucs2, 3_200, 49, 49));
}

#[test]
fn the_most_segments_are_those_of_whole_clusters() {
    let family = "👨‍👩‍👧‍👦";
    // Eleven code units each: 12 of them are two parts and a bit by unit, and 6 a part when whole.
    assert_eq!(range(&family.repeat(12), PLAIN), (Encoding::Ucs2, 132, 2, 2));
    assert_eq!(range(&family.repeat(13), PLAIN), (Encoding::Ucs2, 143, 3, 3));
    assert_eq!(range(&family.repeat(18), PLAIN), (Encoding::Ucs2, 198, 3, 3));
    let text = format!("{}{family}{}", "a".repeat(60), "a".repeat(56));
    assert_eq!(range(&text, PLAIN), (Encoding::Ucs2, 127, 2, 2));
    let text = format!("{}{family}{}", "a".repeat(60), "a".repeat(62));
    assert_eq!(range(&text, PLAIN), (Encoding::Ucs2, 133, 2, 3));
    let text = format!("{}\r\n{}", "a".repeat(152), "a".repeat(152));
    assert_eq!(range(&text, PLAIN), (Encoding::Gsm7, 306, 2, 3));
}

#[test]
fn a_cluster_longer_than_a_part_is_cut() {
    let text = format!("a{}", "\u{301}".repeat(200));
    assert_eq!(range(&text, PLAIN), (Encoding::Ucs2, 201, 3, 3));
    let text = format!("b{text}");
    assert_eq!(range(&text, PLAIN), (Encoding::Ucs2, 202, 4, 4));
}

#[test]
fn smart_encoding_replaces_all_or_nothing() {
    assert_eq!(range("“Soon”", PLAIN), (Encoding::Ucs2, 6, 1, 1));
    assert_eq!(range("“Soon”", SMART), (Encoding::Gsm7, 6, 1, 1));
    assert!(count("“Soon”", SMART).replaced && !count("\"Soon\"", SMART).replaced);
    assert_eq!(range("Soon…\u{200C}", SMART), (Encoding::Gsm7, 7, 1, 1));
    assert_eq!(range("\u{200C}", SMART), (Encoding::Gsm7, 0, 0, 0));
    assert_eq!(analyze("\u{200C}", SMART).parts, []);
    // One character that cannot be replaced, and the rest stays as it is too.
    assert_eq!(range("Soon… 🎉", SMART), (Encoding::Ucs2, 8, 1, 1));
    assert!(!count("Soon… 🎉", SMART).replaced);
}

#[test]
fn a_replacement_of_several_characters_may_be_cut_and_one_with_an_escape_not() {
    let text = format!("{}…{}", "a".repeat(152), "a".repeat(151));
    assert_eq!(range(&text, SMART), (Encoding::Gsm7, 306, 2, 2));
    let analysis = analyze(&text, SMART);
    let parts: Vec<_> = analysis.parts.iter().map(|part| (part.span.end_utf16, part.units)).collect();
    assert_eq!(parts, [(153, 153), (304, 153)]);
    let text = format!("{}∖{}", "a".repeat(152), "a".repeat(152));
    assert_eq!(range(&text, PLAIN).0, Encoding::Ucs2);
    let text = format!("{}～{}", "a".repeat(152), "a".repeat(152));
    assert_eq!(range(&text, SMART), (Encoding::Gsm7, 306, 3, 3));
}

#[test]
fn the_parts_are_the_text() {
    let text = "Zoë’s table… is ready 👨‍👩‍👧‍👦 ".repeat(20);
    for options in [PLAIN, SMART] {
        let Analysis { segments, parts, parts_omitted, .. } = analyze(&text, options);
        assert_eq!((parts.len(), parts_omitted), (segments.min, 0));
        assert_eq!(parts.iter().map(|part| part.units).sum::<usize>(), segments.units);
        let mut end = (0, 0);
        for Part { span, .. } in parts {
            assert_eq!((span.start, span.start_utf16), end);
            end = (span.end, span.end_utf16);
        }
        assert_eq!(end, (text.len() as u32, text.encode_utf16().count() as u32));
    }
}

#[test]
fn culprits_are_what_readers_see_and_tell_what_could_stand_there() {
    let text = "Zoe\u{308} – cafe\u{301} 👍🏽 n\u{200C}1";
    let analysis = analyze(text, PLAIN);
    let culprits: Vec<_> = analysis.culprits.iter().map(|c| (c.text, c.replacement.as_deref())).collect();
    let expected =
        [("e\u{308}", None), ("–", Some("-")), ("e\u{301}", Some("é")), ("👍🏽", None), ("n\u{200C}", Some("n"))];
    assert_eq!(culprits, expected);
    let utf16: Vec<u16> = text.encode_utf16().collect();
    for Culprit { text: culprit, span, .. } in &analysis.culprits {
        assert_eq!(text.get(span.start as usize..span.end as usize), Some(*culprit));
        let units = &utf16[span.start_utf16 as usize..span.end_utf16 as usize];
        assert_eq!(String::from_utf16_lossy(units), *culprit);
    }
    assert_eq!(analyze("Zoë", SMART).culprits.len(), 1);
    assert_eq!(analyze("Zoé \u{C}€[]", PLAIN).culprits, []);
}

#[test]
fn lists_are_bounded_and_counted() {
    let analysis = analyze(&"中".repeat(67 * 101), PLAIN).clone().to_json();
    assert!(analysis.ends_with(r#"],"omitted":{"culprits":6667,"parts":1}}"#), "{analysis}");
    let marks = format!("a{}", "\u{301}".repeat(10_000_000));
    let analysis = analyze(&marks, SMART);
    assert_eq!(analysis.culprits.len() + analysis.culprits_omitted, 250_001);
    assert!(analysis.culprits.iter().all(|culprit| culprit.text.chars().count() <= 40));
    assert_eq!(analysis.segments.min, 10_000_001_usize.div_ceil(67));
}

#[test]
fn the_json_is_canonical() {
    assert_eq!(
        analyze("Soon – \"8\"", PLAIN).to_json(),
        r#"{"encoding":"UCS-2","units":10,"characters":10,"segments":{"min":1,"max":1},"replaced":false,"culprits":[{"text":"–","start":5,"end":6,"replacement":"-"}],"parts":[{"units":10,"start":0,"end":10}],"omitted":{"culprits":0,"parts":0}}"#
    );
    let empty = analyze("", PLAIN).to_json();
    assert!(empty.contains(r#""segments":{"min":0,"max":0}"#) && empty.contains(r#""parts":[]"#), "{empty}");
}
