//! Media: what is fetched from the web and shown with a text.
//!
//! Source: <https://www.twilio.com/docs/messaging/guides/accepted-mime-types>. How large a medium is and of which type
//! shows only when it is fetched, so neither is judged.

use crate::field::length::Longest;
use crate::field::shape::{Field, Shape};
use crate::field::wording::Part;
use crate::finding::code::Code;
use crate::finding::issue::above;
use crate::limits::{MEDIA, MEDIA_NAME};
use crate::reader::scan::{Kind, Stop};
use crate::text::{after_prefix, holds, is_fixed};

const SHAPE: &Shape = &["url"];

/// Judges the media of a text, or else the text itself, which has that limit if it is known already; whether it says
/// something.
pub(crate) fn judge_either(
    field: &mut Field<'_, '_>,
    media: bool,
    text: &mut Option<String>,
    urls: &mut Vec<String>,
    longest: Option<Longest>,
) -> Result<bool, Stop> {
    // What was meant by a value of another kind is unknown; that it is one is reported.
    if media {
        judge(field, urls)?;
        return Ok(field.kind != Kind::Array || !urls.is_empty());
    }
    let Some(read) = field.text()? else { return Ok(true) };
    let text = text.insert(read.decode().into_owned());
    field.measured(text, Part::Text, longest);
    Ok(!text.trim().is_empty())
}

/// Judges a list of media and collects their addresses.
fn judge(field: &mut Field<'_, '_>, urls: &mut Vec<String>) -> Result<(), Stop> {
    let list = field.array(&mut |field| {
        // That there is a list is stated, what is in it is read out of client programs.
        let outside = std::mem::replace(&mut field.report.guessed, true);
        let url = judge_medium(field);
        field.report.guessed = outside;
        urls.push(url?);
        Ok(())
    })?;
    if list.is_some() && urls.len() > MEDIA {
        field.issue(Code::TooManyMedia, above("count", urls.len(), MEDIA));
    }
    Ok(())
}

/// Judges one of them; its address.
fn judge_medium(field: &mut Field<'_, '_>) -> Result<String, Stop> {
    let mut url = String::new();
    let seen = field.object(SHAPE, &mut |field, _| {
        if let Some(text) = field.text()? {
            url = text.decode().into_owned();
            field.measured(&url, Part::Detail, None);
            if is_fixed(&url) {
                judge_url(field, &url);
            }
        }
        Ok(())
    })?;
    field.require(seen, SHAPE, 1);
    Ok(url)
}

/// Judges an address from which something is fetched, and which is the same for everybody.
pub(crate) fn judge_url(field: &mut Field<'_, '_>, url: &str) {
    let Some(rest) = web_address(url) else { return field.found(Code::MediaNotUrl) };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let name = path.split('/').skip(1).last().unwrap_or_default();
    if holds(name, "%20") || holds(name, "+") {
        field.found(Code::MediaNameSpaces);
    }
    let length = name.chars().count();
    if length > MEDIA_NAME {
        field.issue(Code::MediaNameLong, above("length", length, MEDIA_NAME));
    }
}

/// What stands after the scheme of an address that can be fetched from the web.
pub(crate) fn web_address(url: &str) -> Option<&str> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| after_prefix(url, scheme))?;
    let reachable = !rest.is_empty() && !rest.starts_with('/') && !url.contains(|c: char| c.is_whitespace());
    reachable.then_some(rest)
}
