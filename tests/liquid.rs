//! Templates against liquidjs, over 8,000 that are put together from a grammar of tags and filters.
//!
//! `liquid/oracle.mjs` makes them and asks. LiquidJS follows Shopify's reference where a theme would notice; we follow
//! it everywhere. Where the two differ a rule says so, with what the reference does, and the counts stay true: one that
//! no longer happens fails as well as one without a reason.

use std::process::Command;

use postgate_core::{Instant, render_template};
use postgate_tests::root;
use serde_json::Value;

/// Templates that are shown where a difference has no reason.
const SHOWN: usize = 10;

/// A template, and what both make of it.
struct Question {
    template: String,
    /// The filters, operators and blocks in it.
    made: Vec<String>,
    /// None where liquidjs refuses it.
    theirs: Option<String>,
    ok: bool,
    ours: String,
    /// What our first issue expected, or its code.
    refusal: String,
}

impl Question {
    fn has(&self, names: &[&str]) -> bool {
        self.made.iter().any(|made| names.contains(&made.as_str()))
    }

    /// Whether both texts are the same after a change to each.
    fn same(&self, change: fn(&str) -> String) -> bool {
        self.ok && self.theirs.as_deref().is_some_and(|theirs| change(theirs) == change(&self.ours))
    }
}

/// A difference on purpose. A template belongs to the first whose rule holds.
struct Difference {
    why: &'static str,
    holds: fn(&Question) -> bool,
    /// How many there are.
    count: usize,
}

/// Without the point and zero after whole floats.
fn whole(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once(".0") {
        out.push_str(front);
        let is = front.ends_with(|c: char| c.is_ascii_digit()) && !behind.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(if is { "" } else { ".0" });
        rest = behind;
    }
    out + rest
}

/// Without the newlines of rows of tables, and without empty rows.
fn rows(text: &str) -> String {
    text.replace("\"row1\">\n", "\"row1\">").replace("</tr>\n", "</tr>").replace("<tr class=\"row1\"></tr>", "")
}

fn without_space(text: &str) -> String {
    rows(text).split_whitespace().collect()
}

const COMPUTING: [&str; 10] =
    ["abs", "at_least", "at_most", "ceil", "floor", "round", "plus", "minus", "times", "modulo"];

const DIFFERENCES: &[Difference] = &[
    Difference {
        why: "A number and a text have no order, and the reference says so. LiquidJS compares them as JavaScript does.",
        holds: |question| question.refusal == "template/not-comparable",
        count: 350,
    },
    Difference {
        why: "The reference asks numbers for no property. In LiquidJS they have none.",
        holds: |question| question.refusal == "a list of objects",
        count: 194,
    },
    Difference {
        why: "Nothing is divided by zero. In LiquidJS the result is NaN or Infinity.",
        holds: |question| question.refusal == "a divisor other than 0",
        count: 47,
    },
    Difference {
        why: "The reference sorts no objects without a property. LiquidJS leaves them in their order.",
        holds: |question| question.refusal == "a list of numbers, or one of texts",
        count: 25,
    },
    Difference {
        why: "The reference writes a newline behind the first row's tag and behind each row, and one row where there is \
              nothing to show.",
        holds: |question| question.has(&["tablerow"]) && question.same(rows),
        count: 968,
    },
    Difference {
        why: "A float that is whole keeps its point. JavaScript does not tell it from a whole number.",
        holds: |question| question.same(whole),
        count: 78,
    },
    Difference {
        why: "Whole numbers are divided to a whole number. LiquidJS does so only if asked.",
        holds: |question| question.has(&["divided_by"]),
        count: 25,
    },
    Difference {
        why: "As many words as are wanted are not cut, and at least one is kept. LiquidJS marks them as cut.",
        holds: |question| question.has(&["truncatewords"]),
        count: 32,
    },
    Difference {
        why: "A text is longer than a length below zero, so it is cut. LiquidJS leaves the empty text.",
        holds: |question| question.template.contains("truncate: -"),
        count: 6,
    },
    Difference {
        why: "A quotation mark is escaped by its name. LiquidJS escapes it by its number.",
        holds: |question| question.same(|text| text.replace("&#34;", "&quot;")),
        count: 5,
    },
    Difference {
        why: "The empty text is found around every character. LiquidJS finds it between them.",
        holds: |question| question.has(&["replace", "replace_first", "replace_last"]),
        count: 5,
    },
    Difference {
        why: "A text counts by the number it begins with, and true as 0. JavaScript takes all of a text or nothing, and \
              true as 1.",
        holds: |question| question.has(&COMPUTING),
        count: 29,
    },
    Difference {
        why: "The size of a whole number is that of its eight bytes. LiquidJS has 0.",
        holds: |question| question.has(&["size"]) && question.ours == "8",
        count: 4,
    },
    Difference {
        why: "Objects are sorted by their text. LiquidJS leaves them in their order.",
        holds: |question| question.has(&["sort", "sort_natural"]),
        count: 17,
    },
    Difference {
        why: "Asking for nil asks for anything, and a text has what it contains. LiquidJS compares with nil, and a text \
              has no property.",
        holds: |question| question.has(&["where", "reject", "find", "find_index", "has"]),
        count: 7,
    },
    Difference {
        why: "An object is shown as Ruby shows it. JavaScript calls every one [object Object].",
        holds: |question| question.theirs.as_deref().is_some_and(|theirs| theirs.contains("[object Object]")),
        count: 43,
    },
    Difference {
        why: "The text of an array is the one Ruby shows, once a filter takes it as a text. LiquidJS puts its elements \
              side by side.",
        holds: |question| question.has(&["split"]) && question.ours.contains('['),
        count: 6,
    },
    Difference {
        why: "Things are told apart by a property where one is named. LiquidJS does not look at it.",
        holds: |question| question.has(&["uniq"]),
        count: 17,
    },
    Difference {
        why: "True is not a number of a sum. In JavaScript it is 1.",
        holds: |question| question.has(&["sum"]),
        count: 1,
    },
    Difference {
        why: "A loop over a text runs once, whatever its limit and offset.",
        holds: |question| question.has(&["for of a text"]),
        count: 31,
    },
    Difference {
        why: "A loop has its else where limit or offset leave nothing of a list. LiquidJS has it for empty lists only.",
        holds: |question| question.has(&["for of a part"]),
        count: 35,
    },
    Difference {
        why: "A block with nothing but white space in it puts none out.",
        holds: |question| question.same(without_space),
        count: 5,
    },
    Difference {
        why: "Only numbers and texts have an order. In JavaScript true is above false, and a list a text.",
        holds: |question| question.has(&["<", ">", "<=", ">="]),
        count: 38,
    },
    Difference {
        why: "Each value of a when that fits puts its block out. In LiquidJS it is put out once.",
        holds: |question| question.has(&["case"]),
        count: 2,
    },
];

