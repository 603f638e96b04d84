//! Tags: a send's own metadata.
//!
//! Source: <https://www.twilio.com/docs/bulk-messaging/tags>.

use crate::code::Code;
use crate::issue::{Span, above};
use crate::limits::{TAG_KEY, TAG_VALUE, TAGS};
use crate::pointer::Pointer;
use crate::scan::{Kind, Reader, Stop};
use crate::shape::{self, Report};
use crate::text::holds;
use crate::wording::Part;

/// The key of the tag by which a gate finds its batches again. Who else could write it could pass a message off as part
/// of another send.
pub const RESERVED_TAG: &str = "postgate.batch";

/// A send's tags in the sender's order, as far as they could be read.
pub type Tags = Vec<(String, String)>;

/// Judges `tags`.
pub(crate) fn judge(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Result<Option<Tags>, Stop> {
    let Some(offset) = shape::expect(reader, at, report, Kind::Object)? else { return Ok(None) };
    let mut tags = Tags::new();
    let mut count = 0;
    let mut members = reader.object()?;
    while let Some(name) = members.next(reader)? {
        count += 1;
        let key = name.decode();
        let at = &Pointer::Name(at, &key);
        let (_, offset) = reader.peek()?;
        judge_key(&key, at, offset, report);
        let Some(value) = shape::text(reader, at, report)? else { continue };
        let value = value.decode();
        judge_value(&value, at, offset, report);
        // More are an error anyway; what is kept stays small.
        if tags.len() < TAGS {
            if tags.iter().any(|(earlier, _)| *earlier == key) {
                report.issue(Code::RepeatedField, at, offset, vec![]);
            }
            tags.push((key.into_owned(), value.into_owned()));
        }
    }
    if count > TAGS {
        report.issue(Code::TooManyTags, at, offset, above("count", count, TAGS));
    }
    Ok(Some(tags))
}

fn judge_key(key: &str, at: &Pointer<'_>, offset: usize, report: &mut Report) {
    if key == RESERVED_TAG {
        report.issue(Code::ReservedTag, at, offset, vec![]);
    }
    let length = key.chars().count();
    if length > TAG_KEY {
        let params = above("length", length, TAG_KEY);
        report.issue(Code::TagKeyTooLong, at, offset, params);
    }
    if key.is_empty() || key.chars().any(is_barred) {
        report.issue(Code::TagKeyCharacters, at, offset, vec![]);
    }
}

fn judge_value(value: &str, at: &Pointer<'_>, offset: usize, report: &mut Report) {
    if holds(value, "{{") || holds(value, "{%") {
        report.issue(Code::TagLiquid, at, offset, vec![]);
        report.wording(value, at, offset, Part::Tag, None);
        return;
    }
    let length = value.chars().count();
    if length > TAG_VALUE {
        let params = above("length", length, TAG_VALUE);
        report.issue(Code::TagValueTooLong, at, offset, params);
    }
    if value.is_empty() {
        report.issue(Code::TagValueCharacters, at, offset, vec![]);
    } else if let Some((start, barred)) = value.char_indices().find(|(_, c)| is_barred(*c)) {
        let span = Span::of(value, start, start + barred.len_utf8());
        report.spanned(Code::TagValueCharacters, at, offset, Some(span), vec![]);
    }
}

fn is_barred(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-'))
}
