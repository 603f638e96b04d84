//! Content: what a message says: a text with media, a template, or a module for each channel.

use std::borrow::Cow;

use crate::code::Code;
use crate::id;
use crate::issue::{Params, above, param};
use crate::limits::{MODULES, TEXT, TEXT_RCS};
use crate::media;
use crate::module::{self, Modules};
use crate::pointer::Pointer;
use crate::reach::{Channels, MessageChannel};
use crate::scan::{Kind, Stop};
use crate::shape::{Field, Report, Shape};
use crate::text::holds;
use crate::wording::{Longest, Part};

/// What a send says, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The text, which may hold Liquid.
    pub text: Option<String>,
    /// The addresses of the media.
    pub media: Vec<String>,
    /// The template's id.
    pub content_id: Option<String>,
    /// Which channels have a module.
    pub modules: Option<Modules>,
}

/// The shapes are those of the send reference: <https://docs.comms.twilio.com/comms-api-reference/messages/send>.
const SHAPE: &Shape = &["text", "media", "contentId", "modules"];
const TEXT_MEMBER: usize = 0;
const MEDIA: usize = 1;
const TEMPLATE: usize = 2;
const MODULE_LIST: usize = 3;

/// What judging `content` brings.
pub(crate) struct Judged {
    pub content: Content,
    /// Where the content stands, and where its text, in bytes from where the content begins.
    pub text_at: usize,
}

/// Judges `content`.
pub(crate) fn judge(field: &mut Field<'_, '_>) -> Result<Option<Judged>, Stop> {
    let mut judged = Judged { content: Content::default(), text_at: 0 };
    let Judged { content, text_at } = &mut judged;
    let mut says_something = false;
    let seen = field.object(SHAPE, &mut |field, member| {
        // What was meant by a value of another kind is unknown; that it is one is reported.
        says_something |= match member {
            TEXT_MEMBER => {
                *text_at = field.offset;
                content.text = field.text()?.map(|text| text.decode().into_owned());
                content.text.as_ref().is_none_or(|text| {
                    if !is_fixed(text) {
                        // How long it may be shows only when the sender is known.
                        field.wording(text, Part::Text, None);
                    }
                    !text.trim().is_empty()
                })
            }
            MEDIA => {
                media::judge(field, &mut content.media)?;
                field.kind != Kind::Array || !content.media.is_empty()
            }
            TEMPLATE => {
                content.content_id = id::judge(field, id::CONTENT)?.map(Cow::into_owned);
                true
            }
            _ => {
                let modules = content.modules.insert(modules(field)?);
                field.kind != Kind::Array || modules.count > 0
            }
        };
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(None) };
    if seen.kinds(&[1 << TEXT_MEMBER | 1 << MEDIA, 1 << TEMPLATE, 1 << MODULE_LIST]) > 1 {
        field.found(Code::AmbiguousContent);
    } else if !says_something {
        field.found(Code::EmptyContent);
    }
    Ok(Some(judged))
}

/// Judges `modules`: a list with one module a channel.
fn modules(field: &mut Field<'_, '_>) -> Result<Modules, Stop> {
    let mut modules = Modules::default();
    if field.array(&mut |field| module::judge(field, &mut modules))?.is_none() {
        return Ok(modules);
    }
    if modules.count > MODULES {
        field.issue(Code::TooManyModules, above("count", modules.count, MODULES));
    }
    if modules.rcs && modules.sms.is_none() && !modules.whatsapp {
        field.found(Code::RcsWithoutFallback);
    }
    Ok(modules)
}

/// Whether a text is the same for everybody.
pub(crate) fn is_fixed(text: &str) -> bool {
    !holds(text, "{{") && !holds(text, "{%")
}

/// Whether a detail of a message is the same for everybody; else it is rendered for each recipient.
pub(crate) fn unless_liquid(field: &mut Field<'_, '_>, text: &str) -> bool {
    let fixed = is_fixed(text);
    if !fixed {
        field.wording(text, Part::Detail, None);
    }
    fixed
}

/// Judges the content against the channels that the sender leaves open, once both are known. `at` is where the text
/// stands, else the content.
pub(crate) fn judge_for(content: &Content, at: usize, open: Channels, report: &mut Report) {
    let content_at = &Pointer::Name(&Pointer::Root, "content");
    if let Some(expected) = lacks_module(content, open) {
        report.issue(Code::NoModule, content_at, at, param("expected", expected));
    }
    let Some(text) = &content.text else { return };
    let text_at = &Pointer::Name(content_at, "text");
    if open == Channels::WHATSAPP {
        report.issue(Code::OpenSessionOnly, text_at, at, vec![]);
    }
    if is_fixed(text)
        && let Some((code, params)) = too_long_for(text, open)
    {
        report.issue(code, text_at, at, params);
    }
}

/// The modules of which a message with modules has none, where it goes over those channels.
pub(crate) fn lacks_module(content: &Content, open: Channels) -> Option<&'static str> {
    let known = content.modules.as_ref().is_some_and(|modules| modules.count > 0 && !modules.other);
    (known && open.and(Channels::by_content(Some(content))).is_none()).then(|| open.modules())
}

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

/// Judges the length of a text that is the same for everybody; one with Liquid is measured for each recipient.
pub(crate) fn judge_length(field: &mut Field<'_, '_>, text: &str, part: Part, longest: Longest) {
    if !is_fixed(text) {
        field.wording(text, part, Some(longest));
    } else if let Some((code, params)) = too_long(text, longest) {
        field.issue(code, params);
    }
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
