//! The reader: pulls one JSON value after another out of contiguous bytes (RFC 8259), without recursion of its own.
//!
//! Positions are kept, nothing is copied: a string is a slice of the input until somebody asks for its text. Running
//! out of bytes is an outcome of its own ([`Why::End`]), for the value may go on in the next chunk.

use crate::finding::code::Code;
use crate::limits::MAX_DEPTH;
use crate::reader::block::{self, Marks};
use crate::text::Text;

/// Reading stopped; the reader knows [`Why`]. Nothing is carried along, as it is handed up through every value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop;

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The bytes end inside the value; what was expected next.
    End(&'static str),
    /// The byte at `at` cannot belong to the value, or the value there is refused.
    Broken { at: usize, code: Code, expected: &'static str },
}

/// The kind of a value, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
    /// The kind's name with its article, for sentences.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "null",
        }
    }

    /// The kind of a value that begins with `byte`.
    pub(crate) fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            b'{' => Self::Object,
            b'[' => Self::Array,
            b'"' => Self::String,
            b'-' | b'0'..=b'9' => Self::Number,
            b't' | b'f' => Self::Boolean,
            b'n' => Self::Null,
            _ => return None,
        })
    }
}

/// Reads values from the front of `bytes`.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    why: Why,
}

const VALUE: &str = "a value";
const REST_OF_NUMBER: &str = "the rest of the number";
const END_OF_STRING: &str = "the string's closing quote";

impl<'a> Reader<'a> {
    /// A reader of `bytes`, whose first value lies `depth` arrays and objects deep.
    pub(crate) fn new(bytes: &'a [u8], depth: usize) -> Self {
        Self { bytes, at: 0, depth, why: Why::End(VALUE) }
    }

    /// Another reader of the same bytes, set back to a place where this one was, as deep as it is now.
    pub(crate) fn again(&self, at: usize) -> Self {
        Self { at, ..Self::new(self.bytes, self.depth) }
    }

    /// The string that begins at a place of some bytes, of any length and with any escapes.
    pub(crate) fn string_of(bytes: &'a [u8], at: usize) -> Option<Text<'a>> {
        Self { at, ..Self::new(bytes, 0) }.string().ok()
    }

    /// Moves on to a place that is as deep, over values that were read.
    pub(crate) fn pass(&mut self, at: usize) {
        self.at = at;
    }

    /// Why it stopped, once it did.
    pub(crate) fn why(&self) -> Why {
        self.why
    }

    /// Stops at a value that is refused for more than how it is written.
    #[cold]
    pub(crate) fn refuse(&mut self, at: usize, code: Code) -> Stop {
        self.why = Why::Broken { at, code, expected: "" };
        Stop
    }

    /// All bytes, those that were read too.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes that were not read so far.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// How many bytes were read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Skips white space; the kind of the value that follows and where it begins.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<(Kind, usize), Stop> {
        let byte = self.next_token(VALUE)?;
        match Kind::of(byte) {
            Some(kind) => Ok((kind, self.at)),
            None => Err(self.broken(VALUE)),
        }
    }

    /// Opens an object, whose members are then pulled one by one.
    pub(crate) fn object(&mut self) -> Result<Members, Stop> {
        self.open(b'{', "an object")?;
        Ok(Members { first: true })
    }

    /// Reads an array; `element` is called before each element, with its index, and has to read it.
    pub(crate) fn array(&mut self, element: &mut dyn FnMut(&mut Self, u64) -> Result<(), Stop>) -> Result<(), Stop> {
        self.open(b'[', "an array")?;
        if self.next_token("a value or ]")? == b']' {
            return self.close();
        }
        let mut index = 0;
        loop {
            element(self, index)?;
            index += 1;
            match self.next_token("a comma or ]")? {
                b',' => self.at += 1,
                b']' => return self.close(),
                _ => return Err(self.broken("a comma or ]")),
            }
        }
    }

    /// Whether a string comes next, with nothing before it.
    #[inline(always)]
    pub(crate) fn at_string(&self) -> bool {
        self.bytes.get(self.at) == Some(&b'"')
    }

