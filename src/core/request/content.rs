//! Content, what a message says: a text with media, a template, or a module for each channel.

use std::borrow::Cow;

use crate::field::id;
use crate::field::shape::{Field, Shape};
use crate::finding::code::Code;
use crate::finding::issue::above;
use crate::limits::MODULES;
use crate::reader::scan::{Kind, Stop};
use crate::request::media;
use crate::request::module::{self, Modules};

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
    let mut says = [false; SHAPE.len()];
    let seen = field.object(SHAPE, &mut |field, member| {
        says[member] |= match member {
            TEXT_MEMBER | MEDIA => {
                if member == TEXT_MEMBER {
                    *text_at = field.offset;
                }
                // How long a text may be shows only when the sender is known.
                media::judge_either(field, member == MEDIA, &mut content.text, &mut content.media, None)?
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
    // Text and media are one way to say it.
    let kinds = seen.kinds(&[1 << TEXT_MEMBER | 1 << MEDIA, 1 << TEMPLATE, 1 << MODULE_LIST]);
    let [text, template, modules] = [says[TEXT_MEMBER] | says[MEDIA], says[TEMPLATE], says[MODULE_LIST]];
    field.found(match (u8::from(text) + u8::from(template) + u8::from(modules), kinds) {
        (0, _) => Code::EmptyContent,
        (1, 1) => return Ok(Some(judged)),
        (1, _) => Code::EmptyBeside,
        _ => Code::AmbiguousContent,
    });
    // What stands empty beside what is said is no part of the message.
    if template || modules {
        content.text = None;
    }
    if (text || template) && !modules {
        content.modules = None;
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
    Ok(modules)
}
