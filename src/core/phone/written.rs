//! What is written where a number is expected: its digits, how it begins, and what does not belong to it.

use super::{Foreign, PhoneError};
use crate::limits::E164_DIGITS;

/// Most digits that are read: an international prefix of 8, and the 17 that libphonenumber gives a national number,
/// with room for a calling code. What is longer is too long in any case.
const MOST: usize = 32;

/// The zero of every set of ten decimal digits beyond ASCII.
///
/// Source: Unicode 17.0, general category Nd, <https://www.unicode.org/Public/17.0.0/ucd/extracted/DerivedNumericType.txt>.
#[rustfmt::skip]
const ZEROS: [u32; 76] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50,
    0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950,
    0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11de0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// Words that stand before an extension, in small letters. The longer of two that begin alike comes first.
const EXTENSION_WORDS: [&str; 9] = ["extension", "extn", "ext", "x", "anexo", "int", "доб", "#", ","];

/// ASCII digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    bytes: [u8; MOST],
    count: usize,
}

impl Digits {
    pub(super) const NONE: Self = Self { bytes: [0; MOST], count: 0 };

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.count).unwrap_or_default()
    }

    /// Adds an ASCII digit; whether there was room for it.
    pub(super) fn push(&mut self, digit: u8) -> bool {
        match self.bytes.get_mut(self.count) {
            Some(place) => {
                *place = digit;
                self.count += 1;
                true
            }
            None => false,
        }
    }

    /// Adds ASCII digits as far as there is room.
    pub(super) fn extend(&mut self, digits: &[u8]) {
        for digit in digits {
            self.push(*digit);
        }
    }

    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut digits = Self::NONE;
        for part in parts {
            digits.extend(part);
        }
        digits
    }
}

/// A number as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub digits: Digits,
    /// Whether a plus stands before it.
    pub plus: bool,
    /// Which digit is the zero of a `(0)`, the way to write a national prefix into an international number.
    pub bracketed_zero: Option<usize>,
}

impl Written {
    /// Reads a number with its punctuation.
    pub(super) fn read(text: &str) -> Result<Self, PhoneError> {
        let start = scheme(text);
        let mut written = Self { digits: Digits::NONE, plus: false, bracketed_zero: None };
        let body = whole(text.get(start..).unwrap_or_default());
        let mut next = 0;
        while let Some(sign) = sign_at(body, next) {
            let offset = next;
            next += sign.len_utf8();
            if let Some(digit) = digit(sign) {
                if digit == b'0' && body.get(..offset).is_some_and(|front| front.ends_with('(')) {
                    let behind = body.get(offset + 1..).is_some_and(|behind| behind.starts_with(')'));
                    written.bracketed_zero = behind.then_some(written.digits.count).or(written.bracketed_zero);
                }
                if !written.digits.push(digit) {
                    return Err(PhoneError::TooLong { most: E164_DIGITS.1 as u8 });
                }
            } else if matches!(sign, '+' | '\u{ff0b}') && !written.plus && written.digits.count == 0 {
                written.plus = true;
            } else if !is_punctuation(sign) {
                return Err(written.foreign(text, start + offset, sign));
            }
        }
        match written.digits.count {
            0 if body.chars().all(is_blank) => Err(PhoneError::Empty),
            0 => Err(PhoneError::NotANumber { found: Foreign::NoDigit, at: start }),
            _ => Ok(written),
        }
    }

    /// What stands before the zero of a `(0)`, and the number without it.
    pub(super) fn without_bracketed_zero(&self) -> Option<(&[u8], Self)> {
        let (front, behind) = self.digits.as_bytes().split_at_checked(self.bracketed_zero?)?;
        Some((front, Self { digits: Digits::of(&[front, behind.get(1..)?]), bracketed_zero: None, ..*self }))
    }

    /// What a sign means that is part of no number.
    fn foreign(&self, text: &str, at: usize, sign: char) -> PhoneError {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(parameters) = rest.strip_prefix(';') {
            // RFC 3966: what stands after a semicolon are parameters of a tel URI.
            let has = |name: &str| parameters.split(';').any(|parameter| starts(parameter, name));
            if has("phone-context=") {
                return PhoneError::Context { at };
            }
            if has("ext=") || has("isub=") || parameters.starts_with(|sign| digit(sign).is_some()) {
                return PhoneError::Extension { at };
            }
        }
        let extension = EXTENSION_WORDS.iter().find(|word| starts(rest, word));
        if self.digits.count > 0
            && let Some(behind) = extension.and_then(|word| rest.get(word.len()..))
            && behind
                .trim_start_matches(|sign| is_punctuation(sign) || matches!(sign, ',' | ':' | '=' | '#'))
                .starts_with(|sign| digit(sign).is_some())
        {
            return PhoneError::Extension { at };
        }
        let found = match sign {
            '+' | '\u{ff0b}' => Foreign::Plus,
            // Told by their blocks: the exact table would be larger than all of this file.
            'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{1fff}' | '\u{2c00}'..='\u{d7ff}' => Foreign::Letter,
            _ => Foreign::Sign,
        };
        PhoneError::NotANumber { found, at }
    }
}

/// Without the `.0` that programs write after a number they took for a decimal one: the zero is no digit of it, and with
/// it the number may be somebody else's.
fn whole(number: &str) -> &str {
    let front = number.strip_suffix(".0").unwrap_or(number);
    let digits = front.strip_prefix('+').unwrap_or(front);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) { front } else { number }
}

/// Bytes of the `tel:` at the front, and of the blanks before that.
fn scheme(text: &str) -> usize {
    let start = text.len() - text.trim_start_matches(is_blank).len();
    match text.get(start..) {
        Some(rest) if starts(rest, "tel:") => start + "tel:".len(),
        _ => start,
    }
}

/// Whether the text begins with that word, whatever the case of ASCII letters. `доб` is looked for as it is.
fn starts(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word))
}

/// The ASCII digit for any decimal digit.
fn digit(sign: char) -> Option<u8> {
    if sign.is_ascii() {
        return sign.is_ascii_digit().then_some(sign as u8);
    }
    let sign = u32::from(sign);
    let sets = ZEROS.partition_point(|zero| *zero <= sign);
    let value = sign - ZEROS.get(sets.checked_sub(1)?)?;
    (value < 10).then(|| b'0' + value as u8)
}

/// The sign at a place. Nearly all are ASCII, and std looks at every text as if few were.
#[inline(always)]
fn sign_at(text: &str, at: usize) -> Option<char> {
    match *text.as_bytes().get(at)? {
        byte if byte.is_ascii() => Some(char::from(byte)),
        _ => text.get(at..)?.chars().next(),
    }
}

/// Spaces and invisible signs: a number that is copied from a contact often stands between marks of direction.
fn is_blank(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What may stand between digits. As libphonenumber has it, but without `x`, which is also a letter, and with all
/// invisible signs.
///
/// Source: `VALID_PUNCTUATION` in <https://github.com/google/libphonenumber/blob/master/javascript/i18n/phonenumbers/phonenumberutil.js>.
fn is_punctuation(sign: char) -> bool {
    matches!(sign, ' ' | '-' | '.' | '/' | '(' | ')' | '[' | ']' | '~')
        || is_blank(sign)
        || matches!(sign, '\u{2010}'..='\u{2015}' | '\u{2053}' | '\u{2212}' | '\u{223c}' | '\u{30fc}')
        || matches!(sign, '\u{ff08}' | '\u{ff09}' | '\u{ff0d}'..='\u{ff0f}' | '\u{ff3b}' | '\u{ff3d}' | '\u{ff5e}')
}
