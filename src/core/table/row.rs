//! Rows of `to`, made of cells.

use std::borrow::Cow;

use super::cell;
use super::csv::Cells;
use super::mapping::{Column, Plan, REASON, Refusal, key};
use crate::finding::code::Code;
use crate::finding::issue::{above, param};
use crate::json::push_quoted;
use crate::limits::COLUMNS;
use crate::reader::scan::{Kind, Reader, Stop, Why};
use crate::text::Text;

/// Writes the JSON of one row, after a comma.
pub(super) struct Writer {
    /// The channel of rows that name none, as JSON.
    default_channel: Vec<u8>,
    json: Vec<u8>,
    variables: usize,
}

impl Writer {
    pub(super) fn new(default_channel: &str) -> Self {
        let mut quoted = Vec::new();
        push_quoted(&mut quoted, default_channel);
        Self { default_channel: quoted, json: Vec::new(), variables: 0 }
    }

    /// The row that was written last, with a comma before it.
    pub(super) fn json(&self) -> &[u8] {
        &self.json
    }

    /// Makes a row of a record's cells. `width` is how many columns there are, where that is known.
    pub(super) fn cells(&mut self, cells: Cells<'_>, width: Option<usize>, plan: &Plan) -> Result<(), Refusal> {
        let count = cells.width();
        if let Some(limit) = width.filter(|width| count > *width) {
            return Err((Code::TableExtraCells, above("count", count, limit)));
        }
        let cell = |place: &Column| match place {
            Column::Index(index) => cells.get(*index as usize).unwrap_or_default(),
            Column::Name(_) => &[],
        };
        self.begin(cell(&plan.address), plan.channel.as_ref().map(cell).unwrap_or_default())?;
        for (_, key, place) in &plan.variables {
            self.variable(key, cell(place))?;
        }
        self.end();
        Ok(())
    }

    /// Makes a row of one number.
    pub(super) fn number(&mut self, number: &[u8]) -> Result<(), Refusal> {
        self.begin(number, &[])?;
        self.end();
        Ok(())
    }

