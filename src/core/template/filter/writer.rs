//! Text that a filter makes: each piece is taken from the budget before being written.

use crate::template::budget::Budget;
use crate::template::failure::Failure;
use crate::template::value::Value;

/// A text that grows. Once something went wrong it grows no more, and nobody has to ask before the end.
pub(super) struct Writer<'b> {
    text: String,
    kept: Option<(usize, usize)>,
    failure: Option<Failure>,
    budget: &'b mut Budget,
}

impl<'b> Writer<'b> {
    /// Writes into the memory of a text that is no longer needed.
    pub(super) fn new(spare: &mut Vec<String>, budget: &'b mut Budget) -> Self {
        // Most texts are shorter, and grow no more.
        let mut text = spare.pop().unwrap_or_else(|| String::with_capacity(64));
        text.clear();
        Self { text, kept: None, failure: None, budget }
    }

    #[inline(never)]
    pub(super) fn push(&mut self, text: &str) {
        if self.takes(text.len()) {
            self.text.push_str(text);
        }
    }

    /// The text that a value counts as.
    pub(super) fn push_value(&mut self, value: &Value<'_>) {
        if let Value::Text(text) = value {
            self.push(text);
        } else if self.takes(value.size()) {
            value.push_text(&mut self.text);
        }
    }

    pub(super) fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    /// Says that the result is this part of the input.
    pub(super) fn keep(&mut self, start: usize, end: usize) {
        self.kept = Some((start, end));
    }

    /// Says that there is no result.
    #[cold]
    pub(super) fn fail(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// What was written so far, to be changed.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// The part of the input that is the result, if one is.
    pub(super) fn kept(&self) -> Option<(usize, usize)> {
        self.kept
    }

    /// What was written.
    pub(super) fn finish(self) -> Result<String, Failure> {
        self.failure.map_or(Ok(self.text), Err)
    }

    fn takes(&mut self, bytes: usize) -> bool {
        if self.failure.is_some() {
            return false;
        }
        match self.budget.memory(bytes) {
            Ok(()) => true,
            Err(failure) => {
                self.fail(failure);
                false
            }
        }
    }
}
