//! Variables as JSON: any value, read with core's own reader and kept exactly.

use std::borrow::Cow;
use std::rc::Rc;

use super::Template;
use super::float;
use super::integer::whole_int;
use super::number::Number;
use super::scope::Scope;
use super::value::{Member, Str, Value};
use crate::finding::code::Code;
use crate::finding::issue::{Issue, Params};
use crate::limits::{TEMPLATE_STEPS, TEMPLATE_VARIABLES, TEMPLATE_VARIABLES_DEPTH};
use crate::order;
use crate::reader::scan::{Kind, Reader, Stop, Why};
use crate::text::Text;

/// Variables that were read, as one template knows them.
pub struct Variables<'a> {
    /// By slot.
    known: Vec<Value<'a>>,
    /// Those that the template does not name, where it may ask for them all the same.
    others: Vec<Member<'a>>,
    /// Their places in the order of their names, equal ones as they stand.
    order: Vec<usize>,
}

impl<'a> Variables<'a> {
    /// Reads the JSON object whose members are the variables, for a template.
    ///
    /// Whole numbers of up to 64 bits stay exact, and a number too large for any becomes the text that it is written as. Of
    /// equal names the last one counts.
    ///
    /// # Errors
    ///
    /// The issue, when the bytes are no JSON object, or larger or deeper than a template's variables may be, or when
    /// numbers far from one take more steps than a rendering may.
    pub fn read(json: &'a [u8], template: &Template) -> Result<Self, Issue> {
        if json.len() > TEMPLATE_VARIABLES {
            let params = vec![("length", json.len().into()), ("limit", TEMPLATE_VARIABLES.into())];
            return Err(issue(Code::TemplateVariablesTooLarge, 0, params));
        }
        let mut reader = Reader::new(json, 0);
        match reader.peek() {
            Ok((Kind::Object, _)) => {}
            Ok((kind, at)) => {
                let params = vec![("expected", "an object".into()), ("found", kind.name().into())];
                return Err(issue(Code::WrongType, at, params));
            }
            Err(Stop) => return Err(refusal(&reader, json)),
        }
        let read = members(&mut reader, template).map_err(|Stop| refusal(&reader, json))?;
        if let Some(at) = (reader.at()..json.len()).find(|&at| !json.get(at).is_some_and(u8::is_ascii_whitespace)) {
            return Err(issue(Code::NotJson, at, vec![("expected", "nothing more".into())]));
        }
        Ok(read)
    }
}

impl<'a> Scope<'a> for Variables<'a> {
    fn variable(&self, slot: Option<usize>, name: &str) -> Value<'a> {
        let found = match slot {
            Some(slot) => self.known.get(slot),
            // The last one of that name.
            None => {
                let other = |place: &usize| self.others.get(*place);
                let behind =
                    self.order.partition_point(|place| other(place).is_some_and(|(known, _)| **known <= *name));
                let last = behind.checked_sub(1).and_then(|last| other(self.order.get(last)?));
                last.filter(|(known, _)| **known == *name).map(|(_, value)| value)
            }
        };
        found.cloned().unwrap_or_default()
    }
}

/// Why nothing was read.
fn refusal(reader: &Reader<'_>, json: &[u8]) -> Issue {
    let (code, at, expected) = match reader.why() {
        Why::End(expected) => (Code::Truncated, json.len(), expected),
        Why::Broken { at, code, expected } => (code, at, expected),
    };
    let params = match code {
        Code::NotUtf8 => vec![],
        Code::TemplateVariablesTooDeep => vec![("limit", TEMPLATE_VARIABLES_DEPTH.into())],
        Code::TemplateTooManySteps => vec![("limit", TEMPLATE_STEPS.into())],
        _ => vec![("expected", expected.into())],
    };
    issue(code, at, params)
}

fn issue(code: Code, at: usize, params: Params) -> Issue {
    Issue { code, at: "/variables".to_owned(), offset: at as u64, span: None, params }
}

/// Reads the members at the root. What the template cannot ask for is passed over.
fn members<'a>(reader: &mut Reader<'a>, template: &Template) -> Result<Variables<'a>, Stop> {
    let mut known = vec![Value::Nil; template.names.all().len()];
    let mut others = Vec::new();
    let mut steps = 0;
    let mut open = reader.object()?;
    while let Some(name) = open.next(reader)? {
        let slot = template.names.find(&name.decode()).and_then(|id| known.get_mut(id as usize));
        match slot {
            Some(slot) => *slot = value(reader, 1, &mut steps)?,
            None if template.computes_names => {
                others.push((kept(&name), value(reader, 1, &mut steps)?));
            }
            None => reader.skip()?,
        }
    }
    let name = |place: usize| others.get(place).map_or("", |(name, _): &Member<'a>| &**name);
    let order = order::places(others.len(), &|a, b| (name(a), a) < (name(b), b));
    Ok(Variables { known, others, order })
}

/// Reads a value. It calls itself no deeper than variables may be nested. `steps` are those that numbers have taken: those
/// far from one take long.
fn value<'a>(reader: &mut Reader<'a>, depth: usize, steps: &mut usize) -> Result<Value<'a>, Stop> {
    let (kind, at) = reader.peek()?;
    if depth >= TEMPLATE_VARIABLES_DEPTH && matches!(kind, Kind::Object | Kind::Array) {
        return Err(reader.refuse(at, Code::TemplateVariablesTooDeep));
    }
    Ok(match kind {
        Kind::String => Value::Text(kept(&reader.string()?)),
        Kind::Number => {
            let number = number(reader.number_text()?, steps);
            if *steps > TEMPLATE_STEPS as usize {
                return Err(reader.refuse(at, Code::TemplateTooManySteps));
            }
            number
        }
        Kind::Null => {
            reader.skip()?;
            Value::Nil
        }
        Kind::Boolean => {
            reader.skip()?;
            Value::Bool(reader.at() - at == "true".len())
        }
        Kind::Array => {
            let mut values = Vec::new();
            reader.array(&mut |reader, _| {
                values.push(value(reader, depth + 1, steps)?);
                Ok(())
            })?;
            Value::Array(values.into())
        }
        Kind::Object => {
            let mut members: Vec<Member<'a>> = Vec::new();
            let mut open = reader.object()?;
            while let Some(name) = open.next(reader)? {
                members.push((kept(&name), value(reader, depth + 1, steps)?));
            }
            Value::Object(members.into())
        }
    })
}

fn kept<'a>(text: &Text<'a>) -> Str<'a> {
    match text.decode() {
        Cow::Borrowed(text) => Str::Borrowed(text),
        Cow::Owned(text) => Str::Shared(Rc::from(text)),
    }
}

/// A number, and the steps that it takes.
fn number<'a>(text: &'a str, steps: &mut usize) -> Value<'a> {
    if let Some(number) = whole_int(text) {
        return Value::Int(number);
    }
    if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        let float = float::parse(text);
        // Zero may be what is left of a number that was far from one.
        *steps += if float == 0.0 { text.len() } else { Number::Float(float).cost() / 8 };
        if float.is_finite() {
            return Value::Float(float);
        }
    }
    text.into()
}
