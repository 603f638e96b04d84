//! Whether a block is UTF-8, told without looking at one byte after another.
//!
//! What can be wrong with two bytes in a row is told by three tables, a bit each: of the two halves of the first one, and of
//! the upper half of the second. What is wrong has its bit in all three. Two continuations in a row may be right, where
//! they are the second and third byte of one sign, or the third and fourth.
//!
//! Source: Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", <https://arxiv.org/abs/2010.03090>.

use core::arch::wasm32::{
    i8x16_shuffle, u8x16_shr, u8x16_splat, u8x16_sub_sat, u8x16_swizzle, v128, v128_and, v128_any_true, v128_or,
    v128_xor,
};

use super::marks::{WIDTH, load};

/// A continuation is missing.
const SHORT: u8 = 1;
/// A continuation follows a byte that has none.
const LONG: u8 = 1 << 1;
/// More bytes than the sign takes: two, three or four.
const OVER_2: u8 = 1 << 5;
const OVER_3: u8 = 1 << 2;
const OVER_4: u8 = 1 << 6;
/// Half a surrogate pair.
const HALF: u8 = 1 << 4;
/// Beyond U+10FFFF: told by a second byte from 0x90 on, or by any.
const FAR: u8 = 1 << 3;
const FARTHER: u8 = 1 << 6;
/// Two continuations.
const TWO: u8 = 1 << 7;

/// What the lower half of the first byte has no part in; and that with what any four bytes beyond may be.
const ALL: u8 = SHORT | LONG | TWO;
const HIGH: u8 = ALL | FAR | FARTHER;
/// What a continuation as second byte may be, whatever its value.
const NEXT: u8 = LONG | OVER_2 | TWO;

#[rustfmt::skip]
const BY_UPPER_HALF: [u8; WIDTH] = [
    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, TWO, TWO, TWO, TWO,
    SHORT | OVER_2, SHORT, SHORT | OVER_3 | HALF, SHORT | OVER_4 | FAR | FARTHER,
];
#[rustfmt::skip]
const BY_LOWER_HALF: [u8; WIDTH] = [
    ALL | OVER_2 | OVER_3 | OVER_4, ALL | OVER_2, ALL, ALL, ALL | FAR,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH | HALF, HIGH, HIGH,
];
#[rustfmt::skip]
const BY_SECOND: [u8; WIDTH] = [
    SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT,
    NEXT | OVER_3 | OVER_4 | FARTHER, NEXT | OVER_3 | FAR, NEXT | HALF | FAR, NEXT | HALF | FAR,
    SHORT, SHORT, SHORT, SHORT,
];

/// Whether bytes, of which the last is ASCII, are UTF-8.
pub(super) fn is_whole(bytes: v128) -> bool {
    let zero = u8x16_splat(0);
    let first = i8x16_shuffle::<15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30>(zero, bytes);
    let second_before = i8x16_shuffle::<14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29>(zero, bytes);
    let third_before = i8x16_shuffle::<13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28>(zero, bytes);

    let by_upper_half = u8x16_swizzle(load(&BY_UPPER_HALF), u8x16_shr(first, 4));
    let by_lower_half = u8x16_swizzle(load(&BY_LOWER_HALF), v128_and(first, u8x16_splat(0x0F)));
    let by_second = u8x16_swizzle(load(&BY_SECOND), u8x16_shr(bytes, 4));
    let wrong = v128_and(v128_and(by_upper_half, by_lower_half), by_second);

    // The upper bit is TWO's: set where a third byte belongs, or a fourth.
    let third = u8x16_sub_sat(second_before, u8x16_splat(0xE0 - TWO));
    let fourth = u8x16_sub_sat(third_before, u8x16_splat(0xF0 - TWO));
    let right = v128_and(v128_or(third, fourth), u8x16_splat(TWO));
    !v128_any_true(v128_xor(right, wrong))
}
