//! Media: what is fetched from the web and shown with a text.
//!
//! Source: <https://www.twilio.com/docs/messaging/guides/accepted-mime-types>. How large a medium is and of which type
//! shows only when it is fetched, so neither is judged.

use crate::code::Code;
use crate::content::{is_fixed, judge_length, unless_liquid};
use crate::issue::above;
use crate::limits::{MEDIA, MEDIA_NAME, MEDIA_URL_RCS};
use crate::pointer::Pointer;
use crate::scan::{Kind, Reader, Stop};
use crate::shape::{self, Report, Shape};
use crate::text::{Text, holds};
use crate::wording::Part;

const SHAPE: &Shape = &["url"];

/// Judges a list of media and collects their addresses.
pub(crate) fn judge(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    report: &mut Report,
    urls: &mut Vec<String>,
) -> Result<(), Stop> {
    let Some(offset) = shape::expect(reader, at, report, Kind::Array)? else { return Ok(()) };
    reader.array(&mut |reader, index| {
        let at = &Pointer::Index(at, index);
        let (_, offset) = reader.peek()?;
        let mut url = String::new();
        let seen = shape::object(reader, at, report, SHAPE, &mut |reader, at, report, _| {
            if let Some(text) = shape::text(reader, at, report)? {
                url = text.decode().into_owned();
                judge_url(&url, &text, at, report);
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
        report.issue(Code::TooManyMedia, at, offset, above("count", urls.len(), MEDIA));
    }
    Ok(())
}

/// Judges an address of RCS, which has a limit of its own.
pub(crate) fn judge_rcs_url(url: &str, text: &Text<'_>, at: &Pointer<'_>, report: &mut Report) {
    if is_fixed(url) {
        judge_url(url, text, at, report);
    }
    judge_length(url, Part::Detail, (Code::LongForRcs, MEDIA_URL_RCS), at, text.at, report);
}

/// Judges an address from which something is fetched. One with Liquid is known only for each recipient.
pub(crate) fn judge_url(url: &str, text: &Text<'_>, at: &Pointer<'_>, report: &mut Report) {
    if !unless_liquid(url, at, text.at, report) {
        return;
    }
    let Some(rest) = web_address(url) else {
        report.issue(Code::MediaNotUrl, at, text.at, vec![]);
        return;
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let name = path.split('/').skip(1).last().unwrap_or_default();
    if holds(name, "%20") || holds(name, "+") {
        report.issue(Code::MediaNameSpaces, at, text.at, vec![]);
    }
    let length = name.chars().count();
    if length > MEDIA_NAME {
        let params = above("length", length, MEDIA_NAME);
        report.issue(Code::MediaNameLong, at, text.at, params);
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
