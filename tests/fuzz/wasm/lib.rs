//! The properties of `tests/fuzzing.rs` inside of wasm: what overflows the stack, has no memory or is out of bounds traps
//! there, and may not show natively.

use postgate_tests::fuzzing::TARGETS;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(text: &str);
}

/// Has a panic say what it is before it traps.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| error(&panic.to_string())));
}

/// The names of the targets.
#[wasm_bindgen]
pub fn targets() -> Vec<String> {
    TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Tries a target's property on some bytes. Traps where it does not hold; false where there is no such target.
#[wasm_bindgen]
pub fn holds(target: &str, bytes: &[u8]) -> bool {
    let property = TARGETS.iter().find(|(name, _)| *name == target).map(|(_, property)| property);
    property.map(|property| property(bytes)).is_some()
}
