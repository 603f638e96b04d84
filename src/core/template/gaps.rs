//! Gaps: what a text that is put out lacks, noted on the way there.

use super::machine::{Kept, Machine};
use super::program::{Expression, Id, Root};
use crate::limits::TEMPLATE_LISTED;

impl Machine<'_, '_> {
    /// Notes what an expression lacks: its own value, or what was lacking when it was assigned.
    #[cold]
    pub(super) fn trace(&mut self, id: Id, is_nil: bool) {
        if !is_nil && !self.template.program.keeps {
            return;
        }
        let Some(Expression::Path { root, .. }) = self.template.program.expressions.get(id as usize) else { return };
        let kept = if let Root::Name(name) = root { self.kept.get(*name as usize) } else { None };
        let paths = match kept {
            Some(Kept { local: None, assigned: Some(_), missing, .. }) => &**missing,
            _ if is_nil => &[id],
            _ => return,
        };
        let missing = &mut self.buffers.missing;
        for path in paths {
            if missing.len() < TEMPLATE_LISTED && !missing.contains(path) {
                missing.push(*path);
            }
        }
    }
}
