//! Strings as they stand in the input, and the text they stand for.

use std::borrow::Cow;

/// A string as it stands in the input, between its quotes. Known to be UTF-8 with well-formed escapes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// The bytes between the quotes.
    pub raw: &'a [u8],
    /// Where the opening quote stands.
    pub at: usize,
    escaped: bool,
}

impl<'a> Text<'a> {
    /// A string that was read: its bytes, where its opening quote stands, and whether it has escapes.
    pub(crate) fn new(raw: &'a [u8], at: usize, escaped: bool) -> Self {
        Self { raw, at, escaped }
    }

    /// The text it stands for. Half a surrogate pair becomes U+FFFD.
    pub(crate) fn decode(&self) -> Cow<'a, str> {
        if self.escaped {
            return Cow::Owned(unescape(self.raw).0);
        }
        // Known to be UTF-8; asked again in the way that is fast for ASCII.
        str::from_utf8(self.raw).map_or_else(|_| String::from_utf8_lossy(self.raw), Cow::Borrowed)
    }

    /// Whether an escape stands for half a surrogate pair.
    pub(crate) fn has_lone_surrogate(&self) -> bool {
        // They can only be written as numbers: \ud800 to \udfff.
        let half = |window: &[u8]| matches!(window, [b'\\', b'u', b'd' | b'D']);
        self.escaped && self.raw.windows(3).any(half) && unescape(self.raw).1
    }

    /// Whether it stands for `word`.
    pub(crate) fn is(&self, word: &str) -> bool {
        if self.escaped { self.decode() == word } else { self.raw == word.as_bytes() }
    }

    /// A number that equal texts share, unless one of them has escapes. Tells texts of up to sixteen bytes apart well.
    #[inline(always)]
    pub(crate) fn fingerprint(&self) -> Option<u32> {
        let raw = self.raw;
        let (front, back) = match (raw.first_chunk(), raw.last_chunk(), raw.first_chunk(), raw.last_chunk()) {
            (Some(front), Some(back), ..) => (u64::from_le_bytes(*front), u64::from_le_bytes(*back)),
            (.., Some(front), Some(back)) => (u32::from_le_bytes(*front).into(), u32::from_le_bytes(*back).into()),
            _ => (raw.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
        };
        let mixed = (front.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ back).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        (!self.escaped).then_some((mixed >> 32) as u32 ^ raw.len() as u32)
    }

    /// Where the closing quote ends.
    #[inline(always)]
    pub(crate) fn end(&self) -> usize {
        self.at + self.raw.len() + 2
    }
}

/// Whether `part` stands anywhere in a text. For short parts; std's search is made for long ones.
pub(crate) fn holds(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// What follows a prefix, whatever the case of its letters.
#[inline(never)]
pub(crate) fn after_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (front, rest) = text.split_at_checked(prefix.len())?;
    front.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Whether a text is the same for everybody: it has no Liquid.
pub(crate) fn is_fixed(text: &str) -> bool {
    !holds(text, "{{") && !holds(text, "{%")
}

/// The whole number that some digits, and nothing else, stand for.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    for byte in text.bytes() {
        let digit = Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10)?;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    Some(number).filter(|_| !text.is_empty())
}

/// Whether a JSON number is a whole one from 0, also where it is written with a fraction or an exponent, as `1.0` and `1e5`
/// are.
pub(crate) fn is_whole(number: &str) -> bool {
    let mut fraction = false;
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, ""));
    !exponent.starts_with('-')
        && mantissa.bytes().all(|byte| {
            fraction |= byte == b'.';
            matches!(byte, b'.' | b'0') || !fraction && byte.is_ascii_digit()
        })
}

/// The text that a well-formed string with escapes stands for, and whether half a surrogate pair was replaced.
pub(crate) fn unescape(raw: &[u8]) -> (String, bool) {
    let mut out = Vec::with_capacity(raw.len());
    let mut lone = false;
    let mut rest = raw;
    while let Some(slash) = rest.iter().position(|&byte| byte == b'\\') {
        out.extend_from_slice(&rest[..slash]);
        let kind = rest.get(slash + 1).copied().unwrap_or(b'\\');
        rest = rest.get(slash + 2..).unwrap_or_default();
        let plain = match kind {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = hex(rest);
                rest = rest.get(4..).unwrap_or_default();
                let low = rest.strip_prefix(b"\\u").map(hex).filter(|low| (0xDC00..0xE000).contains(low));
                let scalar = match (unit, low) {
                    (0xD800..0xDC00, Some(low)) => {
                        rest = rest.get(6..).unwrap_or_default();
                        0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                    }
                    (unit, _) => unit,
                };
                char::from_u32(scalar).unwrap_or_else(|| {
                    lone = true;
                    char::REPLACEMENT_CHARACTER
                })
            }
            other => char::from(other),
        };
        out.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.extend_from_slice(rest);
    (String::from_utf8_lossy(&out).into_owned(), lone)
}

/// The number that the first four hexadecimal digits stand for.
fn hex(digits: &[u8]) -> u32 {
    digits.iter().take(4).fold(0, |sum, &digit| sum * 16 + char::from(digit).to_digit(16).unwrap_or(0))
}
