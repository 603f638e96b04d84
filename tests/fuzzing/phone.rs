//! Phone numbers: whatever is written, in whichever region.

use std::sync::OnceLock;

use postgate_core::{Number, PhoneError, Region, judge_e164, normalize_phone};

use super::shown;

/// A number that is read is in E.164 form, is read as itself from then on, and is judged the same either way.
///
/// Two capitals in front that name a region make it the default one; without them several are tried, and none.
///
/// # Panics
///
/// When it is not so.
pub fn phone(data: &[u8]) {
    let told = shown(data);
    if let Ok(judged) = judge_e164(data) {
        assert!(data.len() <= 16 && data[0] == b'+' && data[1..].iter().all(u8::is_ascii_digit), "{told}");
        let digits = data[1..].iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        assert_eq!(judged.digits, digits, "{told}");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let named = text.split_at_checked(2).and_then(|(code, rest)| Some((Region::named(code)?, rest)));
    match named {
        Some((region, text)) => reads(text, Some(region)),
        None => {
            reads(text, None);
            regions().iter().for_each(|region| reads(text, Some(*region)));
        }
    }
}

fn reads(text: &str, region: Option<Region>) {
    let told = || format!("{text:?} in {region:?}");
    match normalize_phone(text, region) {
        Ok(number) => {
            is_e164(&number, &told());
            assert_eq!(number.changed, number.as_str() != text, "{}", told());
            // A number says its country, so the region is of no account any more.
            for region in [None, region, Region::named("US"), Region::named("IT")] {
                let again = normalize_phone(number.as_str(), region);
                let same = again.is_ok_and(|again| again.as_str() == number.as_str() && again.judged == number.judged);
                assert!(same && again.is_ok_and(|again| !again.changed), "{again:?}: {}", told());
            }
        }
        Err(error) => {
            let at = match error {
                PhoneError::NotANumber { at, .. } | PhoneError::Extension { at } | PhoneError::Context { at } => at,
                _ => 0,
            };
            assert!(text.is_char_boundary(at), "{error:?}: {}", told());
            // What can be judged can be read.
            let assigned = judge_e164(text.as_bytes()).is_ok_and(|judged| judged.assigned);
            assert!(!assigned, "{error:?}: {}", told());
        }
    }
}

fn is_e164(number: &Number, told: &str) {
    let digits = number.as_str().strip_prefix('+').unwrap_or_default();
    assert!((2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()), "{told}");
    assert_eq!(digits.parse(), Ok(number.judged.digits), "{told}");
    assert_eq!(judge_e164(number.as_str().as_bytes()), Ok(number.judged), "{told}");
    assert!(digits.starts_with(&number.judged.calling_code.to_string()), "{told}");
    if let Some(region) = number.judged.region {
        assert_eq!(region.calling_code(), number.judged.calling_code, "{told}");
    }
}

/// Regions whose rules for what is dialled differ: by prefixes that are long, that are rewritten, that are part of some
/// numbers, or that do not exist.
fn regions() -> &'static [Region] {
    static REGIONS: OnceLock<Vec<Region>> = OnceLock::new();
    let codes = ["US", "GB", "IT", "DE", "MX", "AR", "BR", "RU", "AU", "CI", "UY", "SG"];
    REGIONS.get_or_init(|| codes.into_iter().filter_map(Region::named).collect())
}
