//! Requests that lie outside of the module's memory.

use std::ops::Range;

use postgate_core::{Bodies, Copier, Facts, Fault, Need, Nowhere, Options, Verdict, Wants};

use crate::batches::Batches;
use crate::error::PostgateError;
use crate::host::{Bytes, List, take};

/// How much is copied in at a time, for each pass again: so little that it is still near when it is read, and so much
/// that the copying of each counts for nothing.
const PIECE: u32 = 1 << 18;

/// Judges a request: both passes over it.
pub(crate) fn judge(
    request: &Bytes,
    options: &Options,
    wants: Wants,
    sink: &mut dyn Copier,
) -> Result<Verdict, PostgateError> {
    both(request, options, wants, false, sink)
}

/// Judges a request, estimates what it takes, and makes the previews that the options ask for.
pub(crate) fn summarize(request: &Bytes, options: &Options) -> Result<Verdict, PostgateError> {
    both(request, options, Wants::Verdict, true, &mut Nowhere)
}

fn both(
    request: &Bytes,
    options: &Options,
    wants: Wants,
    summary: bool,
    sink: &mut dyn Copier,
) -> Result<Verdict, PostgateError> {
    let mut room = Room::default();
    room.fit(request)?;
    // Nobody writes to it meanwhile: the package makes a copy of what other threads could reach.
    let mut facts = Facts::trusting(options, wants);
    if summary {
        facts.summarize();
    }
    room.each_piece(request, &mut |piece| facts.push(piece));
    let checked = match facts.finish() {
        Need::Done(checked) => Ok(checked),
        Need::Again(mut bodies) => {
            while let Some(place) = bodies.copy(sink) {
                room.each_of(request, place, &mut |piece| bodies.push(piece, sink));
            }
            bodies.finish()
        }
    };
    checked.map(|checked| checked.verdict).map_err(thrown)
}

fn thrown(fault: Fault) -> PostgateError {
    match fault {
        Fault::OutOfMemory => out_of_memory(),
        Fault::DifferentBytes => PostgateError::new(
            "input-changed",
            "The input was not the same the second time; expected the same bytes once more.",
        ),
    }
}

fn out_of_memory() -> PostgateError {
    PostgateError::new("out-of-memory", "There is no memory for the input or its batches.")
}

/// Room for what is copied in.
#[derive(Default)]
pub(crate) struct Room {
    bytes: Vec<u8>,
}

impl Room {
    /// Makes room for pieces of an input.
    pub(crate) fn fit(&mut self, input: &Bytes) -> Result<(), PostgateError> {
        let size = input.length().min(PIECE) as usize;
        self.bytes.clear();
        self.bytes.try_reserve_exact(size).map_err(|_| out_of_memory())?;
        self.bytes.resize(size, 0);
        Ok(())
    }

    /// Copies all of an input in, as much at a time as there is room.
    pub(crate) fn each_piece(&mut self, input: &Bytes, each: &mut dyn FnMut(&[u8])) {
        self.each_of(input, 0..input.length().into(), each);
    }

    /// The same for a part of an input, of which all that is judged lies far below 4 GB.
    fn each_of(&mut self, input: &Bytes, place: Range<u64>, each: &mut dyn FnMut(&[u8])) {
        let mut left = place.start as u32..place.end as u32;
        loop {
            let size = left.len().min(self.bytes.len());
            let room = self.bytes.get_mut(..size).unwrap_or_default();
            take(input, left.start, room);
            each(room);
            left.start += size as u32;
            if left.is_empty() || size == 0 {
                break;
            }
        }
    }
}

/// The two passes over a request whose bytes are pushed.
pub(crate) struct Passes {
    pass: Pass,
    /// Where the bodies go; none where only the verdict is wanted.
    batches: Option<Batches>,
}

#[allow(clippy::large_enum_variant, reason = "there is one a checker, and only natively is it large")]
enum Pass {
    First(Facts),
    Second(Box<Bodies>),
    Over,
}

impl Passes {
    pub(crate) fn new(options: &Options, batches: Option<List>, summary: bool) -> Self {
        let wants = if batches.is_some() { Wants::Bodies } else { Wants::Verdict };
        let mut facts = Facts::new(options, wants);
        if summary {
            facts.summarize();
        }
        Self { pass: Pass::First(facts), batches: batches.map(|batches| Batches::new(batches, false)) }
    }

    pub(crate) fn is_first(&self) -> bool {
        matches!(self.pass, Pass::First(_))
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match (&mut self.pass, &mut self.batches) {
            (Pass::First(facts), _) => facts.push(bytes),
            (Pass::Second(bodies), Some(batches)) => bodies.push(bytes, batches),
            (Pass::Second(bodies), None) => bodies.push(bytes, &mut Nowhere),
            (Pass::Over, _) => {}
        }
    }

    /// Takes the end of the request; the verdict, unless its bytes have to come once more.
    pub(crate) fn finish(&mut self) -> Result<Option<Verdict>, PostgateError> {
        match std::mem::replace(&mut self.pass, Pass::Over) {
            Pass::First(facts) => match facts.finish() {
                Need::Done(checked) => Ok(Some(checked.verdict)),
                Need::Again(bodies) => {
                    self.pass = Pass::Second(bodies);
                    Ok(None)
                }
            },
            Pass::Second(bodies) => {
                let verdict = bodies.finish().map_err(thrown)?.verdict;
                self.batches.iter_mut().for_each(|batches| batches.finish(verdict.ok));
                Ok(Some(verdict))
            }
            Pass::Over => Ok(Some(Verdict::default())),
        }
    }
}