    /// Makes a row of an object: a recipient as it stands in a request, or one whose members are cells.
    pub(super) fn object(&mut self, line: &[u8], plan: Option<&Plan>) -> Result<(), Refusal> {
        let members = members(line)?;
        if members.iter().any(|member| member.makes_recipient()) {
            self.recipient(line, &members);
            return Ok(());
        }
        // There are few enough to compare each with each.
        let repeats =
            |(at, member): (usize, &Member<'_>)| members.iter().take(at).any(|other| other.name == member.name);
        if members.iter().enumerate().any(repeats) {
            return Err((Code::RepeatedField, vec![]));
        }
        let plan = plan.ok_or((Code::TableNoAddress, vec![]))?;
        let find = |place: &Column| {
            let Column::Name(name) = place else { return None };
            members.iter().find(|member| *member.name == **name)
        };
        let cell = |place: &Column| find(place).map_or(Ok(Vec::new()), Member::cell);
        let channel = plan.channel.as_ref().map_or(Ok(Vec::new()), cell)?;
        self.begin(&cell(&plan.address)?, &channel)?;
        for (_, key, place) in &plan.variables {
            self.variable(key, &cell(place)?)?;
        }
        let named = |place: &Column, name: &str| matches!(place, Column::Name(other) if other == name);
        for member in members.iter().filter(|_| plan.others) {
            let name = &*member.name;
            let used = named(&plan.address, name) || plan.channel.as_ref().is_some_and(|place| named(place, name));
            if !used && name != REASON && !name.is_empty() {
                self.variable(&key(name), &member.cell()?)?;
            }
        }
        self.end();
        Ok(())
    }

    /// A recipient that needs nothing done but to name the channel of its address.
    fn recipient(&mut self, line: &[u8], members: &[Member<'_>]) {
        let has = |name: &str| members.iter().any(|member| member.name == name);
        let line = line.trim_ascii();
        self.json.clear();
        self.json.push(b',');
        match line.strip_prefix(b"{") {
            Some(rest) if has("address") && !has("channel") => {
                self.json.extend_from_slice(b"{\"channel\":");
                self.json.extend_from_slice(&self.default_channel);
                self.json.push(b',');
                self.json.extend_from_slice(rest);
            }
            _ => self.json.extend_from_slice(line),
        }
    }

    fn begin(&mut self, address: &[u8], channel: &[u8]) -> Result<(), Refusal> {
        self.json.clear();
        self.variables = 0;
        let address = cell::address(address);
        if address.is_empty() {
            return Err((Code::TableNoAddress, vec![]));
        }
        if cell::is_rounded(address) {
            return Err((Code::TableRoundedNumber, vec![]));
        }
        let address = text(address)?;
        self.json.extend_from_slice(b",{\"address\":");
        push_quoted(&mut self.json, address);
        self.json.extend_from_slice(b",\"channel\":");
        match cell::trim(channel) {
            [] if cell::without_whatsapp(address).is_some() => self.json.extend_from_slice(b"\"WHATSAPP\""),
            [] => self.json.extend_from_slice(&self.default_channel),
            channel => push_quoted(&mut self.json, text(channel)?),
        }
        Ok(())
    }

    /// Adds a variable, unless it is empty.
    fn variable(&mut self, key: &[u8], value: &[u8]) -> Result<(), Refusal> {
        let value = cell::trim(value);
        if value.is_empty() {
            return Ok(());
        }
        self.json.extend_from_slice(if self.variables == 0 { b",\"variables\":{" } else { b"," });
        self.variables += 1;
        self.json.extend_from_slice(key);
        push_quoted(&mut self.json, text(value)?);
        Ok(())
    }

    fn end(&mut self) {
        self.json.extend_from_slice(if self.variables == 0 { b"}" } else { b"}}" });
    }
}

fn text(cell: &[u8]) -> Result<&str, Refusal> {
    cell::text(cell).map_err(|code| (code, vec![]))
}

/// A member of an object in NDJSON.
struct Member<'a> {
    name: Cow<'a, str>,
    kind: Kind,
    /// The text of a string; of other values, as they stand there.
    string: Option<Text<'a>>,
    raw: &'a [u8],
}

impl Member<'_> {
    /// Whether only a recipient as it stands in a request has it.
    fn makes_recipient(&self) -> bool {
        let named = |names: &[&str]| names.contains(&&*self.name);
        match self.kind {
            Kind::Object => named(&["variables"]),
            _ => named(&["addresses", "profileId", "memoryStoreId", "cohortId"]),
        }
    }

    /// What it says, as a cell would: null is empty.
    fn cell(&self) -> Result<Vec<u8>, Refusal> {
        match (self.kind, self.string) {
            (Kind::Object | Kind::Array, _) => Err((Code::TableNestedValue, vec![])),
            (Kind::Null, _) => Ok(Vec::new()),
            (_, Some(text)) => Ok(text.decode().into_owned().into_bytes()),
            _ => Ok(self.raw.to_vec()),
        }
    }
}

/// The members of the one object that a line is.
fn members(line: &[u8]) -> Result<Vec<Member<'_>>, Refusal> {
    let mut reader = Reader::new(line, 0);
    let members = read_members(&mut reader, line).map_err(|Stop| match reader.why() {
        Why::Broken { code: Code::NotUtf8, .. } => (Code::TableNotUtf8, vec![]),
        Why::End(expected) | Why::Broken { expected, .. } => not_json(expected),
    })?;
    if members.len() > COLUMNS {
        return Err((Code::TableTooManyColumns, param("limit", COLUMNS)));
    }
    let rest = line.get(reader.at()..).unwrap_or_default();
    if rest.trim_ascii().is_empty() { Ok(members) } else { Err(not_json("the end of the line")) }
}

fn read_members<'a>(reader: &mut Reader<'a>, line: &'a [u8]) -> Result<Vec<Member<'a>>, Stop> {
    let mut read = Vec::new();
    let mut members = reader.object()?;
    while let Some(name) = members.next(reader)? {
        let (kind, start) = reader.peek()?;
        let string = if kind == Kind::String { Some(reader.string()?) } else { None };
        if string.is_none() {
            reader.skip()?;
        }
        let raw = line.get(start..reader.at()).unwrap_or_default();
        if read.len() <= COLUMNS {
            read.push(Member { name: name.decode(), kind, string, raw });
        }
    }
    Ok(read)
}

fn not_json(expected: &'static str) -> Refusal {
    (Code::TableNotJson, param("expected", expected))
}
