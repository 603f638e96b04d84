//! Tags: a send's own metadata.
//!
//! Source: <https://www.twilio.com/docs/bulk-messaging/tags>.

use crate::field::shape::Field;
use crate::field::wording::Part;
use crate::finding::code::Code;
use crate::finding::issue::{Span, above};
use crate::limits::{TAG_KEY, TAG_VALUE, TAGS};
use crate::reader::scan::{Kind, Stop};
use crate::text::is_fixed;

/// The key of the tag by which a gate finds its batches again. Whoever else could write it could pass a message off as
/// part of another send.
pub const RESERVED_TAG: &str = "postgate.batch";

/// A send's tags in the sender's order, as far as they could be read.
pub type Tags = Vec<(String, String)>;

/// Judges `tags`.
pub(crate) fn judge(field: &mut Field<'_, '_>) -> Result<Option<Tags>, Stop> {
    if !field.is(Kind::Object)? {
        return Ok(None);
    }
    let mut tags = Tags::new();
    let mut count = 0_usize;
    field.members(&mut |name, tag| {
        count += 1;
        let key = name.decode();
        judge_key(&key, tag);
        let Some(value) = tag.text()? else { return Ok(()) };
        let value = value.decode();
        judge_value(&value, tag);
        // More are an error anyway; what is kept stays small.
        if tags.len() < TAGS {
            if tags.iter().any(|(earlier, _)| *earlier == key) {
                tag.found(Code::RepeatedField);
            }
            tags.push((key.into_owned(), value.into_owned()));
        }
        Ok(())
    })?;
    if count > TAGS {
        field.issue(Code::TooManyTags, above("count", count, TAGS));
    }
    Ok(Some(tags))
}

fn judge_key(key: &str, tag: &mut Field<'_, '_>) {
    if key == RESERVED_TAG {
        tag.found(Code::ReservedTag);
    }
    let length = key.chars().count();
    if length > TAG_KEY {
        tag.issue(Code::TagKeyTooLong, above("length", length, TAG_KEY));
    }
    if key.is_empty() || key.chars().any(is_barred) {
        tag.found(Code::TagKeyCharacters);
    }
}

fn judge_value(value: &str, tag: &mut Field<'_, '_>) {
    if !is_fixed(value) {
        return tag.wording(value, Part::Tag, None);
    }
    let length = value.chars().count();
    if length > TAG_VALUE {
        tag.issue(Code::TagValueTooLong, above("length", length, TAG_VALUE));
    }
    if value.is_empty() {
        tag.found(Code::TagValueCharacters);
    } else if let Some((start, barred)) = value.char_indices().find(|(_, c)| is_barred(*c)) {
        let span = Span::of(value, start, start + barred.len_utf8());
        tag.report.spanned(Code::TagValueCharacters, &tag.at, tag.offset, Some(span), vec![]);
    }
}

fn is_barred(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-'))
}
