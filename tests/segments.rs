//! Segments against sms-segments-calculator, the one that Twilio's developers publish, over its whole alphabet and
//! 20,000 texts; and the most segments against the clusters of ICU.
//!
//! `segments/oracle.mjs` makes the texts and asks the oracles. Where we differ on purpose a rule says so, and the counts
//! stay true: one that no longer happens fails as well as one without a reason.

use std::process::Command;

use postgate_core::{Encoding, Prices, SegmentOptions, Segments, count_segments};
use postgate_tests::{fuzzing, root};
use proptest::prelude::*;

/// Texts that are shown where a difference has no reason.
const SHOWN: usize = 10;

/// A text and what the oracles say of it.
struct Question {
    text: String,
    smart: bool,
    encoding: String,
    segments: usize,
    /// The most segments by ICU's clusters.
    most: usize,
    /// The text as the calculator replaces what it can.
    replaced: String,
}

/// A difference on purpose. A text belongs to the first whose rule holds.
struct Difference {
    why: &'static str,
    holds: fn(&Question, Segments) -> bool,
    /// How many there are.
    count: usize,
}

const DIFFERENCES: [Difference; 4] = [
    Difference {
        why: "A text that is empty, or of which smart encoding leaves nothing, cannot be sent and takes no segment. The \
              oracle counts one.",
        holds: |question, ours| ours.units == 0 && (ours.max, question.segments) == (0, 1),
        count: 945,
    },
    Difference {
        why: "Smart encoding replaces nothing where not all can be replaced, as Twilio announced it. The oracle replaces \
              whatever it can, and the text stays in UCS-2 with another length.",
        holds: |question, ours| {
            let theirs = count_segments(&question.replaced, SegmentOptions::default());
            let range = theirs.min..=theirs.max;
            question.smart && !ours.replaced && theirs.encoding == Encoding::Ucs2 && range.contains(&question.segments)
        },
        count: 150,
    },
    Difference {
        why: "The oracle cuts no grapheme cluster, while Twilio was measured to cut by code unit: it is within our range.",
        holds: |question, ours| (ours.min..=ours.max).contains(&question.segments) && ours.min < ours.max,
        count: 112,
    },
    Difference {
        why: "The oracle fills one segment with a cluster that is longer than a segment can be.",
        holds: |question, ours| ours.min > question.segments && question.text.matches('\u{301}').count() >= 60,
        count: 17,
    },
];

/// Counts the questions by the differences they belong to; those without a reason.
fn sort<'q>(
    questions: &'q [Question],
    differences: &[Difference],
    differs: fn(&Question, Segments) -> bool,
) -> (Vec<usize>, Vec<&'q Question>) {
    let (mut counts, mut unexplained) = (vec![0; differences.len()], Vec::new());
    for question in questions {
        let ours = count_segments(&question.text, SegmentOptions { smart_encoding: question.smart });
        if !differs(question, ours) {
            continue;
        }
        match differences.iter().position(|difference| (difference.holds)(question, ours)) {
            Some(place) => counts[place] += 1,
            None => unexplained.push(question),
        }
    }
    (counts, unexplained)
}

fn check(what: &str, questions: &[Question], all: &[Difference], differs: fn(&Question, Segments) -> bool) {
    let (counts, unexplained) = sort(questions, all, differs);
    for (difference, count) in all.iter().zip(&counts) {
        println!("{what}: {count}: {}", difference.why);
    }
    let shown = unexplained.iter().take(SHOWN).map(|question| {
        let Question { text, smart, encoding, segments, most, .. } = question;
        let ours = count_segments(text, SegmentOptions { smart_encoding: *smart });
        format!("{text:?} smart {smart}: {encoding} {segments}, most {most}; ours {ours:?}")
    });
    let shown = shown.collect::<Vec<_>>().join("\n");
    assert!(unexplained.is_empty(), "{what}: {} differences without a reason, such as\n{shown}", unexplained.len());
    let expected: Vec<usize> = all.iter().map(|difference| difference.count).collect();
    assert_eq!(counts, expected, "{what}: the counts are not true any more");
}

