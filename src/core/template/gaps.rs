//! Gaps: what a text that is put out lacks, noted on the way there.
//!
//! A variable without a value is one, and so is a part that a value of the template's own does not have, as the second of
//! the words that `split` found. What is empty was given empty, and has no parts to lack. An item of a loop lacks what its
//! list lacks; who has nothing to go through misses nothing.

use super::frame::Frame;
use super::machine::{Kept, Machine};
use super::program::{Expression, Id, Root};
use super::usage::Gap;
use crate::limits::TEMPLATE_LISTED;

impl Machine<'_, '_> {
    /// Notes what an expression lacks: its own value, or what was lacking when it was assigned or gone through.
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
        let known = match kept {
            Some(Kept { local: None, missing, .. }) => &**missing,
            _ => self
                .frames
                .iter()
                .rev()
                .find_map(|frame| match frame {
                    Frame::Loop(own) if *root == Root::Name(own.name) => Some(&*own.missing),
                    _ => None,
                })
                .unwrap_or_default(),
        };
        let gaps = match known {
            [] if is_nil && own.is_none_or(|own| steps.count > 0 && own.is_truthy() && !own.is_empty()) => {
                &[Gap { path, part: own.is_some() }]
            }
            known => known,
        };
        let missing = &mut self.buffers.missing;
        for gap in gaps {
            if missing.len() < TEMPLATE_LISTED && !missing.get(self.since..).is_some_and(|part| part.contains(gap)) {
                missing.push(*gap);
            }
        }
    }

    /// Begins to gather what is missing in a value that is to be kept, apart from the rest; what ends that.
    pub(super) fn part(&mut self) -> usize {
        std::mem::replace(&mut self.since, self.buffers.missing.len())
    }

    /// Ends it: what was gathered.
    pub(super) fn parted(&mut self, outer: usize) -> Vec<Gap> {
        let since = std::mem::replace(&mut self.since, outer);
        self.buffers.missing.split_off(since)
    }
}
