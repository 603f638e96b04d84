//! Bodies of requests and answers, read from their streams in large pieces and counted.
//!
//! The stream's own chunks have 4 KiB, and each costs a crossing into the module that takes longer than its bytes; so a
//! reader is asked for a minimum. No byte above the limit is kept, and none is waited for.

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use worker::js_sys::{Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::ReadableStream;

use crate::fault::Fault;

/// How much is asked of a stream at a time.
const CHUNK: u64 = 1 << 20;

/// Most bytes of bodies that one instance of the module holds at a time; what comes on top is told to wait. An isolate
/// has 128 MB for all its requests: <https://developers.cloudflare.com/workers/platform/limits/#memory>.
const HELD: u64 = 64_000_000;

#[wasm_bindgen]
extern "C" {
    /// A stream of bytes; web-sys gives the reader below only with features that `worker` does not ask for.
    type Source;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Source, options: &JsValue) -> Result<Reader, JsValue>;

    /// A reader that fills a buffer of the caller's.
    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader, view: Uint8Array, options: &JsValue) -> Result<Promise, JsValue>;
}

thread_local! {
    static HELD_NOW: Cell<u64> = const { Cell::new(0) };
}

/// A body in memory, counted among those of its instance.
#[derive(Default)]
pub struct Body {
    bytes: Vec<u8>,
    counted: u64,
}

impl Body {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Counts and reserves room for `size` bytes in all.
    fn reserve(&mut self, size: u64) -> Result<(), Fault> {
        if size > self.counted {
            let held = HELD_NOW.get() + (size - self.counted);
            if held > HELD {
                return Err(Fault::Busy);
            }
            HELD_NOW.set(held);
            self.counted = size;
        }
        let more = (size as usize).saturating_sub(self.bytes.len());
        self.bytes.try_reserve_exact(more).map_err(|_| Fault::Busy)
    }

    /// Appends what a reader filled.
    fn append(&mut self, chunk: &Uint8Array) -> Result<(), Fault> {
        let start = self.bytes.len();
        let end = start + chunk.length() as usize;
        if end > self.bytes.capacity() {
            // By half as much again, so that a body of unannounced size is not copied for every chunk.
            self.reserve((end + end / 2) as u64)?;
        }
        self.bytes.resize(end, 0);
        chunk.copy_to(&mut self.bytes[start..]);
        Ok(())
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        HELD_NOW.set(HELD_NOW.get().saturating_sub(self.counted));
    }
}

/// Reads a stream to its end. `announced` is what `Content-Length` says, if anything.
pub async fn read(stream: Option<ReadableStream>, announced: Option<u64>, limit: u64) -> Result<Body, Fault> {
    let mut body = Body::default();
    if announced.is_some_and(|length| length > limit) {
        return Err(Fault::TooLarge(limit));
    }
    let Some(stream) = stream else { return Ok(body) };
    body.reserve(announced.unwrap_or(0))?;
    let reader = Reader::of(&stream).map_err(|_| Fault::BodyLost)?;
    fill(&mut body, &reader, announced, limit).await?;
    Ok(body)
}

async fn fill(body: &mut Body, reader: &Reader, announced: Option<u64>, limit: u64) -> Result<(), Fault> {
    loop {
        let length = body.bytes.len() as u64;
        // Never more than one byte over, so that a slow sender is refused as soon as it has passed the limit.
        let room = limit + 1 - length;
        let ahead = announced.map_or(CHUNK / 4, |announced| announced.saturating_sub(length).max(1));
        let (chunk, done) = reader.next(room.min(ahead).min(CHUNK)).await.map_err(|_| Fault::BodyLost)?;
        if let Some(chunk) = chunk {
            body.append(&chunk)?;
        }
        let length = body.bytes.len() as u64;
        if length > limit {
            return Err(Fault::TooLarge(limit));
        }
        if done {
            let short = announced.is_some_and(|announced| length < announced);
            return if short { Err(Fault::BodyLost) } else { Ok(()) };
        }
    }
}

impl Reader {
    fn of(stream: &ReadableStream) -> Result<Self, JsValue> {
        stream.unchecked_ref::<Source>().get_reader(&object("mode", &"byob".into()))
    }

    /// The next `size` bytes, or fewer at the end; and whether that is it.
    async fn next(&self, size: u64) -> Result<(Option<Uint8Array>, bool), JsValue> {
        let size = size as u32;
        let read = self.read(Uint8Array::new_with_length(size), &object("min", &size.into()))?;
        let read = JsFuture::from(read).await?;
        let chunk = Reflect::get(&read, &"value".into())?.dyn_into().ok();
        Ok((chunk, Reflect::get(&read, &"done".into())?.is_truthy()))
    }
}

fn object(name: &str, value: &JsValue) -> JsValue {
    let object = Object::new();
    // Setting a member of a plain object cannot fail.
    let _ = Reflect::set(&object, &name.into(), value);
    object.into()
}
