//! Content: what a message says: a text with media, a template, or a module for each channel.

use std::borrow::Cow;

use crate::code::Code;
use crate::id;
use crate::issue::{Params, above};
use crate::limits::{MODULES, TEXT, TEXT_RCS};
use crate::media;
use crate::module::{self, Modules};
use crate::pointer::Pointer;
use crate::scan::{Kind, Stop};
use crate::sender::SenderChannel;
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
                // Only the name is stated on a page of Twilio's.
                field.report.guessed = true;
                let read = media::judge(field, &mut content.media);
                field.report.guessed = false;
                read?;
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

/// Judges the content against the sender's channel, once both are known.
pub(crate) fn judge_for(content: &Content, text_at: usize, channel: Option<SenderChannel>, report: &mut Report) {
    let Some(text) = &content.text else { return };
    let content_at = Pointer::Name(&Pointer::Root, "content");
    let at = &Pointer::Name(&content_at, "text");
    if channel == Some(SenderChannel::WhatsApp) {
        report.issue(Code::OpenSessionOnly, at, text_at, vec![]);
    }
    if is_fixed(text)
        && let Some((code, params)) = too_long(text, longest(channel))
    {
        report.issue(code, at, text_at, params);
    }
}

/// How long a text may be over the sender's channel, in characters, and the code of one that is longer. Where the
/// channel is not known, the longest of them counts.
pub(crate) fn longest(channel: Option<SenderChannel>) -> Longest {
    match channel {
        Some(SenderChannel::Sms | SenderChannel::WhatsApp) => (Code::TextTooLong, TEXT),
        Some(SenderChannel::Rcs) | None => (Code::TextLongForRcs, TEXT_RCS),
    }
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
    fn a_rendered_text_is_measured_by_its_channel() {
        let code = |length, channel| too_long(&"é".repeat(length), longest(channel)).map(|(code, _)| code);
        for channel in [SenderChannel::Sms, SenderChannel::WhatsApp] {
            assert_eq!(code(1_600, Some(channel)), None);
            assert_eq!(code(1_601, Some(channel)), Some(Code::TextTooLong));
        }
        for channel in [Some(SenderChannel::Rcs), None] {
            assert_eq!(code(3_072, channel), None);
            assert_eq!(code(3_073, channel), Some(Code::TextLongForRcs));
        }
    }
}
