//! The GSM 7-bit default alphabet with its extension table.
//!
//! Source: 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1, <https://www.3gpp.org/dynareport/23038.htm>. National shift
//! tables are left out: Twilio does not send them.

/// The characters of the alphabet from U+0080 to U+00FF, a bit each.
const LATIN: [u32; 4] = bits("¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùü", 0x80);

/// The characters of the alphabet from U+0380 to U+03FF, a bit each.
const GREEK: [u32; 4] = bits("ΓΔΘΛΞΠΣΦΨΩ", 0x380);

/// The characters of the alphabet, and of its extension table, up to U+007F, a bit each.
const PLAIN: [u32; 4] =
    bits("\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz", 0);
const EXTENDED: [u32; 4] = bits("\u{C}[\\]^{|}~", 0);

/// How many septets a character takes: one, or two where an escape goes before it. None: it is not in the alphabet.
pub(super) fn septets(c: char) -> Option<usize> {
    let code = u32::from(c);
    let has = |bits: [u32; 4]| bits[code as usize >> 5 & 3] >> (code & 31) & 1 == 1;
    match code >> 7 {
        0 if has(PLAIN) => Some(1),
        0 if has(EXTENDED) => Some(2),
        1 if has(LATIN) => Some(1),
        7 if has(GREEK) => Some(1),
        _ if c == '€' => Some(2),
        _ => None,
    }
}

/// How many of the characters from a place on, of the next eight, are among those that take one septet, line ends and `_`
/// left aside. None of them where fewer than eight are left.
#[inline(always)]
pub(super) fn ordinary(text: &[u8], at: usize) -> usize {
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let Some(eight) = text.get(at..).and_then(<[u8]>::first_chunk) else { return 0 };
    let word = u64::from_le_bytes(*eight);
    // A high bit for every byte that is control, one of [\]^_{|}~ and delete, or a backtick. What carries over from a
    // byte that is not ASCII goes to those after the first high bit.
    let control = !((word | HIGH).wrapping_sub(each(0x20)));
    let bracket = (word & each(0x5F)).wrapping_add(each(0x80 - 0x5B));
    let backtick = !((word ^ each(b'`')).wrapping_add(each(0x7F)));
    ((word | control | bracket | backtick) & HIGH).trailing_zeros() as usize / 8
}

/// A bit for each character of a text, counted from `first`.
const fn bits(text: &str, first: u32) -> [u32; 4] {
    let bytes = text.as_bytes();
    let (mut bits, mut at) = ([0; 4], 0);
    while at < bytes.len() {
        // Characters of one or two bytes only.
        let (code, length) = match bytes[at] {
            byte @ 0..0x80 => (byte as u32, 1),
            lead => ((lead as u32 & 0x1F) << 6 | bytes[at + 1] as u32 & 0x3F, 2),
        };
        let place = code - first;
        bits[place as usize >> 5] |= 1 << (place & 31);
        at += length;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_127_characters_and_its_extension_ten() {
        let with = |wanted| (char::MIN..=char::MAX).filter(|c| septets(*c) == Some(wanted)).count();
        assert_eq!((with(1), with(2)), (127, 10));
    }

    #[test]
    fn ordinary_characters_are_counted_up_to_the_first_that_is_not() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                for rest in [b'z', b'`', b'[', 0xFF] {
                    let mut text = *b".Azaz 09@";
                    text[place + 1] = byte;
                    text[place + 2..].fill(rest);
                    let one = byte.is_ascii() && septets(char::from(byte)) == Some(1);
                    let aside = matches!(byte, b'\n' | b'\r' | b'_');
                    let after = if rest == b'z' { 8 } else { place + 1 };
                    assert_eq!(ordinary(&text, 1), if one && !aside { after } else { place }, "{byte:#x} at {place}");
                    assert_eq!(ordinary(&text, 2), 0);
                }
            }
        }
    }
}
