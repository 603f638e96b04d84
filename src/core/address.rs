//! Addresses: phone numbers as people write them, brought to E.164, and the prefixes of the older API.

use crate::code::Code;
use crate::issue::{Params, Span};
use crate::phone::{self, Judged, NumberType, PhoneError, Region};
use crate::pointer::Pointer;
use crate::shape::Report;
use crate::text::Text;

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

/// Judges the address of a recipient and has it written in E.164; what is known of the number.
pub(crate) fn number(text: &Text<'_>, at: Pointer<'_>, region: Option<Region>, report: &mut Report) -> Option<Judged> {
    // Nearly every address is one already; whatever else it is, it is read whole.
    if let Ok(judged) = phone::judge_e164(text.raw)
        && judged.assigned
    {
        return Some(judged);
    }
    let written = text.decode();
    let address = without_prefix(&written, text, at, report);
    match phone::normalize(address, region) {
        Ok(number) => {
            if number.changed {
                report.issue(Code::AddressNormalized, at, text.at, vec![]);
            }
            if number.as_str() != written {
                report.replace(text, number.as_str());
            }
            Some(number.judged)
        }
        Err(error) => {
            let (code, params) = refusal(error);
            report.issue(code, at, text.at, params);
            None
        }
    }
}

/// The issue that a text is which cannot be read as a number.
pub(crate) fn refusal(error: PhoneError) -> (Code, Params) {
    match error {
        PhoneError::NeedsRegion => (Code::NeedsRegion, vec![]),
        PhoneError::NoCallingCode => (Code::NoCallingCode, vec![]),
        PhoneError::TooShort { fewest } => (Code::NumberTooShort, vec![("limit", u32::from(fewest).into())]),
        PhoneError::TooLong { most } => (Code::NumberTooLong, vec![("limit", u32::from(most).into())]),
        PhoneError::Impossible => (Code::ImpossibleNumber, vec![]),
        PhoneError::Extension { .. } => (Code::Extension, vec![]),
        _ => (Code::NotE164, vec![]),
    }
}

/// Judges whether texts can be expected to arrive at a number, over SMS, MMS or RCS.
pub(crate) fn takes_texts(judged: Judged, at: Pointer<'_>, offset: usize, report: &mut Report) {
    let code = match judged.number_type {
        _ if !judged.assigned => return,
        NumberType::FixedLine => Code::Landline,
        NumberType::PremiumRate | NumberType::SharedCost => Code::PremiumNumber,
        NumberType::TollFree | NumberType::Uan | NumberType::Voicemail | NumberType::Pager => Code::UnlikelyNumber,
        _ => return,
    };
    report.issue(code, at, offset, vec![]);
}
