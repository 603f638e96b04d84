//! Values while a template is rendered, and how they become numbers and answers, as the reference does it.
//!
//! A recipient's text is borrowed and goes to the output without being copied. What a filter makes is owned, and shared
//! as soon as it is kept.

use std::cmp::Ordering;
use std::ops::Deref;
use std::rc::Rc;

use super::failure::Failure;
use super::number::Number;
use super::space;

/// A value.
#[derive(Clone, Debug, Default)]
pub enum Value<'a> {
    /// Nothing: `nil`, JSON's null, or a variable that is not there.
    #[default]
    Nil,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Str<'a>),
    /// The whole numbers from the first to the second, both included. Boxed, so that all other values are moved in fewer
    /// bytes.
    Range(Box<[i64; 2]>),
    /// Values in order.
    Array(Rc<[Value<'a>]>),
    /// Values by name.
    Object(Rc<[Member<'a>]>),
    /// `forloop` or `tablerowloop` of a loop that runs: its number among them.
    Loop(u32),
}

/// A name and its value.
pub type Member<'a> = (Str<'a>, Value<'a>);

/// A word that asks something of a value.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    Size,
    First,
    Last,
}

/// The text of a value: borrowed, made by a filter, or kept and shared.
#[derive(Clone, Debug)]
pub enum Str<'a> {
    /// Of the template, or of a recipient.
    Borrowed(&'a str),
    /// Made just now. A clone copies all of it, so it is shared before it is kept.
    Owned(String),
    /// Kept, and cheap to clone.
    Shared(Rc<str>),
}

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl Str<'_> {
    /// The text, kept in a way that makes a clone cheap.
    fn shared(self) -> Self {
        match self {
            Self::Owned(text) => Self::Shared(text.into()),
            kept => kept,
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Str::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Str::Owned(text))
    }
}

impl<'a> From<Vec<Value<'a>>> for Value<'a> {
    fn from(mut values: Vec<Value<'a>>) -> Self {
        for value in &mut values {
            *value = std::mem::take(value).shared();
        }
        Self::Array(values.into())
    }
}

impl From<Number> for Value<'_> {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(number) => Self::Int(number),
            Number::Float(number) => Self::Float(number),
        }
    }
}

