//! What a template gives a value itself: by `assign` and `capture`, and by counting.

use super::failure::Failure;
use super::frame::Frame;
use super::machine::Machine;
use super::program::Id;
use super::value::{Str, Value};

impl<'a> Machine<'a, '_> {
    /// Keeps a value under a name, and with it what was noted as missing since there was so much.
    pub(super) fn assign(&mut self, name: Id, value: Value<'a>, before: usize) -> Result<(), Failure> {
        let missing = self.buffers.missing.split_off(before);
        if let Value::Text(Str::Owned(text)) = &value {
            self.call.budget.memory(text.len())?;
        }
        if let Some(kept) = self.kept.get_mut(name as usize) {
            kept.assigned = Some(value.shared());
            kept.missing = missing;
        }
        Ok(())
    }

    /// Ends a capture or `ifchanged`, also when a loop is left out of its middle.
    pub(super) fn close(&mut self, frame: Frame<'a>) -> Result<(), Failure> {
        match frame {
            Frame::Capture { start, missing, name } => {
                let text = self.buffers.out.get(start..).unwrap_or_default().to_owned();
                self.buffers.out.truncate(start);
                self.assign(name, text.into(), missing)
            }
            Frame::Changed { start } => {
                let text = self.buffers.out.get(start..).unwrap_or_default();
                if self.changed.as_deref() == Some(text) {
                    self.buffers.out.truncate(start);
                } else {
                    self.call.budget.memory(text.len())?;
                    self.changed = Some(text.to_owned());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Puts a counter out, and counts; a variable of that name that is a whole number is where it begins.
    pub(super) fn count(&mut self, name: Id, down: bool) -> Result<(), Failure> {
        let text = self.template.names.get(name);
        let known = self.kept.get(name as usize).and_then(|kept| kept.counter);
        let value = match known.map_or_else(|| self.scope.variable(Some(name as usize), text), Value::Int) {
            Value::Int(value) => value,
            Value::Nil | Value::Bool(false) => 0,
            _ => return Err(Failure::invalid("a whole number")),
        };
        let moved = if down { value.checked_sub(1) } else { value.checked_add(1) }.ok_or_else(Failure::too_large)?;
        if let Some(kept) = self.kept.get_mut(name as usize) {
            kept.counter = Some(moved);
        }
        self.push_value(&Value::Int(if down { moved } else { value }))
    }
}
