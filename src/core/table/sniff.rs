//! Finds out how a table is written, from its first bytes only: the same whatever pieces they come in.

use super::cell;
use super::csv::{Csv, Step};
use super::mapping::{Delimiter, Format, Known, Mapping, Plan, Refusal, is_known};
use crate::finding::code::Code;
use crate::finding::issue::{above, param};
use crate::limits::{COLUMNS, TABLE_SAMPLE};
use crate::reader::scan::{Kind, Reader, Stop};

/// Most records that are looked at.
const RECORDS: usize = 50;

/// How a table is written, and what its rows are made of.
#[derive(Debug)]
pub(super) struct Sniffed {
    pub format: Format,
    pub delimiter: Delimiter,
    pub header: bool,
    pub guessed: Guessed,
    pub names: Vec<String>,
    /// How many columns the rows may have; none where no header says so.
    pub width: Option<usize>,
    /// Bytes before the first record: a byte order mark, and a line that names the delimiter.
    pub front: usize,
    /// Line ends among them.
    pub front_lines: u64,
    /// None for a list.
    pub plan: Option<Plan>,
    /// Why there is none for what is no list.
    pub refusal: Option<Refusal>,
}

/// What the caller left open.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Guessed {
    pub format: bool,
    pub delimiter: bool,
    pub header: bool,
}

const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Looks at the first [`TABLE_SAMPLE`] bytes of a table, or at all of it where that is `whole`.
pub(super) fn sniff(sample: &[u8], whole: bool, mapping: &Mapping) -> Result<Sniffed, Refusal> {
    refuse_other_files(sample)?;
    let mut front = if sample.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let body = || sample.get(front..).unwrap_or_default();
    let first = body().iter().find(|byte| !byte.is_ascii_whitespace());
    if mapping.format.is_none() && first == Some(&b'[') && is_json_array(body()) {
        return Err(other("a JSON array"));
    }
    if mapping.format == Some(Format::Ndjson) || (mapping.format.is_none() && first == Some(&b'{')) {
        return ndjson(body(), whole, front, mapping);
    }
    let hint = delimiter_line(body());
    let mut front_lines = 0;
    if let Some((_, length)) = hint {
        front += length;
        front_lines = 1;
    }
    let body = sample.get(front..).unwrap_or_default();
    let known = mapping.delimiter.or(hint.map(|(delimiter, _)| delimiter));
    let delimiter = known.unwrap_or_else(|| guess_delimiter(body, whole));
    let mut sniffed = Sniffed {
        format: Format::Csv,
        delimiter,
        header: false,
        guessed: Guessed {
            format: mapping.format.is_none(),
            delimiter: known.is_none(),
            header: mapping.header.is_none(),
        },
        names: Vec::new(),
        width: None,
        front,
        front_lines,
        plan: None,
        refusal: None,
    };
    let mut records = records(body, whole, delimiter);
    let open = mapping.format.is_none() && known.is_none() && mapping.header.is_none() && mapping.address.is_none();
    if mapping.format == Some(Format::List) || (open && is_list(body, whole)) {
        sniffed.format = Format::List;
        return Ok(sniffed);
    }
    if records.is_empty() && !whole {
        // Not even the first record ends here, and how the table is written cannot be told without one.
        return Err((Code::TableRowTooLarge, above("line", 1 + front_lines, TABLE_SAMPLE)));
    }
    sniffed.header = mapping.header.unwrap_or_else(|| records.first().is_some_and(|first| is_header(first)));
    if sniffed.header && !records.is_empty() {
        let mut header = records.remove(0);
        header.truncate(width(&header));
        if header.len() > COLUMNS {
            return Err((Code::TableTooManyColumns, param("limit", COLUMNS)));
        }
        if header.iter().any(|name| str::from_utf8(name).is_err()) {
            return Err((Code::TableNotUtf8, vec![]));
        }
        sniffed.names = header.iter().map(|name| cell::name(name).into_owned()).collect();
        sniffed.width = Some(sniffed.names.len());
    }
    let known = Known { names: &sniffed.names, records: &records, by_name: false };
    match mapping.plan(&known) {
        Ok(plan) => sniffed.plan = Some(plan),
        // That there is no row says more than that nothing is known of its columns.
        Err(_) if records.is_empty() && whole => {}
        Err(refusal) => sniffed.refusal = Some(refusal),
    }
    Ok(sniffed)
}

fn other(found: &'static str) -> Refusal {
    (Code::TableOtherFormat, param("found", found))
}

/// Refuses files that people drop by mistake: those that are no text, or text in UTF-16.
fn refuse_other_files(sample: &[u8]) -> Result<(), Refusal> {
    // A zip, as .xlsx and .ods are, and the container of .xls.
    if sample.starts_with(b"PK\x03\x04") || sample.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(other("a spreadsheet's own file"));
    }
    let front = sample.get(..sample.len().min(64)).unwrap_or_default();
    let mut nul = [0; 2];
    for (at, _) in front.iter().enumerate().filter(|(_, byte)| **byte == 0) {
        nul[at % 2] += 1;
    }
    if matches!(front, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) || nul.iter().any(|count| count * 3 > front.len()) {
        return Err(other("text in UTF-16"));
    }
    Ok(())
}

/// Whether what opens with a bracket goes on as JSON does; it may also be a name in brackets.
fn is_json_array(body: &[u8]) -> bool {
    let inside = body.trim_ascii_start().get(1..).unwrap_or_default().trim_ascii_start();
    matches!(inside.first(), Some(b'{' | b'[' | b'"' | b']'))
}

