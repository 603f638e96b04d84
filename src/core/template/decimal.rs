//! Arithmetic as the reference does it: with decimals, so that a tenth and two tenths are three tenths.

use super::failure::Failure;
use super::float::{nearest, shortest};
use super::number::Number;

/// A number to the last digit: `digits` / 10^`places`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    places: i32,
}

/// What two numbers are brought together by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Plus,
    Minus,
    Times,
    DividedBy,
    Modulo,
}

/// Where a number is cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    /// Half of the last place goes away from zero.
    Nearest,
    Down,
    Up,
}

/// 10^`power`, if it fits.
fn ten(power: i32) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(power).ok()?)
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
        self.digits.checked_mul(ten(places - self.places)?)
    }

    /// Cuts it off behind so many places.
    fn rounded(self, places: i32, rounding: Rounding) -> Self {
        if self.places <= places {
            return self;
        }
        // What is cut off behind more digits than there are leaves nothing, or one of the last place.
        let unit = ten(self.places.saturating_sub(places)).unwrap_or(i128::MAX);
        let down = self.digits.div_euclid(unit);
        let rest = self.digits.rem_euclid(unit);
        let up = match rounding {
            Rounding::Down => false,
            Rounding::Up => rest > 0,
            Rounding::Nearest => rest > unit - rest || (rest == unit - rest && self.digits > 0),
        };
        Self { digits: down + i128::from(up), places }
    }

    fn whole(self) -> Option<i64> {
        self.with(0).and_then(|whole| i64::try_from(whole).ok())
    }
}

/// Computes with two numbers: whole ones give a whole one, all others a float.
///
/// # Errors
///
/// Where a divisor is zero, and where a result is larger than a number can be.
pub(super) fn compute(left: Number, operation: Operation, right: Number) -> Result<Number, Failure> {
    let whole = matches!((left, right), (Number::Int(_), Number::Int(_)));
    let (a, b) = (Decimal::of(left), Decimal::of(right));
    if b.digits == 0 && matches!(operation, Operation::DividedBy | Operation::Modulo) {
        return Err(Failure::invalid("a divisor other than 0"));
    }
    if whole {
        let (a, b) = (a.digits, b.digits);
        let result = match operation {
            Operation::Plus => a + b,
            Operation::Minus => a - b,
            Operation::Times => a * b,
            Operation::DividedBy => a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) > 0),
            Operation::Modulo => floored(a, b),
        };
        return i64::try_from(result).map(Number::Int).map_err(|_| Failure::too_large());
    }
    let float =
        decimal(a, operation, b).map_or_else(|| approximate(left.float(), operation, right.float()), Decimal::float);
    if float.is_finite() { Ok(Number::Float(float)) } else { Err(Failure::too_large()) }
}

/// The remainder that has the divisor's sign.
fn floored(a: i128, b: i128) -> i128 {
    let rest = a % b;
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}

/// To the last digit; None where there are too many.
fn decimal(a: Decimal, operation: Operation, b: Decimal) -> Option<Decimal> {
    let places = a.places.max(b.places);
    match operation {
        Operation::Plus => Some(Decimal { digits: a.with(places)?.checked_add(b.with(places)?)?, places }),
        Operation::Minus => Some(Decimal { digits: a.with(places)?.checked_sub(b.with(places)?)?, places }),
        Operation::Modulo => Some(Decimal { digits: floored(a.with(places)?, b.with(places)?), places }),
        Operation::Times => Some(Decimal { digits: a.digits.checked_mul(b.digits)?, places: a.places + b.places }),
        Operation::DividedBy => {
            // As many digits as there is room for, so that the quotient has at least 19 of them.
            let mut scaled = a;
            while let Some(digits) = scaled.digits.checked_mul(10).filter(|digits| *digits != 0) {
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
        Operation::Modulo => {
            let rest = a % b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
        }
    }
}

/// Rounds a number to so many places. A whole number stays one, and a float becomes one without places behind its point.
///
/// # Errors
///
/// Where the result is a whole number beyond 64 bits.
pub(super) fn round(number: Number, places: i64, rounding: Rounding) -> Result<Number, Failure> {
    // No number has that many places in front of its point or behind.
    let places = places.clamp(-400, 400) as i32;
    let rounded = Decimal::of(number).rounded(places, rounding);
    match number {
        Number::Float(_) if places > 0 => Ok(Number::Float(rounded.float())),
        _ => rounded.whole().map(Number::Int).ok_or_else(Failure::too_large),
    }
}
