//! The reader against `serde_json`, over texts that readers of JSON are known to disagree on, and over generated ones.
//!
//! What is compared, and every difference with its reason, stands in `fuzzing/scan.rs`.

use std::collections::BTreeMap;

use postgate_core::{Code, Options, check};
use postgate_tests::fuzzing::{difference, differences, scan};
use proptest::prelude::*;

/// Texts on which readers differ, or in which they were found wrong.
fn edges() -> Vec<Vec<u8>> {
    let texts = [
        // Numbers.
        "0",
        "-0",
        "-",
        "+1",
        "1.",
        ".5",
        "1.5",
        "01",
        "-01",
        "00",
        "0x10",
        "1e5",
        "1E+5",
        "1e-5",
        "1e",
        "1e+",
        "1.e1",
        "1.5e",
        "0e0",
        "0.0",
        "-0.0e-0",
        "1e999",
        "-1e999",
        "1e-999",
        "1_000",
        "Infinity",
        "NaN",
        "-Infinity",
        "1 2",
        "123456789012345678901234567890",
        "0.1234567890123456789012345678901234567890",
        "9007199254740993",
        "1a",
        "１",
        "1e1.5",
        "--1",
        "1-1",
        "2.2250738585072011e-308",
        // Latitudes, which are compared by their digits.
        "90",
        "-90",
        "90.000",
        "90.1",
        "9e1",
        "0.09e3",
        "900e-1",
        "91",
        "1e99",
        "1e-99",
        "0.00000000000000000009e22",
        // Words.
        "true",
        "false",
        "null",
        "True",
        "tru",
        "nul",
        "nulll",
        "truefalse",
        "undefined",
        "t",
        "true1",
        // Strings and escapes.
        r#""""#,
        r#"""#,
        r#""a"#,
        r#"'a'"#,
        r#""\""#,
        r#""\\""#,
        r#""\\\""#,
        r#""\/\b\f\n\r\t\"\\""#,
        r#""\v""#,
        r#""\x41""#,
        r#""\u""#,
        r#""\u1""#,
        r#""\u12""#,
        r#""\u123""#,
        r#""\u1234""#,
        r#""\U0041""#,
        r#""\u00e9\u00E9""#,
        r#""\u0000""#,
        r#""\u001f\u007f\u0080\u2028\u2029\ufeff\uffff""#,
        r#""\u 041""#,
        r#""\u+041""#,
        r#""\u-041""#,
        "\"\u{7f}\u{80}\u{2028}\u{feff}\u{ffff}\u{10ffff}\"",
        "\"tab\there\"",
        "\"line\nbreak\"",
        "\"nul\0here\"",
        "\"\u{1f}\"",
        "\"\\\n\"",
        r#""\ ""#,
        "\"unit\u{1b}\"",
        r#""url""#,
        r#""\u0075\u0072\u006c""#,
        r#""u\rl""#,
        // Surrogates.
        r#""\ud83d\ude00""#,
        r#""\uD83D\uDE00""#,
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ude00\ud83d""#,
        r#""\ud83d\ud83d""#,
        r#""\ud83d\ud83d\ude00""#,
        r#""\ud83d\u0041""#,
        r#""\ud83dx\ude00""#,
        r#""\ud83d\n""#,
        r#""\ud83d\\ude00""#,
        r#""\udbff\udfff""#,
        r#""\ud800\udc00""#,
        r#""\uD800\uDC0""#,
        r#""\ud83d\u""#,
        // Arrays and objects.
        "[]",
        "{}",
        "[ ]",
        "{ }",
        "[1]",
        "[1,]",
        "[,1]",
        "[1,,2]",
        "[1 2]",
        "[",
        "]",
        "[1",
        "[1,",
        "[[]",
        "[]]",
        "[}",
        "{]",
        "{\"a\":1}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{null:1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\":0}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{\"a\":1}{\"b\":2}",
        "{\"a\":1},",
        "{\"a\":1}#",
        "[1]x",
        "{\"a\":[{\"b\":[{}]}]}",
        "{[1]:2}",
        "{\"a\":1,\"b\"}",
        "[\"a\",\"b\":1]",
        // White space and what only looks like it.
        " \t\n\r1 \t\n\r",
        "\u{c}1",
        "\u{b}1",
        "1\u{a0}",
        "\u{85}1",
        "\u{2028}1",
        "\u{feff}1",
        "1\u{feff}",
        "",
        " ",
        "[\u{c}1]",
        "/*c*/1",
        "//c\n1",
        "1//",
        "#1",
        "\0",
        "1\0",
        "\x001",
        "[1,\0]",
        // Names and values that end early, or go on.
        "{\"a\":\"b",
        "{\"a\":tru",
        "{\"a\":1e",
        "{\"a\":-",
        "{\"a",
        "{\"a\\",
        "{\"a\":\"\\u00",
        // Ends of the wrapped request that come from inside.
        "1},{\"b\":2",
        "1}]}",
        "\"}",
        "]}",
        "}",
        "1,\"y\":2",
        "1],\"content\":[2",
    ];
    let bytes: [&[u8]; 33] = [
        // Not UTF-8: lone and missing continuations, overlong forms, surrogates, beyond the last character.
        b"\"\x80\"",
        b"\"\xBF\"",
        b"\"\xC3\"",
        b"\"\xC3(\"",
        b"\"\xE2\x82\"",
        b"\"\xF0\x9F\x98\"",
        b"\"\xC0\x80\"",
        b"\"\xC0\xAF\"",
        b"\"\xC1\xBF\"",
        b"\"\xE0\x80\x80\"",
        b"\"\xE0\x9F\xBF\"",
        b"\"\xF0\x80\x80\x80\"",
        b"\"\xF0\x8F\xBF\xBF\"",
        b"\"\xED\xA0\x80\"",
        b"\"\xED\xBF\xBF\"",
        b"\"\xED\xA0\xBD\xED\xB8\x80\"",
        b"\"\xF4\x90\x80\x80\"",
        b"\"\xF5\x80\x80\x80\"",
        b"\"\xF8\x88\x80\x80\x80\"",
        b"\"\xFE\"",
        b"\"\xFF\"",
        b"\xFF",
        b"[\xFF]",
        b"{\"\xFF\":1}",
        b"\"a\xE9b\"",
        b"\"\xE2\x82\xAC\xE2\"",
        b"\"\\\xC3\xA9\"",
        b"\"\\u00\xC3\xA9\"",
        // Byte order marks, whole, in part and of other encodings.
        b"\xEF\xBB\xBF{\"a\":1}",
        b"\xEF\xBB{\"a\":1}",
        b"\xEF\xBB\xBF\xEF\xBB\xBF{}",
        b"\xFF\xFE{\0}\0",
        b"{\xEF\xBB\xBF}",
    ];
    let deep = [126, 127, 128, 129, 500, 997, 998, 999, 1_000, 1_001, 5_000].into_iter().flat_map(|depth| {
        let object = format!("{}0{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        [format!("{}{}", "[".repeat(depth), "]".repeat(depth)), "[".repeat(depth), object]
    });
    // Every length of a string around the eight and sixteen bytes that are looked at together, ended in every way.
    let lengths = (0..40).flat_map(|length| {
        let plain = "x".repeat(length);
        ["\"", "\\\"", "\\n\"", "\u{1}\"", "é\"", "\u{1f}", "\u{20}\"", "!\"", "#\"", "[\"", "]\"", "\u{7f}\"", "\\"]
            .map(|end| format!("\"{plain}{end}"))
    });
    let texts = texts.into_iter().map(str::to_owned).chain(deep).chain(lengths).map(String::into_bytes);
    texts.chain(bytes.into_iter().map(<[u8]>::to_vec)).collect()
}

#[test]
fn what_readers_disagree_on_is_read_as_serde_json_reads_it() {
    let mut reasons: BTreeMap<&str, usize> = differences().map(|why| (why, 0)).collect();
    let edges = edges();
    for text in &edges {
        scan(text);
        for (before, after) in [("", ""), ("{\"a\":", "}"), ("{\"to\":[{\"variables\":{\"x\":", "}}]}")] {
            let document = [before.as_bytes(), text, after.as_bytes()].concat();
            if let Some(difference) = difference(&document) {
                *reasons.entry(difference.why).or_default() += 1;
            }
        }
    }
    println!("{} texts in 9 places each", edges.len());
    for (why, count) in &reasons {
        println!("{count:4}: {why}");
        assert!(*count > 0, "nothing differs for this reason any more: {why}");
    }
}

#[test]
fn what_fits_no_batch_is_passed_over_unread() {
    // The one place where less is read than serde_json reads: the request is refused in any case.
    let row =
        |inside: &str| format!(r#"{{"content":{{"text":"hi"}},"to":[{{"x":"{}{inside}"}}]}}"#, "x".repeat(10_000_000));
    for (inside, json) in [("", true), ("\u{1}", false)] {
        let request = row(inside);
        let verdict = check(request.as_bytes(), &Options::default()).verdict;
        let codes: Vec<Code> = verdict.issues.iter().map(|issue| issue.code).collect();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&request).is_ok(), json);
        assert_eq!(codes, [Code::RecipientTooLarge]);
    }
}

/// JSON of all kinds, written in all ways.
fn json() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?",
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(|number| format!("{number:?}")),
        any::<i64>().prop_map(|number| number.to_string()),
    ];
    let string = prop::collection::vec(
        prop_oneof![
            6 => "[^\"\\\\\\x00-\\x1f]{1,12}",
            1 => "\\\\[\"\\\\/bfnrt]",
            2 => "\\\\u[0-9a-fA-F]{4}",
            1 => "\\\\u[dD][89abAB][0-9a-f]{2}\\\\u[dD][c-fC-F][0-9a-f]{2}",
        ],
        0..4,
    )
    .prop_map(|parts| format!("\"{}\"", parts.concat()));
    let name = prop_oneof![
        3 => string.clone(),
        1 => Just("\"url\"".to_owned()),
        1 => Just("\"variables\"".to_owned()),
        1 => Just("\"\\u0074ext\"".to_owned()),
        1 => Just("\"channel\"".to_owned()),
    ];
    let space = "[ \t\r\n]{0,3}";
    let leaf = prop_oneof![number, string, Just("true".to_owned()), Just("false".to_owned()), Just("null".to_owned())];
    leaf.prop_recursive(6, 48, 5, move |inner| {
        let element = (space, inner.clone(), space).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (space, name.clone(), space, element.clone())
            .prop_map(|(a, name, b, value)| format!("{a}{name}{b}:{value}"));
        prop_oneof![
            prop::collection::vec(element, 0..5).prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// A change that a text went through: a byte put in, taken away, changed or doubled, or an end cut off.
fn harmed(mut text: Vec<u8>, harms: &[(u8, prop::sample::Index, u8)]) -> Vec<u8> {
    /// What readers look at.
    const TELLING: &[u8] = b"\"\\{}[]:,0123456789+-.eEutfn /\t\n\r\0\x1f\x7f\x80\xbf\xc0\xed\xa0\xf4\xff";
    for (kind, place, byte) in harms {
        let at = place.index(text.len() + 1);
        let byte = TELLING[usize::from(*byte) % TELLING.len()];
        match kind % 4 {
            0 => text.insert(at, byte),
            1 if at < text.len() => drop(text.remove(at)),
            2 if at < text.len() => text[at] = byte,
            _ => text.truncate(at),
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_json_is_read_as_serde_json_reads_it(text in json()) {
        scan(text.as_bytes());
    }

    #[test]
    fn harmed_json_is_read_as_serde_json_reads_it(
        text in json(),
        harms in prop::collection::vec((any::<u8>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        scan(&harmed(text.into_bytes(), &harms));
    }
}