/// The delimiter that a first line such as `sep=;` names, as Excel reads and writes it, and how long that line is.
fn delimiter_line(body: &[u8]) -> Option<(Delimiter, usize)> {
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', sign, rest @ ..] = body else { return None };
    let end = if rest.starts_with(b"\r\n") { 2 } else { usize::from(matches!(rest.first(), Some(b'\r' | b'\n'))) };
    (end > 0).then_some((Delimiter::new(char::from(*sign))?, 5 + end))
}

/// The delimiter that cuts the most records into as many cells as the first; a comma where none cuts any.
fn guess_delimiter(body: &[u8], whole: bool) -> Delimiter {
    let [mut best, ..] = Delimiter::ALL;
    let mut most = (0, 0);
    for delimiter in Delimiter::ALL {
        let records = records(body, whole, delimiter);
        let cells = records.first().map_or(0, Vec::len);
        let alike = records.iter().filter(|record| record.len() == cells).count();
        if cells > 1 && (alike, cells) > most {
            (most, best) = ((alike, cells), delimiter);
        }
    }
    best
}

/// The first records; one that the sample cuts off is left out.
fn records(body: &[u8], whole: bool, delimiter: Delimiter) -> Vec<Vec<Vec<u8>>> {
    let mut csv = Csv::new(delimiter.byte());
    let mut records = Vec::new();
    let mut rest = body;
    while records.len() < RECORDS && !rest.is_empty() {
        csv.next();
        let (step, taken) = csv.read(rest);
        rest = rest.get(taken..).unwrap_or_default();
        if step != Step::Record && !(whole && csv.finish().is_ok()) {
            break;
        }
        let cells = csv.cells();
        if cells.width() > 0 {
            records.push(cells.iter().map(<[u8]>::to_vec).collect());
        }
    }
    records
}

fn width(record: &[Vec<u8>]) -> usize {
    record.iter().rposition(|cell| !cell::trim(cell).is_empty()).map_or(0, |last| last + 1)
}

/// Whether all that is there are numbers, and not in columns: one a line, all in one line, or unevenly many.
fn is_list(body: &[u8], whole: bool) -> bool {
    let mut lines = body.split(|byte| matches!(byte, b'\r' | b'\n'));
    if !whole {
        lines.next_back();
    }
    let mut counts = Vec::new();
    for line in lines.take(RECORDS) {
        let items = line.split(|byte| matches!(byte, b',' | b';' | b'\t')).map(cell::unquoted);
        let items: Vec<&[u8]> = items.filter(|item| !item.is_empty()).collect();
        if items.iter().any(|item| cell::likeness(item) == 0) {
            return false;
        }
        if !items.is_empty() {
            counts.push(items.len());
        }
    }
    match counts[..] {
        [] => false,
        [_] => true,
        [first, ..] => first == 1 || counts.iter().any(|count| *count != first),
    }
}

/// Whether a first record names the columns: none of its cells is a number, and all are there and differ, or one has a
/// name that is known.
fn is_header(first: &[Vec<u8>]) -> bool {
    let cells = first.get(..width(first)).unwrap_or_default();
    if cells.iter().any(|cell| cell::likeness(cell) > 0) {
        return false;
    }
    let names: Vec<_> = cells.iter().map(|cell| cell::name(cell)).collect();
    let differ = names.iter().enumerate().all(|(at, name)| !name.is_empty() && !names[..at].contains(name));
    differ || names.iter().any(|name| is_known(name))
}

/// Looks at objects, one a line.
fn ndjson(body: &[u8], whole: bool, front: usize, mapping: &Mapping) -> Result<Sniffed, Refusal> {
    let mut names: Vec<String> = Vec::new();
    let mut records = Vec::new();
    let lines = body.split_inclusive(|byte| *byte == b'\n').filter(|line| whole || line.ends_with(b"\n"));
    for line in lines.take(RECORDS) {
        // An object that cannot be read is refused by itself.
        if let Ok(record) = ndjson_cells(line, &mut names) {
            records.push(record);
        }
    }
    let (plan, refusal) = match mapping.plan(&Known { names: &names, records: &records, by_name: true }) {
        Ok(plan) => (Some(plan), None),
        // Recipients as they stand in a request need no mapping; an object that does is refused by itself.
        Err((Code::TableNoAddressColumn, _)) => (None, None),
        Err(refusal) => (None, Some(refusal)),
    };
    let delimiter = mapping.delimiter.unwrap_or(Delimiter::ALL[0]);
    let guessed = Guessed { format: mapping.format.is_none(), ..Guessed::default() };
    let (format, header, width, front_lines) = (Format::Ndjson, false, None, 0);
    Ok(Sniffed { format, delimiter, header, guessed, names, width, front, front_lines, plan, refusal })
}

/// The texts and numbers of one object, in the order of the names, to which new ones are added.
fn ndjson_cells(line: &[u8], names: &mut Vec<String>) -> Result<Vec<Vec<u8>>, Stop> {
    let mut record = vec![Vec::new(); names.len()];
    let mut reader = Reader::new(line, 0);
    let mut members = reader.object()?;
    while let Some(name) = members.next(&mut reader)? {
        let (kind, _) = reader.peek()?;
        let value = match kind {
            Kind::String => reader.string()?.decode().into_owned().into_bytes(),
            Kind::Number => reader.number_text()?.as_bytes().to_vec(),
            _ => {
                reader.skip()?;
                continue;
            }
        };
        let name = name.decode();
        match names.iter().position(|known| *known == name) {
            Some(place) => record[place] = value,
            None if names.len() < COLUMNS => {
                names.push(name.into_owned());
                record.push(value);
            }
            None => {}
        }
    }
    Ok(record)
}
