//! Whole numbers: read out of texts as Ruby reads them, and written.

use super::space::{is_space, trim, trim_start};

/// Whether a text is digits and nothing else.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The whole number that a text begins with, as Ruby's `to_i` reads it; 0 where there is none, None where it does not fit.
pub(crate) fn leading_int(text: &str) -> Option<i64> {
    let text = trim_start(text, is_space);
    let negative = text.starts_with('-');
    let mut number: i64 = 0;
    let mut behind_digit = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                let digit = i64::from(byte - b'0');
                number = number.checked_mul(10)?.checked_add(if negative { -digit } else { digit })?;
                behind_digit = true;
            }
            b'-' | b'+' if at == 0 => {}
            // One underscore may stand between two digits; what it ends with is what is before it.
            b'_' if behind_digit => behind_digit = false,
            _ => break,
        }
    }
    Some(number)
}

/// The whole number that a text is from end to end, as Ruby's `Integer` reads it in base ten.
pub(crate) fn whole_int(text: &str) -> Option<i64> {
    let text = trim(text);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if all_digits(digits) { leading_int(text) } else { None }
}

/// Appends a whole number.
pub(crate) fn int_text(number: i64, out: &mut String) {
    if number < 0 {
        out.push('-');
    }
    let mut rest = number.unsigned_abs();
    let mut unit = 1;
    while rest / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        out.push(char::from(b'0' + (rest / unit) as u8));
        rest %= unit;
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_written_to_the_last() {
        for number in [0, 7, -10, i64::MAX, i64::MIN] {
            let mut out = String::new();
            int_text(number, &mut out);
            assert_eq!(out, number.to_string());
        }
    }

    #[test]
    fn a_text_is_a_whole_number_from_end_to_end() {
        let read = ["12", "+7", " -3 ", "1.5", "1_0", ""].map(whole_int);
        assert_eq!(read, [Some(12), Some(7), Some(-3), None, None, None]);
    }
}
