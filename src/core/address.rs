//! Addresses: what a phone number looks like, and the prefixes of the older API.

use crate::code::Code;
use crate::issue::Span;
use crate::limits::E164_DIGITS;
use crate::pointer::Pointer;
use crate::scan::Text;
use crate::shape::Report;

const PREFIXES: [&str; 2] = ["whatsapp:", "rcs:"];

/// Removes the prefix that names a channel, with a note; the address behind it.
pub(crate) fn without_prefix<'t>(written: &'t str, text: &Text<'_>, at: Pointer<'_>, report: &mut Report) -> &'t str {
    for prefix in PREFIXES {
        if let Some((head, address)) = written.split_at_checked(prefix.len())
            && head.eq_ignore_ascii_case(prefix)
        {
            let span = Span::of(written, 0, prefix.len());
            report.spanned(Code::PrefixRemoved, at, text.at, Some(span), vec![("prefix", prefix.into())]);
            return address;
        }
    }
    written
}

/// Judges the address of a recipient or of a numbered sender: it has to be a number in E.164 form.
pub(crate) fn number(text: &Text<'_>, at: Pointer<'_>, report: &mut Report) {
    if is_e164(text.raw) {
        return;
    }
    let written = text.decode();
    let address = without_prefix(&written, text, at, report);
    if !is_e164(address.as_bytes()) {
        report.issue(Code::NotE164, at, text.at, vec![]);
    } else if address.len() != written.len() {
        report.replace(text, address);
    }
}

/// Whether it is `+`, a country code that does not begin with 0, and at most 15 digits in all.
pub(crate) fn is_e164(address: &[u8]) -> bool {
    let [b'+', first @ b'1'..=b'9', rest @ ..] = address else { return false };
    let (fewest, most) = E164_DIGITS;
    let digits = 1 + rest.len();
    first.is_ascii_digit() && (fewest..=most).contains(&digits) && rest.iter().all(u8::is_ascii_digit)
}