    /// Reads a string.
    pub(crate) fn string(&mut self) -> Result<Text<'a>, Stop> {
        match self.short_string(self.at) {
            Some(text) => {
                self.at = text.end();
                Ok(text)
            }
            None => self.any_string(),
        }
    }

    /// The string that begins at a place, if it ends within one block and has neither escapes nor anything beyond ASCII.
    /// Most names and values are such.
    #[inline(always)]
    pub(crate) fn short_string(&self, at: usize) -> Option<Text<'a>> {
        let [b'"', rest @ ..] = self.bytes.get(at..)? else { return None };
        let length = Marks::ascii_string(rest.first_chunk()?)?;
        Some(Text::new(rest.get(..length)?, at, false))
    }

    #[inline(never)]
    fn any_string(&mut self) -> Result<Text<'a>, Stop> {
        self.next_token("a string")?;
        let at = self.at;
        self.punctuation(b'"', "a string")?;
        let start = self.at;
        let mut escaped = false;
        let mut ascii = true;
        loop {
            self.at += plain_prefix(&self.bytes[self.at..], &mut ascii);
            match self.bytes.get(self.at) {
                None => return Err(self.end(END_OF_STRING)),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.broken("no control character inside a string; write it as an escape")),
            }
        }
        let raw = &self.bytes[start..self.at];
        if !ascii && let Err(error) = std::str::from_utf8(raw) {
            let at = start + error.valid_up_to();
            self.why = Why::Broken { at, code: Code::NotUtf8, expected: "UTF-8" };
            return Err(Stop);
        }
        self.at += 1;
        Ok(Text::new(raw, at, escaped))
    }

    /// Reads a number; its text.
    pub(crate) fn number_text(&mut self) -> Result<&'a str, Stop> {
        let (_, start) = self.peek()?;
        self.number()?;
        Ok(std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default())
    }

    /// Reads a value of any kind, checks its form, and keeps nothing of it.
    pub(crate) fn skip(&mut self) -> Result<(), Stop> {
        let mut open = Nesting::default();
        loop {
            // Before a value.
            match self.peek()?.0 {
                Kind::String => drop(self.string()?),
                Kind::Number => self.number()?,
                Kind::Boolean if self.bytes[self.at] == b't' => self.word("true")?,
                Kind::Boolean => self.word("false")?,
                Kind::Null => self.word("null")?,
                Kind::Array => {
                    self.open(b'[', VALUE)?;
                    open.push(false);
                    if self.next_token("a value or ]")? != b']' {
                        continue;
                    }
                }
                Kind::Object => {
                    self.open(b'{', VALUE)?;
                    open.push(true);
                    if self.next_token("a name or }")? != b'}' {
                        self.name()?;
                        continue;
                    }
                }
            }
            // After a value, or before the bracket that closes an empty array or object.
            loop {
                let Some(object) = open.top() else { return Ok(()) };
                let (expected, closing) = if object { ("a comma or }", b'}') } else { ("a comma or ]", b']') };
                match self.next_token(expected)? {
                    b',' => {
                        self.at += 1;
                        if object {
                            self.next_token("a name in quotes")?;
                            self.name()?;
                        }
                        break;
                    }
                    byte if byte == closing => {
                        self.close()?;
                        open.pop();
                    }
                    _ => return Err(self.broken(expected)),
                }
            }
        }
    }

    /// Reads a member's name and its colon.
    fn name(&mut self) -> Result<(), Stop> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return Err(self.broken("a name in quotes"));
        }
        self.string()?;
        self.punctuation(b':', "a colon")
    }

    fn open(&mut self, bracket: u8, expected: &'static str) -> Result<(), Stop> {
        if self.next_token(expected)? != bracket {
            return Err(self.broken(expected));
        }
        if self.depth >= MAX_DEPTH {
            self.why = Why::Broken { at: self.at, code: Code::TooDeep, expected: "less nesting" };
            return Err(Stop);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Stop> {
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    /// Skips white space and then `byte`.
    #[inline]
    fn punctuation(&mut self, byte: u8, expected: &'static str) -> Result<(), Stop> {
        if self.next_token(expected)? != byte {
            return Err(self.broken(expected));
        }
        self.at += 1;
        Ok(())
    }

    /// Skips white space; the byte that follows.
    #[inline(always)]
    fn next_token(&mut self, expected: &'static str) -> Result<u8, Stop> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => self.token_behind_space(expected),
        }
    }

    #[inline(never)]
    fn token_behind_space(&mut self, expected: &'static str) -> Result<u8, Stop> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(&byte) => return Ok(byte),
                None => return Err(self.end(expected)),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Stop> {
        self.at += 1;
        match self.bytes.get(self.at) {
            None => return Err(self.end(END_OF_STRING)),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
            Some(b'u') => {
                for _ in 0..4 {
                    self.at += 1;
                    match self.bytes.get(self.at) {
                        None => return Err(self.end(END_OF_STRING)),
                        Some(digit) if digit.is_ascii_hexdigit() => {}
                        Some(_) => return Err(self.broken("four hexadecimal digits behind \\u")),
                    }
                }
            }
            Some(_) => return Err(self.broken("one of \" \\ / b f n r t u behind a backslash")),
        }
        self.at += 1;
        Ok(())
    }

    /// Reads a number. One that touches the end of the bytes may go on, so it is not taken for whole.
    fn number(&mut self) -> Result<(), Stop> {
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        if self.at == self.bytes.len() { Err(self.end(REST_OF_NUMBER)) } else { Ok(()) }
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            None if self.at > start => Err(self.end(REST_OF_NUMBER)),
            None => Err(self.end("a digit")),
            Some(_) if self.at == start => Err(self.broken("a digit")),
            Some(_) => Ok(()),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Stop> {
        for byte in word.bytes() {
            match self.bytes.get(self.at) {
                None => return Err(self.end(word)),
                Some(&found) if found == byte => self.at += 1,
                Some(_) => return Err(self.broken(word)),
            }
        }
        Ok(())
    }

    #[cold]
    fn end(&mut self, expected: &'static str) -> Stop {
        self.why = Why::End(expected);
        Stop
    }

    #[cold]
    fn broken(&mut self, expected: &'static str) -> Stop {
        self.why = Why::Broken { at: self.at, code: Code::NotJson, expected };
        Stop
    }
}

/// The members of an object that is open.
pub(crate) struct Members {
    first: bool,
}

impl Members {
    /// The name of the next member, whose value has to be read before the one after it; `None` after the last.
    pub(crate) fn next<'a>(&mut self, reader: &mut Reader<'a>) -> Result<Option<Text<'a>>, Stop> {
        // As most are written: `,"name":` with nothing between.
        let at = reader.at + usize::from(!self.first);
        let led = self.first || reader.bytes.get(reader.at) == Some(&b',');
        if led
            && let Some(name) = reader.short_string(at)
            && reader.bytes.get(name.end()) == Some(&b':')
        {
            self.first = false;
            reader.at = name.end() + 1;
            return Ok(Some(name));
        }
        self.any_next(reader)
    }

    #[inline(never)]
    fn any_next<'a>(&mut self, reader: &mut Reader<'a>) -> Result<Option<Text<'a>>, Stop> {
        let expected = if self.first { "a name or }" } else { "a comma or }" };
        match reader.next_token(expected)? {
            b'}' => return reader.close().map(|()| None),
            b',' if !self.first => reader.at += 1,
            _ if self.first => {}
            _ => return Err(reader.broken(expected)),
        }
        self.first = false;
        if reader.next_token("a name in quotes")? != b'"' {
            return Err(reader.broken("a name in quotes"));
        }
        let name = reader.string()?;
        reader.punctuation(b':', "a colon")?;
        Ok(Some(name))
    }
}