#[test]
fn segments_agree_with_the_calculator() {
    let program = root().join("node_modules/.bin/node");
    let output = Command::new(&program).arg("tests/segments/oracle.mjs").current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}; cargo xtask build installs it", program.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let mut lines = printed.lines();
    println!("the oracle is {}", lines.next().expect("its release"));

    let alphabet: Vec<(u32, usize)> = serde_json::from_str(lines.next().expect("its alphabet")).expect("JSON");
    let smart: Vec<(char, usize)> = serde_json::from_str(lines.next().expect("its map")).expect("JSON");
    for c in char::MIN..=char::MAX {
        let text = c.encode_utf8(&mut [0; 4]).to_owned();
        let in_gsm = alphabet.iter().find(|(point, _)| *point == u32::from(c)).map(|(_, septets)| *septets);
        let behind = in_gsm.or_else(|| smart.iter().find(|(replaced, _)| *replaced == c).map(|(_, septets)| *septets));
        for (smart_encoding, septets) in [(false, in_gsm), (true, behind)] {
            let ours = count_segments(&text, SegmentOptions { smart_encoding });
            let expected = (septets.map_or(Encoding::Ucs2, |_| Encoding::Gsm7), septets.unwrap_or(c.len_utf16()));
            assert_eq!((ours.encoding, ours.units), expected, "{c:?}, smart encoding {smart_encoding}");
        }
    }

    let questions: Vec<Question> = lines
        .map(|line| {
            let (text, smart, encoding, segments, most, replaced) =
                serde_json::from_str(line).expect("a line of the oracle");
            Question { text, smart, encoding, segments, most, replaced }
        })
        .collect();
    assert!(questions.len() >= 20_000);
    let gsm = questions.iter().filter(|question| question.encoding == "GSM-7").count();
    println!("{} texts, {gsm} of them in GSM-7", questions.len());
    check("the calculator", &questions, &DIFFERENCES, |question, ours| {
        (ours.encoding.as_str(), ours.min) != (&question.encoding, question.segments)
    });
    // Where our clusters are wider than those of UAX 29, no text made here shows it.
    check("the clusters of ICU", &questions, &[], |question, ours| ours.max != question.most);
}

/// Texts in which much lies side by side that counts differently.
fn text() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        6 => "[a-z ]{1,40}",
        2 => "[\\[\\]{}|~^€\\\\]{1,20}",
        1 => "[\r\n]{1,4}",
        2 => "[“”…–‘’\u{200B}\u{200C}½]{1,6}",
        1 => "[😀👍🏽❤\u{FE0F}\u{200D}👨👩🇩🇪]{1,30}",
        1 => "[\u{300}-\u{310}e]{1,80}",
        1 => "\\PC{1,10}",
    ];
    prop::collection::vec(letters, 0..14).prop_map(|texts| texts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_is_its_parts(text in text(), smart_encoding in any::<bool>()) {
        fuzzing::segments(&[&[u8::from(smart_encoding)], text.as_bytes()].concat());
    }

    #[test]
    fn any_bytes_are_a_table_of_prices_or_none(bytes in prop::collection::vec(any::<u8>(), 0..60), cut in 0..90_usize) {
        let table = r#"{"currency":"USD","sms":{"US":"0.0079","+44":0.04,"*":"0.1"},"whatsapp":"0.005","rcs":{}}"#;
        prop_assert!(Prices::parse(&bytes).is_err());
        prop_assert_eq!(Prices::parse(&table.as_bytes()[..cut]).is_ok(), cut == table.len());
        let mixed = [&table.as_bytes()[..cut.min(table.len())], &bytes].concat();
        let _ = Prices::parse(&mixed);
    }
}
