//! Bodies of requests and answers, read from their streams in large pieces and counted.
//!
//! The stream's own chunks have 4 KiB, and each costs a crossing into the module that takes longer than its bytes; so a
//! reader is asked for a minimum. No byte above the limit is kept, and none is waited for.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use wasm_bindgen::prelude::*;
use worker::js_sys::{Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::ReadableStream;
use worker::{Delay, Request};

use crate::clock::{self, MINUTE, Millis};
use crate::http::fault::Fault;
use crate::http::query;
use crate::http::share::{Holder, Shares};

/// How much is asked of a stream at a time where its length is known, and where it is not: the first time, and at most.
const CHUNK: u64 = 1 << 20;
const FIRST_UNANNOUNCED: u64 = 1 << 14;
const CHUNK_UNANNOUNCED: u64 = 1 << 18;

/// How long a body may let us wait for that much, and how long it may take in all.
const STALL: Millis = MINUTE;
const WHOLE: Millis = 15 * MINUTE;

/// Most bytes of bodies that one instance of the module holds at a time; what comes on top is told to wait. An isolate
/// has 128 MB for all its requests: <https://developers.cloudflare.com/workers/platform/limits/#memory>.
pub const HELD: u64 = 64_000_000;

#[wasm_bindgen]
extern "C" {
    /// A stream of bytes; web-sys gives the reader below only with features that `worker` does not ask for.
    type Source;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Source, options: &JsValue) -> Result<Reader, JsValue>;
    #[wasm_bindgen(method, catch, js_name = pipeThrough)]
    fn pipe_through(this: &Source, transform: &DecompressionStream) -> Result<ReadableStream, JsValue>;

    /// A reader that fills a buffer of the caller's.
    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader, view: Uint8Array, options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = releaseLock)]
    fn release_lock(this: &Reader) -> Result<(), JsValue>;

    /// The platform's inflater.
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

thread_local! {
    static HELD_NOW: RefCell<Shares> = const { RefCell::new(Shares::new(HELD)) };
}

/// A body in memory, counted among those of its instance. One by default is nobody's.
#[derive(Default)]
pub struct Body {
    bytes: Vec<u8>,
    counted: u64,
    holder: Holder,
}

