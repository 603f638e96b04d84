//! Cutting: the body of a batch, put together from pieces when it is due.
//!
//! Which rows go into a batch is core's rule ([`Cutter`], pure arithmetic); here only its lengths come from an index
//! instead of a request. So the bodies are those that core's `split` writes, whenever and wherever they are cut.

use postgate_core::{BatchLimits, BatchTotals, Cutter, Envelope};

use crate::piece::{Entry, Piece};

/// A batch that is being cut.
pub struct Cutting {
    cutter: Cutter,
    body: Vec<u8>,
    after: Vec<u8>,
    /// Whether a row was written.
    begun: bool,
    closed: Option<BatchTotals>,
}

/// A batch as it is posted.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many rows it has.
    pub rows: u32,
    /// The body.
    pub body: Vec<u8>,
}

impl Cutting {
    /// Begins a batch; `None` when there is no memory for one.
    pub fn new(limits: BatchLimits, envelope: Envelope) -> Option<Self> {
        let cutter = Cutter::new(limits, envelope.len());
        let mut body = envelope.before;
        // Room for a usual batch: it grows at most twice from there.
        body.try_reserve(3_000_000).ok()?;
        Some(Self { cutter, body, after: envelope.after, begun: false, closed: None })
    }

    /// Adds the rows of a piece behind its first `skip`; true once the batch is full.
    ///
    /// The error is that of a piece whose rows are not those of its index, or of memory.
    pub fn add(&mut self, piece: &Piece, skip: usize) -> Result<bool, &'static str> {
        let mut rows = piece.bytes.as_slice();
        for (place, entry) in Entry::read(&piece.index).enumerate() {
            let length = entry.length as usize;
            let (row, rest) = rows.split_at_checked(length).ok_or("a piece is shorter than its index says")?;
            rows = rest;
            if place < skip {
                continue;
            }
            self.closed = self.cutter.add(length as u64, entry.group);
            if self.closed.is_some() {
                return Ok(true);
            }
            self.body.try_reserve(length + 1).map_err(|_| "there is no memory for a batch")?;
            if self.begun {
                self.body.push(b',');
            }
            self.begun = true;
            self.body.extend_from_slice(row);
        }
        Ok(false)
    }

    /// The batch; `None` when there was no row.
    pub fn finish(self) -> Option<Cut> {
        let totals = self.closed.or_else(|| self.cutter.finish())?;
        let mut body = self.body;
        body.extend_from_slice(&self.after);
        // What the rule counted and what was written must be the same bytes.
        (body.len() as u64 == totals.bytes).then_some(Cut { rows: totals.rows, body })
    }
}

#[cfg(test)]
mod tests {
    use postgate_core::{Checked, Facts, Limits, Need, Options, Wants, split};

    use super::*;
    use crate::piece::Packer;

    fn request(rows: usize) -> Vec<u8> {
        let mut request = String::from("{\"from\":{\"address\":\"+15017122661\",\"channel\":\"whatsapp\"},\"to\":[");
        for row in 0..rows {
            let comma = if row > 0 { ",\n " } else { "" };
            let filler = "x".repeat(row * 37 % 211);
            if row % 50 == 49 {
                request.push_str(&format!("{comma}{{\"cohortId\":\"cmp_cohort_{row:026}\"}}"));
                continue;
            }
            request.push_str(&format!(
                "{comma}{{\"address\":\"whatsapp:+1415555{row:04}\",\"channel\":\"whatsapp\",\"variables\":{{\"a\":\"{filler}\"}}}}"
            ));
        }
        request.push_str("],\"content\":{\"text\":\"Hello\"}}");
        request.into_bytes()
    }

    /// Cuts all batches from pieces of a few rows each, as the object does from its storage.
    fn cut_all(request: &[u8], limits: Limits) -> Vec<Vec<u8>> {
        let mut facts = Facts::new(&Options { limits, ..Options::default() }, Wants::Bodies);
        facts.push(request);
        let Need::Again(mut bodies) = facts.finish() else { panic!("there are errors") };
        let envelope = bodies.envelope().clone();
        let mut pieces = Vec::new();
        let mut packer = Packer::default();
        for chunk in request.chunks(700) {
            bodies.push(chunk, &mut packer);
            pieces.extend(std::mem::take(&mut packer).finish());
        }
        bodies.finish().unwrap();

        let total: u32 = pieces.iter().map(Piece::rows).sum();
        let (mut first, mut cuts) = (0, Vec::new());
        while first < total {
            let mut cutting = Cutting::new(limits.batch, envelope.clone()).unwrap();
            let mut before = 0;
            for piece in &pieces {
                let skip = first.saturating_sub(before) as usize;
                before += piece.rows();
                if before > first && cutting.add(piece, skip).unwrap() {
                    break;
                }
            }
            let cut = cutting.finish().unwrap();
            first += cut.rows;
            cuts.push(cut.body);
        }
        cuts
    }

    #[test]
    fn bodies_are_those_of_cores_split() {
        for (rows, batch) in
            [(1, (10, 1_000)), (100, (7, 1_000_000)), (100, (1_000, 900)), (333, (10, 2_000)), (64, (64, 1 << 20))]
        {
            let limits = Limits { batch: BatchLimits { rows: batch.0, bytes: batch.1 }, ..Limits::campaign() };
            let request = request(rows);
            let Checked { value: expected, verdict } = split(&request, &Options { limits, ..Options::default() });
            assert!(verdict.ok, "{}", verdict.to_json());
            assert_eq!(cut_all(&request, limits), expected, "{rows} rows into {batch:?}");
        }
    }

    #[test]
    fn a_piece_that_lost_bytes_is_noticed() {
        let mut packer = Packer::default();
        postgate_core::Sink::row(
            &mut packer,
            postgate_core::Row { index: 0, bytes: b"{}", group: false, begins_batch: true, units: 1 },
        )
        .unwrap();
        let mut piece = packer.finish().unwrap();
        piece.bytes.pop();
        let envelope = Envelope { before: b"{".to_vec(), after: b"}".to_vec() };
        let mut cutting = Cutting::new(Limits::campaign().batch, envelope).unwrap();
        assert!(cutting.add(&piece, 0).is_err());
    }
}
