//! JavaScript's own classes, as far as they are used. js-sys has all of them, but every module that links it has its code
//! for futures too.

use std::mem::MaybeUninit;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A plain object.
    pub type Object;

    /// A list.
    pub type Array;
    #[wasm_bindgen(method)]
    pub(crate) fn push(this: &Array, value: &JsValue) -> u32;
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_length(this: &Array, length: u32);

    /// Bytes outside of the module's memory.
    pub type Uint8Array;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new_from_slice(bytes: &[u8]) -> Uint8Array;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn length(this: &Uint8Array) -> u32;
    #[wasm_bindgen(method)]
    pub(crate) fn subarray(this: &Uint8Array, start: u32, end: u32) -> Uint8Array;
    #[wasm_bindgen(js_namespace = Uint8Array, js_name = "prototype.set.call")]
    fn copy(to: &mut [u8], from: &Uint8Array);

    /// Numbers outside of the module's memory.
    pub type Uint32Array;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new_from_slice(numbers: &[u32]) -> Uint32Array;
}

impl Uint8Array {
    /// Copies all of the bytes to where there is room for just as many.
    pub(crate) fn copy_to_uninit<'a>(&self, room: &'a mut [MaybeUninit<u8>]) -> &'a [u8] {
        assert!(self.length() as usize == room.len(), "there is room for another number of bytes");
        // SAFETY: only JavaScript looks at the bytes before all of them are written, and it does nothing but write.
        let room = unsafe { &mut *(std::ptr::from_mut(room) as *mut [u8]) };
        Uint8Array::copy(room, self);
        room
    }
}
