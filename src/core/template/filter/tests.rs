//! What no filter does, whatever it is given. What filters make of ordinary values is in `tests/cases/filters.json`.

use super::{Arguments, Call, Filter, TABLES, find};
use crate::finding::code::Code;
use crate::instant::Instant;
use crate::template::budget::{Budget, Budgets};
use crate::template::failure::Failure;
use crate::template::value::{Str, Value};

fn run<'a>(filter: &Filter, value: Value<'a>, arguments: &[Value<'a>], budgets: Budgets) -> Result<Value<'a>, Failure> {
    let now = Some(Instant(1_796_126_400_000));
    let mut given = Arguments::default();
    for argument in arguments {
        given.push(argument.clone());
    }
    let budget = Budget::new(budgets);
    let mut call = Call { value, arguments: given, flag: false, now, budget, spare: Vec::new() };
    filter.call(&mut call)?;
    Ok(call.value)
}

fn made<'a>(name: &str, input: impl Into<Value<'a>>, arguments: &[Value<'a>]) -> Result<String, Code> {
    let Some(filter) = find(name) else { return Err(Code::TemplateUnknownFilter) };
    let made = run(filter, input.into(), arguments, Budgets::default());
    made.map(|value| value.text().into_owned()).map_err(|failure| failure.into_parts().0)
}

fn all() -> impl Iterator<Item = &'static Filter> {
    TABLES.into_iter().flatten()
}

/// Values of every kind, among them the largest and the oddest.
fn values() -> Vec<Value<'static>> {
    let texts =
        ["", " ", "\0", "é", "\u{10FFFF}", "<", "<script", "%", "%zz", "=", "====", "&", "1e999", "-", "'", "now"];
    let numbers = [0, 1, -1, i64::MAX, i64::MIN, 1_000_000];
    let floats = [-0.0, 0.1, f64::MAX, 5e-324];
    let mut values: Vec<Value<'static>> = vec![Value::Nil, Value::Bool(true), Value::Bool(false), Value::Loop(0)];
    values.extend(texts.map(Value::from));
    values.extend(numbers.map(Value::Int));
    values.extend(floats.map(Value::Float));
    values.extend([Value::range(1, 3), Value::range(3, 1), Value::range(i64::MIN, i64::MAX)]);
    values.push(Value::Object([(Str::Borrowed("a"), Value::Int(1)), (Str::Borrowed("a"), Value::Nil)].into()));
    values.push(Value::Object([].into()));
    values.push(values.clone().into());
    values.push(vec![Value::Int(2), Value::Nil, Value::Float(1.5)].into());
    values.push(Vec::new().into());
    values
}

#[test]
fn any_value_and_any_arguments_are_an_answer() {
    let values = values();
    for filter in all() {
        for input in &values {
            for first in &values {
                for count in filter.arguments.0..=filter.arguments.1 {
                    // The second argument goes through the same values from the other end.
                    let second = values.iter().rev().nth(values.len() / 3).cloned().unwrap_or_default();
                    let arguments = [first.clone(), second];
                    let given = arguments.get(..usize::from(count)).unwrap_or_default();
                    if let Ok(value) = run(filter, input.clone(), given, Budgets::default()) {
                        assert!(!matches!(value, Value::Float(float) if !float.is_finite()), "{}", filter.name);
                    }
                }
            }
        }
    }
}

#[test]
fn no_filter_makes_more_than_the_budget_allows() {
    let budgets = Budgets { steps: 10_000, output: 10_000, memory: 10_000 };
    let long = "a<b>&'% \n,".repeat(10_000);
    let wide = "é".repeat(5_000);
    let list: Value<'_> = vec![Value::from(&*long); 1_000].into();
    for filter in all() {
        for input in [Value::from(&*long), list.clone(), Value::range(0, 90_000)] {
            for first in ["", "a", ",", " ", "%N%1000d%F", &*wide].map(Value::from).into_iter().chain([list.clone()]) {
                let arguments = [first.clone(), Value::from(&*wide)];
                let given = arguments.get(..usize::from(filter.arguments.1)).unwrap_or_default();
                let made = run(filter, input.clone(), given, budgets);
                // What is the input, an argument or an element of one was not made.
                if let Ok(Value::Text(Str::Owned(text))) = made {
                    assert!(text.len() <= 10_000, "{}: {}", filter.name, text.len());
                }
            }
        }
    }
}

#[test]
fn extremes_of_arguments_are_no_special_case() {
    let int = Value::Int;
    for (name, input, arguments, expected) in [
        ("slice", "abc", vec![int(i64::MIN), int(i64::MAX)], ""),
        ("slice", "abc", vec![int(-2), int(i64::MAX)], "bc"),
        ("slice", "abc", vec![int(i64::MAX)], ""),
        ("slice", "abc", vec![int(1), int(i64::MIN)], ""),
        ("truncate", "abc", vec![int(i64::MAX)], "abc"),
        ("truncate", "abc", vec![int(i64::MIN)], "..."),
        ("truncatewords", "a b", vec![int(i64::MIN)], "a..."),
        ("truncatewords", "a b", vec![int(i64::MAX)], "a b"),
        ("replace", "é日", vec!["".into(), "-".into()], "-é-日-"),
        ("date", "now", vec!["%99999999999d".into()], "%99999999999d"),
        ("date", "now", vec!["%1025d %5".into()], "%1025d %5"),
        ("date", "99999999999999999999", vec!["%Y".into()], "99999999999999999999"),
        ("round", "1.5", vec![int(i64::MAX)], "1.5"),
        ("round", "1.5", vec![int(i64::MIN)], "0"),
    ] {
        assert_eq!(made(name, input, &arguments).as_deref(), Ok(expected), "{name} {arguments:?}");
    }
    assert_eq!(made("abs", int(i64::MIN), &[]), Err(Code::TemplateNumberTooLarge));
    assert_eq!(made("divided_by", int(i64::MIN), &[int(-1)]), Err(Code::TemplateNumberTooLarge));
    assert_eq!(made("modulo", int(i64::MIN), &[int(-1)]).as_deref(), Ok("0"));
    assert_eq!(made("times", Value::Float(f64::MAX), &[int(10)]), Err(Code::TemplateNumberTooLarge));
    assert_eq!(made("plus", Value::Float(1e300), &[Value::Float(1e-300)]).as_deref(), Ok("1.0e+300"));
    assert_eq!(made("divided_by", Value::Float(1.0), &[Value::Float(0.0)]), Err(Code::TemplateInvalidArgument));
    assert_eq!(made("size", Value::range(i64::MIN, i64::MAX), &[]).as_deref(), Ok("9223372036854775807"));
    assert_eq!(made("join", Value::range(i64::MIN, i64::MAX), &[]), Err(Code::TemplateRangeTooLong));
}

#[test]
fn the_present_is_only_the_one_that_is_given() {
    for (input, expected) in [("now", None), ("March", None), ("10:30", None), ("2016-03-14", Some("2016"))] {
        let mut arguments = Arguments::default();
        arguments.push("%Y".into());
        let mut call = Call {
            value: input.into(),
            arguments,
            flag: false,
            now: None,
            budget: Budget::new(Budgets::default()),
            spare: Vec::new(),
        };
        let made = find("date").and_then(|filter| filter.call(&mut call).ok()).map(|()| call.value.text().into_owned());
        assert_eq!(made.as_deref(), expected, "{input}");
    }
}
