//! What the module asks of JavaScript: bytes of an input, and room for what leaves.
//!
//! Named here one by one: all of JavaScript's classes, as js-sys has them, leave things in the module that nobody uses.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Bytes that lie outside of the module's memory.
    #[wasm_bindgen(js_name = Uint8Array)]
    pub type Bytes;

    /// How many there are.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn length(this: &Bytes) -> u32;

    /// A list that the module appends to.
    #[wasm_bindgen(js_name = Array)]
    pub type List;

    /// Cuts it to that many elements.
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_length(this: &List, length: u32);
}

#[wasm_bindgen(raw_module = "./parts.js")]
extern "C" {
    /// Copies the bytes from `start` on to fill `room`.
    pub(crate) fn take(bytes: &Bytes, start: u32, room: &mut [u8]);

    /// Appends a copy of some bytes to a list.
    pub(crate) fn give(list: &List, bytes: &[u8]);

    /// Appends a copy of some numbers to a list.
    #[wasm_bindgen(js_name = give)]
    pub(crate) fn give_numbers(list: &List, numbers: &[u32]);
}
