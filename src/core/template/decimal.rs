//! Arithmetic as the reference does it: with decimals, so that a tenth and two tenths are three tenths.

use std::cmp::Ordering;

use super::failure::Failure;
use super::float::{nearest, shortest};
use super::number::Number;

/// A number to the last digit: `digits` / 10^`places`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    places: i32,
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Plus,
    Minus,
    Times,
    DividedBy,
    Modulo,
    /// The larger one.
    AtLeast,
    /// The smaller one.
    AtMost,
    /// Without its sign.
    Absolute,
    /// Rounded to that many places, half of the last one away from zero.
    Nearest,
    /// Rounded down.
    Down,
    /// Rounded up.
    Up,
}

/// The digits times ten to the power of `times`, if that fits.
fn tens(mut digits: i128, times: i32) -> Option<i128> {
    if times < 0 {
        return None;
    }
    for _ in 0..times {
        if digits.unsigned_abs() > i128::MAX as u128 / 10 {
            return None;
        }
        digits *= 10;
    }
    Some(digits)
}

impl Decimal {
    fn of(number: Number) -> Self {
        match number {
            Number::Int(whole) => Self { digits: whole.into(), places: 0 },
            Number::Float(float) => {
                let (digits, exponent) = shortest(float.abs());
                let digits = i128::from(digits);
                Self { digits: if float < 0.0 { -digits } else { digits }, places: -exponent }
            }
        }
    }

    fn float(self) -> f64 {
        let float = nearest(self.digits.unsigned_abs(), -self.places);
        if self.digits < 0 { -float } else { float }
    }

    /// The digits for that many places, if they fit and lose nothing.
    fn with(self, places: i32) -> Option<i128> {
        if self.digits == 0 {
            return Some(0);
        }
        tens(self.digits, places - self.places)
    }

    /// The exact sum; None where it has too many digits.
    fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        Some(Self { digits: self.with(places)?.checked_add(other.with(places)?)?, places })
    }

    /// The remainder of a division by the other; None where there are too many digits.
    fn modulo(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        Some(Self { digits: floored(self.with(places)?, other.with(places)?).1, places })
    }

    /// The quotient with as many digits as there is room for, which are at least 19.
    fn divided_by(self, other: Self) -> Self {
        let mut scaled = self;
        while let Some(digits) = tens(scaled.digits, 1).filter(|digits| *digits != 0) {
            scaled = Self { digits, places: scaled.places + 1 };
        }
        let (quotient, _) = divided(scaled.digits.unsigned_abs(), other.digits.unsigned_abs());
        let quotient = quotient as i128;
        let negative = (self.digits < 0) != (other.digits < 0);
        Self { digits: if negative { -quotient } else { quotient }, places: scaled.places - other.places }
    }

    /// Rounds it to that many places.
    fn rounded(self, places: i32, rounding: Operation) -> Self {
        if self.places <= places {
            return self;
        }
        // What is cut off after more digits than there are leaves nothing, or one of the last place.
        let unit = tens(1, self.places.saturating_sub(places)).unwrap_or(i128::MAX);
        let (down, rest) = floored(self.digits, unit);
        let up = match rounding {
            Operation::Down => false,
            Operation::Up => rest > 0,
            _ => rest > unit - rest || (rest == unit - rest && self.digits > 0),
        };
        Self { digits: down + i128::from(up), places }
    }
}

/// Computes with two numbers: whole ones give a whole one, all others a float. What needs only one number ignores the
/// second, except rounding, where the second says to how many places; without it a float becomes whole.
///
/// # Errors
///
/// Where a divisor is zero, and where a result is larger than a number can be.
pub(super) fn compute(left: Number, operation: Operation, right: Number) -> Result<Number, Failure> {
    let whole = matches!((left, right), (Number::Int(_), Number::Int(_)));
    let (a, mut b) = (Decimal::of(left), Decimal::of(right));
    if operation == Operation::Minus {
        b.digits = -b.digits;
    }
    let exact = match operation {
        Operation::AtLeast | Operation::AtMost => {
            let side = if operation == Operation::AtLeast { Ordering::Less } else { Ordering::Greater };
            return Ok(if left.compare(right) == Some(side) { right } else { left });
        }
        Operation::Absolute => match left {
            Number::Float(float) => return Ok(Number::Float(float.abs())),
            Number::Int(_) => Some(Decimal { digits: a.digits.abs(), ..a }),
        },
        Operation::Nearest | Operation::Down | Operation::Up => {
            // No number has that many places before its point or after.
            let places = right.whole().clamp(-400, 400) as i32;
            let rounded = a.rounded(places, operation);
            if places > 0 && matches!(left, Number::Float(_)) {
                return Ok(Number::Float(rounded.float()));
            }
            return whole_number(rounded.with(0));
        }
        Operation::Plus | Operation::Minus => a.plus(b),
        Operation::Times => Some(Decimal { digits: a.digits * b.digits, places: a.places + b.places }),
        _ if b.digits == 0 => return Err(Failure::invalid("a divisor other than 0")),
        Operation::Modulo => a.modulo(b),
        Operation::DividedBy if whole => Some(Decimal { digits: floored(a.digits, b.digits).0, places: 0 }),
        Operation::DividedBy => Some(a.divided_by(b)),
    };
    if whole || operation == Operation::Absolute {
        return whole_number(exact.map(|exact| exact.digits));
    }
    let float = exact.map_or_else(|| approximate(left.float(), operation, right.float()), Decimal::float);
    if float.is_finite() { Ok(Number::Float(float)) } else { Err(Failure::too_large()) }
}

