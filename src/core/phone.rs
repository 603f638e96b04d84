//! Phone numbers: what is written, as a number in E.164 form, and what the numbering plans say of it.
//!
//! The plans are libphonenumber's metadata, as decision diagrams over digits (`phone/table.bin`, generated); the
//! reading follows libphonenumber's parser, and `tests/phones.rs` counts and explains the differences. Knows
//! nothing of requests, channels or severities.

mod assigned;
mod error;
mod former;
mod prefix;
mod table;
mod unpack;
mod written;

use crate::limits::E164_DIGITS;
pub(crate) use assigned::Assigned;
pub use error::{Foreign, PhoneError};
use table::{Code, Place};
use written::{Digits, Written};

/// The metadata that numbers are judged by, as a line of text: libphonenumber's, with its licence and release.
pub fn metadata() -> &'static str {
    table::release()
}

/// A country or territory with a numbering plan, by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Region(Place);

impl Region {
    /// The region of that code, in capitals. None where libphonenumber knows no plan of such a region.
    pub fn named(code: &str) -> Option<Self> {
        Place::named(code).map(Self)
    }

    /// Two capitals.
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }

    /// The calling code, such as 44.
    pub fn calling_code(self) -> u16 {
        self.0.code().number()
    }
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! number_types {
    ($($name:ident = $text:literal, $doc:literal;)*) => {
        /// What kind of line a number belongs to.
        ///
        /// Source: `PhoneNumberType` of libphonenumber,
        /// <https://github.com/google/libphonenumber/blob/master/java/libphonenumber/src/com/google/i18n/phonenumbers/PhoneNumberUtil.java>.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum NumberType {
            $(#[doc = $doc] $name,)*
        }

        impl NumberType {
            /// Every type, in the order in which the table counts them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable text form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

number_types! {
    PremiumRate = "premium-rate", "Calls to it cost more than to others.";
    TollFree = "toll-free", "Calls to it cost the caller nothing.";
    SharedCost = "shared-cost", "Caller and called share the cost.";
    Voip = "voip", "Over the internet.";
    PersonalNumber = "personal-number", "Belongs to a person and is forwarded to a line of theirs.";
    Pager = "pager", "A pager.";
    Uan = "uan", "A company's one number, forwarded to its offices (universal access number).";
    Voicemail = "voicemail", "Access to a mailbox.";
    FixedLine = "fixed-line", "A landline.";
    Mobile = "mobile", "A mobile phone.";
    FixedLineOrMobile = "fixed-line-or-mobile", "A landline or a mobile: the plan does not tell them apart.";
    Unknown = "unknown", "Not in a range that is known as assigned.";
}

/// What the numbering plans say of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The digits, calling code first, as a number. Below 2^50.
    pub digits: u64,
    /// The calling code.
    pub calling_code: u16,
    /// The region the number is in. None where no country has the calling code, and for a number that is not assigned
    /// where several share it.
    pub region: Option<Region>,
    /// What kind of line it belongs to.
    pub number_type: NumberType,
    /// Whether it is in a range known to be assigned. If not, only its length fits the plan.
    pub assigned: bool,
}

/// A number in E.164 form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Number {
    text: [u8; 1 + E164_DIGITS.1],
    length: usize,
    /// What the numbering plans say of it.
    pub judged: Judged,
    /// Whether it was written in any other way than E.164.
    pub changed: bool,
}

impl Number {
    /// The number: `+`, calling code, national number.
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..self.length).unwrap_or_default();
        str::from_utf8(text).unwrap_or_default()
    }

    fn new(text: &[u8], judged: Judged) -> Self {
        let mut number = Self { text: [0; _], length: text.len().min(1 + E164_DIGITS.1), judged, changed: false };
        for (place, byte) in number.text.iter_mut().zip(text) {
            *place = *byte;
        }
        number
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Number").field(&self.as_str()).field(&self.judged).finish()
    }
}

/// Judges a number that is in E.164 form already: `+`, then the calling code and the national number, in ASCII.
///
/// It looks at each digit once. Anything in another form is refused here and may still be read by [`normalize`], which
/// also finds what libphonenumber would repair, such as a national prefix after the calling code.
///
/// # Errors
///
/// When it is no number in that form, or no number can have these digits.
#[inline(always)]
pub fn judge_e164(written: &[u8]) -> Result<Judged, PhoneError> {
    let Some((b'+', digits)) = written.split_first() else {
        let error = PhoneError::NotANumber { found: Foreign::Sign, at: 0 };
        return Err(if written.is_empty() { PhoneError::Empty } else { error });
    };
    judge(digits)
}

