//! What a rendering costs, of the long values and the templates that the grammar makes.
//!
//! The loops around a template never end by themselves, so its rendering goes on until its budget is used up. Whatever
//! is done without being charged for shows as time, which the fuzz target bounds.

use std::time::Duration;

use postgate_core::{Budgets, Code, RenderOptions, Renderer, Template, TemplateVariables};

use super::NOON;
use super::grammar::made_of;

/// A twentieth of what a rendering may use up by default.
const BUDGETS: Budgets = Budgets { steps: 10_000, output: 50_000, memory: 200_000 };

/// A rendering ends within its budgets, and the second time like the first.
///
/// # Panics
///
/// When it is not so.
pub fn cost(data: &[u8]) {
    time_of(data, || Duration::ZERO);
}

/// How long the rendering of [`cost`] takes by a clock, without the reading of what it is given: none where that alone
/// takes too many steps.
///
/// # Panics
///
/// As that does.
pub fn time_of(data: &[u8], clock: impl Fn() -> Duration) -> Duration {
    let (text, values) = made_of(data);
    let parsed = Template::parse(&text);
    let template = parsed.template.unwrap_or_else(|| panic!("{:?}: {}", parsed.issues, costly(data)));
    let variables = match TemplateVariables::read(values.as_bytes(), &template) {
        Ok(variables) => variables,
        Err(issue) => {
            assert_eq!(issue.code, Code::TemplateTooManySteps, "{issue:?}: {}", costly(data));
            return Duration::ZERO;
        }
    };
    let options = RenderOptions { now: Some(NOON), budgets: BUDGETS };
    let mut renderer = Renderer::default();
    let began = clock();
    let rendered = renderer.render(&template, &variables, &options);
    let taken = clock() - began;
    let over = [Code::TemplateTooManySteps, Code::TemplateTooMuchMemory, Code::TemplateOutputTooLong];
    let ends = rendered.issues.iter().filter(|issue| over.contains(&issue.code)).count();
    assert_eq!(ends, 1, "{:?}: {}", rendered.issues, costly(data));
    // A number is written before it is looked at.
    let within = rendered.steps <= BUDGETS.steps && rendered.text.len() <= BUDGETS.output as usize + 20;
    assert!(within, "{} steps, {} bytes: {}", rendered.steps, rendered.text.len(), costly(data));
    assert!(rendered.missing().all(|lacking| template.names().any(|name| name == lacking.name)), "{}", costly(data));
    taken
}

/// What some bytes make, as it is shown where it takes too long: both ends of what is long.
pub fn costly(data: &[u8]) -> String {
    const SHOWN: usize = 600;
    let (text, values) = made_of(data);
    let ends = [&text, &values].map(|whole| {
        let (front, rest) = whole.split_at(whole.floor_char_boundary(SHOWN));
        let (_, back) = rest.split_at(rest.ceil_char_boundary(rest.len().saturating_sub(SHOWN)));
        format!("{front}{}{back}", if front.len() + back.len() < whole.len() { " … " } else { "" })
    });
    format!("{}\nwith {}", ends[0], ends[1])
}
