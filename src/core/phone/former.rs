//! Forms that numbers had in former times and are still written in: Mexico's, with a 1 before mobile numbers until
//! 2019. WhatsApp still names people by it, so it is neither refused nor taken away.
//!
//! Source: <https://www.twilio.com/en-us/guidelines/mx/sms>.

use super::Judged;
use super::table::Code;

const MEXICO: u16 = 52;
/// Digits of a national number there.
const MEXICAN: usize = 10;
/// The digits of all numbers with the 1, and what is to be taken from them to be without it.
const WITH_ONE: std::ops::RangeInclusive<u64> = 5_210_000_000_000..=5_219_999_999_999;
const ONE: u64 = 5_210_000_000_000 - 520_000_000_000;

/// A national number in today's form, if it is in a former one.
pub(super) fn today(code: Code, national: &[u8]) -> Option<&[u8]> {
    let behind = national.strip_prefix(b"1")?;
    (behind.len() == MEXICAN && code.number() == MEXICO).then_some(behind)
}

/// Digits in today's form.
pub(super) fn key(digits: u64) -> u64 {
    if WITH_ONE.contains(&digits) { digits - ONE } else { digits }
}

impl Judged {
    /// The digits in today's form: a key that all ways to name one number share.
    pub(crate) fn key(&self) -> u64 {
        key(self.digits)
    }
}
