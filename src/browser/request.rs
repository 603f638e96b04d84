//! Requests that lie outside of the module's memory.

use js_sys::Uint8Array;
use postgate_core::{Facts, Fault, Need, Options, Sink, Verdict, Wants};

use crate::error::PostgateError;

/// How much of a request is copied in at a time.
const PIECE: u32 = 1 << 20;

/// Judges a request: both passes over it.
pub(crate) fn judge(
    request: &Uint8Array,
    options: &Options,
    wants: Wants,
    sink: &mut dyn Sink,
) -> Result<Verdict, PostgateError> {
    let mut facts = Facts::new(options, wants);
    each_piece(request, |piece| facts.push(piece));
    let mut bodies = match facts.finish() {
        Need::Done(checked) => return Ok(checked.verdict),
        Need::Again(bodies) => bodies,
    };
    sink.begin(bodies.envelope());
    each_piece(request, |piece| bodies.push(piece, sink));
    match bodies.finish() {
        Ok(checked) => Ok(checked.verdict),
        Err(Fault::OutOfMemory) => Err(PostgateError::new("out-of-memory", "There is no memory for the batches.")),
        Err(Fault::DifferentBytes) => {
            Err(PostgateError::new("input-changed", "The input was written to while it was read."))
        }
    }
}

fn each_piece(request: &Uint8Array, mut take: impl FnMut(&[u8])) {
    let length = request.length();
    let mut room = vec![0; length.min(PIECE) as usize];
    for start in (0..length).step_by(PIECE as usize) {
        let end = start.saturating_add(PIECE).min(length);
        let piece = &mut room[..(end - start) as usize];
        request.subarray(start, end).copy_to(piece);
        take(piece);
    }
}