fn questions() -> Vec<Question> {
    let program = root().join("node_modules/.bin/node");
    let output = Command::new(&program).arg("tests/liquid/oracle.mjs").current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}; cargo xtask build installs it", program.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let mut lines = printed.lines();
    println!("the oracle is {}", lines.next().expect("its release"));
    let variables = lines.next().expect("the variables");
    let now = Instant::parse("2026-12-01T12:00:00Z");
    let question = |line: &str| {
        let (template, made, theirs): (String, _, _) = serde_json::from_str(line).expect("a line of the oracle");
        let ours = render_template(&template, variables.as_bytes(), now);
        let ours: Value = serde_json::from_str(&ours).expect("JSON");
        let issue = &ours["issues"][0];
        let refusal = issue["params"]["expected"].as_str().or(issue["code"].as_str()).unwrap_or_default().to_owned();
        let (ok, ours) = (ours["ok"] == true, ours["text"].as_str().expect("a text").to_owned());
        Question { template, made, theirs, ok, ours, refusal }
    };
    lines.map(question).collect()
}

#[test]
fn templates_agree_with_liquidjs_or_with_the_reference() {
    let questions = questions();
    assert_eq!(questions.len(), 8_000);
    let refused = questions.iter().filter(|question| question.theirs.is_none()).count();
    println!("{} templates, of which liquidjs refuses {refused}", questions.len());
    let (mut counts, mut unexplained) = (vec![0; DIFFERENCES.len()], Vec::new());
    for question in &questions {
        let same = match &question.theirs {
            Some(theirs) => question.ok && *theirs == question.ours,
            None => !question.ok,
        };
        if same {
            continue;
        }
        match DIFFERENCES.iter().position(|difference| (difference.holds)(question)) {
            Some(place) => counts[place] += 1,
            None => unexplained.push(question),
        }
    }
    for (difference, count) in DIFFERENCES.iter().zip(&counts) {
        println!("{count}: {}", difference.why);
    }
    let shown = unexplained.iter().take(SHOWN).map(|question| {
        let Question { template, theirs, ours, refusal, .. } = question;
        format!("{template}\n  liquidjs {theirs:?}\n  ours {ours:?} {refusal}")
    });
    let shown = shown.collect::<Vec<_>>().join("\n");
    assert!(unexplained.is_empty(), "{} differences without a reason, such as\n{shown}", unexplained.len());
    let expected: Vec<usize> = DIFFERENCES.iter().map(|difference| difference.count).collect();
    assert_eq!(counts, expected, "the counts are not true any more");
}
