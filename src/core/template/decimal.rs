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
    /// Cut off behind so many places; half of the last one goes away from zero.
    Nearest,
    /// Cut off, and below or equal.
    Down,
    /// Cut off, and above or equal.
    Up,
}

/// Ten times as many so many times, if that fits.
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

    /// The digits with so many places, if they fit and lose nothing.
    fn with(self, places: i32) -> Option<i128> {
        if self.digits == 0 {
            return Some(0);
        }
        tens(self.digits, places - self.places)
    }

    /// Cuts it off behind so many places.
    fn rounded(self, places: i32, rounding: Operation) -> Self {
        if self.places <= places {
            return self;
        }
        // What is cut off behind more digits than there are leaves nothing, or one of the last place.
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

/// Computes with two numbers: whole ones give a whole one, all others a float. What needs only one passes over the
/// second, but for rounding, where it says to how many places; a float becomes whole without places behind its point.
///
/// # Errors
///
/// Where a divisor is zero, and where a result is larger than a number can be.
pub(super) fn compute(left: Number, operation: Operation, right: Number) -> Result<Number, Failure> {
    let whole = matches!((left, right), (Number::Int(_), Number::Int(_)));
    let (a, b) = (Decimal::of(left), Decimal::of(right));
    let digits = match operation {
        Operation::AtLeast | Operation::AtMost => {
            let side = if operation == Operation::AtLeast { Ordering::Less } else { Ordering::Greater };
            return Ok(if left.compare(right) == Some(side) { right } else { left });
        }
        Operation::Absolute => match left {
            Number::Float(float) => return Ok(Number::Float(float.abs())),
            Number::Int(_) => a.digits.abs(),
        },
        Operation::Nearest | Operation::Down | Operation::Up => {
            // No number has that many places in front of its point or behind.
            let places = right.whole().clamp(-400, 400) as i32;
            let rounded = a.rounded(places, operation);
            if places > 0 && matches!(left, Number::Float(_)) {
                return Ok(Number::Float(rounded.float()));
            }
            rounded.with(0).ok_or_else(Failure::too_large)?
        }
        Operation::DividedBy | Operation::Modulo if b.digits == 0 => {
            return Err(Failure::invalid("a divisor other than 0"));
        }
        _ if !whole => {
            let exact = decimal(a, operation, b).map(Decimal::float);
            let float = exact.unwrap_or_else(|| approximate(left.float(), operation, right.float()));
            return if float.is_finite() { Ok(Number::Float(float)) } else { Err(Failure::too_large()) };
        }
        Operation::Plus => a.digits + b.digits,
        Operation::Minus => a.digits - b.digits,
        Operation::Times => a.digits * b.digits,
        Operation::DividedBy => floored(a.digits, b.digits).0,
        Operation::Modulo => floored(a.digits, b.digits).1,
    };
    i64::try_from(digits).map(Number::Int).map_err(|_| Failure::too_large())
}

/// The quotient without what is behind its point, and the remainder, which has the divisor's sign.
fn floored(a: i128, b: i128) -> (i128, i128) {
    let quotient = a / b;
    let rest = a - quotient * b;
    if rest != 0 && (rest < 0) != (b < 0) { (quotient - 1, rest + b) } else { (quotient, rest) }
}

/// To the last digit; None where there are too many.
fn decimal(a: Decimal, operation: Operation, b: Decimal) -> Option<Decimal> {
    let places = a.places.max(b.places);
    match operation {
        Operation::Plus => Some(Decimal { digits: a.with(places)?.checked_add(b.with(places)?)?, places }),
        Operation::Minus => Some(Decimal { digits: a.with(places)?.checked_sub(b.with(places)?)?, places }),
        Operation::Modulo => Some(Decimal { digits: floored(a.with(places)?, b.with(places)?).1, places }),
        Operation::Times => Some(Decimal { digits: a.digits * b.digits, places: a.places + b.places }),
        _ => {
            // As many digits as there is room for, so that the quotient has at least 19 of them.
            let mut scaled = a;
            while let Some(digits) = tens(scaled.digits, 1).filter(|digits| *digits != 0) {
                scaled = Decimal { digits, places: scaled.places + 1 };
            }
            Some(Decimal { digits: scaled.digits / b.digits, places: scaled.places - b.places })
        }
    }
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

/// What is left of a number without as many times another as there are in it: exact, as each step takes away what is at
/// most twice as small. std's `%` is many times the code.
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
    fn remainders_are_exact() {
        let numbers = [5e-324, 1.5e-323, 2.2e-308, 1e-300, 0.1, 0.3, 1.0, 3.0, 7.5, 1e15, 1e22, 1.7e300, f64::MAX];
        for a in numbers {
            for b in numbers {
                assert_eq!(remainder(a, b), a % b, "{a} % {b}");
            }
        }
    }
}
