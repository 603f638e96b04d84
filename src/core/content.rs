//! Content: what a message says.

use crate::code::Code;
use crate::limits::{MEDIA, TEXT, TEXT_RCS};
use crate::pointer::Pointer;
use crate::scan::{Kind, Reader, Stop};
use crate::sender::SenderChannel;
use crate::shape::{self, Report, Shape};

/// What a send says, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The text, which may hold Liquid.
    pub text: Option<String>,
    /// The addresses of the media.
    pub media: Vec<String>,
}

const SHAPE: Shape = Shape { known: &["text", "media"], unjudged: &["contentId", "modules"] };
const TEXT_MEMBER: usize = 0;
const MEDIA_MEMBER: usize = 1;

const MEDIA_SHAPE: Shape = Shape { known: &["url"], unjudged: &[] };

/// What judging `content` brings.
pub(crate) struct Judged {
    pub content: Content,
    /// Where the text stands, in bytes from the start of the content.
    pub text_at: usize,
}

/// Judges `content`.
pub(crate) fn judge(reader: &mut Reader<'_>, at: Pointer<'_>, report: &mut Report) -> Result<Option<Judged>, Stop> {
    let (_, offset) = reader.peek()?;
    let mut judged = Judged { content: Content::default(), text_at: 0 };
    let mut says_something = false;
    let seen = shape::object(reader, at, report, &SHAPE, |reader, at, report, member| {
        match member {
            TEXT_MEMBER => match shape::text(reader, at, report)? {
                Some(text) => {
                    let decoded = text.decode();
                    says_something |= !decoded.trim().is_empty();
                    judged.text_at = text.at;
                    judged.content.text = Some(decoded.into_owned());
                }
                // Reported already; what was meant is unknown.
                None => says_something = true,
            },
            MEDIA_MEMBER => {
                let (found, _) = reader.peek()?;
                media(reader, at, report, &mut judged.content.media)?;
                says_something |= found != Kind::Array || !judged.content.media.is_empty();
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(None) };
    if !says_something && !seen.unjudged {
        report.issue(Code::EmptyContent, at, offset, vec![]);
    }
    Ok(Some(judged))
}

fn media(reader: &mut Reader<'_>, at: Pointer<'_>, report: &mut Report, urls: &mut Vec<String>) -> Result<(), Stop> {
    let Some(offset) = shape::expect(reader, at, report, Kind::Array)? else { return Ok(()) };
    reader.array(|reader, index| {
        let at = Pointer::Index(&at, index);
        let (_, offset) = reader.peek()?;
        let mut url = String::new();
        let seen = shape::object(reader, at, report, &MEDIA_SHAPE, |reader, at, report, _| {
            if let Some(text) = shape::text(reader, at, report)? {
                url = text.decode().into_owned();
                if !is_web_address(&url) {
                    report.issue(Code::MediaNotUrl, at, text.at, vec![]);
                }
            }
            Ok(())
        })?;
        if seen.is_some_and(|seen| !seen.has(0)) {
            shape::missing(report, at, offset, "url");
        }
        urls.push(url);
        Ok(())
    })?;
    if urls.len() > MEDIA {
        report.issue(Code::TooManyMedia, at, offset, vec![("count", urls.len().into()), ("limit", MEDIA.into())]);
    }
    Ok(())
}

/// Whether it may be fetched from the web. One with Liquid is known only for each recipient.
fn is_web_address(url: &str) -> bool {
    let host = ["https://", "http://"].iter().find_map(|scheme| {
        let (head, host) = url.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(host)
    });
    url.contains("{{") || url.contains("{%") || host.is_some_and(|host| !host.is_empty() && !url.contains(' '))
}

/// Judges the length of a text that is the same for everybody, once the sender's channel is known.
pub(crate) fn judge_length(content: &Content, text_at: usize, channel: Option<SenderChannel>, report: &mut Report) {
    let Some(text) = &content.text else { return };
    if text.contains("{{") || text.contains("{%") {
        return;
    }
    let (code, limit) = match channel {
        Some(SenderChannel::Sms | SenderChannel::WhatsApp) => (Code::TextTooLong, TEXT),
        Some(SenderChannel::Rcs) | None => (Code::TextLongForRcs, TEXT_RCS),
    };
    let length = text.chars().count();
    if length > limit {
        let at = Pointer::Name(&Pointer::Root, "content");
        let params = vec![("length", length.into()), ("limit", limit.into())];
        report.issue(code, Pointer::Name(&at, "text"), text_at, params);
    }
}
