//! Values of a content template, as a channel takes them: what stands in a variable's place once it is rendered.

use crate::finding::code::Code;
use crate::finding::issue::{Params, Span, above};
use crate::limits::{WHATSAPP_SPACES, WHATSAPP_TEMPLATE};

/// Judges a value that a WhatsApp template is filled with, and hands each issue to `found`, with its place in the value.
///
/// The rules are those of <https://www.twilio.com/docs/api/errors/63013> and
/// <https://www.twilio.com/docs/api/errors/21656>. Only the first line break and the first long run of spaces are
/// reported. Allocates nothing where nothing is found.
pub(crate) fn judge_whatsapp_value(value: &str, found: &mut dyn FnMut(Code, Option<Span>, Params)) {
    if value.is_empty() {
        found(Code::EmptyOnWhatsApp, None, vec![]);
    }
    if let Some(at) = value.bytes().position(|byte| matches!(byte, b'\n' | b'\r' | b'\t')) {
        found(Code::LineBreakOnWhatsApp, Some(Span::of(value, at, at + 1)), vec![]);
    }
    if let Some((start, end)) = first_spaces(value) {
        let params = above("count", end - start, WHATSAPP_SPACES);
        found(Code::SpacesOnWhatsApp, Some(Span::of(value, start, end)), params);
    }
    // No text has more characters than bytes.
    if value.len() > WHATSAPP_TEMPLATE {
        let length = value.chars().count();
        if length > WHATSAPP_TEMPLATE {
            found(Code::LongOnWhatsApp, None, above("length", length, WHATSAPP_TEMPLATE));
        }
    }
}

/// Judges how many characters the values of one recipient have together that a WhatsApp template is filled with. The
/// template's own text comes on top and is not known here, and some values may not be used, so this is a warning.
pub(crate) fn judge_whatsapp_values(characters: usize) -> Option<(Code, Params)> {
    let params = || above("length", characters, WHATSAPP_TEMPLATE);
    (characters > WHATSAPP_TEMPLATE).then(|| (Code::LongTogetherOnWhatsApp, params()))
}

/// The first run of more spaces than may stand in a row.
fn first_spaces(value: &str) -> Option<(usize, usize)> {
    let mut run = 0;
    for (at, byte) in value.bytes().chain([0]).enumerate() {
        if byte == b' ' {
            run += 1;
            continue;
        }
        if run > WHATSAPP_SPACES {
            return Some((at - run, at));
        }
        run = 0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(value: &str) -> Vec<(Code, Option<(u32, u32)>)> {
        let mut codes = Vec::new();
        judge_whatsapp_value(value, &mut |code, span, params| {
            // Every param that the sentence names is there.
            for (name, _) in &params {
                assert!(code.sentence().contains(&format!("{{{name}}}")), "{code}: {name}");
            }
            assert_eq!(code.sentence().matches('{').count(), params.len(), "{code}");
            codes.push((code, span.map(|span| (span.start_utf16, span.end_utf16))));
        });
        codes
    }

    #[test]
    fn whatsapp_takes_no_empty_value() {
        assert_eq!(codes(""), [(Code::EmptyOnWhatsApp, None)]);
        assert_eq!(codes(" "), []);
    }

    #[test]
    fn whatsapp_takes_no_line_break_and_no_tab() {
        assert_eq!(codes("é\nb\nc"), [(Code::LineBreakOnWhatsApp, Some((1, 2)))]);
        assert_eq!(codes("😀\tb"), [(Code::LineBreakOnWhatsApp, Some((2, 3)))]);
        assert_eq!(codes("a\r"), [(Code::LineBreakOnWhatsApp, Some((1, 2)))]);
    }

    #[test]
    fn whatsapp_takes_four_spaces_in_a_row() {
        assert_eq!(codes("    a    b    "), []);
        assert_eq!(codes("é    a     b      "), [(Code::SpacesOnWhatsApp, Some((6, 11)))]);
        assert_eq!(codes("     "), [(Code::SpacesOnWhatsApp, Some((0, 5)))]);
    }

    #[test]
    fn whatsapp_takes_1024_characters_with_the_template() {
        assert_eq!(codes(&"é".repeat(1_024)), []);
        assert_eq!(codes(&"é".repeat(1_025)), [(Code::LongOnWhatsApp, None)]);
        assert_eq!(judge_whatsapp_values(1_024), None);
        let (code, params) = judge_whatsapp_values(1_025).unwrap_or((Code::EmptyBody, vec![]));
        assert_eq!(code, Code::LongTogetherOnWhatsApp);
        assert_eq!(params, [("length", 1_025_usize.into()), ("limit", 1_024_usize.into())]);
    }
}
