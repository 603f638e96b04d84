//! Filters that bring a text into another form and back: HTML, addresses of pages, base64.
//!
//! Source of each: its page at <https://shopify.dev/docs/api/liquid/filters>; Base64 is that of RFC 4648.

use super::writer::Writer;
use super::{Filter, Length, Nil, Run, Texts, Write};
use crate::template::failure::Failure;
use crate::template::search::find;
use crate::template::space::trim_end;

const fn row(name: &'static str, length: Length, nil: Nil, write: Write) -> Filter {
    Filter { name, arguments: (0, 0), named: "", length, run: Run::Text(nil, write) }
}

pub(super) const FILTERS: &[Filter] = &[
    row("base64_decode", Length::Shorter, Nil::Empty, |of, out| decode_base64(of, STANDARD, out)),
    row("base64_encode", Length::Times(8), Nil::Empty, |of, out| encode_base64(of, STANDARD, out)),
    row("base64_url_safe_decode", Length::Shorter, Nil::Empty, |of, out| decode_base64(of, URL_SAFE, out)),
    row("base64_url_safe_encode", Length::Times(8), Nil::Empty, |of, out| encode_base64(of, URL_SAFE, out)),
    row("escape", Length::Times(6), Nil::Stays, |of, out| escape(of, false, out)),
    row("escape_once", Length::Times(6), Nil::Empty, |of, out| escape(of, true, out)),
    // The short name is the reference's, without a page.
    row("h", Length::Times(6), Nil::Stays, |of, out| escape(of, false, out)),
    row("strip_html", Length::Shorter, Nil::Empty, strip_html),
    row("url_decode", Length::Shorter, Nil::Stays, url_decode),
    row("url_encode", Length::Times(12), Nil::Stays, url_encode),
];

/// Replaces what HTML gives a meaning; with `once`, not the `&` of what was replaced already.
fn escape(of: &Texts<'_>, once: bool, out: &mut Writer<'_>) {
    let mut copied = 0;
    for (at, byte) in of.text.bytes().enumerate() {
        let entity = match byte {
            b'&' if once && is_entity(of.text.get(at + 1..).unwrap_or_default()) => continue,
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.push(of.text.get(copied..at).unwrap_or_default());
        out.push(entity);
        copied = at + 1;
    }
    out.push(of.text.get(copied..).unwrap_or_default());
}

/// Whether a text begins with the rest of an entity: letters or `#` and digits, and a semicolon.
fn is_entity(text: &str) -> bool {
    let (digits, is): (&str, fn(&u8) -> bool) = match text.strip_prefix('#') {
        Some(digits) => (digits, u8::is_ascii_digit),
        None => (text, u8::is_ascii_alphabetic),
    };
    // No name of an entity is longer.
    let length = digits.bytes().take(MAX_ENTITY).take_while(is).count();
    length > 0 && digits.as_bytes().get(length) == Some(&b';')
}

/// How many letters after each `&` are looked at: few, so that a text of nothing else does not take long.
const MAX_ENTITY: usize = 64;

/// What is left out whole, from where it begins to where it ends.
const BLOCKS: [(&str, &str); 3] = [("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>")];

/// Leaves out scripts, comments and styles with what is in them, and then all tags.
fn strip_html(of: &Texts<'_>, out: &mut Writer<'_>) {
    leave_out(of.text, &BLOCKS, out);
    let without_blocks = std::mem::take(out.text());
    leave_out(&without_blocks, &[("<", ">")], out);
}

/// Leaves out what stands from one of the openings to its end. What has no end stays.
fn leave_out(text: &str, blocks: &[(&str, &str)], out: &mut Writer<'_>) {
    // No end is looked for again where there was none, so a text of openings does not take long.
    let mut endless = 0_u8;
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('<') {
        let from = rest.get(before.len()..).unwrap_or_default();
        out.push(before);
        let mut behind = None;
        for (place, (open, close)) in blocks.iter().enumerate() {
            let Some(content) = from.strip_prefix(open).filter(|_| endless >> place & 1 == 0) else { continue };
            behind = find(content, close).and_then(|at| content.get(at + close.len()..));
            if behind.is_some() {
                break;
            }
            endless |= 1 << place;
        }
        rest = behind.unwrap_or_else(|| {
            out.push("<");
            inside
        });
    }
    out.push(rest);
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// As a form is sent: a blank becomes `+`.
fn url_encode(of: &Texts<'_>, out: &mut Writer<'_>) {
    for byte in of.text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => out.push_char(byte.into()),
            b' ' => out.push("+"),
            _ => {
                for digit in [b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]] {
                    out.push_char(digit.into());
                }
            }
        }
    }
}

/// What is no escape stays as it is.
fn url_decode(of: &Texts<'_>, out: &mut Writer<'_>) {
    let mut bytes = Vec::new();
    let mut rest = of.text.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        bytes.push(match (byte, behind) {
            (b'+', _) => b' ',
            (b'%', [high, low, behind @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = behind;
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => *byte,
        });
    }
    push_bytes(&bytes, out);
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn push_bytes(bytes: &[u8], out: &mut Writer<'_>) {
    match str::from_utf8(bytes) {
        Ok(text) => out.push(text),
        Err(_) => out.fail(Failure::invalid("a text whose bytes are UTF-8")),
    }
}

/// The two alphabets differ in the last two digits.
const STANDARD: [u8; 2] = *b"+/";
const URL_SAFE: [u8; 2] = *b"-_";

fn encode_base64(of: &Texts<'_>, last: [u8; 2], out: &mut Writer<'_>) {
    for bytes in of.text.as_bytes().chunks(3) {
        let group =
            (0..3).fold(0, |group, place| group << 8 | u32::from(bytes.get(place).copied().unwrap_or_default()));
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place) & 63) as u8;
            out.push_char(if place > bytes.len() { '=' } else { char::from(base64_digit(digit, last)) });
        }
    }
}

fn base64_digit(value: u8, last: [u8; 2]) -> u8 {
    match value {
        0..=25 => b'A' + value,
        26..=51 => b'a' + value - 26,
        52..=61 => b'0' + value - 52,
        _ => last[usize::from(value & 1)],
    }
}

/// Takes only what the encoding makes; the second alphabet also without `=` at the end, as the reference does.
fn decode_base64(of: &Texts<'_>, last: [u8; 2], out: &mut Writer<'_>) {
    match base64(of.text, last) {
        Some(bytes) => push_bytes(&bytes, out),
        None => out.fail(Failure::invalid("base64")),
    }
}

fn base64(text: &str, last: [u8; 2]) -> Option<Vec<u8>> {
    let digits = trim_end(text, |byte| byte == b'=');
    let filled = text.len() - digits.len();
    let short = last == URL_SAFE && filled == 0;
    if !(text.len().is_multiple_of(4) || short) || digits.len() % 4 == 1 || filled > 2 {
        return None;
    }
    let mut out = Vec::new();
    for group in digits.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for place in 0..4 {
            let value = match group.get(place) {
                None => 0,
                Some(digit) => (0..64).find(|value| base64_digit(*value, last) == *digit)?,
            };
            bits = bits << 6 | u32::from(value);
        }
        let [_, bytes @ ..] = bits.to_be_bytes();
        let (whole, none) = bytes.split_at(group.len() - 1);
        if none.iter().any(|byte| *byte > 0) {
            return None;
        }
        out.extend_from_slice(whole);
    }
    Some(out)
}
