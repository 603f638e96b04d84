//! Liquid, the language of templates, as Shopify's reference implementation renders it.
//!
//! A template is parsed once into a flat program and then rendered for each recipient, within budgets: no template and
//! no value can stop the gate. Sources: <https://shopify.dev/docs/api/liquid> and <https://github.com/Shopify/liquid>.

mod answer;
mod assignment;
mod block;
mod bounds;
mod branching;
mod budget;
mod cycling;
mod decimal;
mod document;
mod evaluation;
mod expression;
mod failure;
mod filter;
mod float;
mod frame;
mod gaps;
mod integer;
mod looping;
mod machine;
mod names;
mod number;
mod parser;
mod piece;
mod program;
mod rendering;
mod scope;
mod search;
mod shown;
mod space;
mod tag;
#[cfg(test)]
mod tests;
mod token;
mod usage;
mod value;
mod variables;

use crate::finding::code::{Code, Severity};
use crate::finding::issue::{Issue, Span};
use crate::instant::Instant;
use crate::limits::TEMPLATE_BYTES;

pub use answer::{list_variables, render_template};
pub use bounds::Bounds;
pub use budget::Budgets;
pub use scope::{Scope, Slots};
pub use usage::Role;
pub use value::{Member, Str, Value};
pub use variables::Variables;

pub(crate) use float::parse as read_float;

use machine::{Buffers, Machine};
use names::Names;
use program::{Expression, Program, Root};
use usage::{Gap, Use};

/// How a template is rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// The present instant, which `date` takes for `now`; without one that is an error.
    pub now: Option<Instant>,
    /// What the rendering may use up.
    pub budgets: Budgets,
}

/// A template that was parsed: a flat program over names that are known by number.
#[derive(Debug)]
pub struct Template {
    text: Box<str>,
    program: Program,
    names: Names,
    uses: Vec<Use>,
    /// Whether names of variables are made while rendering, as in `{{ [key] }}`.
    computes_names: bool,
    /// The numbers of `forloop` and `tablerowloop`, where they are used.
    loop_names: [Option<u32>; 2],
}

/// The result of parsing a template.
#[derive(Debug)]
pub struct Parsed {
    /// The template, unless there are errors. With warnings it is what a lenient reader takes it for.
    pub template: Option<Template>,
    /// What was found: at the root, with spans inside the text, in the order of the text.
    pub issues: Vec<Issue>,
}

/// A place where a template uses a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable<'t> {
    /// The name at the root.
    pub name: &'t str,
    /// Its number among [`Template::names`].
    pub slot: usize,
    /// The whole way into it, as it is written, such as `person.name`.
    pub path: &'t str,
    /// Where the path stands in the template.
    pub span: Span,
    /// What it is used for.
    pub role: Role,
    /// Whether the filter `default` follows it.
    pub has_default: bool,
}

/// The result of a rendering.
#[derive(Debug)]
pub struct Rendered<'r> {
    /// The text; what could not be computed is left out of it.
    pub text: &'r str,
    /// What went wrong, at the root with spans inside the template's text. All of it is an error.
    pub issues: &'r [Issue],
    /// How many steps were taken.
    pub steps: u32,
    template: &'r Template,
    missing: &'r [Gap],
}

/// Renders templates, one after another, in the same memory.
#[derive(Default)]
pub struct Renderer(Buffers);

impl Template {
    /// Reads a template. Takes time in proportion to its length.
    ///
    /// ```
    /// use postgate_core::{RenderOptions, Renderer, Slots, Template};
    ///
    /// let parsed = Template::parse("Hi {{ name | default: 'there' }}!");
    /// let template = parsed.template.expect("a template");
    /// let mut renderer = Renderer::default();
    /// let (known, unknown) = (Slots(&[Some("Zoë")]), Slots(&[None]));
    /// let options = RenderOptions::default();
    /// assert_eq!(renderer.render(&template, &known, &options).text, "Hi Zoë!");
    /// assert_eq!(renderer.render(&template, &unknown, &options).text, "Hi there!");
    /// ```
    pub fn parse(text: &str) -> Parsed {
        if text.len() > TEMPLATE_BYTES {
            let params = vec![("length", text.len().into()), ("limit", TEMPLATE_BYTES.into())];
            let issue = Issue { code: Code::TemplateTooLong, at: String::new(), offset: 0, span: None, params };
            return Parsed { template: None, issues: vec![issue] };
        }
        let (program, names, uses, mut issues) = document::parse(text);
        crate::order::sort(&mut issues, &|a, b| (a.span, a.code.as_str()) < (b.span, b.code.as_str()));
        if issues.iter().any(|issue| issue.severity() == Severity::Error) {
            return Parsed { template: None, issues };
        }
        let loop_names = [names.find(parser::loop_name(false)), names.find(parser::loop_name(true))];
        let computed = |expression: &Expression| matches!(expression, Expression::Path { root: Root::Computed(_), .. });
        let computes_names = program.expressions.iter().any(computed);
        let template = Self { text: text.into(), program, names, uses, computes_names, loop_names };
        Parsed { template: Some(template), issues }
    }

