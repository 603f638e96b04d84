//! Requests held in memory: both passes over one slice, and the sinks that make bodies.

use std::ops::Range;

use crate::batch::{Batch, Envelope};
use crate::finding::code::Code;
use crate::finding::issue::Issue;
use crate::message::preview::Preview;
use crate::options::Options;
use crate::pass::bodies::{Copier, Fault, Row, Sink};
use crate::pass::{Facts, Need, Wants};
use crate::request::SendMessages;
use crate::verdict::{Checked, Verdict};

/// Judges a request: every issue, not just the first. The value is the request's head, as far as it could be read.
pub fn check(request: &[u8], options: &Options) -> Checked<SendMessages> {
    judge(request, options, Wants::Verdict, &mut Nowhere)
}

/// Judges a request and splits it into the bodies of upstream requests; none unless the verdict is ok.
///
/// Each body has all members of the head in the sender's own order, and no more rows and bytes than
/// [`Limits::batch`](crate::Limits::batch) allows. Joining their rows gives the request's rows back, in order.
pub fn split(request: &[u8], options: &Options) -> Checked<Vec<Batch>> {
    let mut bodies = Split { request, ..Split::default() };
    let checked = judge(request, options, Wants::Bodies, &mut bodies);
    Checked { value: if checked.verdict.ok { bodies.finish() } else { Vec::new() }, verdict: checked.verdict }
}

/// Judges a request and writes it again, normalized and in one piece; `None` unless the verdict is ok.
pub fn normalize(request: &[u8], options: &Options) -> Checked<Option<Vec<u8>>> {
    let mut body = Joined { request, ..Joined::default() };
    let checked = judge(request, options, Wants::Bodies, &mut body);
    Checked { value: checked.verdict.ok.then(|| body.finish()), verdict: checked.verdict }
}

/// Judges a request, estimates what it takes, and makes the previews that the options ask for: all of it is in the
/// verdict.
///
/// ```
/// use postgate_core::{Options, summarize};
///
/// let request = br#"{"to":[{"address":"+14155550132","channel":"PHONE"}],
///     "from":{"address":"+15017122661","channel":"SMS"},"content":{"text":"Soon \u2013 at 8"}}"#;
/// let mut options = Options::default();
/// options.set("prices", r#"{"currency":"USD","sms":{"US":"0.0079"}}"#)?;
/// let verdict = summarize(request, &options).verdict;
/// let estimate = verdict.estimate.unwrap_or_default();
/// assert_eq!((estimate.people, estimate.segments.max), (1, 1));
/// assert_eq!(estimate.cost.unwrap_or_default().max, 7_900);
/// # Ok::<(), postgate_core::OptionError>(())
/// ```
pub fn summarize(request: &[u8], options: &Options) -> Checked<SendMessages> {
    let mut facts = Facts::trusting(options, Wants::Verdict);
    facts.summarize();
    both(facts, request, &mut Nowhere)
}

/// What one recipient reads, by its place in `to`; none where there is no such row, or the request cannot be read.
pub fn preview(request: &[u8], row: u64, options: &Options) -> Option<Preview> {
    summarize(request, &Options { previews: vec![row], ..options.clone() }).verdict.previews.pop()
}

/// Runs both passes over a request. What is written goes to `sink`, and must be thrown away unless the verdict is ok.
pub fn judge(request: &[u8], options: &Options, wants: Wants, sink: &mut dyn Copier) -> Checked<SendMessages> {
    both(Facts::trusting(options, wants), request, sink)
}

fn both(mut facts: Facts, request: &[u8], sink: &mut dyn Copier) -> Checked<SendMessages> {
    facts.push(request);
    let mut bodies = match facts.finish() {
        Need::Done(checked) => return checked,
        Need::Again(bodies) => bodies,
    };
    while let Some(place) = bodies.copy(sink) {
        bodies.push(at(request, place), sink);
    }
    bodies.finish().unwrap_or_else(|_| {
        // The bytes are the same, so it was memory that ran out.
        let mut verdict = Verdict::default();
        verdict.counts.push((Code::OutOfMemory, 1));
        verdict.totals.bytes = request.len() as u64;
        verdict.issues.push(Issue {
            code: Code::OutOfMemory,
            at: String::new(),
            offset: 0,
            span: None,
            params: Vec::new(),
        });
        Checked { value: SendMessages::default(), verdict }
    })
}

fn at(request: &[u8], place: Range<u64>) -> &[u8] {
    request.get(place.start as usize..place.end as usize).unwrap_or_default()
}

/// A sink for those who want only the verdict.
pub struct Nowhere;

impl Sink for Nowhere {
    fn begin(&mut self, _: &Envelope, _: u64) {}

    fn row(&mut self, _: Row<'_>) -> Result<(), Fault> {
        Ok(())
    }
}

impl Copier for Nowhere {
    fn copy(&mut self, _: Range<u64>, _: bool) -> Result<(), Fault> {
        Ok(())
    }
}

/// A sink that makes whole bodies.
#[derive(Default)]
struct Split<'a> {
    request: &'a [u8],
    envelope: Option<Envelope>,
    batches: Vec<Batch>,
}

impl Split<'_> {
    fn finish(mut self) -> Vec<Batch> {
        self.close();
        self.batches
    }

    fn close(&mut self) {
        if let (Some(envelope), Some(batch)) = (&self.envelope, self.batches.last_mut()) {
            batch.extend_from_slice(&envelope.after);
        }
    }

    fn append(&mut self, rows: &[u8], begins_batch: bool) -> Result<(), Fault> {
        if begins_batch {
            self.close();
            self.batches.push(self.envelope.as_ref().map_or_else(Vec::new, |envelope| envelope.before.clone()));
        }
        let Some(batch) = self.batches.last_mut() else { return Ok(()) };
        append(batch, rows, begins_batch)
    }
}

impl Sink for Split<'_> {
    fn begin(&mut self, envelope: &Envelope, _: u64) {
        self.envelope = Some(envelope.clone());
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        self.append(row.bytes, row.begins_batch)
    }
}

impl Copier for Split<'_> {
    fn copy(&mut self, place: Range<u64>, begins_batch: bool) -> Result<(), Fault> {
        self.append(at(self.request, place), begins_batch)
    }
}

/// A sink that joins all rows.
#[derive(Default)]
struct Joined<'a> {
    request: &'a [u8],
    body: Vec<u8>,
    after: Vec<u8>,
    begun: bool,
}

impl Joined<'_> {
    fn finish(mut self) -> Vec<u8> {
        self.body.extend_from_slice(&self.after);
        self.body
    }

    fn append(&mut self, rows: &[u8]) -> Result<(), Fault> {
        let first = !std::mem::replace(&mut self.begun, true);
        append(&mut self.body, rows, first)
    }
}

impl Sink for Joined<'_> {
    fn begin(&mut self, envelope: &Envelope, _: u64) {
        self.body.clone_from(&envelope.before);
        self.after.clone_from(&envelope.after);
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        self.append(row.bytes)
    }
}

impl Copier for Joined<'_> {
    fn copy(&mut self, place: Range<u64>, _: bool) -> Result<(), Fault> {
        self.append(at(self.request, place))
    }
}

fn append(body: &mut Vec<u8>, rows: &[u8], first: bool) -> Result<(), Fault> {
    body.try_reserve(rows.len() + 1).map_err(|_| Fault::OutOfMemory)?;
    if !first {
        body.push(b',');
    }
    body.extend_from_slice(rows);
    Ok(())
}
