//! Text that a filter makes: each piece is taken from the budget in front of being written.

use crate::template::budget::Budget;
use crate::template::failure::Failure;
use crate::template::value::Value;

/// A text that grows.
pub(super) struct Writer<'b> {
    text: String,
    budget: &'b mut Budget,
}

impl<'b> Writer<'b> {
    pub(super) fn new(text: String, budget: &'b mut Budget) -> Self {
        Self { text, budget }
    }

    #[inline(never)]
    pub(super) fn push(&mut self, text: &str) -> Result<(), Failure> {
        self.budget.memory(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    /// The text that a value counts as.
    pub(super) fn push_value(&mut self, value: &Value<'_>) -> Result<(), Failure> {
        if let Value::Text(text) = value {
            return self.push(text);
        }
        self.budget.memory(value.size())?;
        value.push_text(&mut self.text);
        Ok(())
    }

    pub(super) fn push_char(&mut self, c: char) -> Result<(), Failure> {
        self.push(c.encode_utf8(&mut [0; 4]))
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}