/// Reads a number as people write it, and judges it.
///
/// Spaces, brackets, dots, dashes, slashes, invisible signs and a `tel:` at the front are dropped, and decimal digits of
/// all scripts are read. `00`, the default region's own prefix for calls abroad, and `(0)` are understood. A number
/// without a calling code is one of the default region, and so is a mobile number that lost its plus. Normalizing the
/// result again changes nothing.
///
/// # Errors
///
/// When the text is no phone number, or no number can have these digits.
///
/// ```
/// use postgate_core::{PhoneError, Region, normalize_phone};
///
/// let number = normalize_phone("(020) 7946-0018", Region::named("GB"))?;
/// assert_eq!(number.as_str(), "+442079460018");
/// assert!(number.changed && number.judged.assigned);
/// assert_eq!(normalize_phone("020 7946 0018", None), Err(PhoneError::NeedsRegion));
/// # Ok::<(), PhoneError>(())
/// ```
pub fn normalize(written: &str, default_region: Option<Region>) -> Result<Number, PhoneError> {
    if let Ok(judged) = judge_e164(written.as_bytes())
        && judged.assigned
    {
        return Ok(Number::new(written.as_bytes(), judged));
    }
    let read = Written::read(written)?;
    let region = default_region.map(|region| region.0);
    let mut result = interpret(&read, region);
    if !is_assigned(&result)
        && let Some((front, without)) = read.without_bracketed_zero()
        && is_calling_code(front)
    {
        // Where a plan has no national prefix, the 0 of "+34 (0)" is a habit brought from elsewhere.
        result = better(result, interpret(&without, region));
    }
    let mut number = settle(result?)?;
    number.changed = number.as_str() != written;
    Ok(number)
}

/// Whether digits are a calling code, or nothing where the number is a national one.
fn is_calling_code(digits: &[u8]) -> bool {
    let digits = digits.strip_prefix(b"00").unwrap_or(digits);
    digits.is_empty() || Code::of(digits).is_some_and(|(_, length)| length == digits.len())
}

fn is_assigned(result: &Result<Number, PhoneError>) -> bool {
    result.is_ok_and(|number| number.judged.assigned)
}

/// The first reading, unless the second makes more of the text.
fn better(first: Result<Number, PhoneError>, second: Result<Number, PhoneError>) -> Result<Number, PhoneError> {
    if is_assigned(&second) || first.is_err() && second.is_ok() { second } else { first }
}

/// Reads a number again in the form it got, until that changes nothing: two national prefixes take two times.
fn settle(mut number: Number) -> Result<Number, PhoneError> {
    // Each time takes a digit away or, by a plan's own rule, completes the number; there are at most 15.
    for _ in 0..E164_DIGITS.1 {
        if number.judged.assigned {
            break;
        }
        let again = international(number.text.get(1..number.length).unwrap_or_default())?;
        if again == number {
            break;
        }
        number = again;
    }
    Ok(number)
}

/// Reads digits by the way they begin.
fn interpret(written: &Written, region: Option<Place>) -> Result<Number, PhoneError> {
    let digits = written.digits.as_bytes();
    if written.plus {
        let result = international(digits);
        if result == Err(PhoneError::NoCallingCode)
            && let Some(behind) = behind_international_prefix(digits, region)
        {
            // "+00 49": plus and prefix say the same.
            return international(behind);
        }
        return result;
    }
    let abroad = digits.strip_prefix(b"00").map(international);
    let Some(region) = region else { return abroad.unwrap_or(Err(PhoneError::NeedsRegion)) };
    let own = domestic(digits, region);
    match abroad {
        // 00 is the prefix nearly everywhere, and people write it where another one is dialled.
        Some(abroad) if !is_assigned(&own) => better(own, abroad),
        _ => own,
    }
}

/// Reads what is dialled within a region.
fn domestic(digits: &[u8], region: Place) -> Result<Number, PhoneError> {
    if let Some(behind) = behind_international_prefix(digits, Some(region)) {
        return international(behind);
    }
    let code = region.code();
    let own = finish(code, digits, region);
    if let Some((found, length)) = Code::of(digits)
        && found == code
        && let Some(behind) = digits.get(length..)
    {
        // The region's own calling code without a plus, where that makes a number of what is none or too long, or a mobile
        // of a landline: spreadsheets lose the plus, and Germany's landlines may be as long.
        let national = without_national_prefix(behind, region);
        let national = national.as_bytes();
        let abroad = international(Digits::of(&[digits.get(..length).unwrap_or_default(), national]).as_bytes());
        let longer = digits.len() > region.possible().most();
        if longer || !region.matches(digits) && region.matches(national) || is_mobile_in_place_of(&abroad, &own) {
            return abroad;
        }
    }
    own
}