/// A whole number, if it fits.
fn whole_number(digits: Option<i128>) -> Result<Number, Failure> {
    digits.and_then(|digits| i64::try_from(digits).ok()).map(Number::Int).ok_or_else(Failure::too_large)
}

/// The whole quotient, and the remainder, which has the divisor's sign.
fn floored(a: i128, b: i128) -> (i128, i128) {
    let (quotient, rest) = divided(a.unsigned_abs(), b.unsigned_abs());
    let (quotient, rest) = (quotient as i128, rest as i128);
    let (quotient, rest) = (if (a < 0) != (b < 0) { -quotient } else { quotient }, if a < 0 { -rest } else { rest });
    if rest != 0 && (rest < 0) != (b < 0) { (quotient - 1, rest + b) } else { (quotient, rest) }
}

/// Quotient and remainder. std's division of such large numbers is many times the code.
fn divided(a: u128, b: u128) -> (u128, u128) {
    let mut quotient = a;
    if let Ok(b) = u32::try_from(b) {
        // 32 bits after the others move from the dividend into the remainder, and from the front of that the quotient.
        let (b, mut rest) = (u64::from(b), 0);
        for _ in 0..4 {
            rest = rest << 32 | (quotient >> 96) as u64;
            quotient = quotient << 32 | u128::from(rest / b);
            rest %= b;
        }
        return (quotient, rest.into());
    }
    let mut rest = 0;
    for _ in 0..u128::BITS {
        rest = rest << 1 | quotient >> 127;
        quotient <<= 1;
        if rest >= b {
            rest -= b;
            quotient |= 1;
        }
    }
    (quotient, rest)
}

/// For numbers so far apart that their digits do not fit side by side.
fn approximate(a: f64, operation: Operation, b: f64) -> f64 {
    match operation {
        Operation::Plus => a + b,
        Operation::Minus => a - b,
        Operation::Times => a * b,
        Operation::DividedBy => a / b,
        _ => {
            let rest = remainder(a.abs(), b.abs()).copysign(a);
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
        }
    }
}

/// The remainder of a division, exact, as each step subtracts something that is at most twice as small. std's `%` is many
/// times the code.
fn remainder(mut rest: f64, divisor: f64) -> f64 {
    let mut step = divisor;
    while step <= rest / 2.0 {
        step *= 2.0;
    }
    while step >= divisor {
        if rest >= step {
            rest -= step;
        }
        step /= 2.0;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_those_of_std() {
        let numbers = [1, 3, 10, 99, u32::MAX.into(), 1 << 32, 123_456_789_012_345, u64::MAX.into(), 1 << 100];
        let numbers = numbers.into_iter().chain([i128::MAX as u128, 10_u128.pow(37) + 7]);
        for (a, b) in numbers.clone().chain([0]).flat_map(|a| numbers.clone().map(move |b| (a, b))) {
            assert_eq!(divided(a, b), (a / b, a % b), "{a} / {b}");
        }
    }

    #[test]
    fn remainders_are_exact() {
        let numbers = [5e-324, 1.5e-323, 2.2e-308, 1e-300, 0.1, 0.3, 1.0, 3.0, 7.5, 1e15, 1e22, 1.7e300, f64::MAX];
        for a in numbers {
            for b in numbers {
                assert_eq!(remainder(a, b), a % b, "{a} % {b}");
            }
        }
    }
}
