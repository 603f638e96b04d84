//! What one rendering may use up. Whatever a template or a recipient's value does, rendering ends within these.

use super::failure::Failure;
use crate::finding::code::Code;
use crate::limits::{TEMPLATE_MEMORY, TEMPLATE_OUTPUT, TEMPLATE_STEPS};

/// What one rendering may use up at most. By default 200,000 steps, 1,000,000 bytes of output and 4,000,000 bytes of
/// memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Steps: one for each part of the template that is carried out, and one for every 64 bytes that are written, compared,
    /// searched or taken by a filter.
    pub steps: u32,
    /// Bytes of the output.
    pub output: u32,
    /// Bytes of all that filters, `assign` and `capture` make on the way, together.
    pub memory: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { steps: TEMPLATE_STEPS, output: TEMPLATE_OUTPUT, memory: TEMPLATE_MEMORY }
    }
}

/// What is left of a rendering's budgets.
pub(crate) struct Budget {
    given: Budgets,
    left: Budgets,
}

impl Budget {
    pub(crate) fn new(given: Budgets) -> Self {
        Self { given, left: given }
    }

    /// Takes steps.
    pub(crate) fn step(&mut self, steps: usize) -> Result<(), Failure> {
        take(&mut self.left.steps, steps, self.given.steps, Code::TemplateTooManySteps)
    }

    /// Takes memory, before making something of that many bytes: a filter that may make more than it takes has to
    /// ask before.
    pub(crate) fn memory(&mut self, bytes: usize) -> Result<(), Failure> {
        take(&mut self.left.memory, bytes, self.given.memory, Code::TemplateTooMuchMemory)
    }

    /// Whether an output of that many bytes is still within the budget.
    pub(crate) fn output(&self, bytes: usize) -> Result<(), Failure> {
        if bytes <= self.given.output as usize {
            return Ok(());
        }
        Err(over(Code::TemplateOutputTooLong, self.given.output))
    }

    /// How many steps were taken.
    pub(crate) fn steps_taken(&self) -> u32 {
        self.given.steps - self.left.steps
    }
}

#[inline(always)]
fn take(left: &mut u32, amount: usize, given: u32, code: Code) -> Result<(), Failure> {
    match u32::try_from(amount).ok().and_then(|amount| left.checked_sub(amount)) {
        Some(rest) => {
            *left = rest;
            Ok(())
        }
        None => {
            *left = 0;
            Err(over(code, given))
        }
    }
}

#[cold]
fn over(code: Code, limit: u32) -> Failure {
    Failure::new(code).with("limit", limit)
}
