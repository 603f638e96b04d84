//! Cuts a request that arrives in pieces into units that are judged whole: the head's members and the rows of `to`.
//!
//! [`Document`] knows the outermost grammar, `{"name": value, …, "to": [row, …], …}`, and hands each unit to a
//! [`Judge`] as contiguous bytes. A unit that a chunk cuts in two is carried over: [`Framer`] looks for its end a byte
//! at a time, and only then is it read, once. Whatever the chunks, the judge sees the same bytes and the issues are the
//! same. Knows nothing of what the members mean.

use crate::finding::code::Code;
use crate::finding::issue::{Issue, Params, param};
use crate::finding::pointer::{Pointer, TO, path_to, push_index, push_name};
use crate::limits::REQUEST_BYTES;
use crate::reader::framer::Framer;
use crate::reader::scan::{Kind, Reader, Why};
use crate::text::Text;

/// Bytes that begin with a unit; more may follow.
#[derive(Clone, Copy)]
pub(crate) struct Unit<'a> {
    /// The unit and whatever follows it.
    pub bytes: &'a [u8],
    /// Where they stand in the request.
    pub offset: u64,
}

/// Reads units. Each method returns how many bytes the unit has, and reports into itself.
pub(crate) trait Judge {
    /// A member of the request; `name` as it stands between its quotes, `text` decoded.
    fn member(&mut self, name: &[u8], text: &str, value: Unit<'_>) -> Result<usize, Why>;
    /// The bracket that opens `to`; false when its rows are only to be skipped.
    fn open_rows(&mut self, offset: u64) -> bool;
    /// Rows of `to` that are written like earlier ones, with nothing but a comma between two: how many, and where the last one
    /// ends. Whatever comes then, as at the first row, is read as one row.
    fn rows(&mut self, index: u64, rows: Unit<'_>) -> (u64, usize);
    /// One row of `to`.
    fn row(&mut self, index: u64, row: Unit<'_>) -> Result<usize, Why>;
    /// A unit too large for any batch, which is passed over unread.
    fn too_large(&mut self, at: &Pointer<'_>, offset: u64);
    /// A byte order mark before the request.
    fn byte_order_mark(&mut self);
}

/// Largest unit that is read: a larger one fits no batch.
const LARGEST: usize = REQUEST_BYTES as usize;

const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the request; how much of a byte order mark was seen.
    Start(usize),
    FirstMember,
    Member,
    Name,
    Colon,
    Value,
    FirstRow,
    Row,
    NextRow,
    NextMember,
    /// After the request.
    Done,
}

impl State {
    fn expected(self) -> &'static str {
        match self {
            Self::Start(_) => "an object with to, from and content",
            Self::FirstMember => "a name or }",
            Self::Member | Self::Name => "a name in quotes",
            Self::Colon => "a colon",
            Self::Value | Self::Row => "a value",
            Self::FirstRow => "a value or ]",
            Self::NextRow => "a comma or ]",
            Self::NextMember => "a comma or }",
            Self::Done => "the end of the request",
        }
    }
}

/// What is done with a unit that the last chunk left open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carry {
    /// No unit is open.
    Nothing,
    /// Its bytes are collected.
    Bytes,
    /// It is too large and only its end is looked for.
    End,
}

/// The outermost grammar of a request, whose bytes may arrive in any pieces.
pub(crate) struct Document {
    state: State,
    offset: u64,
    root_at: u64,
    carry: Carry,
    carried: Vec<u8>,
    unit_at: u64,
    framer: Framer,
    name: Vec<u8>,
    text: String,
    judged_rows: bool,
    rows: u64,
    fatal: Option<Issue>,
}

impl Document {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Start(0),
            offset: 0,
            root_at: 0,
            carry: Carry::Nothing,
            carried: Vec::new(),
            unit_at: 0,
            framer: Framer::default(),
            name: Vec::new(),
            text: String::new(),
            judged_rows: true,
            rows: 0,
            fatal: None,
        }
    }

    /// How many bytes came in.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the request's first brace stands.
    pub(crate) fn root_at(&self) -> u64 {
        self.root_at
    }

    /// Whether it stopped reading for good.
    pub(crate) fn is_over(&self) -> bool {
        self.fatal.is_some()
    }

    /// How many rows were read.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Stops reading for good, with the issue that says why.
    pub(crate) fn fail(&mut self, code: Code, at: String, offset: u64, params: Params) {
        self.carried = Vec::new();
        self.fatal.get_or_insert(Issue { code, at, offset, span: None, params });
    }

    /// Looks at the open unit, before a limit: bytes that are wrong are found whatever pieces they came in.
    pub(crate) fn look(&mut self, judge: &mut dyn Judge) {
        if self.fatal.is_none() && self.carry == Carry::Bytes {
            let carried = std::mem::take(&mut self.carried);
            if let Err(why @ Why::Broken { .. }) = self.judge_unit(&carried, self.unit_at, judge) {
                self.stop(why, &carried, self.unit_at);
            }
        }
    }

    /// Takes the next bytes of the request.
    pub(crate) fn push(&mut self, chunk: &[u8], judge: &mut dyn Judge) {
        let base = self.offset;
        let mut at = 0;
        while self.fatal.is_none()
            && let Some(rest @ [byte, ..]) = chunk.get(at..)
        {
            self.offset = base + at as u64;
            at += match self.carry {
                Carry::Nothing => self.step(*byte, rest, judge),
                _ => self.carry_on(rest, judge),
            };
        }
        self.offset = base + chunk.len() as u64;
    }

    /// Takes the end of the request; the issue that stopped reading, if one did.
    pub(crate) fn finish(&mut self, judge: &mut dyn Judge) -> Option<Issue> {
        if self.fatal.is_some() || (self.state == State::Done && self.carry == Carry::Nothing) {
            return self.fatal.take();
        }
        if let State::Start(_) = self.state {
            self.fail(Code::EmptyBody, String::new(), 0, Params::new());
        }
        if self.carry == Carry::Bytes {
            let carried = std::mem::take(&mut self.carried);
            match self.judge_unit(&carried, self.unit_at, judge) {
                Err(why) => self.stop(why, &carried, self.unit_at),
                Ok(length) => self.unit_read(length, &carried),
            }
        }
        // Comes second where something was already wrong.
        self.truncated(self.state.expected(), self.parent());
        self.fatal.take()
    }

    /// Reads on before, between or after units, where `byte` is the first of `bytes`; how many bytes were taken.
    fn step(&mut self, byte: u8, bytes: &[u8], judge: &mut dyn Judge) -> usize {
        if let State::Start(seen) = self.state
            && BYTE_ORDER_MARK.get(seen) == Some(&byte)
            && self.offset == seen as u64
        {
            self.state = State::Start(seen + 1);
            if seen + 1 == BYTE_ORDER_MARK.len() {
                judge.byte_order_mark();
            }
            return 1;
        }
        if let State::Start(1 | 2) = self.state {
            self.unexpected(byte);
            return 1;
        }
        if let b' ' | b'\t' | b'\n' | b'\r' = byte {
            return 1;
        }
        self.state = match (self.state, byte) {
            (State::Start(_), b'{') => {
                self.root_at = self.offset;
                State::FirstMember
            }
            (State::FirstMember, b'}') | (State::NextMember, b'}') => State::Done,
            (State::FirstMember | State::Member, b'"') => {
                self.state = State::Name;
                return self.unit(bytes, judge);
            }
            (State::Colon, b':') => State::Value,
            (State::Value, b'[') if self.text == "to" => {
                self.judged_rows = judge.open_rows(self.offset);
                State::FirstRow
            }
            (State::FirstRow | State::NextRow, b']') => State::NextMember,
            (State::Value | State::FirstRow | State::Row, _) => {
                if self.state == State::FirstRow {
                    self.state = State::Row;
                }
                return self.unit(bytes, judge);
            }
            (State::NextRow, b',') => State::Row,
            (State::NextMember, b',') => State::Member,
            (_, byte) => {
                self.unexpected(byte);
                return 1;
            }
        };
        1
    }

    /// Reads a unit from the front of `bytes`, or begins to carry it; how many bytes were taken.
    fn unit(&mut self, bytes: &[u8], judge: &mut dyn Judge) -> usize {
        let offset = self.offset;
        if self.state == State::Row && self.judged_rows {
            let (rows, end) = judge.rows(self.rows, Unit { bytes, offset });
            if rows > 0 {
                self.rows += rows;
                self.state = State::NextRow;
                return end;
            }
        }
        let window = &bytes[..bytes.len().min(LARGEST + 1)];
        match self.judge_unit(window, offset, judge) {
            Ok(length) => {
                self.unit_done();
                length
            }
            Err(Why::End(_)) => {
                self.unit_at = offset;
                self.framer = Framer::default();
                self.carry = Carry::Bytes;
                if window.len() > LARGEST {
                    self.pass_over(judge);
                }
                self.carry_on(bytes, judge)
            }
            Err(stop) => {
                self.stop(stop, window, offset);
                bytes.len()
            }
        }
    }

    /// Reads on in a carried unit; how many bytes were taken.
    fn carry_on(&mut self, bytes: &[u8], judge: &mut dyn Judge) -> usize {
        let room = match self.carry {
            Carry::Bytes => LARGEST + 1 - self.carried.len(),
            _ => bytes.len(),
        };
        let bytes = &bytes[..bytes.len().min(room)];
        let end = self.framer.feed(bytes);
        let taken = end.unwrap_or(bytes.len());
        if self.carry == Carry::End {
            if end.is_some() {
                self.unit_done();
            }
            return taken;
        }
        // What ends a number or a word is the byte after it, so the reader gets that one too.
        let seen = &bytes[..bytes.len().min(taken + 1)];
        if self.carried.try_reserve(seen.len()).is_err() {
            self.fail(Code::OutOfMemory, self.parent(), self.unit_at, Params::new());
            return taken;
        }
        self.carried.extend_from_slice(seen);
        if end.is_none() && self.carried.len() <= LARGEST {
            return taken;
        }
        let mut carried = std::mem::take(&mut self.carried);
        match self.judge_unit(&carried, self.unit_at, judge) {
            Ok(length) => {
                carried.truncate((self.offset - self.unit_at) as usize + taken);
                self.unit_read(length, &carried);
            }
            Err(Why::End(_)) if carried.len() > LARGEST => {
                self.pass_over(judge);
                if end.is_some() {
                    self.unit_done();
                }
            }
            Err(why) => self.stop(why, &carried, self.unit_at),
        }
        carried.clear();
        self.carried = carried;
        taken
    }

    fn judge_unit(&mut self, bytes: &[u8], offset: u64, judge: &mut dyn Judge) -> Result<usize, Why> {
        match self.state {
            State::Name => {
                let mut reader = Reader::new(bytes, 1);
                let name: Text<'_> = reader.string().map_err(|_| reader.why())?;
                self.name.clear();
                self.name.extend_from_slice(name.raw);
                self.text = name.decode().into_owned();
                Ok(reader.at())
            }
            State::Row if self.judged_rows => judge.row(self.rows, Unit { bytes, offset }),
            State::Row => {
                let mut reader = Reader::new(bytes, 2);
                reader.skip().map_err(|_| reader.why())?;
                Ok(reader.at())
            }
            _ => judge.member(&self.name, &self.text, Unit { bytes, offset }),
        }
    }

    /// Ends a carried unit, of whose bytes `length` were read; more than that cannot follow a value.
    fn unit_read(&mut self, length: usize, carried: &[u8]) {
        self.unit_done();
        if let Some(&byte) = carried.get(length) {
            let end = std::mem::replace(&mut self.offset, self.unit_at + length as u64);
            self.unexpected(byte);
            self.offset = end;
        }
    }

    fn unit_done(&mut self) {
        self.carry = Carry::Nothing;
        self.state = match self.state {
            State::Name => State::Colon,
            State::Row => {
                self.rows += u64::from(self.judged_rows);
                State::NextRow
            }
            _ => State::NextMember,
        };
    }

    /// Goes on to look for the end of a unit that is too large to be read.
    fn pass_over(&mut self, judge: &mut dyn Judge) {
        self.carry = Carry::End;
        match self.state {
            State::Name => judge.too_large(&Pointer::Root, self.unit_at),
            State::Row => judge.too_large(&Pointer::Index(&TO, self.rows), self.unit_at),
            _ => judge.too_large(&Pointer::Name(&Pointer::Root, &self.text), self.unit_at),
        }
    }

    /// Stops at a unit that cannot be read.
    fn stop(&mut self, why: Why, unit: &[u8], offset: u64) {
        let mut at = self.parent();
        let reached = match why {
            Why::End(_) => unit.len(),
            Why::Broken { at, .. } => at,
        };
        let named = match self.state {
            State::Name => false,
            State::Row => {
                push_index(&mut at, self.rows);
                true
            }
            // A name that is too long to be spelled out leads no further.
            _ => !at.is_empty(),
        };
        if named {
            path_to(&unit[..reached], &mut at);
        }
        match why {
            Why::End(expected) => self.truncated(expected, at),
            Why::Broken { at: byte, code, expected } => {
                let params = match code {
                    Code::TooDeep => param("limit", crate::limits::MAX_DEPTH),
                    Code::NotUtf8 => Params::new(),
                    _ => param("expected", expected),
                };
                self.fail(code, at, offset + byte as u64, params);
            }
        }
    }

    fn truncated(&mut self, expected: &'static str, at: String) {
        self.fail(Code::Truncated, at, self.offset, param("expected", expected));
    }

    fn unexpected(&mut self, byte: u8) {
        let expected = self.state.expected();
        match (self.state, Kind::of(byte)) {
            (State::Start(0 | 3), Some(kind)) => {
                let params = vec![("expected", expected.into()), ("found", kind.name().into())];
                self.fail(Code::WrongType, String::new(), self.offset, params);
            }
            // No text in UTF-8 has such a byte, and any in UTF-16 that tells the order of its bytes begins with one.
            _ if byte >= 0xFE => self.fail(Code::NotUtf8, self.parent(), self.offset, Params::new()),
            _ => self.fail(Code::NotJson, self.parent(), self.offset, param("expected", expected)),
        }
    }

    /// The pointer of what the present unit is part of.
    fn parent(&self) -> String {
        let mut at = String::new();
        let name = match self.state {
            State::FirstRow | State::Row | State::NextRow => "to",
            State::Value => &self.text,
            _ => return at,
        };
        push_name(&mut at, name);
        at
    }
}
