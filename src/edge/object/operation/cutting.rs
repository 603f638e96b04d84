//! Cutting: the body of a batch, put together from pieces when it is due.
//!
//! Which rows go into a batch is core's rule ([`Cutter`], pure arithmetic); here only its lengths come from an index
//! instead of a request. So the bodies are those that core's `split` writes, whenever and wherever they are cut.

use postgate_core::{BatchLimits, Cutter, Envelope};

use crate::object::piece::{Entry, Piece};

/// How far a batch reaches: up to the row that would be too many, too large, or too much for a turn of the pace.
#[derive(Clone, Debug)]
pub struct Extent {
    cutter: Cutter,
    /// Rows that it is to have, if it was cut before.
    exactly: Option<u32>,
    /// Most units, unless one row alone has more.
    most: u64,
    rows: u32,
    units: u64,
}

impl Extent {
    /// The extent of a batch whose body has `envelope` bytes beside its rows, cut for the first time.
    pub fn within(limits: BatchLimits, envelope: u64, most: u64) -> Self {
        Self { cutter: Cutter::new(limits, envelope), exactly: None, most, rows: 0, units: 0 }
    }

    /// The extent of a batch that was cut before: it is the same rows again.
    pub fn again(rows: u32, envelope: u64) -> Self {
        let limits = BatchLimits { rows, bytes: u64::MAX };
        Self { exactly: Some(rows), ..Self::within(limits, envelope, u64::MAX) }
    }

    /// Whether the next row belongs to the batch.
    pub fn takes(&mut self, entry: &Entry) -> bool {
        let units = self.units + u64::from(entry.units);
        let full = match self.exactly {
            Some(rows) => self.rows >= rows,
            None => self.rows > 0 && units > self.most,
        };
        // A group that was alone in its batch is alone again: nothing else decides about a batch that was cut before.
        if full || self.cutter.add(entry.length.into(), entry.group).is_some() {
            return false;
        }
        self.rows += 1;
        self.units = units;
        true
    }

    /// What its rows take of the pace.
    pub fn units(&self) -> u64 {
        self.units
    }
}

/// A batch that is being cut.
pub struct Cutting {
    extent: Extent,
    body: Vec<u8>,
    after: Vec<u8>,
}

/// A batch as it is posted.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many rows it has.
    pub rows: u32,
    /// What they take of the pace.
    pub units: u64,
    /// The body.
    pub body: Vec<u8>,
}

impl Cutting {
    /// Begins a batch; `None` when there is no memory for one.
    pub fn new(extent: Extent, envelope: Envelope) -> Option<Self> {
        let mut body = envelope.before;
        // Room for a usual batch: it grows at most twice from there.
        body.try_reserve(3_000_000).ok()?;
        Some(Self { extent, body, after: envelope.after })
    }

    /// Adds the rows of a piece after its first `skip`; true once the batch is full.
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
            let begun = self.extent.rows > 0;
            if !self.extent.takes(&entry) {
                return Ok(true);
            }
            self.body.try_reserve(length + 1).map_err(|_| "there is no memory for a batch")?;
            if begun {
                self.body.push(b',');
            }
            self.body.extend_from_slice(row);
        }
        Ok(false)
    }

    /// The batch; `None` when there was no row, or when one that was cut before has lost some.
    pub fn finish(self) -> Option<Cut> {
        let Extent { rows, units, exactly, .. } = self.extent;
        let mut body = self.body;
        body.extend_from_slice(&self.after);
        (rows > 0 && exactly.is_none_or(|exactly| exactly == rows)).then_some(Cut { rows, units, body })
    }
}

#[cfg(test)]
mod tests {
    use postgate_core::{Checked, Facts, Limits, Need, Options, Wants, split};

    use super::*;
    use crate::object::piece::Packer;

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
    fn cut_all(request: &[u8], limits: Limits, most: u64) -> Vec<Vec<u8>> {
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
            let extent = Extent::within(limits.batch, envelope.len(), most);
            let cut = cut(&pieces, first, Cutting::new(extent, envelope.clone()).unwrap());
            assert!(cut.units <= most || cut.rows == 1);
            // Cut again, it is the same.
            let extent = Extent::again(cut.rows, envelope.len());
            assert_eq!(self::cut(&pieces, first, Cutting::new(extent, envelope.clone()).unwrap()), cut);
            first += cut.rows;
            cuts.push(cut.body);
        }
        cuts
    }

    fn cut(pieces: &[Piece], first: u32, mut cutting: Cutting) -> Cut {
        let mut before = 0;
        for piece in pieces {
            let skip = first.saturating_sub(before) as usize;
            before += piece.rows();
            if before > first && cutting.add(piece, skip).unwrap() {
                break;
            }
        }
        cutting.finish().unwrap()
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
            assert_eq!(cut_all(&request, limits, u64::MAX), expected, "{rows} rows into {batch:?}");
        }
    }

    #[test]
    fn a_turn_of_the_pace_makes_batches_smaller() {
        let request = request(100);
        let cuts = cut_all(&request, Limits::campaign(), 7);
        // Two rows are groups, each in a batch of its own.
        assert_eq!(cuts.len(), 7 + 1 + 7 + 1);
        assert_eq!(cut_all(&request, Limits::campaign(), 0).len(), 100);
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
        let extent = Extent::within(Limits::campaign().batch, envelope.len(), u64::MAX);
        let mut cutting = Cutting::new(extent, envelope).unwrap();
        assert!(cutting.add(&piece, 0).is_err());
    }
}