fn is_mobile_in_place_of(number: &Result<Number, PhoneError>, landline: &Result<Number, PhoneError>) -> bool {
    let (Ok(number), Ok(landline)) = (number, landline) else { return false };
    number.judged.number_type == NumberType::Mobile && landline.judged.number_type == NumberType::FixedLine
}

/// Reads what begins with a calling code.
fn international(digits: &[u8]) -> Result<Number, PhoneError> {
    let (code, length) = Code::of(digits).ok_or(PhoneError::NoCallingCode)?;
    finish(code, digits.get(length..).unwrap_or_default(), code.main_region())
}

/// Takes the national prefix away and judges the number.
fn finish(code: Code, national: &[u8], rules: Place) -> Result<Number, PhoneError> {
    let stripped = without_national_prefix(national, rules);
    let length = stripped.as_bytes().len();
    // libphonenumber keeps the prefix where the number would be too short without.
    let possible = rules.possible();
    let fits = !rules.local().contains(length) && (possible.contains(length) || length > possible.most());
    let national = if fits { stripped.as_bytes() } else { national };

    let mut text = Digits::NONE;
    text.push(b'+');
    write_code(code.number(), &mut text);
    text.extend(national);
    let judged = judge(text.as_bytes().get(1..).unwrap_or_default())?;
    Ok(Number::new(text.as_bytes(), judged))
}

fn write_code(number: u16, text: &mut Digits) {
    if number >= 10 {
        write_code(number / 10, text);
    }
    text.push(b'0' + (number % 10) as u8);
}

/// What stands after a prefix for calls abroad: the region's, else 00.
fn behind_international_prefix(digits: &[u8], region: Option<Place>) -> Option<&[u8]> {
    let length = match region {
        Some(region) => prefix::find(region.international_prefix(), digits)?.length,
        None => digits.starts_with(b"00").then_some(2)?,
    };
    // No calling code begins with 0: what looks like the prefix is part of something else.
    digits.get(length..).filter(|behind| behind.first() != Some(&b'0'))
}

/// A national number without the prefix that is dialled before it, completed where the region's rule says how.
fn without_national_prefix(national: &[u8], region: Place) -> Digits {
    let whole = Digits::of(&[national]);
    let Some(prefix) = prefix::find(region.national_prefix(), national) else { return whole };
    let behind = national.get(prefix.length..).unwrap_or_default();
    let stripped = match prefix.kept {
        Some((front, start, end)) => Digits::of(&[front, national.get(start..end).unwrap_or_default(), behind]),
        None => Digits::of(&[behind]),
    };
    // A number that is one with its first digits, and none without them, has no prefix.
    if region.matches(national) && !region.matches(stripped.as_bytes()) { whole } else { stripped }
}

/// Judges digits that begin with a calling code. An error about what they hold counts a plus before it.
fn judge(digits: &[u8]) -> Result<Judged, PhoneError> {
    let code = Code::of(digits);
    if let Some((code, _)) = code
        && let Some(assigned) = Assigned::of(digits)
    {
        return Ok(assigned.judged(code));
    }
    let mut value = 0_u64;
    for (at, byte) in digits.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return Err(PhoneError::NotANumber { found: Foreign::Sign, at: 1 + at });
        }
        // What does not fit is too long below.
        value = value.wrapping_mul(10).wrapping_add(u64::from(byte & 15));
    }
    let (code, code_digits) = code.ok_or(PhoneError::NoCallingCode)?;
    // As libphonenumber has it, the code's main region says what else is possible.
    let plan = code.main_region().possible();
    let [fewest, most] = [plan.fewest(), plan.most()].map(|length| (code_digits + length).min(E164_DIGITS.1));
    match digits.len() {
        short if short < fewest => return Err(PhoneError::TooShort { fewest: fewest as u8 }),
        long if long > most => return Err(PhoneError::TooLong { most: most as u8 }),
        count if !plan.contains(count - code_digits) => return Err(PhoneError::Impossible),
        _ => {}
    }
    Ok(Judged {
        digits: value,
        calling_code: code.number(),
        region: code.only_region().filter(|place| place.is_country()).map(Region),
        number_type: NumberType::Unknown,
        assigned: false,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "that is how a test fails")]
mod tests;