impl<'a> Value<'a> {
    /// The value, kept in a way that makes a clone cheap.
    pub(crate) fn shared(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.shared()),
            kept => kept,
        }
    }

    /// The whole numbers from the first to the last.
    pub(crate) fn range(first: i64, last: i64) -> Self {
        Self::Range(Box::new([first, last]))
    }

    /// Whether a condition takes it as true: anything but nil and false.
    pub(crate) fn is_truthy(&self) -> bool {
        !matches!(self, Self::Nil | Self::Bool(false))
    }

    /// Whether it has nothing in it, as `empty` asks: a text, array or object without elements.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Array(values) => values.is_empty(),
            Self::Object(members) => members.is_empty(),
            _ => false,
        }
    }

    /// Whether nobody would see anything, as `blank` asks: nil, false, white space, or empty.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => space::is_blank(text),
            other => !other.is_truthy() || other.is_empty(),
        }
    }

    /// The text; none for any other value.
    pub(crate) fn as_str(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// The number that arithmetic takes it for: a text by the digits it begins with, anything else that is no number as 0.
    ///
    /// # Errors
    ///
    /// Where it is a whole number that does not fit into 64 bits.
    pub(crate) fn number(&self) -> Result<Number, Failure> {
        Ok(match self {
            Self::Int(number) => Number::Int(*number),
            Self::Float(number) => Number::Float(*number),
            Self::Text(text) => return Number::leading(text).ok_or_else(Failure::too_large),
            _ => Number::Int(0),
        })
    }

    /// How many items a loop goes through.
    pub(super) fn items(&self) -> u64 {
        match self {
            Self::Range(ends) => {
                let [first, last] = **ends;
                if first <= last { last.abs_diff(first).saturating_add(1) } else { 0 }
            }
            Self::Array(values) => values.len() as u64,
            Self::Object(members) => members.len() as u64,
            Self::Text(text) => u64::from(!text.is_empty()),
            _ => 0,
        }
    }

    /// An item that a loop goes through.
    pub(super) fn item(&self, index: u64) -> Value<'a> {
        // All but a range lies in memory.
        let place = index as usize;
        match self {
            Self::Range(ends) => Value::Int(ends[0].saturating_add_unsigned(index)),
            Self::Array(values) => values.get(place).cloned().unwrap_or_default(),
            Self::Object(members) => members.get(place).map_or(Value::Nil, pair),
            other => other.clone(),
        }
    }

    /// What the filters `size`, `first` and `last` find, and these words after a dot; nil where there is none.
    ///
    /// The size of a number is that of its eight bytes, as in the reference.
    pub(crate) fn ask(&self, word: Word) -> Value<'a> {
        let count = match (self, word) {
            (Self::Text(text), Word::Size) => text.chars().count(),
            (Self::Text(text), Word::First) => return character(text.chars().next()),
            (Self::Text(text), Word::Last) => return character(text.chars().next_back()),
            (Self::Array(values), Word::Size) => values.len(),
            (Self::Array(values), Word::First) => return values.first().cloned().unwrap_or_default(),
            (Self::Array(values), Word::Last) => return values.last().cloned().unwrap_or_default(),
            (Self::Object(members), Word::Size) => members.len(),
            (Self::Object(members), Word::First) => return members.first().map_or(Value::Nil, pair),
            (Self::Range(_), Word::Size) => return Value::Int(self.items().try_into().unwrap_or(i64::MAX)),
            (Self::Range(ends), Word::First) => return Value::Int(ends[0]),
            (Self::Range(ends), Word::Last) => return Value::Int(ends[1]),
            (Self::Int(_), Word::Size) => size_of::<i64>(),
            _ => return Value::Nil,
        };
        Value::Int(count as i64)
    }

    /// The member of that name. The last one counts where a name is there twice.
    pub(crate) fn member(&self, name: &str) -> Option<&Value<'a>> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// Whether both are the same; a number is the same whether it is written as a whole one or not.
    pub(crate) fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Self::Nil, Value::Nil) => true,
            (Self::Bool(a), Value::Bool(b)) => a == b,
            (Self::Text(a), Value::Text(b)) => **a == **b,
            (Self::Range(a), Value::Range(b)) => a == b,
            (Self::Loop(a), Value::Loop(b)) => a == b,
            (Self::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b)),
            (Self::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(name, value)| other.member(name).is_some_and(|found| value.equals(found)))
            }
            _ => matches!(self.compare(other), Some(Ordering::Equal)),
        }
    }

    /// Which comes first: only numbers among themselves and texts among themselves have an order.
    pub(crate) fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Value::Text(b)) => Some((**a).cmp(b)),
            (Self::Int(_) | Self::Float(_), Value::Int(_) | Value::Float(_)) => {
                self.number().ok()?.compare(other.number().ok()?)
            }
            _ => None,
        }
    }
}

/// A name and its value as an array of both.
pub(super) fn pair<'a>((name, value): &Member<'a>) -> Value<'a> {
    vec![Value::Text(name.clone()), value.clone()].into()
}

fn character<'a>(c: Option<char>) -> Value<'a> {
    c.map_or("".into(), |c| c.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_other_numbers_are_the_same_texts_and_numbers_are_not() {
        assert!(Value::Int(1).equals(&Value::Float(1.0)));
        assert!(!Value::Int(1).equals(&"1".into()));
        assert!(!Value::Float(f64::NAN).equals(&Value::Float(f64::NAN)));
        assert!(!Value::Nil.equals(&Value::Bool(false)));
        assert_eq!(Value::Int(1).compare(&"1".into()), None);
    }

    #[test]
    fn white_space_is_blank_and_not_empty() {
        assert!(Value::from(" \n").is_blank() && !Value::from(" \n").is_empty());
        assert!(Value::Nil.is_blank() && !Value::Nil.is_empty());
        assert!(Value::from(Vec::new()).is_blank() && Value::from(Vec::new()).is_empty());
        assert!(!Value::Int(0).is_blank());
    }
}
