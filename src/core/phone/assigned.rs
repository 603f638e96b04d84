//! Numbers in ranges that are known to be assigned, as nearly all are: what is known of one, in one word.

use std::num::NonZeroU64;

use super::table::{Code, Place};
use super::{Judged, NumberType, Region, former};

/// Where what is known stands above the digits, which are below 2^50: the type, and the region.
const TYPE: u32 = 50;
const PLACE: u32 = 54;

/// An assigned number.
#[derive(Clone, Copy)]
pub(crate) struct Assigned(NonZeroU64);

impl Assigned {
    /// The number that is written in E.164 form, if it is an assigned one.
    #[inline(always)]
    pub(crate) fn e164(written: &[u8]) -> Option<Self> {
        let (b'+', digits) = written.split_first()? else { return None };
        Self::of(digits)
    }

    /// The number of these ASCII digits, calling code first, if it is an assigned one.
    #[inline(never)]
    pub(super) fn of(digits: &[u8]) -> Option<Self> {
        let (code, length) = Code::of(digits)?;
        let mut national = digits.get(length..)?;
        let (number_type, place) = loop {
            match code.find(national) {
                Some(found) => break found,
                None => national = former::today(code, national)?,
            }
        };
        // No plan has a longer number than E.164, so it fits.
        let mut number = 0;
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            number = 10 * number + u64::from(digit);
        }
        NonZeroU64::new(number | (number_type as u64) << TYPE | (place.0 as u64) << PLACE).map(Self)
    }

    /// The digits in today's form: see [`Judged::key`].
    pub(crate) fn key(self) -> u64 {
        former::key(self.digits())
    }

    pub(crate) fn number_type(self) -> NumberType {
        let place = (self.0.get() >> TYPE) as usize & 15;
        NumberType::ALL.get(place).copied().unwrap_or(NumberType::Unknown)
    }

    /// What is known of a number with that calling code.
    pub(super) fn judged(self, code: Code) -> Judged {
        let place = Place((self.0.get() >> PLACE) as usize);
        Judged {
            digits: self.digits(),
            calling_code: code.number(),
            region: Some(place).filter(|place| place.is_country()).map(Region),
            number_type: self.number_type(),
            assigned: true,
        }
    }

    fn digits(self) -> u64 {
        self.0.get() & ((1 << TYPE) - 1)
    }
}
