//! The values of expressions, and the truth of conditions.

use std::cmp::Ordering;

use super::failure::Failure;
use super::frame::{Frame, LoopFrame};
use super::integer::{leading_int, whole_int};
use super::machine::Machine;
use super::program::{Compare, Comparison, Expression, Id, Join, List, Root, Step};
use super::search::find;
use super::value::{Value, Word};
use crate::finding::code::Code;

impl<'a> Machine<'a, '_> {
    /// The value of an expression.
    #[inline]
    pub(super) fn evaluate(&mut self, id: Id) -> Result<Value<'a>, Failure> {
        let template = self.template;
        let Some(expression) = template.program.expressions.get(id as usize) else { return Ok(Value::Nil) };
        match *expression {
            Expression::Path { root: Root::Name(name), steps: List { count: 0, .. }, .. } => Ok(self.variable(name)),
            Expression::Path { root, steps, .. } => self.path(root, steps),
            Expression::Text(range) => Ok(range.of(&template.text).into()),
            Expression::Int(number) => Ok(Value::Int(number)),
            Expression::Float(number) => Ok(Value::Float(number)),
            Expression::Bool(flag) => Ok(Value::Bool(flag)),
            Expression::Nil => Ok(Value::Nil),
            Expression::Empty | Expression::Blank => Ok("".into()),
            Expression::TooLarge => Err(Failure::too_large()),
            Expression::Range(first, last) => Ok(Value::range(self.range_end(first)?, self.range_end(last)?)),
        }
    }

    /// The value of an expression that is looked through, or made a text. That is paid for.
    #[inline(always)]
    pub(super) fn evaluate_through(&mut self, id: Id) -> Result<Value<'a>, Failure> {
        let value = self.evaluate(id)?;
        self.call.budget.step(value.size() / 64)?;
        Ok(value)
    }

    /// A variable: what a loop around says, what was assigned, what was counted, what the scope has.
    #[inline]
    pub(super) fn variable(&self, name: Id) -> Value<'a> {
        if let Some(kept) = self.kept.get(name as usize) {
            if let Some(value) = kept.local.as_ref().or(kept.assigned.as_ref()) {
                return value.clone();
            }
            if let Some(counter) = kept.counter {
                return Value::Int(counter);
            }
        }
        self.scope.variable(Some(name as usize), self.template.names.get(name))
    }

    fn path(&mut self, root: Root, steps: List) -> Result<Value<'a>, Failure> {
        let template = self.template;
        let mut value = match root {
            Root::Name(name) => self.variable(name),
            Root::Computed(name) => {
                let name = self.evaluate_through(name)?;
                let name = name.text();
                match template.names.find(&name) {
                    Some(name) => self.variable(name),
                    None => self.scope.variable(None, &name),
                }
            }
        };
        for step in steps.of(&template.program.steps) {
            let mut cost = 1;
            value = match step {
                Step::Name(range) => self.member(&value, range.of(&template.text), true, &mut cost),
                Step::Index(index) => match self.evaluate(*index)? {
                    Value::Int(index) => element(&value, index),
                    Value::Text(name) => self.member(&value, &name, false, &mut cost),
                    _ => Value::Nil,
                },
            };
            self.call.budget.step(cost)?;
        }
        Ok(value)
    }

    /// What `.name` or `["name"]` finds; the words `size`, `first` and `last` ask something where they follow a dot. Adds
    /// to the steps that it takes.
    fn member(&self, value: &Value<'a>, name: &str, word: bool, cost: &mut usize) -> Value<'a> {
        match value {
            Value::Object(members) => {
                *cost += members.len() * (64 + name.len()) / 1_024;
                if let Some(found) = value.member(name) {
                    return found.clone();
                }
            }
            Value::Loop(serial) => return self.loop_member(*serial, name),
            _ => {}
        }
        let word = match name {
            _ if !word => return Value::Nil,
            "size" => Word::Size,
            "first" => Word::First,
            "last" => Word::Last,
            _ => return Value::Nil,
        };
        *cost += value.as_str().len() / 64;
        value.ask(word)
    }

    /// One end of a range.
    fn range_end(&mut self, id: Id) -> Result<i64, Failure> {
        let literal = matches!(self.template.program.expressions.get(id as usize), Some(Expression::Float(_)));
        match self.evaluate_through(id)? {
            Value::Int(number) => Ok(number),
            Value::Nil => Ok(0),
            Value::Text(text) => leading_int(&text).ok_or_else(Failure::too_large),
            Value::Float(number) if literal => Ok(number as i64),
            _ => Err(Failure::invalid("whole numbers as the ends of a range")),
        }
    }

    /// A number that bounds a loop; None where there is none.
    pub(super) fn bound(&mut self, id: Id) -> Result<Option<i64>, Failure> {
        match self.evaluate_through(id)? {
            Value::Nil => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            Value::Text(text) => whole_int(&text).map(Some).ok_or_else(|| Failure::invalid("a whole number")),
            _ => Err(Failure::invalid("a whole number")),
        }
    }

    /// Whether a condition holds.
    #[inline(always)]
    pub(super) fn condition(&mut self, condition: List) -> Result<bool, Failure> {
        let template = self.template;
        let mut holds = true;
        for comparison in condition.of(&template.program.comparisons) {
            self.place = comparison.at;
            self.call.budget.step(1)?;
            holds = self.comparison(comparison)?;
            match comparison.join {
                Some(Join::And) if holds => {}
                Some(Join::Or) if !holds => {}
                // From right to left, so whatever follows belongs to what is decided.
                _ => break,
            }
        }
        Ok(holds)
    }

    #[inline(always)]
    fn comparison(&mut self, comparison: &Comparison) -> Result<bool, Failure> {
        let Some(compare) = comparison.compare else { return Ok(self.evaluate(comparison.left)?.is_truthy()) };
        if matches!(compare, Compare::Equal | Compare::Unequal) {
            return Ok(self.equal(comparison.left, comparison.right)? == (compare == Compare::Equal));
        }
        let (left, right) = (self.evaluate(comparison.left)?, self.evaluate(comparison.right)?);
        if compare == Compare::Contains {
            return if self.asks(comparison.left) { Ok(false) } else { self.contains(&left, &right) };
        }
        let ordered = |value: &Value<'a>| matches!(value, Value::Int(_) | Value::Float(_) | Value::Text(_));
        if !ordered(&left) || !ordered(&right) || self.asks(comparison.left) || self.asks(comparison.right) {
            return Ok(false);
        }
        self.call.budget.step(left.size().min(right.size()) / 64)?;
        let Some(order) = left.compare(&right) else {
            let numbers = |value: &Value<'a>| !matches!(value, Value::Text(_));
            // Only what is not a number has no order among numbers.
            let same = numbers(&left) == numbers(&right);
            return if same { Ok(false) } else { Err(Failure::new(Code::TemplateNotComparable)) };
        };
        Ok(match compare {
            Compare::Less => order == Ordering::Less,
            Compare::More => order == Ordering::Greater,
            Compare::AtMost => order != Ordering::Greater,
            _ => order != Ordering::Less,
        })
    }

    /// Whether two expressions are equal; `empty` and `blank` ask something of the other one.
    pub(super) fn equal(&mut self, left: Id, right: Id) -> Result<bool, Failure> {
        let expressions = &self.template.program.expressions;
        let (a, b) = (expressions.get(left as usize), expressions.get(right as usize));
        let (asks, other) = match (a, b) {
            (Some(Expression::Empty | Expression::Blank), _) => (a, right),
            (_, Some(Expression::Empty | Expression::Blank)) => (b, left),
            _ => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                let size = match (&left, &right) {
                    (Value::Array(_) | Value::Object(_), Value::Array(_) | Value::Object(_)) => {
                        left.size() + right.size()
                    }
                    (Value::Text(left), Value::Text(right)) => left.len().min(right.len()),
                    _ => 0,
                };
                self.call.budget.step(size / 64)?;
                return Ok(left.equals(&right));
            }
        };
        // Of each other they ask nothing.
        if self.asks(other) {
            return Ok(false);
        }
        let value = self.evaluate_through(other)?;
        Ok(if matches!(asks, Some(Expression::Empty)) { value.is_empty() } else { value.is_blank() })
    }

    /// Whether it is one of the words that ask something of what they are compared with.
    fn asks(&self, id: Id) -> bool {
        matches!(self.template.program.expressions.get(id as usize), Some(Expression::Empty | Expression::Blank))
    }

    fn contains(&mut self, left: &Value<'a>, right: &Value<'a>) -> Result<bool, Failure> {
        if !right.is_truthy() {
            return Ok(false);
        }
        self.call.budget.step((left.size() + right.size()) / 64)?;
        Ok(match left {
            Value::Text(text) => find(text, &right.text()).is_some(),
            Value::Array(values) => {
                self.call.budget.step(values.len())?;
                values.iter().any(|value| value.equals(right))
            }
            Value::Object(_) => matches!(right, Value::Text(name) if left.member(name).is_some()),
            Value::Range(ends) => {
                let [first, last] = **ends;
                match *right {
                    Value::Int(number) => (first..=last).contains(&number),
                    Value::Float(number) => first as f64 <= number && number <= last as f64,
                    _ => false,
                }
            }
            _ => false,
        })
    }

    fn loop_says(&self, own: &LoopFrame<'a>, name: &str) -> Value<'a> {
        match self.template.program.loops.get(own.id as usize) {
            Some(of) if name == "name" && own.columns.is_none() => {
                self.template.program.loop_keys.get(of.key as usize).map_or(Value::Nil, |key| (**key).into())
            }
            _ => own.member(name),
        }
    }

    /// What a loop that runs says of itself.
    fn loop_member(&self, serial: u32, name: &str) -> Value<'a> {
        let mut outer = None;
        for frame in &self.frames {
            let Frame::Loop(own) = frame else { continue };
            if own.serial == serial {
                return if name == "parentloop" && own.columns.is_none() {
                    outer.map_or(Value::Nil, Value::Loop)
                } else {
                    self.loop_says(own, name)
                };
            }
            if own.columns.is_none() {
                outer = Some(own.serial);
            }
        }
        Value::Nil
    }
}

/// The element at an index; negative ones count from the end.
fn element<'a>(value: &Value<'a>, index: i64) -> Value<'a> {
    let Value::Array(values) = value else { return Value::Nil };
    let index = if index < 0 { index.saturating_add(values.len() as i64) } else { index };
    usize::try_from(index).ok().and_then(|index| values.get(index)).cloned().unwrap_or_default()
}
