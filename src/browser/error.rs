//! What is thrown: misuse and lack of memory, never a finding about a request.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    /// The package's own error class.
    pub type PostgateError;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(code: &str, message: &str) -> PostgateError;
}