impl Body {
    /// One that a tenant holds.
    pub fn of(holder: &Holder) -> Self {
        Self { bytes: Vec::new(), counted: 0, holder: holder.clone() }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Counts and reserves room for `size` bytes in all.
    fn reserve(&mut self, size: u64) -> Result<(), Fault> {
        if size > self.counted {
            if !HELD_NOW.with_borrow_mut(|held| held.take(&self.holder, size - self.counted)) {
                return Err(Fault::Busy);
            }
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
        HELD_NOW.with_borrow_mut(|held| held.give_back(&self.holder, self.counted));
    }
}

/// A body on its way in.
pub struct Incoming {
    /// None for a request without a body.
    reader: Option<Reader>,
    /// What `Content-Length` says, unless that is of the compressed form.
    announced: Option<u64>,
    /// What a stream means that fails.
    broken: Fault,
    limit: u64,
    length: u64,
    /// Whether nothing comes any more.
    ended: bool,
    deadline: Millis,
}

impl Incoming {
    /// The body of a request in JSON, as it is or gzipped; `limit` is for what it inflates to. Nothing is read yet.
    pub fn of(request: &Request, limit: u64) -> Result<Self, Fault> {
        let header = |name: &str| request.headers().get(name).ok().flatten();
        if !header("content-type").is_some_and(|value| query::is_json(&value)) {
            return Err(Fault::UnsupportedMediaType);
        }
        let encoding = header("content-encoding").unwrap_or_default();
        let gzip = match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => false,
            "gzip" | "x-gzip" => true,
            _ => return Err(Fault::UnsupportedMediaType),
        };
        let announced = header("content-length").and_then(|value| value.parse().ok());
        match request.inner().body() {
            Some(stream) if gzip => {
                let inflater = DecompressionStream::new("gzip").map_err(|_| Fault::Internal)?;
                let source = stream.unchecked_ref::<Source>();
                let inflated = source.pipe_through(&inflater).map_err(|_| Fault::BodyLost)?;
                Self::open(Some(inflated), None, limit, Fault::BrokenGzip)
            }
            stream => Self::open(stream, announced, limit, Fault::BodyLost),
        }
    }

    fn open(stream: Option<ReadableStream>, announced: Option<u64>, limit: u64, broken: Fault) -> Result<Self, Fault> {
        if announced.is_some_and(|length| length > limit) {
            return Err(Fault::TooLarge(limit));
        }
        let stream = stream.filter(|_| announced != Some(0));
        let reader = stream.map(|stream| Reader::of(&stream)).transpose().map_err(|_| Fault::BodyLost)?;
        Ok(Self { reader, announced, broken, limit, length: 0, ended: false, deadline: clock::now() + WHOLE })
    }

    /// Whether it is known to be no longer than that.
    pub fn is_within(&self, bytes: u64) -> bool {
        self.announced.is_some_and(|announced| announced <= bytes)
    }

    /// Whether it is known to be longer than that.
    pub fn is_beyond(&self, bytes: u64) -> bool {
        self.announced.is_some_and(|announced| announced > bytes)
    }

    /// Fills a view with the next bytes, as many as are worth a crossing. What comes back is the view, shorter, on a
    /// buffer that has moved; it is empty at the end.
    pub async fn fill(&mut self, view: Uint8Array) -> Result<Uint8Array, Fault> {
        let left = self.announced.map(|announced| announced.saturating_sub(self.length));
        let Some(reader) = self.reader.as_ref().filter(|_| left != Some(0)) else { return Ok(view.subarray(0, 0)) };
        // Never more than one byte over, so that a slow sender is refused as soon as it has passed the limit.
        let room = (self.limit + 1 - self.length).min(view.length().into());
        let least = room.min(left.map_or(CHUNK_UNANNOUNCED, |left| left.min(CHUNK)));
        let view = view.subarray(0, room as u32);
        let read = within(STALL, reader.next(view, least as u32)).await.ok_or(Fault::TooSlow)?;
        let (chunk, done) = read.map_err(|_| self.broken.clone())?;
        let chunk: Uint8Array = chunk.ok_or(Fault::BodyLost)?;
        self.length += u64::from(chunk.length());
        self.ended = done || self.announced == Some(self.length);
        if self.length > self.limit {
            return Err(Fault::TooLarge(self.limit));
        }
        if done && self.announced.is_some_and(|announced| self.length < announced) {
            return Err(Fault::BodyLost);
        }
        if clock::now() > self.deadline {
            return Err(Fault::TooSlow);
        }
        Ok(chunk)
    }

    /// Reads into memory, to the end or until there are more bytes than that; whether it was the end.
    pub async fn hold(&mut self, body: &mut Body, most: u64) -> Result<bool, Fault> {
        body.reserve(self.announced.unwrap_or(0).min(most))?;
        while body.bytes.len() as u64 <= most {
            // As much again as is here: most bodies of unannounced size are small.
            let unannounced = || (body.bytes.len() as u64).clamp(FIRST_UNANNOUNCED, CHUNK_UNANNOUNCED);
            let size = self.announced.unwrap_or_else(unannounced).clamp(1, CHUNK);
            let chunk = self.fill(Uint8Array::new_with_length(size as u32)).await?;
            if chunk.length() == 0 {
                return Ok(true);
            }
            body.append(&chunk)?;
        }
        Ok(false)
    }
}

impl Drop for Incoming {
    /// Lets go of the stream: what is in front of us can then take in the rest of a body that is refused, so that a
    /// client which sends all of it before it reads is not cut off from the answer.
    fn drop(&mut self) {
        if let Some(reader) = self.reader.as_ref().filter(|_| !self.ended) {
            // Where a read is still waited for, it fails, and nobody waits for it any more.
            let _ = reader.release_lock();
        }
    }
}

/// Reads the body of a request in JSON to its end into memory; see [`Incoming::of`].
pub async fn json(request: &Request, limit: u64) -> Result<Body, Fault> {
    let mut body = Body::default();
    Incoming::of(request, limit)?.hold(&mut body, limit).await?;
    Ok(body)
}

/// Reads a stream to its end into memory. `announced` is what `Content-Length` says, if anything.
pub async fn read(stream: Option<ReadableStream>, announced: Option<u64>, limit: u64) -> Result<Body, Fault> {
    let mut body = Body::default();
    Incoming::open(stream, announced, limit, Fault::BodyLost)?.hold(&mut body, limit).await?;
    Ok(body)
}

impl Reader {
    fn of(stream: &ReadableStream) -> Result<Self, JsValue> {
        stream.unchecked_ref::<Source>().get_reader(&object("mode", &"byob".into()))
    }

    /// The next bytes, at least that many unless it is the end; and whether that is it.
    async fn next(&self, view: Uint8Array, least: u32) -> Result<(Option<Uint8Array>, bool), JsValue> {
        let read = JsFuture::from(self.read(view, &object("min", &least.into()))?).await?;
        let chunk = Reflect::get(&read, &"value".into())?.dyn_into().ok();
        Ok((chunk, Reflect::get(&read, &"done".into())?.is_truthy()))
    }
}

/// What a future comes to, unless it takes longer.
async fn within<T>(time: Millis, future: impl Future<Output = T>) -> Option<T> {
    let delay = Delay::from(Duration::from_millis(clock::lasting(time)));
    let (mut future, mut delay) = (pin!(future), pin!(delay));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => delay.as_mut().poll(context).map(|()| None),
    })
    .await
}

fn object(name: &str, value: &JsValue) -> JsValue {
    let object = Object::new();
    // Setting a member of a plain object cannot fail.
    let _ = Reflect::set(&object, &name.into(), value);
    object.into()
}
