//! Addresses: phone numbers as people write them, brought to E.164, and the prefixes of the older API.

use crate::channel::PHONE;
use crate::field::report::Report;
use crate::finding::code::{Code, Severity};
use crate::finding::issue::{Issue, Params, Span, param, push_issue};
use crate::finding::pointer::Pointer;
use crate::json::Json;
use crate::phone::{self, Assigned, Judged, NumberType, PhoneError, Region};
use crate::text::{Text, after_prefix};

/// The prefixes with which the older API says that an address is one of WhatsApp or RCS.
pub(crate) const WHATSAPP: &str = "whatsapp:";
pub(crate) const RCS: &str = "rcs:";
const PREFIXES: [&str; 2] = [WHATSAPP, RCS];

/// A phone number judged by itself, with the issues that it would have as a recipient's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPhone {
    /// What the numbering plans say of it. None where it cannot be a number.
    pub judged: Option<Judged>,
    /// Every issue, at the root.
    pub issues: Vec<Issue>,
}

/// Judges a phone number as people write it, by the rules for somebody who is to get texts.
///
/// ```
/// use postgate_core::{Region, check_phone};
///
/// let checked = check_phone("(415) 555-0132", Region::named("US"));
/// assert_eq!(checked.judged.map(|judged| judged.digits), Some(14155550132));
/// assert!(checked.ok() && !check_phone("(415) 555-0132", None).ok());
/// ```
pub fn check_phone(written: &str, default_region: Option<Region>) -> CheckedPhone {
    let text = Text::new(written.as_bytes(), 0, false);
    let mut report = Report::default();
    let judged = number(&text, &Pointer::Root, default_region, &mut report);
    if let Some(judged) = judged {
        is_assigned(judged, &Pointer::Root, 0, &mut report);
        takes_texts(judged, &Pointer::Root, 0, &mut report);
    }
    CheckedPhone { judged, issues: report.issues }
}

impl CheckedPhone {
    /// Whether it can be sent to: no issue is an error.
    pub fn ok(&self) -> bool {
        self.issues.iter().all(|issue| issue.severity() != Severity::Error)
    }

    /// The canonical JSON: members in this order, no white space; null for what is not known.
    pub fn to_json(&self) -> String {
        let number = self.judged.map(|judged| ["+", &crate::json::number(judged.digits)].concat());
        let region = self.judged.and_then(|judged| judged.region).map(Region::as_str);
        let number_type = self.judged.map(|judged| judged.number_type.as_str());
        let mut json = Json::default();
        json.open('{').name("ok").flag(self.ok());
        json.name("e164").text_or_null(number.as_deref());
        json.name("region").text_or_null(region);
        json.name("type").text_or_null(number_type).name("issues").open('[');
        for issue in &self.issues {
            push_issue(&mut json, issue);
        }
        json.close(']').close('}').finish()
    }
}

/// Removes the prefix that names a channel, with a note; the address after it.
pub(crate) fn without_prefix<'t>(written: &'t str, text: &Text<'_>, at: &Pointer<'_>, report: &mut Report) -> &'t str {
    for prefix in PREFIXES {
        if let Some(address) = after_prefix(written, prefix) {
            let span = Span::of(written, 0, prefix.len());
            report.spanned(Code::PrefixRemoved, at, text.at, Some(span), param("prefix", prefix));
            return address;
        }
    }
    written
}

/// Judges whether the prefix that was removed from the address says what its channel does, whose own one is given.
pub(crate) fn judge_prefix(own: &str, at: &Pointer<'_>, offset: usize, report: &mut Report) {
    let removed = |issue: &&Issue| issue.code == Code::PrefixRemoved && issue.offset == offset as u64;
    if let Some(removed) = report.issues.iter().find(removed)
        // They differ in length, which is all of the span.
        && removed.span.is_some_and(|span| span.end as usize != own.len())
    {
        report.issue(Code::PrefixAgainstChannel, at, offset, removed.params.clone());
    }
}

/// Judges the address of a recipient and has it written in E.164; what is known of the number.
pub(crate) fn number(text: &Text<'_>, at: &Pointer<'_>, region: Option<Region>, report: &mut Report) -> Option<Judged> {
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
        PhoneError::TooShort { fewest } => (Code::NumberTooShort, param("limit", u32::from(fewest))),
        PhoneError::TooLong { most } => (Code::NumberTooLong, param("limit", u32::from(most))),
        PhoneError::Impossible => (Code::ImpossibleNumber, vec![]),
        PhoneError::Extension { .. } => (Code::Extension, vec![]),
        _ => (Code::NotE164, vec![]),
    }
}

/// Judges whether there is such a number, as far as is known.
pub(crate) fn is_assigned(judged: Judged, at: &Pointer<'_>, offset: usize, report: &mut Report) {
    if !judged.assigned {
        report.issue(Code::UnassignedNumber, at, offset, vec![]);
    }
}

/// Whether there is nothing to be said of a number that is written as it is sent.
#[inline(always)]
pub(crate) fn is_fine(number: Assigned, channel: u8) -> bool {
    channel != PHONE || unlike_mobile(number.number_type()).is_none()
}

/// Judges whether texts can be expected to arrive at a number, over SMS, MMS or RCS.
pub(crate) fn takes_texts(judged: Judged, at: &Pointer<'_>, offset: usize, report: &mut Report) {
    if let Some(code) = unlike_mobile(judged.number_type).filter(|_| judged.assigned) {
        report.issue(code, at, offset, vec![]);
    }
}

/// Why texts can hardly be expected to arrive at a number of that type.
#[inline(always)]
fn unlike_mobile(number_type: NumberType) -> Option<Code> {
    match number_type {
        NumberType::FixedLine => Some(Code::Landline),
        NumberType::PremiumRate | NumberType::SharedCost => Some(Code::PremiumNumber),
        NumberType::TollFree | NumberType::Uan | NumberType::Voicemail | NumberType::Pager => {
            Some(Code::UnlikelyNumber)
        }
        _ => None,
    }
}