    /// The names of variables at the root, in the order of their first use, those to which the template itself gives a value
    /// included.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.all().iter().map(|name| &**name)
    }

    /// The places that use variables to which the template itself gives no value, neither by a loop around the place nor by
    /// an assignment before it.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        // They come in the order in which they begin, so the text is measured once.
        let (mut at, mut units) = (0, 0);
        self.uses.iter().filter(|used| !used.local).map(move |used| {
            units += utf16_units(&self.text, at, used.at.start);
            at = used.at.start;
            self.variable(used, units)
        })
    }

    /// The fewest and most characters of its text, over all branches and for all values that its variables may have:
    /// `variables` says of each, by slot, how short and how long it may be. They are texts, as recipients have them.
    ///
    /// A rendering in which something goes wrong may be shorter.
    ///
    /// ```
    /// use postgate_core::{Bounds, Template};
    ///
    /// let parsed = Template::parse("Hi{% if name %} {{ name }}{% endif %}!");
    /// let template = parsed.template.expect("a template");
    /// let bounds = template.bounds(&|_| Bounds { shortest: 2, longest: Some(20) });
    /// assert_eq!(bounds, Bounds { shortest: 3, longest: Some(24) });
    /// ```
    pub fn bounds(&self, variables: &dyn Fn(usize) -> Bounds) -> Bounds {
        bounds::of(self, variables)
    }

    /// A use that begins `units` code units into the text.
    fn variable(&self, used: &Use, units: u32) -> Variable<'_> {
        let Use { name, at, role, has_default, .. } = *used;
        let end_utf16 = units + utf16_units(&self.text, at.start, at.end);
        let span = Span { start: at.start, end: at.end, start_utf16: units, end_utf16 };
        Variable { name: self.names.get(name), slot: name as usize, path: at.of(&self.text), span, role, has_default }
    }
}

impl Renderer {
    /// Renders a template. Takes no longer than its budgets allow, and allocates nothing where an earlier rendering needed
    /// as much memory.
    pub fn render<'r>(
        &'r mut self,
        template: &'r Template,
        scope: &'r dyn Scope<'r>,
        options: &RenderOptions,
    ) -> Rendered<'r> {
        Machine::new(template, scope, options, &mut self.0).run();
        let Buffers { out, issues, missing, steps, .. } = &self.0;
        Rendered { text: out, issues, steps: *steps, template, missing }
    }
}

impl<'r> Rendered<'r> {
    /// Whether nothing went wrong.
    pub fn ok(&self) -> bool {
        self.issues.is_empty()
    }

    /// The places of variables without a value whose value was to be written, or was part of something written, and for
    /// which no `default` stands in; each once, the first 100. Where the template gave the variable a value itself, it is the
    /// part that this value lacks.
    pub fn missing(&self) -> impl Iterator<Item = Variable<'r>> {
        let template = self.template;
        let used = |gap: &Gap| template.uses.iter().find(|used| used.path == gap.path && (gap.part || !used.local));
        self.missing
            .iter()
            .filter_map(used)
            .map(|used| template.variable(used, utf16_units(&template.text, 0, used.at.start)))
    }
}

/// How many UTF-16 code units a part of a text has.
fn utf16_units(text: &str, start: u32, end: u32) -> u32 {
    text.get(start as usize..end as usize).unwrap_or_default().encode_utf16().count() as u32
}
