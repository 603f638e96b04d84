//! What an object may hold: known, repeated, unknown and missing members, and the types of values.
//!
//! The judges of the fields are written with these; here is no rule about any field.

use crate::field::length::{Longest, too_long};
use crate::field::report::Report;
use crate::field::wording::Part;
use crate::finding::code::Code;
use crate::finding::issue::{Params, param};
use crate::finding::pointer::Pointer;
use crate::reader::scan::{Kind, Reader, Stop};
use crate::text::{Text, is_fixed};

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

    /// Whether it has all of `needed`, perhaps some of `possible`, and nothing else that is known; a bit each.
    pub(crate) fn is(self, needed: u32, possible: u32) -> bool {
        self.bits & !possible == needed
    }

    /// The same as if some of them, a bit each, were not there.
    pub(crate) fn without(self, members: u32) -> Self {
        Self { bits: self.bits & !members, ..self }
    }

    /// How many of some of them are there, a bit each.
    pub(crate) fn count(self, members: u32) -> u32 {
        (self.bits & members).count_ones()
    }

    /// How many of some sets of them, a bit a member, have a member that is there.
    pub(crate) fn kinds(self, kinds: &[u32]) -> usize {
        kinds.iter().filter(|kind| self.count(**kind) > 0).count()
    }

    /// Whether there is an unknown member.
    pub(crate) fn has_unknown(self) -> bool {
        self.unknown
    }
}

/// Reads the value of a known member, which is given by its place in the [`Shape`].
///
/// Not a type parameter: the code that walks an object exists once, not once for each kind of object.
pub(crate) type Member<'f, 'a> = dyn FnMut(&mut Field<'_, 'a>, usize) -> Result<(), Stop> + 'f;

/// A value that comes next and is judged: what reads it, where it stands, and what is said of it.
pub(crate) struct Field<'f, 'a> {
    pub reader: &'f mut Reader<'a>,
    pub report: &'f mut Report,
    pub at: Pointer<'f>,
    /// Where it begins, in bytes into the unit.
    pub offset: usize,
    pub kind: Kind,
}

impl<'f, 'a> Field<'f, 'a> {
    pub(crate) fn new(reader: &'f mut Reader<'a>, report: &'f mut Report, at: Pointer<'f>) -> Result<Self, Stop> {
        let (kind, offset) = reader.peek()?;
        Ok(Self { reader, report, at, offset, kind })
    }

    /// Adds an issue about the value.
    pub(crate) fn issue(&mut self, code: Code, params: Params) {
        self.report.issue(code, &self.at, self.offset, params);
    }

    /// Adds an issue that needs no params.
    pub(crate) fn found(&mut self, code: Code) {
        self.issue(code, vec![]);
    }

    /// Whether the value is of that kind; else that is reported, and the value skipped.
    pub(crate) fn is(&mut self, expected: Kind) -> Result<bool, Stop> {
        if self.kind == expected {
            return Ok(true);
        }
        let params = vec![("expected", expected.name().into()), ("found", self.kind.name().into())];
        self.issue(Code::WrongType, params);
        self.reader.skip()?;
        Ok(false)
    }

