//! The names to which a template itself gives a value: by `assign`, `capture` and counters.

use super::failure::Failure;
use super::frame::Frame;
use super::machine::Machine;
use super::program::Id;
use super::value::{Str, Value};

impl<'a> Machine<'a, '_> {
    /// Keeps a value under a name, and with it what is missing in it, which was gathered apart from what is missing in
    /// `outer`.
    pub(super) fn assign(&mut self, name: Id, value: Result<Value<'a>, Failure>, outer: usize) -> Result<(), Failure> {
        let missing = self.parted(outer);
        let value = value?;
        if let Value::Text(Str::Owned(text)) = &value {
            self.call.budget.memory(text.len())?;
        }
        if let Some(kept) = self.kept.get_mut(name as usize) {
            kept.assigned = Some(value.shared());
            kept.missing = missing;
        }
        Ok(())
    }

    /// Ends a capture or `ifchanged`, also where a loop is left from inside it.
    pub(super) fn close(&mut self, frame: Frame<'a>) -> Result<(), Failure> {
        match frame {
            Frame::Capture { start, outer, name } => {
                let text = self.buffers.out.get(start..).unwrap_or_default().to_owned();
                self.buffers.out.truncate(start);
                self.assign(name, Ok(text.into()), outer)
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

    /// Writes a counter, and counts. It begins at the whole number that a variable of its name has.
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
