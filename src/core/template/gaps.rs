//! Gaps: what a text that is put out lacks, noted on the way there.
//!
//! A variable without a value is one, and so is a part that a value of the template's own does not have, as the second of
//! the words that `split` found. What is empty was given empty, and has no parts to lack.

use super::machine::{Kept, Machine};
use super::program::{Expression, Id, Root};
use super::usage::Gap;
use crate::limits::TEMPLATE_LISTED;

impl Machine<'_, '_> {
    /// Notes what an expression lacks: its own value, or what was lacking when it was assigned.
    #[cold]
    pub(super) fn trace(&mut self, path: Id, is_nil: bool) {
        if !is_nil && !self.template.program.keeps {
            return;
        }
        let Some(Expression::Path { root, steps, .. }) = self.template.program.expressions.get(path as usize) else {
            return;
        };
        let kept = if let Root::Name(name) = root { self.kept.get(*name as usize) } else { None };
        let own = kept.and_then(|kept| kept.local.as_ref().or(kept.assigned.as_ref()));
        let gaps = match kept {
            Some(Kept { local: None, missing, .. }) if !missing.is_empty() => &**missing,
            _ if is_nil && own.is_none_or(|own| steps.count > 0 && own.is_truthy() && !own.is_empty()) => {
                &[Gap { path, part: own.is_some() }]
            }
            _ => return,
        };
        let missing = &mut self.buffers.missing;
        for gap in gaps {
            if missing.len() < TEMPLATE_LISTED && !missing.contains(gap) {
                missing.push(*gap);
            }
        }
    }
}
