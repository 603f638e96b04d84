//! Forms that numbers had in former times and are still written in: Mexico's, with a 1 before mobile numbers until
//! 2019. WhatsApp still names people by it, so it is neither refused nor taken away.
//!
//! Source: <https://www.twilio.com/en-us/guidelines/mx/sms>.

use super::table::{Code, Place};
use super::{Judged, NumberType};

const MEXICO: u16 = 52;
/// The digits of all numbers with the 1, and what is to be taken from them to be without it.
const WITH_ONE: std::ops::RangeInclusive<u64> = 5_210_000_000_000..=5_219_999_999_999;
const ONE: u64 = 5_210_000_000_000 - 520_000_000_000;

/// What the plan says of a national number in its former form.
pub(super) fn find(code: Code, national: &[u8]) -> Option<(NumberType, Place)> {
    match national {
        [b'1', behind @ ..] if code.number() == MEXICO => code.find(behind),
        _ => None,
    }
}

impl Judged {
    /// The digits in today's form: a key that all ways to name one number share.
    pub(crate) fn key(&self) -> u64 {
        if WITH_ONE.contains(&self.digits) { self.digits - ONE } else { self.digits }
    }
}
