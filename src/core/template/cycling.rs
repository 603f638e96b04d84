//! Where each `cycle` of a rendering stands.

use super::budget::Budget;
use super::failure::Failure;
use super::value::Value;

/// The turns of cycles, by group or by name.
#[derive(Default)]
pub(super) struct Cycles<'a> {
    groups: Vec<usize>,
    named: Vec<(Value<'a>, usize)>,
}

impl<'a> Cycles<'a> {
    /// Whose turn it is among `count`, and moves on.
    pub(super) fn turn(
        &mut self,
        group: u32,
        name: Option<Value<'a>>,
        count: usize,
        budget: &mut Budget,
    ) -> Result<usize, Failure> {
        let turn = match name {
            None => {
                let group = group as usize;
                if self.groups.len() <= group {
                    self.groups.resize(group + 1, 0);
                }
                self.groups.get_mut(group)
            }
            Some(name) => {
                budget.step(self.named.len() * (1 + name.size() / 64))?;
                let place = self.named.iter().position(|(known, _)| known.equals(&name)).unwrap_or_else(|| {
                    self.named.push((name, 0));
                    self.named.len() - 1
                });
                self.named.get_mut(place).map(|(_, turn)| turn)
            }
        };
        let Some(turn) = turn else { return Ok(0) };
        let now = *turn;
        *turn = if now + 1 >= count { 0 } else { now + 1 };
        Ok(now)
    }
}
