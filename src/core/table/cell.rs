//! Cells: what they say without blanks and the traces of a spreadsheet, and how they are written as JSON.

use std::borrow::Cow;

use crate::field::address::WHATSAPP;
use crate::finding::code::Code;
use crate::phone::{self, PhoneError};
use crate::text::after_prefix;

/// A cell without the blanks around it, no-break spaces included.
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    const NO_BREAK: &[u8] = "\u{a0}".as_bytes();
    let mut cell = cell.trim_ascii();
    while let Some(rest) = cell.strip_prefix(NO_BREAK).or(cell.strip_suffix(NO_BREAK)) {
        cell = rest.trim_ascii();
    }
    cell
}

/// An item of a list, without the blanks and then the quotes around it.
pub(super) fn unquoted(item: &[u8]) -> &[u8] {
    let item = trim(item);
    item.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).map_or(item, trim)
}

/// What an address says. Spreadsheets keep a number's plus and zeros as `="+49…"` or with an apostrophe before it.
pub(super) fn address(cell: &[u8]) -> &[u8] {
    let cell = trim(cell);
    let formula = cell.strip_prefix(b"=\"").and_then(|rest| rest.strip_suffix(b"\""));
    let cell = formula.unwrap_or(cell);
    trim(cell.strip_prefix(b"'").unwrap_or(cell))
}

/// The text, or why no message can carry it.
pub(super) fn text(cell: &[u8]) -> Result<&str, Code> {
    match str::from_utf8(cell) {
        Ok(text) if text.contains('\0') => Err(Code::TableNul),
        Ok(text) => Ok(text),
        Err(_) => Err(Code::TableNotUtf8),
    }
}

/// Whether a spreadsheet wrote a number as a power of ten, which drops all but its first digits: `4.91512E+12`.
pub(super) fn is_rounded(address: &[u8]) -> bool {
    let Some(sign) = address.iter().position(|byte| matches!(byte, b'e' | b'E')) else { return false };
    let (front, power) = address.split_at(sign);
    let power = power.get(1..).unwrap_or_default();
    let is_point = |byte: &u8| matches!(byte, b'.' | b',');
    // Without a plus and a point it may as well be an article's number.
    let power = power.strip_prefix(b"+").or(front.iter().any(is_point).then_some(power));
    power.is_some_and(all_digits) && front.splitn(2, is_point).all(all_digits)
}

fn all_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// How much a cell looks like a phone number, from 0; an id or a date with as many digits looks a little like one.
pub(super) fn likeness(cell: &[u8]) -> u32 {
    let cell = address(cell);
    if is_rounded(cell) {
        return 2;
    }
    let Ok(text) = str::from_utf8(cell) else { return 0 };
    if text.len() > 64 || text.bytes().filter(u8::is_ascii_digit).count() < 7 {
        return 0;
    }
    let number = without_whatsapp(text).unwrap_or(text);
    match phone::normalize(number, None) {
        Ok(_) => 3,
        Err(PhoneError::NeedsRegion) => 1,
        Err(PhoneError::NotANumber { .. }) => 0,
        Err(_) => u32::from(number.starts_with(['+', '0'])),
    }
}

/// What stands after the prefix that the older API has for WhatsApp.
pub(super) fn without_whatsapp(address: &str) -> Option<&str> {
    after_prefix(address, WHATSAPP)
}

/// A cell as CSV writes it, between quotes where it has to be, and no program takes for a formula: in front of one is an
/// apostrophe, which [`address`] takes off again.
///
/// Source: <https://owasp.org/www-community/attacks/CSV_Injection>.
pub(super) fn push_csv(out: &mut Vec<u8>, text: &[u8], delimiter: u8) {
    let quoted = text.iter().any(|byte| *byte == delimiter || matches!(byte, b'"' | b'\r' | b'\n'));
    if quoted {
        out.push(b'"');
    }
    if let [b'=' | b'+' | b'-' | b'@', ..] = text {
        out.push(b'\'');
    }
    for &byte in text {
        if byte == b'"' {
            out.push(byte);
        }
        out.push(byte);
    }
    if quoted {
        out.push(b'"');
    }
}

/// A column's name as it is shown and looked for.
pub(super) fn name(cell: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(trim(cell))
}
