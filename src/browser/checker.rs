//! Requests and tables that come in pieces, one at a time and of any size.

use postgate_core::{Issue, Mapping, Prices, Record, Records, Table, TableReport, TableRow, Verdict, request_head};
use wasm_bindgen::prelude::*;

use crate::error::PostgateError;
use crate::host::{Bytes, List};
use crate::options;
use crate::request::{Passes, Room};
use crate::table::{Rejected, give_places, mapping};

/// How much of the rows of a table is gathered before it is judged.
const GATHERED: usize = 1 << 16;

#[wasm_bindgen(raw_module = "./repairs.js")]
extern "C" {
    /// Knows which rows are refused.
    pub type Repairs;

    /// Why a row is refused, by its place in `to` and its JSON; none if it is not.
    #[wasm_bindgen(method)]
    fn reason(this: &Repairs, index: u32, row: &[u8]) -> Option<String>;
}

/// Judges what comes in pieces. After the end it may want the same pieces once more.
#[wasm_bindgen]
pub struct Checker {
    passes: Passes,
    room: Room,
    table: Option<Source>,
    prices: Option<Prices>,
    verdict: Option<Verdict>,
}

#[wasm_bindgen]
impl Checker {
    /// `table` is a mapping's JSON and `head` the rest of the request, where a table is read; without it only the rows are
    /// judged. Bodies go to `batches`, if it is there. With `summary` there is an estimate, and the previews that the
    /// options ask for.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &str,
        summary: bool,
        table: Option<String>,
        head: Option<Vec<u8>>,
        batches: Option<List>,
        rejects: List,
    ) -> Result<Self, PostgateError> {
        let mut options = options::read(options)?;
        options.rows_only = table.is_some() && head.is_none();
        let mut passes = Passes::new(&options, batches, summary);
        let table = match table {
            Some(json) => Some(Source::new(mapping(&json)?, head, rejects, &mut passes)),
            None => None,
        };
        Ok(Self { passes, room: Room::default(), table, prices: options.prices, verdict: None })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &Bytes) -> Result<(), PostgateError> {
        self.room.fit(bytes)?;
        let Self { passes, room, table, .. } = self;
        room.each_piece(bytes, &mut |piece| match table {
            Some(source) => source.push(piece, passes),
            None => passes.push(piece),
        });
        Ok(())
    }

    /// Begins anew with the rejects of a table that was judged: the same pieces have to come once more, and the rows that
    /// are refused go to them, too.
    pub fn repair(&mut self, repairs: Repairs) {
        if let Some(source) = &mut self.table {
            source.rejects.restart();
            source.repairs = Some(repairs);
            source.begin(&mut self.passes);
        }
    }

    /// Takes the end; whether the same pieces have to come once more.
    pub fn finish(&mut self) -> Result<bool, PostgateError> {
        if let Some(source) = &mut self.table {
            source.finish(&mut self.passes);
            if source.repairs.is_some() {
                return Ok(false);
            }
            self.verdict = source.report.as_ref().and_then(TableReport::refusal);
        }
        if self.verdict.is_none() {
            self.verdict = self.passes.finish()?;
        }
        if self.verdict.is_none()
            && let Some(source) = &mut self.table
        {
            source.begin(&mut self.passes);
        }
        Ok(self.verdict.is_none())
    }

    /// The summary's canonical JSON, once there is a verdict; without an estimate and previews where none was wanted.
    pub fn summary(&self) -> Option<Vec<u8>> {
        self.verdict.as_ref().map(|verdict| verdict.to_summary_json(self.prices.as_ref()).into_bytes())
    }

    /// The report's JSON on the table, once it was read.
    pub fn report(&self) -> Option<String> {
        self.table.as_ref()?.report.as_ref().map(TableReport::to_json)
    }

    /// Appends where the rows stand in the table, by number and by line, once it was read.
    pub fn places(&self, places: &List) {
        if let Some(report) = self.table.as_ref().and_then(|table| table.report.as_ref()) {
            give_places(report, places);
        }
    }

    /// Hands over the rejects that are still here.
    pub fn flush(&mut self) {
        self.table.iter_mut().for_each(|source| source.rejects.flush());
    }
}

/// A table that is made into a request while it comes in: both times into the same bytes.
struct Source {
    mapping: Mapping,
    table: Option<Table>,
    /// The request up to its first row; none where the head is not one JSON object, which then is all that is judged.
    head: Option<Vec<u8>>,
    gathered: Vec<u8>,
    rejects: Rejected,
    repairs: Option<Repairs>,
    report: Option<TableReport>,
}

impl Source {
    fn new(mapping: Mapping, head: Option<Vec<u8>>, rejects: List, passes: &mut Passes) -> Self {
        let head = head.unwrap_or_else(|| b"{}".to_vec());
        let whole = request_head(&head);
        if whole.is_none() {
            passes.push(&head);
        }
        let rejects = Rejected::new(rejects);
        let (gathered, table, repairs, report) = (Vec::new(), None, None, None);
        let mut source = Self { mapping, table, head: whole, gathered, rejects, repairs, report };
        source.begin(passes);
        source
    }

    /// Begins to read the table.
    fn begin(&mut self, passes: &mut Passes) {
        self.table = Some(Table::new(self.mapping.clone()));
        self.head.iter().for_each(|head| passes.push(head));
    }

    fn push(&mut self, bytes: &[u8], passes: &mut Passes) {
        if let Some(mut table) = self.table.take() {
            table.push(bytes, &mut Feeding { source: self, passes });
            self.table = Some(table);
        }
    }

    fn finish(&mut self, passes: &mut Passes) {
        let Some(table) = self.table.take() else { return };
        self.report = Some(table.finish(&mut Feeding { source: self, passes }));
        self.feed(passes);
        if self.head.is_some() {
            passes.push(b"]}");
        }
    }

    /// Has the gathered rows judged.
    fn feed(&mut self, passes: &mut Passes) {
        passes.push(&self.gathered);
        self.gathered.clear();
    }
}

struct Feeding<'a> {
    source: &'a mut Source,
    passes: &'a mut Passes,
}

impl Records for Feeding<'_> {
    fn row(&mut self, row: TableRow<'_>) {
        if let Some(repairs) = &self.source.repairs {
            if let Some(reason) = repairs.reason(row.index, row.json()) {
                self.source.rejects.add_for(&row.record, &reason);
            }
            return;
        }
        if self.source.head.is_none() {
            return;
        }
        self.source.gathered.extend_from_slice(row.element());
        if self.source.gathered.len() >= GATHERED {
            self.source.feed(self.passes);
        }
    }

    fn reject(&mut self, record: Record<'_>, issue: &Issue) {
        // The second time they are the same.
        if self.passes.is_first() || self.source.repairs.is_some() {
            self.source.rejects.add(&record, issue);
        }
    }
}
