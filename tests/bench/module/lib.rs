//! What is measured inside of wasm and is no part of the package.

use postgate_core::judge_e164;
use wasm_bindgen::prelude::*;

/// How many of the numbers, one a line, are assigned.
#[wasm_bindgen]
pub fn assigned(numbers: &[u8]) -> usize {
    let numbers = numbers.split(|byte| *byte == b'\n');
    numbers.filter(|number| judge_e164(number).is_ok_and(|judged| judged.assigned)).count()
}
