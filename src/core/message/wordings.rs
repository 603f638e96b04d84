//! All wordings of a message, rendered for one recipient after another.

use crate::channel::{Channels, MessageChannel};
use crate::field::length::{too_long, too_long_for};
use crate::field::report::Report;
use crate::field::wording::{Part, Wording};
use crate::finding::code::Code;
use crate::finding::issue::param;
use crate::finding::pointer::Pointer;
use crate::instant::Instant;
use crate::limits::{SEND_STEPS, TEMPLATE_STEPS};
use crate::recipient::person::Person;
use crate::recipient::variables::Variables;
use crate::template::{Budgets, RenderOptions, Renderer, Scope, Template, Value};
use crate::text::is_fixed;

/// All wordings of a message, while they are rendered for one recipient after another.
pub(crate) struct Wordings {
    all: Vec<Wording>,
    /// What the present recipient gives to their names.
    pub variables: Variables,
    renderer: Renderer,
    now: Option<Instant>,
    /// Steps that are left of the whole send's.
    steps: u64,
    /// Whether media stand beside the text, so that it may be empty.
    media: bool,
}

/// What is wanted of the text for SMS.
pub(crate) type Measure<'f> = dyn FnMut(&str, bool) + 'f;

impl Wordings {
    pub(crate) fn new(mut all: Vec<Wording>, now: Option<Instant>, media: bool) -> Self {
        let mut variables = Variables::default();
        for wording in &mut all {
            wording.names = numbered(&wording.template, &mut variables);
        }
        Self { all, variables, renderer: Renderer::default(), now, steps: SEND_STEPS, media }
    }

    /// Whether nothing is read that depends on the recipient.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.iter().all(|wording| wording.part == Part::Tag)
    }

    /// Renders what a person may read over the channels that are open, and reports what is wrong with it at the row;
    /// hands over the text for SMS, and whether all of it is known.
    pub(crate) fn judge(
        &mut self,
        open: Channels,
        person: &Person,
        row: &Pointer<'_>,
        report: &mut Report,
        sms: &mut Measure<'_>,
    ) {
        let variables = Pointer::Name(row, "variables");
        let at = if person.variables_at.is_some() { &variables } else { row };
        let mut named: Vec<String> = Vec::new();
        for wording in &self.all {
            let Wording { part, channels, longest, template, names } = wording;
            if *part == Part::Tag || open.and(*channels).is_none() {
                continue;
            }
            let known = !self.variables.is_unknown(names, person.stored);
            let scope = Bound { variables: &self.variables, names, references: !person.stored };
            let steps = u32::try_from(self.steps).unwrap_or(u32::MAX).min(TEMPLATE_STEPS);
            let options = RenderOptions { now: self.now, budgets: Budgets { steps, ..Budgets::default() } };
            let rendered = self.renderer.render(template, &scope, &options);
            self.steps = self.steps.saturating_sub(rendered.steps.into());
            for variable in rendered.missing() {
                if !named.iter().any(|name| name == variable.path) {
                    named.push(variable.path.to_owned());
                    let params = param("name", variable.path.to_owned());
                    report.issue(Code::MissingVariable, at, person.variables_at.unwrap_or_default(), params);
                }
            }
            if let Some(issue) = rendered.issues.first() {
                report.issue(issue.code, row, 0, issue.params.clone());
            }
            let long = match longest {
                Some(longest) => too_long(rendered.text, *longest),
                None if *part == Part::Text => too_long_for(rendered.text, open),
                None => None,
            };
            if let Some((code, params)) = long {
                report.issue(code, row, 0, params);
            }
            if *part != Part::Text || !channels.has(MessageChannel::Sms) {
                continue;
            }
            let whole = known && rendered.ok() && rendered.missing().next().is_none();
            if whole && !self.media && rendered.text.trim().is_empty() {
                report.issue(Code::EmptyText, row, 0, vec![]);
            }
            sms(rendered.text, known);
        }
    }

    /// Notes the names in another text, so that it can be shown.
    pub(crate) fn note(&mut self, text: &str) {
        if let Some(template) = Template::parse(text).template {
            numbered(&template, &mut self.variables);
        }
    }

    /// A text as it is shown, if it holds Liquid, and whether all of it is known. Of a value that is stored elsewhere it has
    /// the reference, or nothing.
    pub(crate) fn show(&mut self, text: &str, person: &Person, references: bool) -> Option<(String, bool)> {
        let template = Template::parse(text).template.filter(|_| !is_fixed(text))?;
        let names = numbered(&template, &mut self.variables);
        let known = !self.variables.is_unknown(&names, person.stored);
        let references = references || !person.stored;
        let scope = Bound { variables: &self.variables, names: &names, references };
        let options = RenderOptions { now: self.now, ..RenderOptions::default() };
        Some((self.renderer.render(&template, &scope, &options).text.to_owned(), known))
    }
}

/// The numbers of a template's names among those of all.
fn numbered(template: &Template, variables: &mut Variables) -> Vec<u32> {
    template.names().map(|name| variables.intern(name) as u32).collect()
}

/// What a row's variables give to a template.
struct Bound<'a> {
    variables: &'a Variables,
    /// The numbers of the template's names.
    names: &'a [u32],
    /// Whether a reference to a stored value is put out as it stands; else it is nothing.
    references: bool,
}

impl<'a> Scope<'a> for Bound<'a> {
    #[inline]
    fn variable(&self, slot: Option<usize>, name: &str) -> Value<'a> {
        let number = match slot {
            Some(slot) => self.names.get(slot).copied(),
            None => self.variables.find(name),
        };
        let text = number.and_then(|number| self.variables.text(number as usize, self.references));
        text.map_or(Value::Nil, Value::from)
    }
}
