//! What the doors answer about a template: its text for variables given as JSON, and the variables it uses.

use super::{RenderOptions, Renderer, Template, Variable, Variables};
use crate::finding::issue::{Issue, push_issue};
use crate::instant::Instant;
use crate::json::Json;

/// Renders a template with the variables that a JSON object has as its members: `{ ok, text, issues }` as canonical
/// JSON. `now` is what the filter `date` takes for the present instant.
///
/// It is only `ok` if nothing at all was found: what a lenient reader takes and the reference's strict one refuses is not
/// `ok` here. The text is then what a lenient reader would make of the template, and empty where it would make nothing.
/// Issues are at the root, with a span inside the template, or at `/variables`, with an offset into their JSON.
///
/// ```
/// use postgate_core::render_template;
///
/// let rendered = render_template("Hi {{ person.name }}!", br#"{"person": {"name": "Ana"}}"#, None);
/// assert_eq!(rendered, r#"{"ok":true,"text":"Hi Ana!","issues":[]}"#);
/// ```
pub fn render_template(text: &str, variables: &[u8], now: Option<Instant>) -> String {
    let parsed = Template::parse(text);
    let mut issues = parsed.issues;
    let mut renderer = Renderer::default();
    let Some(template) = parsed.template else { return answer("", &issues) };
    let read = match Variables::read(variables, &template) {
        Ok(read) => read,
        Err(issue) => {
            issues.push(issue);
            return answer("", &issues);
        }
    };
    let rendered = renderer.render(&template, &read, &RenderOptions { now, ..RenderOptions::default() });
    issues.extend_from_slice(rendered.issues);
    answer(rendered.text, &issues)
}

fn answer(text: &str, issues: &[Issue]) -> String {
    let mut json = Json::default();
    json.open('{').name("ok").flag(issues.is_empty()).name("text").text(text);
    push_issues(&mut json, issues);
    json.close('}').finish()
}

/// Lists the places where a template uses variables that it does not give a value itself:
/// `{ ok, variables: [{ name, path, start, end, use, default }], issues }` as canonical JSON. Places are UTF-16 code
/// units of the template; `use` is what [`Role`](super::Role) says.
///
/// There are none where the template has an error, and then it is not `ok`.
///
/// ```
/// use postgate_core::list_variables;
///
/// let listed = list_variables("{{ name | default: 'you' }}");
/// let place = r#"{"name":"name","path":"name","start":3,"end":7,"use":"output","default":true}"#;
/// assert_eq!(listed, format!(r#"{{"ok":true,"variables":[{place}],"issues":[]}}"#));
/// ```
pub fn list_variables(text: &str) -> String {
    let parsed = Template::parse(text);
    let mut json = Json::default();
    json.open('{').name("ok").flag(parsed.template.is_some()).name("variables").open('[');
    for Variable { name, path, span, role, has_default, .. } in parsed.template.iter().flat_map(Template::variables) {
        json.open('{').name("name").text(name).name("path").text(path);
        json.member("start", span.start_utf16.into()).member("end", span.end_utf16.into());
        json.name("use").text(role.as_str()).name("default").flag(has_default).close('}');
    }
    json.close(']');
    push_issues(&mut json, &parsed.issues);
    json.close('}').finish()
}

fn push_issues(json: &mut Json, issues: &[Issue]) {
    json.name("issues").open('[');
    for issue in issues {
        push_issue(json, issue);
    }
    json.close(']');
}
