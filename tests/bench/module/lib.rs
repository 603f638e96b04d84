//! What is measured inside of wasm and is no part of the package.

use postgate_core::{RenderOptions, Renderer, Template, TemplateVariables, judge_e164};
use wasm_bindgen::prelude::*;

/// How many of the numbers, one a line, are assigned.
#[wasm_bindgen]
pub fn assigned(numbers: &[u8]) -> usize {
    let numbers = numbers.split(|byte| *byte == b'\n');
    numbers.filter(|number| judge_e164(number).is_ok_and(|judged| judged.assigned)).count()
}

/// A template with the variables of each line, as JSON; a zero character behind each text.
#[wasm_bindgen]
pub fn rendered(template: &str, variables: &[u8]) -> Vec<u8> {
    let mut texts = Vec::new();
    let Some(template) = Template::parse(template).template else { return texts };
    let mut renderer = Renderer::default();
    for line in variables.split(|byte| *byte == b'\n') {
        let Ok(variables) = TemplateVariables::read(line, &template) else { return Vec::new() };
        texts.extend_from_slice(renderer.render(&template, &variables, &RenderOptions::default()).text.as_bytes());
        texts.push(0);
    }
    texts
}
