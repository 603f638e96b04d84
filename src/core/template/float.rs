//! Between floats and decimals, to the last bit, in little code: std's ways are faster, and bring tables of 15 kilobytes.

use std::cmp::Ordering;

use super::integer::leading_int;

/// The highest power of ten that is a float exactly, and all below are too.
const EXACT: u32 = 22;

/// Numbers below are told apart by 15 digits.
const FIFTEEN_DIGITS: f64 = 1e15;

/// How often the lower half of 128 bits fits in.
const TWO_TO_64: f64 = (1_u128 << 64) as f64;

/// The float that a number in digits is: `12`, `-1.50`, `1.5E+7`. What is no number is read as far as it is one.
pub(crate) fn parse(text: &str) -> f64 {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = leading_int(power).unwrap_or(if power.starts_with('-') { i64::MIN } else { i64::MAX });
    let mut exponent = exponent.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    let (mut digits, mut places) = (0_u128, false);
    for byte in mantissa.bytes() {
        match byte {
            b'.' => places = true,
            // No float depends on more than these.
            b'0'..=b'9' if digits < 1 << 120 => {
                digits = digits * 10 + u128::from(byte - b'0');
                exponent = exponent.saturating_sub(i32::from(places));
            }
            b'0'..=b'9' => exponent = exponent.saturating_add(i32::from(!places)),
            _ => {}
        }
    }
    let float = nearest(digits, exponent);
    if text.starts_with('-') { -float } else { float }
}

/// The float that is nearest to `digits` · 10^`exponent`, the even one of two.
pub(super) fn nearest(digits: u128, exponent: i32) -> f64 {
    if digits == 0 || exponent < -400 {
        return 0.0;
    }
    if exponent > 400 {
        return f64::INFINITY;
    }
    // std's way from such a large number is longer, and no nearer than need be.
    let [low, high] = [digits as u64, (digits >> 64) as u64].map(|half| half as f64);
    let guess = scaled(high * TWO_TO_64 + low, exponent);
    if digits < 1 << f64::MANTISSA_DIGITS && exponent.unsigned_abs() <= EXACT {
        return guess;
    }
    // The guess is off by some steps at most.
    let mut bits = guess.to_bits().min(f64::MAX.to_bits());
    loop {
        let even = bits & 1 == 0;
        let above = compare(digits, exponent, middle(bits));
        let below = if bits == 0 { Ordering::Greater } else { compare(digits, exponent, middle(bits - 1)) };
        match (above, below) {
            (Ordering::Greater, _) => bits += 1,
            (Ordering::Equal, _) if !even => bits += 1,
            (_, Ordering::Less) => bits -= 1,
            (_, Ordering::Equal) if !even => bits -= 1,
            _ => return f64::from_bits(bits),
        }
        if bits >= f64::INFINITY.to_bits() {
            return f64::INFINITY;
        }
    }
}

/// The fewest digits that are read as this float, and the power of ten they are to be multiplied by. It is finite, and
/// not negative.
pub(super) fn shortest(float: f64) -> (u64, i32) {
    // Most floats are decimals with a few places.
    for places in 0..=15 {
        let whole = scaled(float, places);
        if whole >= FIFTEEN_DIGITS {
            break;
        }
        if whole == whole.trunc() && scaled(whole, -places) == float {
            return stripped(whole as u64, -places);
        }
    }
    // About the power of ten of its first digit: 1233/4096 is the logarithm of two.
    let first = (((float.to_bits() >> 52) as i32 - 1_023) * 1_233) >> 12;
    let mut found = (0, 0);
    for count in 15..=17 {
        let exponent = first - (count - 1);
        let mut digits = scaled(float, -exponent) as u64;
        // Digits and a half more are compared with the float, all doubled to stay whole. Of two as near, the even one.
        let (bits, power) = parts(float.to_bits());
        let half = |doubled: u128| compare(doubled, exponent, (bits, power + 1));
        loop {
            let even = digits & 1 == 0;
            match half(2 * u128::from(digits) + 1) {
                Ordering::Less => digits += 1,
                Ordering::Equal if !even => digits += 1,
                _ if digits == 0 => break,
                _ => match half(2 * u128::from(digits) - 1) {
                    Ordering::Greater => digits -= 1,
                    Ordering::Equal if !even => digits -= 1,
                    _ => break,
                },
            }
        }
        found = (digits, exponent);
        if nearest(digits.into(), exponent) == float {
            break;
        }
    }
    stripped(found.0, found.1)
}

/// Without zeros at the end.
fn stripped(mut digits: u64, mut exponent: i32) -> (u64, i32) {
    while digits > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        exponent += 1;
    }
    (digits, if digits == 0 { 0 } else { exponent })
}

