//! A block of bytes looked at in one step: which of them end the plain part of a string, and which are not ASCII.
//!
//! Sixteen bytes where the target has vectors of that width (wasm with simd128, always so in what is shipped), else
//! eight in a word.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod utf8;

pub(crate) use marks::{Marks, WIDTH};

/// Bytes that are compared in one step, on every target.
pub(crate) const PIECE: usize = 16;

/// Up to [`PIECE`] bytes to compare others with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    bytes: [u8; PIECE],
    /// All bits of the bytes that count.
    mask: [u8; PIECE],
}

impl Piece {
    /// The piece that these bytes are.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { bytes: padded(bytes), mask: std::array::from_fn(|place| if place < bytes.len() { 0xFF } else { 0 }) }
    }

    /// Whether a block begins with it.
    #[inline(always)]
    pub(crate) fn leads(&self, block: &[u8; PIECE]) -> bool {
        marks::same(block, &self.bytes, &self.mask)
    }
}

/// Up to [`PIECE`] bytes, and zeros behind them.
#[inline(never)]
pub(crate) fn padded(bytes: &[u8]) -> [u8; PIECE] {
    let mut block = [0; PIECE];
    for (place, byte) in block.iter_mut().zip(bytes) {
        *place = *byte;
    }
    block
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod marks {
    use core::arch::wasm32::{
        i8x16_lt, i8x16_splat, u8x16, u8x16_bitmask, u8x16_eq, u8x16_le, u8x16_lt, u8x16_splat, u8x16_sub_sat, u64x2,
        v128, v128_and, v128_any_true, v128_or, v128_xor,
    };
    use core::hint::black_box;

    use super::utf8;

    /// Bytes of a block.
    pub(crate) const WIDTH: usize = 16;

    /// A bit a byte.
    pub(crate) struct Marks {
        special: u32,
        high: u32,
    }

    impl Marks {
        #[inline(always)]
        pub(crate) fn of(block: &[u8; WIDTH]) -> Self {
            let bytes = load(block);
            Self { special: u8x16_bitmask(Special::known().among(bytes)).into(), high: u8x16_bitmask(bytes).into() }
        }

        /// The length of the string that ends in the block, where it has neither escapes nor anything beyond ASCII.
        #[inline(always)]
        pub(crate) fn ascii_string(block: &[u8; WIDTH]) -> Option<usize> {
            let bytes = load(block);
            // Signed, what is not ASCII is less than a space, like control characters.
            let Special { quote, backslash, .. } = Special::known();
            let ends = v128_or(u8x16_eq(bytes, quote), u8x16_eq(bytes, backslash));
            let stop = v128_or(ends, i8x16_lt(bytes, i8x16_splat(0x20)));
            let length = u8x16_bitmask(stop).trailing_zeros() as usize;
            (block.get(length) == Some(&b'"')).then_some(length)
        }

        /// The length of the string that ends in the block, where it has no escapes and is UTF-8.
        #[inline(always)]
        pub(crate) fn string(block: &[u8; WIDTH]) -> Option<usize> {
            let bytes = load(block);
            let length = u8x16_bitmask(Special::known().among(bytes)).trailing_zeros();
            if block.get(length as usize) != Some(&b'"') {
                return None;
            }
            let places = u8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            let inside = u8x16_lt(places, u8x16_splat(length as u8));
            utf8::is_whole(v128_and(bytes, inside)).then_some(length as usize)
        }

        /// How many bytes in front are in whole blocks that are plain; `ascii` falls on bytes beyond.
        pub(crate) fn plain_blocks(bytes: &[u8], ascii: &mut bool) -> usize {
            let mut at = 0;
            let mut high = u8x16_splat(0);
            // As if they were known only now: what the compiler knows it writes into the loop, and there V8 makes vectors of
            // it anew for each block, which takes two thirds as long as all else.
            let [swap, most, backslash] = black_box([b'"' ^ b' ', b' ' + 1, b'\\']);
            let (swap, most, backslash) = (u8x16_splat(swap), u8x16_splat(most), u8x16_splat(backslash));
            // Not zero where a string may end: swapping one bit makes a space of a quote, and of each control character
            // another one.
            let ends = |bytes| v128_or(u8x16_sub_sat(most, v128_xor(bytes, swap)), u8x16_eq(bytes, backslash));
            let (pairs, _) = bytes.as_chunks::<{ 2 * WIDTH }>();
            for pair in pairs {
                let (Some(front), Some(back)) = (pair.first_chunk(), pair.last_chunk()) else { break };
                let (front, back) = (load(front), load(back));
                if v128_any_true(v128_or(ends(front), ends(back))) {
                    break;
                }
                high = v128_or(high, v128_or(front, back));
                at += 2 * WIDTH;
            }
            *ascii &= u8x16_bitmask(high) == 0;
            at
        }

        /// The place of the first quote, backslash or control character.
        #[inline(always)]
        pub(crate) fn first(&self) -> Option<usize> {
            (self.special != 0).then(|| self.special.trailing_zeros() as usize)
        }

        /// Whether all bytes before that are ASCII.
        #[inline(always)]
        pub(crate) fn is_ascii(&self) -> bool {
            let behind = self.special & self.special.wrapping_neg();
            self.high & behind.wrapping_sub(1) == 0
        }
    }

    /// One load once compiled; put together of single bytes it would be sixteen.
    #[inline(always)]
    pub(super) fn load(block: &[u8; WIDTH]) -> v128 {
        let word = u128::from_le_bytes(*block);
        u64x2(word as u64, (word >> 64) as u64)
    }

    /// Whether two blocks have the same bits where a mask has them.
    #[inline(always)]
    pub(super) fn same(a: &[u8; WIDTH], b: &[u8; WIDTH], mask: &[u8; WIDTH]) -> bool {
        !v128_any_true(v128_and(v128_xor(load(a), load(b)), load(mask)))
    }

    /// The bytes that end the plain part of a string.
    #[derive(Clone, Copy)]
    struct Special {
        quote: v128,
        backslash: v128,
        control: v128,
    }

    impl Special {
        const BYTES: [u8; 3] = [b'"', b'\\', 0x1F];

        #[inline(always)]
        fn known() -> Self {
            Self::of(Self::BYTES)
        }

        #[inline(always)]
        fn of([quote, backslash, control]: [u8; 3]) -> Self {
            let [quote, backslash, control] = [u8x16_splat(quote), u8x16_splat(backslash), u8x16_splat(control)];
            Self { quote, backslash, control }
        }

        #[inline(always)]
        fn among(self, bytes: v128) -> v128 {
            let ends = v128_or(u8x16_eq(bytes, self.quote), u8x16_eq(bytes, self.backslash));
            v128_or(ends, u8x16_le(bytes, self.control))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod marks {
    use super::PIECE;

    /// Bytes of a block.
    pub(crate) const WIDTH: usize = 8;

    const ONES: u64 = u64::from_ne_bytes([1; WIDTH]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; WIDTH]);

    /// The high bit of each byte.
    pub(crate) struct Marks {
        special: u64,
        high: u64,
    }

    /// Whether two pieces have the same bits where a mask has them.
    pub(super) fn same(a: &[u8; PIECE], b: &[u8; PIECE], mask: &[u8; PIECE]) -> bool {
        let [a, b, mask] = [a, b, mask].map(|bytes| u128::from_ne_bytes(*bytes));
        (a ^ b) & mask == 0
    }

    impl Marks {
        #[inline(always)]
        pub(crate) fn of(block: &[u8; WIDTH]) -> Self {
            let word = u64::from_le_bytes(*block);
            let below = |word: u64, least: u8| word.wrapping_sub(ONES * u64::from(least)) & !word;
            let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
            // A borrow can only mark bytes after the first special one, so the lowest mark is exact.
            let special = (equal(b'"') | equal(b'\\') | below(word, 0x20)) & HIGH;
            Self { special, high: word & HIGH }
        }

        /// The length of the string that ends in the block, where it has neither escapes nor anything beyond ASCII.
        pub(crate) fn ascii_string(block: &[u8; WIDTH]) -> Option<usize> {
            let marks = Self::of(block);
            let length = marks.first()?;
            (block.get(length) == Some(&b'"') && marks.is_ascii()).then_some(length)
        }

        /// The length of the string that ends in the block, where it has no escapes and is UTF-8.
        pub(crate) fn string(block: &[u8; WIDTH]) -> Option<usize> {
            let length = Self::of(block).first()?;
            let text = block.get(..length).is_some_and(|text| str::from_utf8(text).is_ok());
            (block.get(length) == Some(&b'"') && text).then_some(length)
        }

        /// How many bytes in front are in whole blocks that are plain; `ascii` falls on bytes beyond.
        pub(crate) fn plain_blocks(bytes: &[u8], ascii: &mut bool) -> usize {
            let (blocks, _) = bytes.as_chunks();
            let plain = blocks.iter().map(Self::of).take_while(|marks| marks.special == 0);
            plain.inspect(|marks| *ascii &= marks.high == 0).count() * WIDTH
        }

        /// The place of the first quote, backslash or control character.
        #[inline(always)]
        pub(crate) fn first(&self) -> Option<usize> {
            (self.special != 0).then(|| self.special.trailing_zeros() as usize / 8)
        }

        /// Whether all bytes before that are ASCII.
        #[inline(always)]
        pub(crate) fn is_ascii(&self) -> bool {
            let behind = self.special & self.special.wrapping_neg();
            self.high & behind.wrapping_sub(1) == 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_at_every_place_and_behind_every_byte() {
        for before in 0x20..=0xFF {
            for place in 0..=WIDTH {
                for special in (0..0x20).chain([b'"', b'\\']) {
                    let mut block = [if before == b'"' || before == b'\\' { b'x' } else { before }; WIDTH];
                    if let Some(byte) = block.get_mut(place) {
                        *byte = special;
                    }
                    let marks = Marks::of(&block);
                    assert_eq!(marks.first(), (place < WIDTH).then_some(place));
                    assert_eq!(marks.is_ascii(), place == 0 || before < 0x80);
                }
            }
        }
    }
}
