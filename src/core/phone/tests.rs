//! Facts about single numbers. Agreement with libphonenumber over all regions is `tests/phones.rs`.

use super::*;

fn read(written: &str, region: &str) -> Result<Number, PhoneError> {
    normalize(written, Region::named(region))
}

/// The number that is read, without a default region.
fn alone(written: &str) -> Result<Number, PhoneError> {
    normalize(written, None)
}

#[track_caller]
fn becomes(written: &str, region: &str, e164: &str) {
    let number = read(written, region);
    assert_eq!(number.as_ref().map(Number::as_str), Ok(e164), "{written}");
    let number = number.unwrap();
    assert_eq!(number.changed, written != e164);
    assert_eq!(read(e164, region).unwrap().as_str(), e164);
}

#[test]
fn punctuation_is_dropped() {
    for written in [
        "+442079460018",
        "+44 20 7946 0018",
        "+44-20.7946/0018",
        "+44 (20) [7946] 0018",
        "(+44) 20 7946 0018",
        " +44\u{a0}20\u{2009}7946\u{202f}0018\t",
        "+44\u{2010}20\u{2011}7946\u{2013}0018",
        "+44\u{2212}20\u{ff0d}7946\u{30fc}0018",
        "\u{202a}+44 20 7946 0018\u{202c}",
        "tel:+44-20-7946-0018",
        "TEL:+442079460018",
        "\u{ff0b}\u{ff14}\u{ff14} \u{ff12}\u{ff10} 7946 0018",
        "+٤٤ ٢٠ ٧٩٤٦ ٠٠١٨",
        "+४४ २० ७९४६ ००१८",
        "00 44 20 7946 0018",
        "+44 (0)20 7946 0018",
        "+44 020 7946 0018",
        "0044 (0) 20 7946 0018",
        "+00 44 20 7946 0018",
    ] {
        becomes(written, "", "+442079460018");
    }
}

/// With the zero, each would be a number of somebody else.
#[test]
fn what_stands_behind_the_point_of_a_decimal_number_is_no_digit() {
    becomes("+436641234567.0", "", "+436641234567");
    becomes("tel:+436641234567.0", "", "+436641234567");
    becomes("0664 1234567.0", "AT", "+4366412345670");
    becomes("+43.664.123456.0", "", "+436641234560");
}

#[test]
fn national_numbers_follow_the_rules_of_their_region() {
    becomes("020 7946 0018", "GB", "+442079460018");
    becomes("(202) 555-0123", "US", "+12025550123");
    becomes("1 202 555 0123", "US", "+12025550123");
    becomes("011 44 20 7946 0018", "US", "+442079460018");
    becomes("030/123456", "DE", "+4930123456");
    becomes("06 698 12345", "IT", "+390669812345");
    becomes("8 (495) 123-45-67", "RU", "+74951234567");
    // The mobile 15 of Argentina stands for the 9 of its international form.
    becomes("011 15-2345-6789", "AR", "+5491123456789");
    // An island's seven digits are completed with its area code.
    becomes("457 1234", "AG", "+12684571234");
    // 00 is understood also where 011 is dialled.
    becomes("0044 20 7946 0018", "US", "+442079460018");
}

#[test]
fn a_bracketed_zero_is_dropped_where_there_is_no_national_prefix() {
    becomes("+34 (0) 912 345 678", "", "+34912345678");
    // In Italy the zero belongs to the number.
    becomes("+39 (0)6 698 12345", "", "+390669812345");
}

#[test]
fn types_and_regions_are_told() {
    for (e164, region, number_type) in [
        ("+12025550123", Some("US"), NumberType::FixedLineOrMobile),
        ("+14165550123", Some("CA"), NumberType::FixedLineOrMobile),
        ("+18005550123", Some("US"), NumberType::TollFree),
        ("+442079460018", Some("GB"), NumberType::FixedLine),
        ("+447400123456", Some("GB"), NumberType::Mobile),
        ("+441481960194", Some("GG"), NumberType::FixedLine),
        ("+77273123456", Some("KZ"), NumberType::FixedLine),
        ("+4915123456789", Some("DE"), NumberType::Mobile),
        ("+499001234567", Some("DE"), NumberType::PremiumRate),
        ("+80012345678", None, NumberType::TollFree),
        ("+979123456789", None, NumberType::PremiumRate),
    ] {
        let judged = judge_e164(e164.as_bytes()).unwrap();
        assert!(judged.assigned, "{e164}");
        assert_eq!((judged.region.map(Region::as_str), judged.number_type), (region, number_type), "{e164}");
        assert_eq!(format!("+{}", judged.digits), e164);
        assert!(e164.strip_prefix('+').unwrap().starts_with(&judged.calling_code.to_string()));
    }
}

#[test]
fn a_number_of_a_possible_length_is_not_refused() {
    let number = alone("+4930").unwrap_err();
    assert_eq!(number, PhoneError::TooShort { fewest: 6 });
    let number = alone("+12005550123").unwrap();
    assert!(!number.judged.assigned && !number.changed);
    assert_eq!((number.judged.number_type, number.judged.region), (NumberType::Unknown, None));
    assert_eq!(alone("+351000000000").unwrap().judged.region, Region::named("PT"));
}

