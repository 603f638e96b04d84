//! Media: what is fetched from the web and shown with a text.
//!
//! Source: <https://www.twilio.com/docs/messaging/guides/accepted-mime-types>. How large a medium is and of which type
//! shows only when it is fetched, so neither is judged.

use crate::code::Code;
use crate::issue::above;
use crate::limits::{MEDIA, MEDIA_NAME, MEDIA_URL_RCS};
use crate::scan::Stop;
use crate::shape::{Field, Shape};
use crate::text::{holds, is_fixed};
use crate::wording::Part;

const SHAPE: &Shape = &["url"];

/// Judges a list of media and collects their addresses.
pub(crate) fn judge(field: &mut Field<'_, '_>, urls: &mut Vec<String>) -> Result<(), Stop> {
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
            judge_url(field, &url);
        }
        Ok(())
    })?;
    field.require(seen, SHAPE, 1);
    Ok(url)
}

/// Judges an address of RCS, which has a limit of its own.
pub(crate) fn judge_rcs_url(field: &mut Field<'_, '_>, url: &str) {
    if is_fixed(url) {
        judge_url(field, url);
    }
    field.measured(url, Part::Detail, (Code::LongForRcs, MEDIA_URL_RCS));
}

/// Judges an address from which something is fetched. One with Liquid is known only for each recipient.
pub(crate) fn judge_url(field: &mut Field<'_, '_>, url: &str) {
    if !field.unless_liquid(url) {
        return;
    }
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

/// What stands behind the scheme of an address that can be fetched from the web.
pub(crate) fn web_address(url: &str) -> Option<&str> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let (head, rest) = url.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    })?;
    let reachable = !rest.is_empty() && !rest.starts_with('/') && !url.contains(|c: char| c.is_whitespace());
    reachable.then_some(rest)
}
