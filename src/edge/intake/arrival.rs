//! The arrival of a request: the first pass over it while it comes in, and where it lies for the second.
//!
//! What fits one request of the API stays in memory. A larger one is spooled: kept with the operation's object in parts
//! and read back from there, so that only a part of it is ever in memory, whatever its size.

use postgate_core::Facts;
use sha2::{Digest, Sha256};
use worker::js_sys::Uint8Array;

use crate::clock::{self, Millis, SECOND};
use crate::http::body::{Body, Incoming};
use crate::http::fault::Fault;
use crate::http::place::Place;
use crate::http::share::Holder;
use crate::object::draft::Draft;

/// Most bytes of a request that is held in memory.
pub const HELD: u64 = postgate_core::Limits::request().bytes;
/// How many bytes are kept in one part of the spool: four values of the object's storage.
pub const SPOOLED: u32 = 6_000_000;
/// How many bytes of a request are read at a time.
const STRETCH: usize = 1 << 20;
/// Most bytes without the end of a row: twice what a batch has with its head and all its rows. Only white space could be
/// as long in a request without errors, and gzip makes a thousandth of that.
const BARREN: u64 = 2 * HELD;
/// When a part is kept though it is not full: in time for the lease.
const KEEP: Millis = 20 * SECOND;

/// A request that is here.
pub struct Arrived<'d> {
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// How many bytes it has.
    pub bytes: u64,
    lies: Lies<'d>,
}

enum Lies<'d> {
    Here(Body),
    Spooled { draft: &'d Draft, parts: u32, _place: Place },
}

/// Reads a request and feeds the first pass. What turns out to be none is not read to its end.
pub async fn arrive<'d>(
    mut incoming: Incoming,
    facts: &mut Facts,
    draft: &'d Draft,
    holder: &Holder,
) -> Result<Arrived<'d>, Fault> {
    let mut body = Body::of(holder);
    if !incoming.is_beyond(HELD) && incoming.hold(&mut body, HELD).await? {
        facts.push(body.bytes());
        let bytes = body.bytes().len() as u64;
        return Ok(Arrived { hash: Sha256::digest(body.bytes()).into(), bytes, lies: Lies::Here(body) });
    }
    let place = Place::take(holder)?;
    draft.open().await?;
    let mut spool = Spool::new(draft, facts);
    for part in body.bytes().chunks(SPOOLED as usize) {
        spool.see(part)?;
        spool.keep(Uint8Array::from(part)).await?;
    }
    drop(body);
    spool.fill(incoming).await?;
    let Spool { hasher, bytes, parts, .. } = spool;
    let lies = Lies::Spooled { draft, parts, _place: place };
    Ok(Arrived { hash: hasher.finalize().into(), bytes, lies })
}

/// Only hashes a request. One of more than `most` bytes has no hash: the rest of it is not waited for.
pub async fn hash(mut incoming: Incoming, most: u64) -> Result<Option<[u8; 32]>, Fault> {
    let (mut hasher, mut hashed) = (Sha256::new(), 0);
    let mut bytes = Vec::new();
    while hashed <= most && !incoming.is_beyond(most) {
        let chunk = incoming.fill(Uint8Array::new_with_length(STRETCH as u32)).await?;
        if chunk.length() == 0 {
            return Ok(Some(hasher.finalize().into()));
        }
        copy(&chunk, &mut bytes);
        hasher.update(&bytes);
        hashed += u64::from(chunk.length());
    }
    Ok(None)
}

/// A request that is being spooled.
struct Spool<'a, 'd> {
    draft: &'d Draft,
    facts: &'a mut Facts,
    hasher: Sha256,
    bytes: u64,
    parts: u32,
    kept: Millis,
    /// How many rows came to their end, and how many bytes were here when the last one was seen to.
    rows: u64,
    fruitful: u64,
}

impl<'a, 'd> Spool<'a, 'd> {
    fn new(draft: &'d Draft, facts: &'a mut Facts) -> Self {
        Self { draft, facts, hasher: Sha256::new(), bytes: 0, parts: 0, kept: clock::now(), rows: 0, fruitful: 0 }
    }

    fn see(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.hasher.update(bytes);
        self.facts.push(bytes);
        self.bytes += bytes.len() as u64;
        if self.facts.rows() > self.rows {
            (self.rows, self.fruitful) = (self.facts.rows(), self.bytes);
        }
        if self.bytes - self.fruitful > BARREN { Err(Fault::Barren(BARREN)) } else { Ok(()) }
    }

    async fn keep(&mut self, part: Uint8Array) -> Result<(), Fault> {
        self.draft.spool(self.parts, part).await?;
        self.parts += 1;
        self.kept = clock::now();
        Ok(())
    }

    async fn fill(&mut self, mut incoming: Incoming) -> Result<(), Fault> {
        let mut bytes = Vec::new();
        let mut ended = false;
        while !ended && !self.facts.is_over() {
            let mut part = Uint8Array::new_with_length(SPOOLED);
            let mut filled = 0;
            while filled < SPOOLED && (filled == 0 || clock::now() < self.kept + KEEP) {
                let chunk = incoming.fill(part.subarray(filled, SPOOLED)).await?;
                copy(&chunk, &mut bytes);
                self.see(&bytes)?;
                filled += chunk.length();
                ended = chunk.length() == 0 || self.facts.is_over();
                // The buffer went to the reader and came back with the chunk.
                part = Uint8Array::new(&chunk.buffer());
                if ended {
                    break;
                }
            }
            if filled > 0 {
                self.keep(part.subarray(0, filled)).await?;
            }
        }
        Ok(())
    }
}

fn copy(chunk: &Uint8Array, bytes: &mut Vec<u8>) {
    bytes.resize(chunk.length() as usize, 0);
    chunk.copy_to(bytes);
}

impl Arrived<'_> {
    /// Whether it is spooled.
    pub fn is_spooled(&self) -> bool {
        matches!(self.lies, Lies::Spooled { .. })
    }

    /// The same bytes once more.
    pub fn again(&self) -> Again<'_> {
        Again { arrived: self, part: None, next: 0, at: 0, bytes: Vec::new() }
    }
}

/// A request that is read again.
pub struct Again<'a> {
    arrived: &'a Arrived<'a>,
    part: Option<Uint8Array>,
    next: u32,
    at: usize,
    bytes: Vec<u8>,
}

impl Again<'_> {
    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, Fault> {
        match &self.arrived.lies {
            Lies::Here(body) => {
                let rest = body.bytes().get(self.at..).unwrap_or_default();
                let stretch = rest.get(..STRETCH).unwrap_or(rest);
                self.at += stretch.len();
                Ok((!stretch.is_empty()).then_some(stretch))
            }
            Lies::Spooled { draft, parts, .. } => {
                let part = match self.part.take() {
                    Some(part) => part,
                    None if self.next == *parts => return Ok(None),
                    None => {
                        self.next += 1;
                        self.at = 0;
                        draft.unspool(self.next - 1).await?
                    }
                };
                let end = part.length().min((self.at + STRETCH) as u32);
                copy(&part.subarray(self.at as u32, end), &mut self.bytes);
                self.at = end as usize;
                self.part = (end < part.length()).then_some(part);
                Ok(Some(&self.bytes))
            }
        }
    }
}
