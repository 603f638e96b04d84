//! Liquid, the language of templates, as Shopify's reference implementation renders it.
//!
//! A template is parsed once into a flat program and then rendered for each recipient, within budgets: no template and
//! no value can stop the gate. Sources: <https://shopify.dev/docs/api/liquid> and <https://github.com/Shopify/liquid>.
#![allow(dead_code)] // while the renderer is being put together

mod budget;
mod failure;
mod filter;
mod number;
mod scope;
mod value;

use crate::instant::Instant;
use crate::issue::Issue;

use budget::Budgets;

/// How a template is rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// The present instant, which `date` takes for `now`; without one that is an error.
    pub now: Option<Instant>,
    /// What the rendering may use up.
    pub budgets: Budgets,
}

/// A template that was parsed: a flat program over names that are known by number.
pub struct Template {
    names: Vec<Box<str>>,
}

/// What became of a template's text.
pub struct Parsed {
    /// The template, unless there are errors. With warnings it is what a lenient reader takes it for.
    pub template: Option<Template>,
    /// What was found, at the root, with spans inside the text.
    pub issues: Vec<Issue>,
}

impl Template {
    /// The names of variables at the root, in the order in which they first stand there.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}
