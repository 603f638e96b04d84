//! Requests that lie outside of the module's memory.

use js_sys::Uint8Array;
use postgate_core::{Facts, Fault, Need, Options, Sink, Verdict, Wants};

use crate::error::PostgateError;

/// Largest request that is copied in whole, once for both passes.
const WHOLE: u32 = 16 << 20;
/// How much of a larger one is copied in at a time, for each pass again.
const PIECE: u32 = 1 << 20;

/// Judges a request: both passes over it.
pub(crate) fn judge(
    request: &Uint8Array,
    options: &Options,
    wants: Wants,
    sink: &mut dyn Sink,
) -> Result<Verdict, PostgateError> {
    let length = request.length();
    let whole = length <= WHOLE;
    let size = if whole { length } else { PIECE } as usize;
    let mut room = Vec::new();
    room.try_reserve_exact(size).map_err(|_| out_of_memory())?;
    room.resize(size, 0);
    let mut facts = if whole { Facts::trusting(options, wants) } else { Facts::new(options, wants) };
    each_piece(request, &mut room, |piece| facts.push(piece));
    let mut bodies = match facts.finish() {
        Need::Done(checked) => return Ok(checked.verdict),
        Need::Again(bodies) => bodies,
    };
    if whole {
        bodies.push(&room, sink);
    } else {
        each_piece(request, &mut room, |piece| bodies.push(piece, sink));
    }
    match bodies.finish() {
        Ok(checked) => Ok(checked.verdict),
        Err(Fault::OutOfMemory) => Err(out_of_memory()),
        Err(Fault::DifferentBytes) => {
            Err(PostgateError::new("input-changed", "The input was written to while it was read."))
        }
    }
}

fn out_of_memory() -> PostgateError {
    PostgateError::new("out-of-memory", "There is no memory for the request or its batches.")
}

fn each_piece(request: &Uint8Array, room: &mut [u8], mut take: impl FnMut(&[u8])) {
    let (length, size) = (request.length(), room.len() as u32);
    for start in (0..length).step_by(size.max(1) as usize) {
        let end = start.saturating_add(size).min(length);
        let piece = &mut room[..(end - start) as usize];
        request.subarray(start, end).copy_to(piece);
        take(piece);
    }
}
