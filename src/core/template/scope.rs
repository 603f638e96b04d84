//! Where a template's variables come from.

use super::value::Value;

/// The variables that a template is rendered with.
pub trait Scope<'a> {
    /// The value of a variable; nil where there is none.
    ///
    /// `slot` is its place in [`Template::names`](super::Template::names), so that whoever reads recipients matches
    /// names once and then goes by numbers. There is none for a name that is only made while rendering, such as that of
    /// `{{ [key] }}`.
    fn variable(&self, slot: Option<usize>, name: &str) -> Value<'a>;
}

/// No variables at all.
impl<'a> Scope<'a> for () {
    fn variable(&self, _: Option<usize>, _: &str) -> Value<'a> {
        Value::Nil
    }
}

/// Texts by slot, as a recipient has them.
#[derive(Clone, Copy, Debug)]
pub struct Slots<'a>(pub &'a [Option<&'a str>]);

impl<'a> Scope<'a> for Slots<'a> {
    #[inline]
    fn variable(&self, slot: Option<usize>, _: &str) -> Value<'a> {
        slot.and_then(|slot| *self.0.get(slot)?).map_or(Value::Nil, Value::from)
    }
}
