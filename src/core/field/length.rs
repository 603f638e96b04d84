//! How long a text may be, once it is read.

use crate::channel::{Channels, MessageChannel};
use crate::finding::code::Code;
use crate::finding::issue::{Params, above};
use crate::limits::{TEXT, TEXT_RCS};

/// Most characters of a text once it is rendered, and the code of one that has more.
pub(crate) type Longest = (Code, usize);

/// Judges the length of a text as it is read over one of those channels. Where RCS is only one of them, a text that is
/// too long for the others may still go.
pub(crate) fn too_long_for(text: &str, open: Channels) -> Option<(Code, Params)> {
    if !open.has(MessageChannel::Rcs) {
        return too_long(text, (Code::TextTooLong, TEXT));
    }
    let others = Some((Code::TextLongForSms, TEXT)).filter(|_| !open.is_one());
    too_long(text, (Code::TextLongForRcs, TEXT_RCS)).or_else(|| too_long(text, others?))
}

/// Judges the length of a text as it is read.
pub(crate) fn too_long(text: &str, (code, limit): Longest) -> Option<(Code, Params)> {
    // No text has more characters than bytes.
    let length = if text.len() > limit { text.chars().count() } else { 0 };
    (length > limit).then(|| (code, above("length", length, limit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_by_its_channels() {
        let code = |length, open| too_long_for(&"é".repeat(length), open).map(|(code, _)| code);
        for open in [Channels::TEXTS, Channels::WHATSAPP] {
            assert_eq!(code(1_600, open), None);
            assert_eq!(code(1_601, open), Some(Code::TextTooLong));
        }
        for (open, long) in [(Channels::RCS, None), (Channels::ALL, Some(Code::TextLongForSms))] {
            assert_eq!(code(1_600, open), None);
            assert_eq!(code(1_601, open), long);
            assert_eq!(code(3_072, open), long);
            assert_eq!(code(3_073, open), Some(Code::TextLongForRcs));
        }
    }
}
