//! Numbers: read out of texts, written as Ruby writes them, and computed with where nothing is lost.

use std::cmp::Ordering;

use super::float;
use super::integer::{all_digits, int_text, leading_int};
use super::space::trim;

/// A number that arithmetic takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// Any other.
    Float(f64),
}

impl Number {
    /// The number that a text begins with, as the reference finds it: `3.50`, else the digits that the text begins with, else
    /// 0. None where it is a whole number that does not fit into 64 bits.
    pub(crate) fn leading(text: &str) -> Option<Self> {
        let text = trim(text);
        let digits = text.strip_prefix('-').unwrap_or(text);
        if let Some((whole, fraction)) = digits.split_once('.')
            && all_digits(whole)
            && all_digits(fraction)
        {
            return Some(Self::Float(float::parse(text)));
        }
        leading_int(text).map(Self::Int)
    }

    /// What it takes to go between powers of two and of ten, in eighths of a step: nothing worth counting, unless it is
    /// far from one.
    pub(crate) fn cost(self) -> usize {
        match self {
            Self::Float(number) if number != 0.0 => {
                ((number.to_bits() >> 52) as usize & 0x7ff).abs_diff(0x3ff).saturating_sub(64)
            }
            _ => 0,
        }
    }

    /// The number as a float.
    pub(crate) fn float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    /// The number without what is after its point.
    pub(crate) fn whole(self) -> i64 {
        match self {
            Self::Int(number) => number,
            Self::Float(number) => number as i64,
        }
    }

    /// Which is larger.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }
}

/// Appends a float as Ruby writes it: `1.0`, `0.0001`, `1.0e-05`, `1.0e+16`.
pub(crate) fn float_text(number: f64, out: &mut String) {
    if number.is_nan() {
        out.push_str("NaN");
        return;
    }
    if number.is_sign_negative() {
        out.push('-');
    }
    if number.is_infinite() {
        out.push_str("Infinity");
        return;
    }
    let (whole, exponent) = float::shortest(number.abs());
    let mut digits = String::new();
    int_text(whole as i64, &mut digits);
    // Of the first digit.
    let exponent = exponent + digits.len() as i32 - 1;
    if !(-4..15).contains(&exponent) && digits.len() as i32 <= exponent + 1 || exponent < -4 {
        push_digits(&digits, 1, out);
        out.push_str(if exponent < 0 { "e-" } else { "e+" });
        if exponent.abs() < 10 {
            out.push('0');
        }
        int_text(i64::from(exponent.abs()), out);
        return;
    }
    let point = exponent + 1;
    if point <= 0 {
        out.push_str("0.");
        for _ in point..0 {
            out.push('0');
        }
        out.push_str(&digits);
        return;
    }
    push_digits(&digits, point as usize, out);
}

/// Appends digits with a point after the first ones; zeros stand where there are none.
fn push_digits(digits: &str, whole: usize, out: &mut String) {
    for at in 0..=whole.max(digits.len() - 1) {
        if at == whole {
            out.push('.');
        }
        out.push(digits.as_bytes().get(at).map_or('0', |digit| char::from(*digit)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_ruby_writes_them() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-12.5, "-12.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (0.0001, "0.0001"),
            (0.000_01, "1.0e-05"),
            (1.25e-7, "1.25e-07"),
            (123_456_789.125, "123456789.125"),
            (1e14, "100000000000000.0"),
            (1e15, "1.0e+15"),
            (1e15 + 0.5, "1000000000000000.5"),
            (1e16, "1.0e+16"),
            (1.5e300, "1.5e+300"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (number, text) in cases {
            let mut out = String::new();
            float_text(number, &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn texts_are_numbers_by_what_stands_in_front() {
        let int = |text| Number::leading(text);
        assert_eq!(int(" 12abc"), Some(Number::Int(12)));
        assert_eq!(int("-3.50 "), Some(Number::Float(-3.5)));
        assert_eq!(int("3.5.1"), Some(Number::Int(3)));
        assert_eq!(int("1_000"), Some(Number::Int(1000)));
        assert_eq!(int("abc"), Some(Number::Int(0)));
        assert_eq!(int("9223372036854775808"), None);
        assert_eq!(int("-9223372036854775808"), Some(Number::Int(i64::MIN)));
    }
}
