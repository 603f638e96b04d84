//! postgate-core for JavaScript: what the npm package under `npm/` calls. Here is no rule about requests.
//!
//! A request comes in as a `Uint8Array` and is read in pieces, so one of any size takes little of the module's memory;
//! what comes of it leaves as canonical JSON.

mod batches;
mod checker;
mod error;
mod host;
mod options;
mod parts;
mod request;
mod table;

use wasm_bindgen::prelude::*;

use batches::Batches;
use error::PostgateError;
use host::{Bytes, List};
use postgate_core::{Nowhere, Verdict, Wants, analyze_segments, check_phone, list_variables, render_template};

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Judges a request: its verdict.
#[wasm_bindgen]
pub fn check(request: &Bytes, options: &str) -> Result<Vec<u8>, PostgateError> {
    let options = options::read(options)?;
    let verdict = request::judge(request, &options, Wants::Verdict, &mut Nowhere)?;
    Ok(verdict.to_json().into_bytes())
}

/// Judges a request and appends the bodies of its upstream requests to `batches`, as [`Batches`] hands them over; none
/// unless the verdict is ok.
#[wasm_bindgen]
pub fn split(request: &Bytes, options: &str, batches: List) -> Result<Vec<u8>, PostgateError> {
    Ok(bodies(request, options, batches, false)?.to_json().into_bytes())
}

/// Judges a request and appends it, normalized, to `parts`, which are joined to one body; nothing unless the verdict is
/// ok.
#[wasm_bindgen]
pub fn normalize(request: &Bytes, options: &str, parts: List) -> Result<(), PostgateError> {
    bodies(request, options, parts, true).map(drop)
}

fn bodies(request: &Bytes, options: &str, closed: List, whole: bool) -> Result<Verdict, PostgateError> {
    let options = options::read(options)?;
    let mut bodies = Batches::new(closed, whole);
    let verdict = request::judge(request, &options, Wants::Bodies, &mut bodies)?;
    bodies.finish(verdict.ok);
    Ok(verdict)
}

/// Judges a request, estimates what it takes, and makes the previews that the options ask for: the summary.
#[wasm_bindgen]
pub fn summarize(request: &Bytes, options: &str) -> Result<Vec<u8>, PostgateError> {
    let options = options::read(options)?;
    let verdict = request::summarize(request, &options)?;
    Ok(verdict.to_summary_json(options.prices.as_ref()).into_bytes())
}

/// What one recipient reads, by its place in `to`; null where there is none.
#[wasm_bindgen]
pub fn preview(request: &Bytes, row: f64, options: &str) -> Result<Vec<u8>, PostgateError> {
    let mut options = options::read(options)?;
    options.previews = vec![row as u64];
    let preview = request::summarize(request, &options)?.previews.pop();
    Ok(preview.map_or_else(|| "null".to_owned(), |preview| preview.to_json()).into_bytes())
}

/// Counts what a text takes as SMS.
#[wasm_bindgen]
pub fn segments(text: &str, options: &str) -> Result<Vec<u8>, PostgateError> {
    Ok(analyze_segments(text, options::read(options)?.segments).to_json().into_bytes())
}

/// Renders a template with variables that are given as JSON.
#[wasm_bindgen]
pub fn render(template: &str, variables: &str, options: &str) -> Result<Vec<u8>, PostgateError> {
    let options = options::read(options)?;
    Ok(render_template(template, variables.as_bytes(), options.now).into_bytes())
}

/// Lists the variables that a template uses.
#[wasm_bindgen]
pub fn variables(template: &str) -> Vec<u8> {
    list_variables(template).into_bytes()
}

/// Judges a phone number.
#[wasm_bindgen]
pub fn phone(address: &str, options: &str) -> Result<Vec<u8>, PostgateError> {
    Ok(check_phone(address, options::read(options)?.default_region).to_json().into_bytes())
}
