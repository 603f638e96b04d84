//! Smart encoding: characters outside the GSM 7-bit alphabet, and what stands for them within it.
//!
//! The entries are those of Twilio's own calculator (`smart.bin`, generated; see NOTICE).

use super::table::Table;

static TABLE: Table<5> = Table::read(include_bytes!("smart.bin"));

/// What a value below the space stands for: texts that are not one character long.
const TEXTS: [&str; 8] = ["", "  ", "       ", "!!", "...", "1/4", "1/2", "3/4"];

/// Every character that can replace another, to be cut out of.
const ASCII: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

/// What smart encoding writes in place of a character; none where it leaves it as it is.
pub(super) fn replacement(c: char) -> Option<&'static str> {
    let (key, value) = TABLE.floor(c)?;
    if key != u32::from(c) {
        return None;
    }
    let value = usize::from(value);
    match value.checked_sub(0x20) {
        None => TEXTS.get(value).copied(),
        Some(place) => ASCII.get(place..=place),
    }
}

/// Letters of the GSM 7-bit alphabet, two bytes each, before the base and the mark they are made of, three bytes.
const COMPOSED: &str = "\
    ÄA\u{308}ÅA\u{30A}ÇC\u{327}ÉE\u{301}ÑN\u{303}ÖO\u{308}ÜU\u{308}àa\u{300}äa\u{308}åa\u{30A}\
    èe\u{300}ée\u{301}ìi\u{300}ñn\u{303}òo\u{300}öo\u{308}ùu\u{300}üu\u{308}";

/// The one letter of the GSM 7-bit alphabet that a letter and a mark make up.
///
/// Smart encoding knows none of them, so this is for the writer to follow.
pub(super) fn composed(cluster: &str) -> Option<&'static str> {
    let places = (0..COMPOSED.len()).step_by(5);
    places.into_iter().find(|at| COMPOSED.get(at + 2..at + 5) == Some(cluster)).and_then(|at| COMPOSED.get(at..at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::gsm::septets;

    #[test]
    fn what_is_replaced_is_outside_the_alphabet_and_what_replaces_it_inside() {
        let replaced: Vec<char> = (char::MIN..=char::MAX).filter(|c| replacement(*c).is_some()).collect();
        assert_eq!(replaced.len(), 271);
        for c in replaced {
            assert_eq!(septets(c), None, "{c:?}");
            let text = replacement(c).unwrap_or_default();
            // An escape would make a pair within the text, which may be cut anywhere.
            let pair = text.len() > 1 && text.chars().any(|c| septets(c) != Some(1));
            assert!(text.len() <= 7 && text.chars().all(|c| septets(c).is_some()) && !pair, "{c:?}: {text:?}");
        }
        assert_eq!(replacement('…'), Some("..."));
        assert_eq!(replacement('“'), Some("\""));
        assert_eq!(replacement('\u{200C}'), Some(""));
        assert_eq!(replacement('～'), Some("~"));
        assert_eq!(replacement('中'), None);
    }

    #[test]
    fn a_letter_and_its_mark_are_one_letter() {
        let letters: Vec<&str> = (0..COMPOSED.len()).step_by(5).filter_map(|at| COMPOSED.get(at + 2..at + 5)).collect();
        assert_eq!(letters.len(), 18);
        for cluster in letters {
            let letter = composed(cluster).and_then(|letter| letter.chars().next());
            assert_eq!(letter.and_then(septets), Some(1), "{cluster}");
        }
        assert_eq!(composed("e\u{301}"), Some("é"));
        assert_eq!(composed("e\u{302}"), None);
    }
}
