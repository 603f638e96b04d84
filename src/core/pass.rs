//! The two passes over a request, and their order: the only file that knows it.
//!
//! The first pass ([`Facts`]) reads everything, judges it, and keeps where each row stands. The second ([`Bodies`]) gets
//! the same bytes again, now that the head is known, and writes the batches; it reads only rows that are written
//! otherwise than they came. The second is skipped where nothing is left for it.

pub(crate) mod bodies;
mod checksum;
mod duplicates;
mod gathered;
mod noted;
pub(crate) mod refused;

use crate::finding::code::Code;
use crate::finding::issue::param;
use crate::message::preview::Previews;
use crate::message::{Asked, Message};
use crate::options::Options;
use crate::pass::bodies::{Bodies, Progress};
use crate::pass::checksum::Checksum;
use crate::pass::gathered::Gathered;
use crate::reader::frame::Document;
use crate::request::SendMessages;
use crate::verdict::{Checked, Totals};

/// What a caller is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// The verdict only.
    Verdict,
    /// The verdict and the normalized rows.
    Bodies,
}

/// The first pass: takes the request in pieces of any size and finds what can be said without a second look.
///
/// The front page of the crate has an example. A request in memory needs none of this: see [`check`](crate::check) and
/// [`judge`](crate::judge).
pub struct Facts {
    document: Document,
    state: Box<Gathered>,
    wants: Wants,
}

/// What has to happen after the first pass.
#[allow(clippy::large_enum_variant, reason = "made once a request; not large where pointers are small")]
pub enum Need {
    /// Nothing: all was said, or an error makes the rest pointless.
    Done(Checked<SendMessages>),
    /// The same bytes are needed once more. Only after them is it known whether the verdict is ok; where the first pass
    /// found an error, no row is handed over.
    Again(Box<Bodies>),
}

impl Facts {
    /// Begins the first pass over a request.
    pub fn new(options: &Options, wants: Wants) -> Self {
        Self::with(options, wants, Some(Checksum::default()))
    }

    /// As [`Facts::new`], for bytes that nobody can write to between the passes: whether they differ is not checked.
    pub fn trusting(options: &Options, wants: Wants) -> Self {
        Self::with(options, wants, None)
    }

    fn with(options: &Options, wants: Wants, checksum: Option<Checksum>) -> Self {
        Self { document: Document::new(), state: Box::new(Gathered::new(options, checksum)), wants }
    }

    /// Takes the next bytes of the request. Bytes above the limit are not read.
    pub fn push(&mut self, chunk: &[u8]) {
        let limit = self.state.limits.bytes;
        let room = limit.saturating_sub(self.document.offset());
        let readable = chunk.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if let Some(checksum) = &mut self.state.checksum {
            checksum.add(&chunk[..readable]);
        }
        self.document.push(&chunk[..readable], &mut *self.state);
        if readable < chunk.len() {
            self.document.look(&mut *self.state);
            self.document.fail(Code::TooLarge, String::new(), limit, param("limit", limit));
            self.document.push(&chunk[readable..], &mut *self.state);
        }
    }

    /// Whether what came so far cannot be a request, whatever follows: further bytes are counted and not read.
    pub fn is_over(&self) -> bool {
        self.document.is_over()
    }

    /// How many rows of `to` have ended so far.
    pub fn rows(&self) -> u64 {
        self.document.rows()
    }

    /// Refuses rows with errors one by one: they are left out and listed in [`Bodies::refused`], and are no errors of the
    /// request as long as anything is left to send. Call it before the first byte.
    #[cfg(feature = "refusals")]
    pub fn refuse_rows(&mut self) {
        self.state.refused.get_or_insert_default();
    }

    /// Has the second pass tell what each row takes of the sender's pace, in [`Row::units`](crate::Row::units). Call it
    /// before the first byte.
    pub fn measure(&mut self) {
        self.state.asked.units = true;
    }

    /// Has the second pass estimate what the send takes, and make the previews that the options ask for. Call it before
    /// the first byte.
    pub fn summarize(&mut self) {
        let Gathered { options, asked, findings, .. } = &mut *self.state;
        asked.estimate = true;
        asked.previews = Previews::of(&options.previews);
        options.previews.iter().for_each(|row| findings.watch(*row));
    }

    /// Takes the end of the request.
    pub fn finish(mut self) -> Need {
        let mut totals = Totals::default();
        match self.second(&mut totals) {
            Some(progress) => Need::Again(Box::new(Bodies::new(progress, self.state, totals))),
            None => Need::Done(self.state.done(totals)),
        }
    }

    /// Judges what the end shows. What the second pass begins with, where something is left for it.
    fn second(&mut self, totals: &mut Totals) -> Option<Progress> {
        let Self { document, state, wants } = self;
        let fatal = document.finish(&mut **state);
        (totals.recipients, totals.bytes) = (state.recipients, document.offset());
        if let Some(issue) = fatal {
            state.findings.add(issue);
            return None;
        }
        state.head.finish(document.root_at(), &mut state.findings);
        state.judge_count(document.rows());
        state.judge_notes();
        let envelope = state.head.envelope();
        state.judge_largest(envelope.len());
        let (repeated, dropped) = state.judge_repeated();
        totals.recipients.dropped = dropped;
        let (refusals, long_values) = (state.refused().is_some(), state.notes.long_value);
        let asked = Asked { refusals, long_values, ..std::mem::take(&mut state.asked) };
        if let Some(issue) = state.notes.unused(&state.head) {
            state.findings.add(issue);
        }
        let message = Message::new(&mut state.head, &envelope, &state.options, asked);
        // A row that was passed over unread has no place among the others.
        let placed = state.rows.len() as u64 == document.rows().min(state.limits.recipients.into());
        let judges = placed && !state.full && message.judges(&state.rows);
        let all_refused = state.refused().is_some_and(|refused| refused.rows == document.rows());
        if all_refused || (!state.findings.ok() && !judges) {
            return None;
        }
        state.batches.extend(state.cutter.finish());
        for batch in &mut state.batches {
            batch.bytes += envelope.len();
        }
        let fits = state.batches.iter().all(|batch| batch.bytes <= state.limits.batch.bytes);
        if fits && *wants == Wants::Verdict && repeated.is_empty() && !state.judges_again() && !judges {
            totals.batches = std::mem::take(&mut state.batches);
            return None;
        }
        let largest = state.batches.iter().map(|batch| batch.bytes).max().unwrap_or(0).min(state.limits.batch.bytes);
        Some(Progress::new(state, envelope, largest, repeated, message))
    }
}
