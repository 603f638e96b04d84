//! What an object may hold: known, repeated, unknown and missing members, and the types of values.
//!
//! The judges of the fields are written with these; here is no rule about any field.

use crate::code::Code;
use crate::issue::{Issue, Params, Span, param};
use crate::json::push_quoted;
use crate::pointer::Pointer;
use crate::reach::Channels;
use crate::scan::{Kind, Reader, Stop};
use crate::text::Text;
use crate::wording::Wording;

/// Bytes of a unit to be written in place of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// First byte that is replaced, within the unit.
    pub start: usize,
    /// Byte behind the replaced ones.
    pub end: usize,
    /// What stands there instead.
    pub with: String,
}

/// What judging one unit brings: issues, with offsets into the unit, and edits in the order of their places.
#[derive(Default)]
pub(crate) struct Report {
    pub issues: Vec<Issue>,
    pub edits: Vec<Edit>,
    /// Whether issues are kept back; in the second pass only the edits are wanted.
    pub silent: bool,
    /// Severities of which nothing more is listed: an issue then needs no place.
    pub only_counted: [bool; 3],
    /// Whether the shape that is judged was not read on a page of Twilio's; what differs is then only worth a look.
    pub guessed: bool,
    /// The channels whose message is judged.
    pub channels: Channels,
    /// Texts with Liquid, to be rendered for each recipient; and how many there were in all units, and names in them.
    pub wordings: Vec<Wording>,
    pub wordings_count: usize,
    pub names_count: usize,
}

impl Report {
    pub(crate) fn clear(&mut self) {
        self.issues.clear();
        self.edits.clear();
        self.wordings.clear();
    }

    /// Adds an issue about the value that stands `offset` bytes into the unit.
    pub(crate) fn issue(&mut self, code: Code, at: &Pointer<'_>, offset: usize, params: Params) {
        self.spanned(code, at, offset, None, params);
    }

    /// Adds an issue about a part of the string that stands `offset` bytes into the unit.
    pub(crate) fn spanned(&mut self, code: Code, at: &Pointer<'_>, offset: usize, span: Option<Span>, params: Params) {
        if !self.silent {
            let code = if self.guessed { code.when_guessed() } else { code };
            let at = if self.only_counted[code.severity() as usize] { String::new() } else { at.text() };
            self.issues.push(Issue { code, at, offset: offset as u64, span, params });
        }
    }

    /// Whether a member was found whose name is nearly a known one.
    pub(crate) fn has_misspelled(&self) -> bool {
        self.issues.iter().any(|issue| issue.code == Code::MisspelledField)
    }

    /// Has a string written as another one.
    pub(crate) fn replace(&mut self, text: &Text<'_>, with: &str) {
        let mut quoted = String::with_capacity(with.len() + 2);
        push_quoted(&mut quoted, with);
        self.edits.push(Edit { start: text.at, end: text.end(), with: quoted });
    }
}

/// Writes a unit with its edits applied.
pub(crate) fn apply(unit: &[u8], edits: &[Edit], out: &mut Vec<u8>) {
    let mut from = 0;
    for edit in edits {
        out.extend_from_slice(unit.get(from..edit.start).unwrap_or_default());
        out.extend_from_slice(edit.with.as_bytes());
        from = edit.end;
    }
    out.extend_from_slice(unit.get(from..).unwrap_or_default());
}

/// How many bytes longer (or shorter) a unit becomes by its edits.
pub(crate) fn growth(edits: &[Edit]) -> i64 {
    edits.iter().map(|edit| edit.with.len() as i64 - (edit.end - edit.start) as i64).sum()
}

/// The known members of a kind of object, at most 32.
pub(crate) type Shape = [&'static str];

/// Which of a shape's known members an object has.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen {
    bits: u32,
    unknown: bool,
}

impl Seen {
    /// Whether the member with that place in its [`Shape`] is there.
    pub(crate) fn has(self, member: usize) -> bool {
        self.bits >> member & 1 == 1
    }

    /// How many of them are there.
    pub(crate) fn count(self) -> u32 {
        self.bits.count_ones()
    }

    /// Whether there is a member that nobody knows.
    pub(crate) fn has_unknown(self) -> bool {
        self.unknown
    }
}

/// Reads the value of a known member, which is given by its place in the [`Shape`].
///
/// Not a type parameter: the code that walks an object exists once, not once for each kind of object.
pub(crate) type Member<'f, 'a> = dyn FnMut(&mut Reader<'a>, &Pointer<'_>, &mut Report, usize) -> Result<(), Stop> + 'f;