/// A float times a power of ten: rounded once up to the power of 22, and once more for each 22 further.
fn scaled(mut float: f64, exponent: i32) -> f64 {
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        let step = left.min(EXACT);
        let power = (0..step).fold(1.0, |power, _| power * 10.0);
        float = if exponent < 0 { float / power } else { float * power };
        left -= step;
    }
    float
}

/// A float's whole number and the power of two it is multiplied by.
fn parts(bits: u64) -> (u64, i32) {
    let (fraction, power) = (bits & ((1 << 52) - 1), (bits >> 52) as i32);
    if power == 0 { (fraction, -1_074) } else { (fraction | 1 << 52, power - 1_075) }
}

/// What lies between a float and the next one above.
fn middle(bits: u64) -> (u64, i32) {
    let (whole, power) = parts(bits);
    (2 * whole + 1, power - 1)
}

/// Compares `digits` · 10^`exponent` with `whole` · 2^`power`.
fn compare(digits: u128, exponent: i32, (whole, power): (u64, i32)) -> Ordering {
    let (mut left, mut right) = (Big::from(digits), Big::from(whole.into()));
    let tens = if exponent < 0 { &mut right } else { &mut left };
    tens.times(10, exponent.unsigned_abs());
    let twos = if power < 0 { &mut left } else { &mut right };
    twos.times(2, power.unsigned_abs());
    let mut order = left.0.len().cmp(&right.0.len());
    let mut pairs = left.0.iter().zip(&right.0).rev();
    while order == Ordering::Equal
        && let Some((left, right)) = pairs.next()
    {
        order = left.cmp(right);
    }
    order
}

/// A whole number of any size, its lowest 32 bits first, without zeros at the end.
struct Big(Vec<u32>);

impl Big {
    fn from(mut number: u128) -> Self {
        let mut words = Vec::new();
        while number > 0 {
            words.push(number as u32);
            number >>= 32;
        }
        Self(words)
    }

    /// Multiplies it that many times, nine at once.
    fn times(&mut self, factor: u64, mut times: u32) {
        while times > 0 {
            let step = times.min(9);
            let by = factor.pow(step);
            let mut carry = 0;
            for word in &mut self.0 {
                carry += u64::from(*word) * by;
                *word = carry as u32;
                carry >>= 32;
            }
            if carry > 0 {
                self.0.push(carry as u32);
            }
            times -= step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A linear congruential generator: the same numbers in every run.
    fn numbers() -> impl Iterator<Item = u64> {
        std::iter::successors(Some(42_u64), |state| {
            Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
        })
        .map(|state| state ^ state >> 33)
    }

    #[test]
    fn floats_are_read_as_std_reads_them() {
        for (digits, other) in numbers().zip(numbers().skip(7)).take(20_000) {
            let digits = u128::from(digits >> (other % 60)) * (1 + u128::from(other % 7) * u128::from(digits >> 8));
            let exponent = (other >> 32) as i32 % 330;
            let expected: f64 = format!("{digits}e{exponent}").parse().unwrap_or_default();
            assert_eq!(nearest(digits, exponent), expected, "{digits}e{exponent}");
        }
        // Between two floats, and just beside.
        for digits in [9_007_199_254_740_993_u128, 9_007_199_254_740_995, 90_071_992_547_409_930_000_000_000_000_001] {
            assert_eq!(nearest(digits, 0), format!("{digits}").parse().unwrap_or_default());
        }
        for (digits, exponent) in [(17_976_931_348_623_159, 292), (17_976_931_348_623_158, 292), (5, -324), (2, -324)] {
            assert_eq!(nearest(digits, exponent), format!("{digits}e{exponent}").parse().unwrap_or_default());
        }
    }

    #[test]
    fn floats_are_written_as_std_writes_them() {
        let normal = |float: &f64| float.is_normal();
        let simple = numbers().map(|number| (number % 100_000) as f64 / 10_f64.powi((number >> 40) as i32 % 6));
        for float in
            numbers().map(|bits| f64::from_bits(bits).abs()).filter(normal).take(5_000).chain(simple.take(5_000))
        {
            let (digits, exponent) = shortest(float);
            let mut expected = format!("{float:e}");
            if let Some(point) = expected.find('.') {
                let places = expected.find('e').unwrap_or_default() - point - 1;
                let (front, power) = expected.split_once('e').unwrap_or_default();
                let power: i32 = power.parse().unwrap_or_default();
                expected = format!("{}e{}", front.replace('.', ""), power - places as i32);
            }
            let found = format!("{digits}e{exponent}");
            // Of two decimals as near, std takes the one above.
            let as_near = found.len() == expected.len() && found.parse() == Ok(float) && digits % 2 == 0;
            assert!(found == expected || as_near, "{found} for {expected}");
        }
    }
}