#[test]
fn what_cannot_exist_is_refused_with_its_reason() {
    for (written, error) in [
        ("", PhoneError::Empty),
        (" \u{200b}\u{202c}", PhoneError::Empty),
        ("tel:", PhoneError::Empty),
        ("-", PhoneError::NotANumber { found: Foreign::NoDigit, at: 0 }),
        ("+", PhoneError::NotANumber { found: Foreign::NoDigit, at: 0 }),
        ("+1 800 FLOWERS", PhoneError::NotANumber { found: Foreign::Letter, at: 7 }),
        ("+1 202 555 0123 oder", PhoneError::NotANumber { found: Foreign::Letter, at: 16 }),
        ("тел. 123", PhoneError::NotANumber { found: Foreign::Letter, at: 0 }),
        ("ada@example.com", PhoneError::NotANumber { found: Foreign::Letter, at: 0 }),
        ("+1 202*555*0123", PhoneError::NotANumber { found: Foreign::Sign, at: 6 }),
        ("+1 202 555 0123\u{1f600}", PhoneError::NotANumber { found: Foreign::Sign, at: 15 }),
        ("++12025550123", PhoneError::NotANumber { found: Foreign::Plus, at: 1 }),
        ("+1 202 555 0123 +1 202 555 0124", PhoneError::NotANumber { found: Foreign::Plus, at: 16 }),
        ("020 7946 0018", PhoneError::NeedsRegion),
        ("442079460018", PhoneError::NeedsRegion),
        ("+999 123 4567", PhoneError::NoCallingCode),
        ("+0 20 7946 0018", PhoneError::NoCallingCode),
        ("+1", PhoneError::TooShort { fewest: 11 }),
        ("+44 20 79", PhoneError::TooShort { fewest: 9 }),
        ("+1 202 555 01234", PhoneError::TooLong { most: 11 }),
        ("+65 6123 45678", PhoneError::Impossible),
        ("+1 555 0123", PhoneError::TooShort { fewest: 11 }),
        ("+7 800 1234567 89", PhoneError::Impossible),
        ("+247 12345 6789", PhoneError::TooLong { most: 9 }),
        ("+291 12345678", PhoneError::TooLong { most: 10 }),
        ("+54 800 1234567 890", PhoneError::TooLong { most: 13 }),
        ("+49 30 12345678901234", PhoneError::TooLong { most: 15 }),
    ] {
        assert_eq!(alone(written), Err(error), "{written}");
    }
    let long = "1".repeat(1_000);
    assert_eq!(alone(&long), Err(PhoneError::TooLong { most: 15 }));
}

#[test]
fn extensions_are_refused() {
    for written in [
        "+1 202 555 0123 x45",
        "+1 202 555 0123 ext. 45",
        "+1 202 555 0123 Extension: 45",
        "+1 202 555 0123 # 45",
        "+1 202 555 0123,,45",
        "+1 202 555 0123;45",
        "tel:+1-202-555-0123;ext=45",
        "tel:+1-202-555-0123;isub=45",
        "+7 495 123-45-67 доб. 45",
    ] {
        let Err(PhoneError::Extension { at }) = alone(written) else { panic!("{written}") };
        assert!(written.is_char_boundary(at) && at > 12);
    }
    let local = "tel:555-0123;phone-context=+1-202";
    assert_eq!(alone(local), Err(PhoneError::Context { at: 12 }));
    assert!(matches!(alone("+1 202 555 0123 x"), Err(PhoneError::NotANumber { found: Foreign::Letter, .. })));
}

#[test]
fn the_short_way_takes_only_e164() {
    assert_eq!(judge_e164(b""), Err(PhoneError::Empty));
    assert_eq!(judge_e164(b"442079460018"), Err(PhoneError::NotANumber { found: Foreign::Sign, at: 0 }));
    assert_eq!(judge_e164(b"+44 2079460018"), Err(PhoneError::NotANumber { found: Foreign::Sign, at: 3 }));
    assert_eq!(judge_e164(b"+\xff"), Err(PhoneError::NotANumber { found: Foreign::Sign, at: 1 }));
    assert_eq!(judge_e164(b"+"), Err(PhoneError::NoCallingCode));
    assert_eq!(judge_e164(b"+4"), Err(PhoneError::NoCallingCode));
    // It repairs nothing, and says so by calling it unassigned.
    assert!(!judge_e164(b"+4402079460018").is_ok_and(|judged| judged.assigned));
    assert_eq!(alone("+4402079460018").unwrap().as_str(), "+442079460018");
    // Valid with what looks like a national prefix: it stays.
    becomes("+3758107606195", "", "+3758107606195");
}

#[test]
fn regions_are_named_by_two_capitals() {
    let region = Region::named("GB").unwrap();
    assert_eq!((region.as_str(), region.calling_code()), ("GB", 44));
    assert_eq!(format!("{region:?}"), "GB");
    for name in ["", "gb", "GBR", "001", "ZZ", "\0\0", "é"] {
        assert!(Region::named(name).is_none(), "{name}");
    }
    assert!(metadata().contains("google-libphonenumber"));
}

#[test]
fn any_bytes_are_judged_without_a_trap() {
    // A walk through all that two signs can be, after fronts that lead deep into the plans.
    for front in ["", "+", "+1", "+3581", "00", "+54 9 11 15", "tel:", "(0"] {
        for first in 0..=255_u8 {
            for second in (0..=255_u8).step_by(3) {
                let bytes = [front.as_bytes(), &[first, second], b"123456"].concat();
                let _ = judge_e164(&bytes);
                if let Ok(text) = str::from_utf8(&bytes) {
                    for region in [None, Region::named("AR"), Region::named("BR")] {
                        let _ = normalize(text, region);
                    }
                }
            }
        }
    }
}