/// Which of the open brackets are objects: a stack of bits, as deep as reading goes.
#[derive(Default)]
struct Nesting {
    bits: [u64; MAX_DEPTH.div_ceil(64)],
    depth: usize,
}

impl Nesting {
    fn push(&mut self, object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if let Some(word) = self.bits.get_mut(word) {
            *word = (*word & !(1 << bit)) | (u64::from(object) << bit);
        }
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
    }

    fn top(&self) -> Option<bool> {
        let depth = self.depth.checked_sub(1)?;
        self.bits.get(depth / 64).map(|word| word >> (depth % 64) & 1 == 1)
    }
}

/// How long the string is whose opening quote ends before a place, if it is not empty, ends within one block, has neither
/// escapes nor anything beyond ASCII, and does not begin with a dollar sign.
#[inline(always)]
pub(crate) fn short_plain(bytes: &[u8], start: usize) -> Option<usize> {
    let block = bytes.get(start..)?.first_chunk()?;
    Marks::ascii_string(block).filter(|length| *length > 0 && block[0] != b'$')
}

/// The same of any length and beyond ASCII, without escapes.
pub(crate) fn unescaped(bytes: &[u8], start: usize) -> Option<&[u8]> {
    let rest = bytes.get(start..)?;
    if let Some(length) = rest.first_chunk().and_then(Marks::string) {
        return rest.get(..length);
    }
    let mut ascii = true;
    let (raw, behind) = rest.split_at_checked(plain_prefix(rest, &mut ascii))?;
    (behind.first() == Some(&b'"') && (ascii || str::from_utf8(raw).is_ok())).then_some(raw)
}

/// How many bytes in front hold neither a quote, a backslash nor a control character; `ascii` falls on others.
fn plain_prefix(bytes: &[u8], ascii: &mut bool) -> usize {
    let mut at = Marks::plain_blocks(bytes, ascii);
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let marks = Marks::of(block);
        *ascii &= marks.is_ascii();
        match marks.first() {
            Some(plain) => return at + plain,
            None => at += block::WIDTH,
        }
    }
    for &byte in bytes.get(at..).unwrap_or_default() {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            break;
        }
        *ascii &= byte < 0x80;
        at += 1;
    }
    at
}
