//! What a recipient reads: the texts of a content with the recipient's variables in them, by the core's Liquid.
//!
//! A text that Liquid cannot read stays as it is written. What cannot be computed is left out, as the core has it.

use postgate_core::{RenderOptions, Renderer, Scope, Template, Value as LiquidValue};
use serde_json::{Map, Value};

/// A recipient's variables.
struct Variables<'a>(Option<&'a Map<String, Value>>);

impl<'a> Scope<'a> for Variables<'a> {
    fn variable(&self, _slot: Option<usize>, name: &str) -> LiquidValue<'a> {
        self.0.and_then(|all| all.get(name)?.as_str()).map_or(LiquidValue::Nil, LiquidValue::from)
    }
}

fn variables(recipient: &Value) -> Variables<'_> {
    Variables(recipient.get("variables").and_then(Value::as_object))
}

/// A text that is different for each recipient.
pub struct Personal(Template);

impl Personal {
    /// The text as a template; None where every recipient reads the same.
    pub fn of(text: &str) -> Option<Self> {
        let has_marks = text.contains("{{") || text.contains("{%");
        has_marks.then(|| Template::parse(text).template).flatten().map(Self)
    }

    /// The text for a recipient.
    pub fn render<'r>(&'r self, renderer: &'r mut Renderer, recipient: &Value) -> String {
        renderer.render(&self.0, &variables(recipient), &RenderOptions::default()).text.to_owned()
    }
}

/// A content for a recipient: all of its texts rendered.
pub fn content(content: &Value, recipient: &Value) -> Value {
    let mut renderer = Renderer::default();
    personal(content, recipient, &mut renderer)
}

// As deep as the content, which the reader of JSON bounds at 127.
fn personal(value: &Value, recipient: &Value, renderer: &mut Renderer) -> Value {
    match value {
        Value::String(text) => match Personal::of(text) {
            Some(template) => template.render(renderer, recipient).into(),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| personal(item, recipient, renderer)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| (name.clone(), personal(member, recipient, renderer)));
            members.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_of_a_content_is_rendered() {
        let written =
            json!({"text": "Hi {{ name | default: 'you' }}", "media": [{"url": "https://example.com/{{ n }}.png"}]});
        let known = json!({"variables": {"name": "Ada", "n": "7"}});
        assert_eq!(
            content(&written, &known),
            json!({"text": "Hi Ada", "media": [{"url": "https://example.com/7.png"}]})
        );
        assert_eq!(content(&written, &json!({}))["text"], "Hi you");
    }

    #[test]
    fn what_is_no_liquid_stays_as_it_is_written() {
        for text in ["plain", "{ {name} }", "{{ name", "{% if %}"] {
            assert_eq!(content(&json!({"text": text}), &json!({})), json!({"text": text}));
        }
    }
}