    /// Reads a value that should be a string.
    pub(crate) fn text(&mut self) -> Result<Option<Text<'a>>, Stop> {
        if !self.is(Kind::String)? {
            return Ok(None);
        }
        let text = self.reader.string()?;
        if text.has_lone_surrogate() {
            self.found(Code::LoneSurrogate);
        }
        Ok(Some(text))
    }

    /// Reads a value that should be one of the API's words; its place among them.
    pub(crate) fn word(&mut self, words: &'static [&'static str]) -> Result<Option<usize>, Stop> {
        let Some(text) = self.text()? else { return Ok(None) };
        if let Some(index) = words.iter().position(|word| text.is(word)) {
            return Ok(Some(index));
        }
        let written = text.decode();
        let index = words.iter().position(|word| word.eq_ignore_ascii_case(&written));
        match index {
            Some(index) => {
                self.issue(Code::WordCase, param("expected", words[index]));
                self.report.replace(&text, words[index]);
            }
            None => {
                self.issue(Code::NotOneOf, param("expected", listed(words, u32::MAX)));
            }
        }
        Ok(index)
    }

    /// Reads a value that should be an array; how many elements it has.
    pub(crate) fn array(
        &mut self,
        element: &mut dyn FnMut(&mut Field<'_, 'a>) -> Result<(), Stop>,
    ) -> Result<Option<usize>, Stop> {
        if !self.is(Kind::Array)? {
            return Ok(None);
        }
        let Self { reader, report, at, .. } = self;
        let mut count = 0;
        reader.array(&mut |reader, index| {
            count += 1;
            element(&mut Field::new(reader, report, Pointer::Index(at, index))?)
        })?;
        Ok(Some(count))
    }

    /// Reads a value that should be an object of that shape; `None` when it is none.
    ///
    /// `member` is called before the value of each known member that is there for the first time and not null, with
    /// its place in its [`Shape`], and has to read it. Repeated, null and unknown members are reported and skipped.
    pub(crate) fn object(&mut self, shape: &Shape, member: &mut Member<'_, 'a>) -> Result<Option<Seen>, Stop> {
        if !self.is(Kind::Object)? {
            return Ok(None);
        }
        let mut seen = Seen::default();
        let mut repeats = 0;
        let mut next = 0;
        self.members(&mut |name, field| {
            // Most objects are written in the order of their shape.
            let expected = shape.get(next).filter(|known| name.is(known)).map(|_| next);
            let Some(index) = expected.or_else(|| shape.iter().position(|known| name.is(known))) else {
                seen.unknown = true;
                return field.unknown(&name.decode(), shape);
            };
            next = index + 1;
            if repeats >> index & 1 == 1 {
                field.issue(Code::RepeatedField, param("field", shape[index]));
                return field.reader.skip();
            }
            repeats |= 1 << index;
            if field.kind == Kind::Null {
                field.found(Code::NullField);
                return field.reader.skip();
            }
            seen.bits |= 1 << index;
            member(field, index)
        })?;
        Ok(Some(seen))
    }

    /// Reads an object; `member` is called before the value of each member, with its name, and has to read it.
    pub(crate) fn members(
        &mut self,
        member: &mut dyn FnMut(Text<'a>, &mut Field<'_, 'a>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut members = self.reader.object()?;
        while let Some(name) = members.next(self.reader)? {
            member(name, &mut Field::new(self.reader, self.report, Pointer::Written(&self.at, name))?)?;
        }
        Ok(())
    }

    /// Reports an unknown member, with the nearest known name, and skips it.
    pub(crate) fn unknown(&mut self, name: &str, known: &Shape) -> Result<(), Stop> {
        let mut nearest = (usize::MAX, "");
        for known in known {
            nearest = nearest.min((distance(name, known), known));
        }
        let (far, known) = nearest;
        if far <= known.len() / 3 {
            self.issue(Code::MisspelledField, param("nearest", known));
        } else {
            self.found(Code::UnknownField);
        }
        self.reader.skip()
    }

    /// Reports the members of an object that have to be there, a bit each, and are not.
    pub(crate) fn require(&mut self, seen: Option<Seen>, shape: &Shape, members: u32) {
        let missing = seen.map_or(0, |seen| members & !seen.bits);
        for (member, name) in shape.iter().enumerate() {
            if missing >> member & 1 == 1 {
                self.issue(Code::MissingField, param("field", *name));
            }
        }
    }

    /// Reports that some other members were expected, a bit each.
    pub(crate) fn expected(&mut self, code: Code, shape: &Shape, members: u32) {
        self.issue(code, param("expected", listed(shape, members)));
    }

    /// Judges a text with Liquid by itself, and keeps it to be rendered for each recipient.
    pub(crate) fn wording(&mut self, text: &str, part: Part, longest: Option<Longest>) {
        self.report.wording(text, &self.at, self.offset, part, longest);
    }

    /// Judges the characters of a text, and the length of one that is the same for everybody, where a limit is known
    /// already; one with Liquid is rendered and measured for each recipient.
    pub(crate) fn measured(&mut self, text: &str, part: Part, longest: Option<Longest>) {
        if text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t'..=b'\r')) {
            self.found(Code::ControlCharacter);
        }
        if !is_fixed(text) {
            self.wording(text, part, longest);
        } else if let Some((code, params)) = longest.and_then(|longest| too_long(text, longest)) {
            self.issue(code, params);
        }
    }
}

/// Some of at most 32 words, a bit each, with commas between.
fn listed(words: &[&str], some: u32) -> String {
    let mut list = String::new();
    for (place, word) in words.iter().enumerate() {
        if some >> place & 1 == 1 {
            list.push_str(if list.is_empty() { "" } else { ", " });
            list.push_str(word);
        }
    }
    list
}

/// Reports a member that has to be there and is not.
pub(crate) fn missing(report: &mut Report, at: &Pointer<'_>, offset: usize, field: &'static str) {
    report.issue(Code::MissingField, at, offset, param("field", field));
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
