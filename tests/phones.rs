//! Phone numbers against google-libphonenumber, over all regions and types and 100,000 mutated numbers.
//!
//! `phones/oracle.mjs` makes the numbers and asks the oracle. Both sides have the same release of libphonenumber's
//! metadata, as the table is generated from the very package: so this proves the reading and the walking, while the
//! freshness of the metadata is the package's. Where we differ on purpose a rule says so, and the counts stay true.

use std::collections::BTreeMap;
use std::process::Command;

use postgate_core::{Number, NumberType, PhoneError, Region, normalize_phone, phone_metadata};
use postgate_tests::root;

/// The lists of numbers.
const LISTS: [&str; 3] = ["written", "dialled", "mutated"];
/// Numbers that are shown of each difference.
const SHOWN: usize = 10;

/// A number and what the oracle says of it.
struct Question<'a> {
    text: &'a str,
    region: Option<Region>,
    answer: Answer<'a>,
    /// The oracle's E.164 form, whether or not such a number can exist.
    e164: &'a str,
    /// The region and the type of a valid number.
    plan: (&'a str, &'a str),
    /// What the oracle makes of its own E.164 form, read again until it stays.
    settled: &'a str,
}

/// What is compared: whether it is a valid number or only one of a possible length, and its E.164 form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer<'a> {
    Valid(&'a str),
    Possible(&'a str),
    None,
}

impl<'a> Answer<'a> {
    fn of(result: &'a Result<Number, PhoneError>) -> Self {
        match result {
            Ok(number) if number.judged.assigned => Self::Valid(number.as_str()),
            Ok(number) => Self::Possible(number.as_str()),
            Err(_) => Self::None,
        }
    }

    fn e164(self) -> Option<&'a str> {
        match self {
            Self::Valid(e164) | Self::Possible(e164) => Some(e164),
            Self::None => None,
        }
    }
}

/// A difference on purpose. A number belongs to the first whose rule holds.
struct Difference {
    why: &'static str,
    holds: fn(&Question<'_>, &Result<Number, PhoneError>) -> bool,
    /// How many there are among the numbers as written, as dialled abroad, and among the mutated ones.
    counts: [usize; LISTS.len()],
}

const DIFFERENCES: [Difference; 7] = [
    Difference {
        why: "E.164 has at most 15 digits; libphonenumber reads up to 17 behind the calling code, for numbers that are \
              dialled only within their country.",
        holds: |question, ours| question.e164.len() > 16 && matches!(ours, Err(PhoneError::TooLong { .. })),
        counts: [85, 5, 129],
    },
    Difference {
        why: "The zero of a (0) is dropped where the plan has no national prefix, if that makes a number of it.",
        holds: |question, ours| {
            let without = question.text.replace("(0)", "");
            without != question.text && same(ours, &normalize_phone(&without, question.region))
        },
        counts: [2024, 0, 0],
    },
    Difference {
        why: "00 is read as the prefix of international numbers also where another one is dialled, if the number is \
              not one of the region.",
        holds: |question, ours| {
            let international = question.text.strip_prefix("00").map(|behind| format!("+{behind}"));
            international.is_some_and(|text| same(ours, &normalize_phone(&text, None)))
        },
        counts: [19, 846, 149],
    },
    Difference {
        why: "What is normalized stays as it is. The oracle takes one national prefix away, and another one when its \
              own answer is read again.",
        holds: |question, ours| {
            let settled = Answer::of(ours).e164().is_none_or(|e164| e164 == question.settled);
            settled && question.settled != question.e164
        },
        counts: [0, 1, 148],
    },
    Difference {
        why: "Mobile numbers of Mexico had a 1 in front until 2019, and WhatsApp has it still; libphonenumber knows it no \
              more.",
        holds: |question, ours| {
            let behind = ours.as_ref().ok().and_then(|number| number.as_str().strip_prefix("+521"));
            behind.is_some_and(|behind| {
                question.answer == Answer::None && normalize_phone(&format!("+52{behind}"), None).is_ok_and(assigned)
            })
        },
        counts: [0, 0, 6],
    },
    Difference {
        why: "An assigned number stays as it is. The oracle takes a national prefix away also where the number is valid \
              with it, as are those of Belarus that begin with 810.",
        holds: |question, ours| {
            let Ok(number) = ours else { return false };
            let code = 1 + number.judged.calling_code.to_string().len();
            let [ours, theirs] = [number.as_str(), question.settled].map(|e164| e164.split_at_checked(code));
            let (Some(ours), Some(theirs)) = (ours, theirs) else { return false };
            number.judged.assigned && ours.0 == theirs.0 && ours.1.ends_with(theirs.1)
        },
        counts: [7, 0, 6],
    },
    Difference {
        why: "A mobile number of the default region that lost its plus is one, also where its digits may be a landline.",
        holds: |question, ours| {
            let written: String = question.text.chars().filter(char::is_ascii_digit).collect();
            let abroad = normalize_phone(&format!("+{written}"), None);
            abroad.is_ok_and(|number| number.judged.number_type == NumberType::Mobile) && same(ours, &abroad)
        },
        counts: [8, 0, 7],
    },
];

fn assigned(number: Number) -> bool {
    number.judged.assigned
}

fn same(ours: &Result<Number, PhoneError>, other: &Result<Number, PhoneError>) -> bool {
    Answer::of(ours) == Answer::of(other)
}

fn parse(line: &str) -> (usize, Question<'_>) {
    let fields: Vec<&str> = line.split('\t').collect();
    let [list, text, region, state, e164, place, number_type, settled] = fields[..] else { panic!("a line: {line}") };
    let answer = match state {
        "valid" => Answer::Valid(e164),
        "possible" => Answer::Possible(e164),
        _ => Answer::None,
    };
    let named = Region::named(region);
    assert_eq!(named.is_some(), !region.is_empty(), "the region {region}");
    let list = LISTS.iter().position(|known| *known == list).expect("a list");
    (list, Question { text, region: named, answer, e164, plan: (place, number_type), settled })
}

fn node(arguments: &[&str]) -> String {
    let program = root().join("node_modules/.bin/node");
    let output = Command::new(&program).args(arguments).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}; cargo xtask build installs it", program.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn numbers_agree_with_libphonenumber() {
    let printed = node(&["tests/phones/oracle.mjs"]);
    let mut lines = printed.lines();
    let release = lines.next().expect("the oracle's release");
    assert!(phone_metadata().ends_with(release), "the oracle is {release}; the table: {}", phone_metadata());

