//! The tokens inside an output or a tag.

use super::piece::skip_space;
use super::program::Compare;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    Pipe,
    Dot,
    DotDot,
    Colon,
    Comma,
    OpenSquare,
    CloseSquare,
    OpenRound,
    CloseRound,
    Compare(Compare),
    /// A name, or a word such as `and`.
    Id,
    /// A text; the token is what stands between the quotes.
    Text,
    Number,
    /// Anything else.
    Other,
}

/// A token: what it is, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// Reads tokens from the front of a part of a template.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'t> {
    text: &'t str,
    to: usize,
    /// The token that comes next.
    pub next: Token,
    /// Where the tokens after it begin.
    behind: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str, (from, to): (usize, usize)) -> Self {
        let next = Token { kind: Kind::End, start: from, end: from };
        let mut tokens = Self { text, to, next, behind: from };
        tokens.advance();
        tokens
    }

    /// What a token says.
    pub(super) fn text(&self, token: Token) -> &'t str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// Takes the token that comes next.
    pub(super) fn take(&mut self) -> Token {
        let token = self.next;
        self.advance();
        token
    }

    /// Takes the token that comes next if it is of this kind.
    pub(super) fn take_if(&mut self, kind: Kind) -> Option<Token> {
        (self.next.kind == kind).then(|| self.take())
    }

    /// Takes the word that comes next if it is this one.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.next.kind == Kind::Id && self.text(self.next) == word;
        if found {
            self.advance();
        }
        found
    }

    /// Skips what does not fit, up to the next filter.
    pub(super) fn skip_to_pipe(&mut self) {
        while !matches!(self.next.kind, Kind::End | Kind::Pipe) {
            self.advance();
        }
    }

    /// The kind of the token after the one that comes next.
    pub(super) fn ahead(&self) -> Kind {
        let mut ahead = *self;
        ahead.advance();
        ahead.next.kind
    }

    /// The operator that comes next, `contains` among them.
    pub(super) fn take_operator(&mut self) -> Option<Compare> {
        let operator = match self.next.kind {
            Kind::Compare(operator) => operator,
            Kind::Id if self.text(self.next) == "contains" => Compare::Contains,
            _ => return None,
        };
        self.advance();
        Some(operator)
    }

    fn byte(&self, at: usize) -> u8 {
        if at < self.to { self.text.as_bytes().get(at).copied().unwrap_or(0) } else { 0 }
    }

    fn advance(&mut self) {
        let start = skip_space(self.text, self.behind, self.to);
        if start >= self.to {
            self.next = Token { kind: Kind::End, start: self.to, end: self.to };
            self.behind = self.to;
            return;
        }
        let one = |kind| (kind, start + 1);
        let (kind, end) = match (self.byte(start), self.byte(start + 1)) {
            (b'|', _) => one(Kind::Pipe),
            (b'.', b'.') => (Kind::DotDot, start + 2),
            (b'.', _) => one(Kind::Dot),
            (b':', _) => one(Kind::Colon),
            (b',', _) => one(Kind::Comma),
            (b'[', _) => one(Kind::OpenSquare),
            (b']', _) => one(Kind::CloseSquare),
            (b'(', _) => one(Kind::OpenRound),
            (b')', _) => one(Kind::CloseRound),
            (b'=', b'=') => (Kind::Compare(Compare::Equal), start + 2),
            (b'!', b'=') | (b'<', b'>') => (Kind::Compare(Compare::Unequal), start + 2),
            (b'<', b'=') => (Kind::Compare(Compare::AtMost), start + 2),
            (b'>', b'=') => (Kind::Compare(Compare::AtLeast), start + 2),
            (b'<', _) => one(Kind::Compare(Compare::Less)),
            (b'>', _) => one(Kind::Compare(Compare::More)),
            (b'0'..=b'9', _) | (b'-', b'0'..=b'9') => (Kind::Number, self.number(start)),
            (quote @ (b'"' | b'\''), _) => match self.quoted(start + 1, quote) {
                Some(end) => {
                    self.next = Token { kind: Kind::Text, start: start + 1, end };
                    self.behind = end + 1;
                    return;
                }
                None => one(Kind::Other),
            },
            (byte, _) if starts_name(byte) => (Kind::Id, self.name(start)),
            _ => one(Kind::Other),
        };
        self.next = Token { kind, start, end };
        self.behind = end;
    }

    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    fn number(&self, start: usize) -> usize {
        let end = self.digits(start + 1);
        if self.byte(end) == b'.' && self.byte(end + 1).is_ascii_digit() { self.digits(end + 1) } else { end }
    }

    fn quoted(&self, from: usize, quote: u8) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..self.to)?;
        rest.iter().position(|&byte| byte == quote).map(|length| from + length)
    }

    fn name(&self, start: usize) -> usize {
        let mut end = start;
        let is_part = |byte: u8| starts_name(byte) || byte.is_ascii_digit() || byte == b'-';
        while is_part(self.byte(end)) && skip_space(self.text, end, self.to) == end {
            end += 1;
        }
        end + usize::from(self.byte(end) == b'?')
    }
}

/// Letters and `_`. The reference takes only those of ASCII, and the parser reports others.
fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}
