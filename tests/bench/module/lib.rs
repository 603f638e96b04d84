//! What is measured inside of wasm and is no part of the package.

use postgate_core::{RenderOptions, Renderer, SegmentOptions, Template, TemplateVariables, count_segments, judge_e164};
use wasm_bindgen::prelude::*;

/// How many of the numbers, one a line, are assigned.
#[wasm_bindgen]
pub fn assigned(numbers: &[u8]) -> usize {
    let numbers = numbers.split(|byte| *byte == b'\n');
    numbers.filter(|number| judge_e164(number).is_ok_and(|judged| judged.assigned)).count()
}

/// How many segments each of the texts takes, with a zero character between two.
#[wasm_bindgen]
pub fn segments(texts: &str) -> Vec<u32> {
    let count = |text| count_segments(text, SegmentOptions::default()).min;
    texts.split('\0').map(|text| u32::try_from(count(text)).unwrap_or(u32::MAX)).collect()
}

/// Recipients' variables, read for a template that was parsed.
#[wasm_bindgen]
pub struct Recipients {
    template: &'static Template,
    variables: Vec<TemplateVariables<'static>>,
}

#[wasm_bindgen]
impl Recipients {
    /// Reads the variables of each line, as JSON. What is read is kept until the process ends.
    pub fn read(template: &str, variables: Vec<u8>) -> Option<Recipients> {
        let template: &Template = Box::leak(Box::new(Template::parse(template).template?));
        let lines = variables.leak().split(|byte| *byte == b'\n');
        let variables = lines.map(|line| TemplateVariables::read(line, template)).collect::<Result<_, _>>().ok()?;
        Some(Self { template, variables })
    }

    /// The text of each, with a zero character after it.
    pub fn rendered(&self) -> Vec<u8> {
        let (mut renderer, mut texts) = (Renderer::default(), Vec::new());
        for variables in &self.variables {
            put(self.template, variables, &mut renderer, &mut texts);
        }
        texts
    }
}

/// A template with the variables of each line, as JSON; a zero character after each text.
#[wasm_bindgen]
pub fn rendered(template: &str, variables: &[u8]) -> Vec<u8> {
    let (mut renderer, mut texts) = (Renderer::default(), Vec::new());
    let Some(template) = Template::parse(template).template else { return texts };
    for line in variables.split(|byte| *byte == b'\n') {
        let Ok(variables) = TemplateVariables::read(line, &template) else { return Vec::new() };
        put(&template, &variables, &mut renderer, &mut texts);
    }
    texts
}

fn put(template: &Template, variables: &TemplateVariables<'_>, renderer: &mut Renderer, texts: &mut Vec<u8>) {
    texts.extend_from_slice(renderer.render(template, variables, &RenderOptions::default()).text.as_bytes());
    texts.push(0);
}
