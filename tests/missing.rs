//! What a text lacks, against a plain model: templates of a small language that are read twice, by the renderer and by
//! a tree walk in which each value carries what went missing on its way.

use std::collections::{BTreeMap, BTreeSet};

use postgate_core::{RenderOptions, Renderer, Slots, Template};
use proptest::prelude::*;
use proptest::sample::select;

/// Variables that every recipient has, and what they have there.
const GIVEN: [(&str, &str); 4] = [("a", "x"), ("b", "Ann,,Bo"), ("c", "one two"), ("e", "")];
/// Variables that nobody has.
const LACKED: [&str; 2] = ["m", "n"];
/// Variables of the template's own; the last one is also what a loop goes by. At first they are empty: a template that may
/// leave its own variable without a value is warned of once, as no recipient can help it.
const OWN: [&str; 3] = ["v", "w", "i"];
const FIRST: &str = "{% assign v = '' %}{% assign w = '' %}{% assign i = '' %}";

/// A statement.
#[derive(Clone, Debug)]
enum Statement {
    Text,
    Output(Chain),
    Assign(&'static str, Chain),
    Cycle(Operand),
    If(&'static str, Vec<Statement>, Vec<Statement>),
    Capture(&'static str, Vec<Statement>),
    For(Operand, Vec<Statement>, Option<Vec<Statement>>),
}

/// A value and the filters behind it.
#[derive(Clone, Debug)]
struct Chain(Operand, Vec<(&'static str, Option<Operand>)>);

/// What a filter is given: a text, or a variable, of which an element may be meant.
#[derive(Clone, Debug)]
enum Operand {
    Quoted(&'static str),
    Name(&'static str, Option<usize>),
}

impl Operand {
    fn written(&self) -> String {
        match self {
            Self::Quoted(text) => format!("'{text}'"),
            Self::Name(name, None) => (*name).to_owned(),
            Self::Name(name, Some(index)) => format!("{name}[{index}]"),
        }
    }
}

impl Chain {
    fn written(&self) -> String {
        let filters = self.1.iter().map(|(name, argument)| match argument {
            Some(argument) => format!(" | {name}: {}", argument.written()),
            None => format!(" | {name}"),
        });
        self.0.written() + &filters.collect::<String>()
    }
}

fn written(statements: &[Statement]) -> String {
    let statement = |statement: &Statement| match statement {
        Statement::Text => ".".to_owned(),
        Statement::Output(chain) => format!("{{{{ {} }}}}", chain.written()),
        Statement::Assign(name, chain) => format!("{{% assign {name} = {} %}}", chain.written()),
        Statement::Cycle(operand) => format!("{{% cycle {} %}}", operand.written()),
        Statement::If(name, then, otherwise) => {
            format!("{{% if {name} %}}{}{{% else %}}{}{{% endif %}}", written(then), written(otherwise))
        }
        Statement::Capture(name, inside) => format!("{{% capture {name} %}}{}{{% endcapture %}}", written(inside)),
        Statement::For(list, body, otherwise) => {
            let otherwise = otherwise.as_ref().map(|inside| format!("{{% else %}}{}", written(inside)));
            let otherwise = otherwise.unwrap_or_default();
            format!("{{% for i in {} %}}{}{otherwise}{{% endfor %}}", list.written(), written(body))
        }
    };
    statements.iter().map(statement).collect()
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Nil,
    Text(String),
    List(Vec<Value>),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Nil => String::new(),
            Self::Text(text) => text.clone(),
            Self::List(values) => values.iter().map(Self::text).collect(),
        }
    }

    /// The text that a filter takes it for: a list as Ruby shows it.
    fn shown(&self) -> String {
        let Self::List(values) = self else { return self.text() };
        let shown: Vec<String> = values.iter().map(|value| format!("{:?}", value.text())).collect();
        format!("[{}]", shown.join(", "))
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Text(text) => text.is_empty(),
            Self::List(values) => values.is_empty(),
        }
    }
}

/// What went missing.
type Lacks = BTreeSet<String>;

/// A value, and what went missing on its way.
type Lacking = (Value, Lacks);

/// What a template knows of its own names: what was assigned, and what loops around say.
struct Model {
    assigned: BTreeMap<&'static str, Lacking>,
    loops: Vec<Lacking>,
}

impl Model {
    fn new() -> Self {
        let empty = |name| (name, (Value::Text(String::new()), Lacks::new()));
        Self { assigned: OWN.into_iter().map(empty).collect(), loops: Vec::new() }
    }

    /// The value of a name. Nothing is lacking where the template gave it itself.
    fn name(&self, name: &'static str) -> (Lacking, bool) {
        let looped = self.loops.last().filter(|_| name == "i");
        if let Some(own) = looped.or(self.assigned.get(name)) {
            return (own.clone(), true);
        }
        match GIVEN.into_iter().find(|(known, _)| *known == name) {
            Some((_, text)) => ((Value::Text(text.to_owned()), Lacks::new()), false),
            None => ((Value::Nil, Lacks::from([name.to_owned()])), false),
        }
    }

    fn operand(&self, operand: &Operand) -> Lacking {
        match operand {
            Operand::Quoted(text) => (Value::Text((*text).to_owned()), Lacks::new()),
            Operand::Name(name, None) => self.name(name).0,
            Operand::Name(name, Some(index)) => {
                let ((whole, lacks), own) = self.name(name);
                let found = match &whole {
                    Value::List(values) => values.get(*index).cloned().unwrap_or(Value::Nil),
                    _ => Value::Nil,
                };
                let has_parts = !own || whole != Value::Nil && !whole.is_empty();
                let lacks = match found {
                    // The part itself is what is lacking, unless that is known better.
                    Value::Nil if (lacks.is_empty() || !own) && has_parts => Lacks::from([operand.written()]),
                    _ => lacks,
                };
                (found, lacks)
            }
        }
    }

    fn chain(&self, Chain(value, filters): &Chain) -> Lacking {
        let (mut value, mut lacks) = self.operand(value);
        for (filter, argument) in filters {
            let (argument, of_argument) =
                argument.as_ref().map_or((Value::Nil, Lacks::new()), |argument| self.operand(argument));
            let (text, other) = (value.shown(), argument.shown());
            value = match *filter {
                "append" | "prepend" => {
                    lacks.extend(of_argument);
                    Value::Text(if *filter == "append" { text + &other } else { other + &text })
                }
                "default" if value == Value::Nil || value.is_empty() => {
                    lacks = of_argument;
                    argument
                }
                "default" => value,
                "upcase" => Value::Text(text.to_uppercase()),
                // Empty texts at the end are none.
                "split" => {
                    let mut parts: Vec<&str> =
                        if other == " " { text.split_whitespace().collect() } else { text.split(&other).collect() };
                    while parts.last().is_some_and(|last| last.is_empty()) {
                        parts.pop();
                    }
                    Value::List(parts.into_iter().map(|part| Value::Text(part.to_owned())).collect())
                }
                _ => {
                    let parts = match value {
                        Value::List(values) => values,
                        Value::Text(text) if text.is_empty() => vec![Value::Text(text)],
                        other => other.text().chars().map(|c| Value::Text(c.into())).collect(),
                    };
                    let part = if *filter == "first" { parts.first() } else { parts.last() };
                    part.cloned().unwrap_or(Value::Nil)
                }
            };
        }
        (value, lacks)
    }

    /// Carries statements out: the text that they write, and what it lacks.
    fn run(&mut self, statements: &[Statement]) -> (String, Lacks) {
        let (mut out, mut lacks) = (String::new(), Lacks::new());
        for statement in statements {
            let (text, of_text) = match statement {
                Statement::Text => (".".to_owned(), Lacks::new()),
                Statement::Output(chain) => {
                    let (value, lacks) = self.chain(chain);
                    (value.text(), lacks)
                }
                Statement::Cycle(operand) => {
                    let (value, lacks) = self.operand(operand);
                    (value.text(), lacks)
                }
                Statement::Assign(name, chain) => {
                    let value = self.chain(chain);
                    self.assigned.insert(name, value);
                    continue;
                }
                Statement::If(name, then, otherwise) => {
                    let holds = self.name(name).0.0 != Value::Nil;
                    self.run(if holds { then } else { otherwise })
                }
                Statement::Capture(name, inside) => {
                    let (text, lacks) = self.run(inside);
                    self.assigned.insert(name, (Value::Text(text), lacks));
                    continue;
                }
                Statement::For(list, body, otherwise) => {
                    let (list, of_list) = self.operand(list);
                    let items = match list {
                        Value::List(values) => values,
                        Value::Text(text) if !text.is_empty() => vec![Value::Text(text)],
                        _ => vec![],
                    };
                    match otherwise {
                        Some(otherwise) if items.is_empty() => self.run(otherwise),
                        _ => {
                            let mut all = (String::new(), Lacks::new());
                            for item in items {
                                self.loops.push((item, of_list.clone()));
                                let (text, lacks) = self.run(body);
                                self.loops.pop();
                                all.0 += &text;
                                all.1.extend(lacks);
                            }
                            all
                        }
                    }
                }
            };
            out += &text;
            lacks.extend(of_text);
        }
        (out, lacks)
    }
}

fn operand() -> impl Strategy<Value = Operand> {
    let names: Vec<&str> = GIVEN.iter().map(|(name, _)| *name).chain(LACKED).chain(OWN).chain(OWN).collect();
    prop_oneof![
        1 => select(vec!["", ",", " ", "Hi"]).prop_map(Operand::Quoted),
        4 => select(names.clone()).prop_map(|name| Operand::Name(name, None)),
        1 => (select(names), 0..3_usize).prop_map(|(name, index)| Operand::Name(name, Some(index))),
    ]
}

fn chain() -> impl Strategy<Value = Chain> {
    let separator = select(vec![",", " ", "n"]).prop_map(|text| Some(Operand::Quoted(text)));
    let filter = prop_oneof![
        select(vec!["upcase", "first", "last"]).prop_map(|name| (name, None)),
        (select(vec!["append", "prepend", "default"]), operand()).prop_map(|(name, operand)| (name, Some(operand))),
        separator.prop_map(|separator| ("split", separator)),
    ];
    (operand(), prop::collection::vec(filter, 0..3)).prop_map(|(value, filters)| Chain(value, filters))
}

fn statements() -> impl Strategy<Value = Vec<Statement>> {
    let list = operand().prop_filter("a variable", |operand| matches!(operand, Operand::Name(..))).boxed();
    let leaf = prop_oneof![
        1 => Just(Statement::Text),
        3 => chain().prop_map(Statement::Output),
        3 => (select(&OWN[..]), chain()).prop_map(|(name, chain)| Statement::Assign(name, chain)),
        1 => operand().prop_map(Statement::Cycle),
    ];
    let statement = leaf.prop_recursive(3, 24, 4, move |inner| {
        let body = prop::collection::vec(inner, 1..4);
        let names: Vec<&str> = ["a", "m", "v", "i"].to_vec();
        prop_oneof![
            1 => (select(names), body.clone(), body.clone())
                .prop_map(|(name, then, otherwise)| Statement::If(name, then, otherwise)),
            1 => (select(&OWN[..]), body.clone()).prop_map(|(name, inside)| Statement::Capture(name, inside)),
            2 => (list.clone(), body.clone(), prop::option::of(body))
                .prop_map(|(list, body, otherwise)| Statement::For(list, body, otherwise)),
        ]
    });
    prop::collection::vec(statement, 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_lacks_what_the_model_says(statements in statements()) {
        let text = FIRST.to_owned() + &written(&statements);
        let parsed = Template::parse(&text);
        prop_assert!(parsed.issues.is_empty(), "{text}: {:?}", parsed.issues);
        let template = parsed.template.expect("a template");
        let given = |name: &str| GIVEN.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text);
        let slots: Vec<Option<&str>> = template.names().map(given).collect();
        let mut renderer = Renderer::default();
        let scope = Slots(&slots);
        let rendered = renderer.render(&template, &scope, &RenderOptions::default());
        prop_assert!(rendered.ok(), "{text}: {:?}", rendered.issues);
        let (expected, lacks) = Model::new().run(&statements);
        prop_assert_eq!(rendered.text, &expected, "{}", text);
        let missing: Lacks = rendered.missing().map(|missing| missing.path.to_owned()).collect();
        prop_assert_eq!(missing, lacks, "{}", text);
    }
}