    let mut asked = [0; LISTS.len()];
    let mut counts = [[0; LISTS.len()]; DIFFERENCES.len()];
    let mut unexplained = Vec::new();
    let mut types: BTreeMap<&str, usize> = BTreeMap::new();
    let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        let (list, question) = parse(line);
        asked[list] += 1;
        let ours = normalize_phone(question.text, question.region);
        if let Ok(number) = &ours {
            let again = normalize_phone(number.as_str(), None).expect("a number in E.164 form");
            assert_eq!((again.as_str(), again.judged, again.changed), (number.as_str(), number.judged, false));
            assert_eq!(number.changed, number.as_str() != question.text);
        }
        if Answer::of(&ours) != question.answer {
            match DIFFERENCES.iter().position(|difference| (difference.holds)(&question, &ours)) {
                Some(place) => counts[place][list] += 1,
                None => unexplained.push(format!("{line}: {ours:?}")),
            }
        } else if let Ok(Number { judged, .. }) = &ours
            && judged.assigned
        {
            // What the oracle calls 001 is no region.
            let region = judged.region.map_or("001", Region::as_str);
            let plan = (region, judged.number_type.as_str());
            if plan != question.plan {
                unexplained.push(format!("{line}: {plan:?}"));
            }
            *types.entry(question.plan.1).or_default() += 1;
            *regions.entry(question.plan.0).or_default() += 1;
        }
    }

    println!("{LISTS:?}: {asked:?}, {} regions, types {types:?}", regions.len());
    for (difference, counts) in DIFFERENCES.iter().zip(&counts) {
        println!("{counts:?}: {}", difference.why);
    }
    let differences: usize = counts.iter().map(|counts| counts[2]).sum();
    println!("mutated numbers that differ: {differences} on purpose, {} else", unexplained.len());
    let shown = &unexplained[..unexplained.len().min(SHOWN)];
    assert!(unexplained.is_empty(), "{} differences without a reason, such as {shown:#?}", unexplained.len());
    let expected = DIFFERENCES.map(|difference| difference.counts);
    assert_eq!(counts, expected, "the counts of DIFFERENCES are not true any more");
    assert!(
        asked[2] >= 100_000 && asked[1] >= 7_500 && regions.len() > 240 && types.len() == 11,
        "the oracle asked too little"
    );
}

#[test]
fn decimal_digits_of_all_scripts_are_read() {
    let script = "for (let code = 128; code < 0x110000; code += 1)
        if (/\\p{Nd}/u.test(String.fromCodePoint(code))) process.stdout.write(String.fromCodePoint(code))";
    let printed = node(&["--eval", script]);
    let digits: Vec<char> = printed.chars().collect();
    assert!(digits.len() > 700);
    for set in digits.chunks(10) {
        let text: String = "442079460018".bytes().map(|digit| set[usize::from(digit - b'0')]).collect();
        let number = normalize_phone(&format!("+{text}"), None).expect("a number");
        assert_eq!(number.as_str(), "+442079460018", "the digits from {:?} on", set[0]);
    }
}
