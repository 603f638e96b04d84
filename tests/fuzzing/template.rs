//! Templates and what they are rendered with: nothing stops the gate, and what is said beforehand holds.

use postgate_core::{
    Bounds, Issue, RenderOptions, Renderer, Severity, Slots, Template, list_variables, render_template,
};
use serde_json::Value;

use super::{NOON, shown};

/// Values that recipients may have.
const VALUES: [Option<&str>; 6] = [Some("Zoë"), None, Some(""), Some("3.7"), Some("now"), Some("a,b c")];

/// Issues lead into the template. Rendering it twice gives the same, and a text that is as long as its bounds say. One
/// without a brace renders itself.
///
/// # Panics
///
/// When it is not so.
pub fn template(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let parsed = Template::parse(text);
    lead_into(&parsed.issues, text);
    assert!(parsed.template.is_some() || parsed.issues.iter().any(|issue| issue.severity() == Severity::Error));
    is_json(&list_variables(text), text);
    let Some(template) = parsed.template else { return };
    for variable in template.variables() {
        let span = variable.span;
        assert_eq!(text.get(span.start as usize..span.end as usize), Some(variable.path), "{text:?}");
        assert_eq!(template.names().nth(variable.slot), Some(variable.name), "{text:?}");
    }
    let options = RenderOptions { now: Some(NOON), ..RenderOptions::default() };
    let mut renderer = Renderer::default();
    for first in 0..VALUES.len() {
        let value = |slot: usize| VALUES[(first + slot) % VALUES.len()];
        let values: Vec<_> = (0..template.names().len()).map(value).collect();
        let scope = Slots(&values);
        let rendered = renderer.render(&template, &scope, &options);
        lead_into(rendered.issues, text);
        let (said, ok) = (rendered.text.to_owned(), rendered.ok());
        assert!(text.contains('{') || said == text, "{text:?} says {said:?}");
        let again = renderer.render(&template, &scope, &options);
        assert_eq!((again.text, again.ok()), (&*said, ok), "{text:?} the second time");
        let length = |slot: usize| Bounds::exactly(value(slot).map_or(0, |value| value.chars().count()));
        let (bounds, characters) = (template.bounds(&length), said.chars().count());
        let longer = bounds.longest.is_some_and(|longest| characters > longest);
        assert!(!ok || (characters >= bounds.shortest && !longer), "{bounds:?}: {text:?} says {said:?}");
    }
}

/// A template is rendered with any values, and the answer is JSON that says what became of it. The values' JSON stands
/// behind the first NUL.
///
/// # Panics
///
/// When it is not so.
pub fn render(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let (text, values) = (parts.next().unwrap_or_default(), parts.next().unwrap_or(b"{}"));
    let Ok(text) = str::from_utf8(text) else { return };
    for now in [Some(NOON), None] {
        let answer = render_template(text, values, now);
        assert_eq!(answer, render_template(text, values, now), "{}", shown(data));
        let answer = is_json(&answer, text);
        let issues = answer["issues"].as_array().map(Vec::len);
        assert_eq!(answer["ok"], Value::Bool(issues == Some(0)), "{}", shown(data));
    }
}

fn lead_into(issues: &[Issue], text: &str) {
    for issue in issues {
        let Some(span) = issue.span else { continue };
        let part = text.get(span.start as usize..span.end as usize);
        let units = part.map(|part| part.encode_utf16().count() as u32);
        assert_eq!(units, Some(span.end_utf16 - span.start_utf16), "{issue:?}: {text:?}");
    }
}

fn is_json(answer: &str, text: &str) -> Value {
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}: {text:?}"))
}