/// Reads a value that should be an object of that shape; `None` when it is none.
///
/// `member` is called in front of the value of each known member that is there for the first time and not null, with
/// its place in its [`Shape`], and has to read it. Repeated, null and unknown members are reported and skipped.
pub(crate) fn object<'a>(
    reader: &mut Reader<'a>,
    at: &Pointer<'_>,
    report: &mut Report,
    shape: &Shape,
    member: &mut Member<'_, 'a>,
) -> Result<Option<Seen>, Stop> {
    if expect(reader, at, report, Kind::Object)?.is_none() {
        return Ok(None);
    }
    let mut seen = Seen::default();
    let mut repeats = 0;
    let mut next = 0;
    let mut members = reader.object()?;
    while let Some(name) = members.next(reader)? {
        // Most objects are written in the order of their shape.
        let expected = shape.get(next).filter(|known| name.is(known)).map(|_| next);
        let Some(index) = expected.or_else(|| shape.iter().position(|known| name.is(known))) else {
            unknown(reader, at, report, shape, name, &mut seen)?;
            continue;
        };
        next = index + 1;
        let at = &Pointer::Name(at, shape[index]);
        let (kind, offset) = reader.peek()?;
        if repeats >> index & 1 == 1 {
            report.issue(Code::RepeatedField, at, offset, param("field", shape[index]));
            reader.skip()?;
            continue;
        }
        repeats |= 1 << index;
        if kind == Kind::Null {
            report.issue(Code::NullField, at, offset, Params::new());
            reader.skip()?;
            continue;
        }
        seen.bits |= 1 << index;
        member(reader, at, report, index)?;
    }
    Ok(Some(seen))
}

/// Reports a member that is not judged, and skips its value.
fn unknown(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    report: &mut Report,
    shape: &Shape,
    name: Text<'_>,
    seen: &mut Seen,
) -> Result<(), Stop> {
    let text = name.decode();
    let at = &Pointer::Name(at, &text);
    let (_, offset) = reader.peek()?;
    seen.unknown = true;
    unknown_member(report, at, offset, &text, shape);
    reader.skip()
}

/// Reports a member that nobody knows, with the known name that is nearest.
pub(crate) fn unknown_member(report: &mut Report, at: &Pointer<'_>, offset: usize, name: &str, known: &Shape) {
    let nearest =
        known.iter().map(|known| (distance(name, known), *known)).min().filter(|(far, known)| *far <= known.len() / 3);
    match nearest {
        Some((_, nearest)) => report.issue(Code::MisspelledField, at, offset, param("nearest", nearest)),
        None => report.issue(Code::UnknownField, at, offset, Params::new()),
    }
}

/// How many letters must be added, dropped, changed or swapped to make one name of the other, whatever their case.
fn distance(name: &str, known: &str) -> usize {
    const LONGEST: usize = 32;
    if name.len() > LONGEST || known.len() > LONGEST {
        return usize::MAX;
    }
    let (a, b) = (name.to_ascii_lowercase().into_bytes(), known.to_ascii_lowercase().into_bytes());
    let mut rows = [[0; LONGEST + 1]; 3];
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        let [older, old, new] = [(i + 1) % 3, (i - 1) % 3, i % 3];
        rows[new][0] = i;
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[old][j] + 1).min(rows[new][j - 1] + 1).min(rows[old][j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[older][j - 2] + 1);
            }
            rows[new][j] = best;
        }
    }
    rows[a.len() % 3][b.len()]
}

/// Reports a member that has to be there and is not.
pub(crate) fn missing(report: &mut Report, at: &Pointer<'_>, offset: usize, field: &'static str) {
    report.issue(Code::MissingField, at, offset, param("field", field));
}

/// The offset of the value that follows, when it is of that kind; else it is reported and skipped.
pub(crate) fn expect(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    report: &mut Report,
    expected: Kind,
) -> Result<Option<usize>, Stop> {
    let (found, offset) = reader.peek()?;
    if found == expected {
        return Ok(Some(offset));
    }
    let params = vec![("expected", expected.name().into()), ("found", found.name().into())];
    report.issue(Code::WrongType, at, offset, params);
    reader.skip()?;
    Ok(None)
}

/// Reads a value that should be a string.
pub(crate) fn text<'a>(
    reader: &mut Reader<'a>,
    at: &Pointer<'_>,
    report: &mut Report,
) -> Result<Option<Text<'a>>, Stop> {
    if !reader.at_string() && expect(reader, at, report, Kind::String)?.is_none() {
        return Ok(None);
    }
    let text = reader.string()?;
    if text.has_lone_surrogate() {
        report.issue(Code::LoneSurrogate, at, text.at, Params::new());
    }
    Ok(Some(text))
}

/// Reads a value that should be one of the API's words; its place among them.
pub(crate) fn word(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    report: &mut Report,
    words: &'static [&'static str],
) -> Result<Option<usize>, Stop> {
    let Some(text) = text(reader, at, report)? else { return Ok(None) };
    if let Some(index) = words.iter().position(|word| text.is(word)) {
        return Ok(Some(index));
    }
    let written = text.decode();
    let index = words.iter().position(|word| word.eq_ignore_ascii_case(&written));
    match index {
        Some(index) => {
            report.issue(Code::WordCase, at, text.at, param("expected", words[index]));
            report.replace(&text, words[index]);
        }
        None => report.issue(Code::NotOneOf, at, text.at, param("expected", words.join(", "))),
    }
    Ok(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_letters_and_swaps() {
        assert_eq!(distance("adress", "address"), 1);
        assert_eq!(distance("Chanel", "channel"), 1);
        assert_eq!(distance("form", "from"), 1);
        assert!(distance("statusCallback", "schedule") > "schedule".len());
        assert_eq!(distance(&"x".repeat(40), "to"), usize::MAX);
    }
}
