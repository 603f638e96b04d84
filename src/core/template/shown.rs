//! The text of a value: as a message shows it, and as Ruby's `inspect` shows what stands inside of another.

use std::borrow::Cow;

use crate::limits::{TEMPLATE_MEMORY, TEMPLATE_STEPS};

use super::integer::int_text;
use super::number::{Number, float_text};
use super::value::Value;

/// How far the size of a value is counted. One that is larger costs more steps than there are.
const COUNTED: usize = 64 * TEMPLATE_STEPS as usize;

impl Value<'_> {
    /// About how many bytes its text has, to be counted before it is made.
    ///
    /// An array may hold the same large value many times, so counting ends where no budget would allow for more.
    pub(crate) fn size(&self) -> usize {
        if let Self::Text(text) = self {
            return text.len();
        }
        let mut size = 0;
        self.add_size(&mut size);
        size
    }

    fn add_size(&self, size: &mut usize) {
        match self {
            Self::Text(text) => *size += text.len(),
            Self::Array(values) => {
                for value in values.iter() {
                    if *size >= COUNTED {
                        return;
                    }
                    *size += 8;
                    value.add_size(size);
                }
            }
            Self::Object(members) => {
                // Compared with another one each member is looked for.
                *size += members.len().saturating_mul(members.len()) / 4;
                for (name, value) in members.iter() {
                    if *size >= COUNTED {
                        return;
                    }
                    *size += name.len() + 8;
                    value.add_size(size);
                }
            }
            Self::Float(number) => *size += 8 + 8 * Number::Float(*number).cost(),
            _ => *size += 8,
        }
    }

    /// The text of a value that a filter takes as one: nothing for nil, and arrays and objects as Ruby shows them.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            other => {
                let mut out = String::new();
                other.push_text(&mut out);
                Cow::Owned(out)
            }
        }
    }

    /// Appends the value's text, as [`Value::text`] has it.
    pub(crate) fn push_text(&self, out: &mut String) {
        match self {
            Self::Nil => {}
            Self::Text(text) => out.push_str(text),
            other => other.push_shown(out),
        }
    }

    /// Appends the value as Ruby's `inspect` shows it.
    ///
    /// An array may hold the same large value many times, so this ends where no rendering could use it any more.
    pub(crate) fn push_shown(&self, out: &mut String) {
        if out.len() > TEMPLATE_MEMORY as usize {
            return;
        }
        match self {
            Self::Nil => out.push_str("nil"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Int(number) => int_text(*number, out),
            Self::Float(number) => float_text(*number, out),
            Self::Text(text) => push_quoted(text, out),
            Self::Range(ends) => {
                int_text(ends[0], out);
                out.push_str("..");
                int_text(ends[1], out);
            }
            Self::Array(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    value.push_shown(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    push_quoted(name, out);
                    out.push_str("=>");
                    value.push_shown(out);
                }
                out.push('}');
            }
            Self::Loop(_) => out.push_str("Liquid::ForloopDrop"),
        }
    }
}

/// Appends a text as Ruby's `inspect` shows it.
fn push_quoted(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let escape = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\t' => "\\t",
            '\r' => "\\r",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\u{1b}' => "\\e",
            '#' if matches!(rest.peek(), Some('{' | '$' | '@')) => "\\#",
            '\0'..'\u{20}' | '\u{7f}' => {
                out.push_str("\\u00");
                for half in [c as u32 / 16, c as u32 % 16] {
                    out.extend(char::from_digit(half, 16).map(|digit| digit.to_ascii_uppercase()));
                }
                continue;
            }
            c => {
                out.push(c);
                continue;
            }
        };
        out.push_str(escape);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::value::Str;
    use super::*;

    fn shown(value: &Value<'_>) -> String {
        value.text().into_owned()
    }

    #[test]
    fn texts_of_values_are_those_of_ruby() {
        let list = Value::from(vec![Value::Nil, Value::Int(-1), Value::Float(2.0), "a\"#{\n\u{1}é".into()]);
        assert_eq!(shown(&list), r#"[nil, -1, 2.0, "a\"\#{\n\u0001é"]"#);
        let object = Value::Object([(Str::Borrowed("a"), list)].into());
        assert!(shown(&object).starts_with(r#"{"a"=>[nil, "#), "{}", shown(&object));
        assert_eq!(shown(&Value::range(1, 3)), "1..3");
        assert_eq!(shown(&Value::Nil), "");
    }

    #[test]
    fn numbers_far_from_one_cost_more() {
        assert_eq!([0.0, 2.5, -1e15].map(|number| Value::Float(number).size()), [8, 8, 8]);
        assert!([1e300, -1e-300, f64::MAX].iter().all(|number| Value::Float(*number).size() > 64 * 100));
    }
}
