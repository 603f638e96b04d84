//! Why a part of a template could not be rendered; where it stands is added by who carried it out.

use crate::finding::code::Code;
use crate::finding::issue::{Param, Params};
use crate::limits::TEMPLATE_RANGE;

/// What went wrong. Small, as every step may hand one up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(Box<(Code, Params)>);

impl Failure {
    #[cold]
    pub(crate) fn new(code: Code) -> Self {
        Self(Box::new((code, Vec::new())))
    }

    /// Adds a param that the code's sentence names.
    pub(crate) fn with(mut self, name: &'static str, param: impl Into<Param>) -> Self {
        self.0.1.push((name, param.into()));
        self
    }

    /// An argument, or the input, that a filter or tag cannot take.
    #[cold]
    pub(crate) fn invalid(expected: &'static str) -> Self {
        Self::new(Code::TemplateInvalidArgument).with("expected", expected)
    }

    /// A whole number beyond 64 bits.
    #[cold]
    pub(crate) fn too_large() -> Self {
        Self::new(Code::TemplateNumberTooLarge)
    }

    /// A range that nobody goes through.
    #[cold]
    pub(crate) fn range_too_long() -> Self {
        Self::new(Code::TemplateRangeTooLong).with("limit", TEMPLATE_RANGE)
    }

    /// Whether it ends the rendering: a budget is used up.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.0.0, Code::TemplateTooManySteps | Code::TemplateTooMuchMemory | Code::TemplateOutputTooLong)
    }

    pub(crate) fn into_parts(self) -> (Code, Params) {
        *self.0
    }
}
