//! Modules: rich content for one channel, written into the request.
//!
//! The guide samples `sms` and the rich card of `rcs`; the rest is read out of client programs and the limits out of
//! the pages of others who use the same RCS back end. So what differs from these shapes is a warning.
//! Sources: <https://www.twilio.com/docs/comms/channel-fallback>,
//! <https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html>,
//! <https://docs.gupshup.io/docs/rcs-message-elements>.

use crate::code::Code;
use crate::content::{judge_length, unless_liquid};
use crate::instant;
use crate::issue::{above, param};
use crate::limits::*;
use crate::media::{self, web_address};
use crate::phone;
use crate::pointer::Pointer;
use crate::reach::Channels;
use crate::scan::{Kind, Reader, Stop};
use crate::shape::{self, Report, Seen, Shape};
use crate::text::Text;
use crate::wording::{Longest, Part};

/// Which channels have a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modules {
    /// Entries of the list.
    pub count: usize,
    /// The one for SMS.
    pub sms: Option<SmsModule>,
    /// Whether one is for RCS.
    pub rcs: bool,
    /// Whether one is for WhatsApp.
    pub whatsapp: bool,
}

/// The module for SMS and MMS, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmsModule {
    /// The text, which may hold Liquid.
    pub text: Option<String>,
    /// The addresses of the media.
    pub media: Vec<String>,
}

const MODULE: &Shape = &["sms", "rcs", "whatsapp"];
const SMS: &Shape = &["text", "media"];
const RCS: &Shape = &["text", "media", "richCard", "suggestions"];
const RICH_CARD: &Shape = &["standaloneCard", "carouselCard"];
const STANDALONE: &Shape = &["cardContent", "cardOrientation", "thumbnailImageAlignment"];
const CAROUSEL: &Shape = &["cardContents", "cardWidth"];
const CARD: &Shape = &["title", "description", "media", "suggestions"];
const CARD_MEDIA: &Shape = &["contentInfo", "height"];
const CONTENT_INFO: &Shape = &["fileUrl", "thumbnailUrl", "forceRefresh"];
const SUGGESTION: &Shape = &["reply", "action"];
const REPLY: &Shape = &["text", "postbackData"];
const ACTIONS: &[&str] =
    &["openUrlAction", "dialAction", "viewLocationAction", "createCalendarEventAction", "shareLocationAction"];
const ACTION: &Shape = &[
    "text",
    "postbackData",
    "openUrlAction",
    "dialAction",
    "viewLocationAction",
    "createCalendarEventAction",
    "shareLocationAction",
];
const OPEN_URL: &Shape = &["url"];
const DIAL: &Shape = &["phoneNumber"];
const VIEW_LOCATION: &Shape = &["latLong", "query", "label"];
const LAT_LONG: &Shape = &["latitude", "longitude"];
const CALENDAR: &Shape = &["startTime", "endTime", "title", "description"];
const NOTHING: &Shape = &[];

type Done = Result<(), Stop>;

/// Judges one entry of `modules`.
pub(crate) fn judge(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report, modules: &mut Modules) -> Done {
    let (_, offset) = reader.peek()?;
    modules.count += 1;
    let mut again = false;
    let seen = shape::object(reader, at, report, MODULE, &mut |reader, at, report, member| {
        report.guessed = true;
        report.channels = if member == 0 { Channels::TEXTS } else { Channels::RCS };
        let done = match member {
            0 => sms(reader, at, report).map(|module| again |= modules.sms.replace(module).is_some()),
            1 => {
                again |= std::mem::replace(&mut modules.rcs, true);
                rcs(reader, at, report)
            }
            _ => {
                again |= std::mem::replace(&mut modules.whatsapp, true);
                whatsapp(reader, at, report)
            }
        };
        report.guessed = false;
        report.channels = Channels::ALL;
        done
    })?;
    let Some(seen) = seen else { return Ok(()) };
    if seen.count() != 1 {
        report.issue(Code::ModuleChannels, at, offset, vec![]);
    }
    if again {
        report.issue(Code::RepeatedModule, at, offset, vec![]);
    }
    Ok(())
}

fn whatsapp(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    report.issue(Code::NotJudged, at, offset, vec![]);
    reader.skip()
}

fn sms(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Result<SmsModule, Stop> {
    let (_, offset) = reader.peek()?;
    let mut module = SmsModule::default();
    let seen = shape::object(reader, at, report, SMS, &mut |reader, at, report, member| {
        if member == 1 {
            return media::judge(reader, at, report, &mut module.media);
        }
        let Some(text) = shape::text(reader, at, report)? else { return Ok(()) };
        let decoded = text.decode();
        judge_length(&decoded, Part::Text, (Code::TextTooLong, TEXT), at, text.at, report);
        module.text = Some(decoded.into_owned());
        Ok(())
    })?;
    let says_something = module.text.as_ref().is_some_and(|text| !text.trim().is_empty());
    if seen.is_some() && !says_something && module.media.is_empty() {
        report.issue(Code::EmptyModule, at, offset, vec![]);
    }
    Ok(module)
}

fn rcs(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, RCS, &mut |reader, at, report, member| match member {
        0 => limited(reader, at, report, Part::Text, (Code::TextLongForRcs, TEXT_RCS)),
        1 => card_media(reader, at, report),
        2 => rich_card(reader, at, report),
        _ => suggestions(reader, at, report, SUGGESTIONS),
    })?;
    one_of(seen, 0..3, Code::EmptyModule, at, offset, report);
    Ok(())
}

fn rich_card(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, RICH_CARD, &mut |reader, at, report, member| {
        if member == 0 { standalone(reader, at, report) } else { carousel(reader, at, report) }
    })?;
    one_of(seen, 0..2, Code::EmptyModule, at, offset, report);
    Ok(())
}

fn standalone(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, STANDALONE, &mut |reader, at, report, member| match member {
        0 => card(reader, at, report),
        1 => shape::word(reader, at, report, &["HORIZONTAL", "VERTICAL"]).map(drop),
        _ => shape::word(reader, at, report, &["LEFT", "RIGHT"]).map(drop),
    })?;
    required(seen, STANDALONE, &[0], at, offset, report);
    Ok(())
}

fn carousel(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, CAROUSEL, &mut |reader, at, report, member| {
        if member == 1 {
            return shape::word(reader, at, report, &["SMALL", "MEDIUM"]).map(drop);
        }
        let Some(offset) = shape::expect(reader, at, report, Kind::Array)? else { return Ok(()) };
        let mut count = 0usize;
        reader.array(&mut |reader, index| {
            count += 1;
            card(reader, &Pointer::Index(at, index), report)
        })?;
        let (fewest, most) = CAROUSEL_CARDS;
        if !(fewest..=most).contains(&count) {
            let params = vec![("count", count.into()), ("fewest", fewest.into()), ("most", most.into())];
            report.issue(Code::CarouselCards, at, offset, params);
        }
        Ok(())
    })?;
    required(seen, CAROUSEL, &[0], at, offset, report);
    Ok(())
}

fn card(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, CARD, &mut |reader, at, report, member| match member {
        0 => limited(reader, at, report, Part::Detail, (Code::LongForRcs, CARD_TITLE)),
        1 => limited(reader, at, report, Part::Detail, (Code::LongForRcs, CARD_DESCRIPTION)),
        2 => card_media(reader, at, report),
        _ => suggestions(reader, at, report, CARD_SUGGESTIONS),
    })?;
    if seen.is_some_and(|seen| !(0..3).any(|member| seen.has(member))) {
        report.issue(Code::EmptyModule, at, offset, vec![]);
    }
    Ok(())
}

fn card_media(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, CARD_MEDIA, &mut |reader, at, report, member| {
        if member == 1 {
            return shape::word(reader, at, report, &["SHORT", "MEDIUM", "TALL"]).map(drop);
        }
        let (_, offset) = reader.peek()?;
        let seen = shape::object(reader, at, report, CONTENT_INFO, &mut |reader, at, report, member| {
            if member == 2 {
                return shape::expect(reader, at, report, Kind::Boolean)?.map_or(Ok(()), |_| reader.skip());
            }
            if let Some(text) = shape::text(reader, at, report)? {
                media::judge_rcs_url(&text.decode(), &text, at, report);
            }
            Ok(())
        })?;
        required(seen, CONTENT_INFO, &[0], at, offset, report);
        Ok(())
    })?;
    required(seen, CARD_MEDIA, &[0], at, offset, report);
    Ok(())
}

fn suggestions(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report, limit: usize) -> Done {
    let Some(offset) = shape::expect(reader, at, report, Kind::Array)? else { return Ok(()) };
    let mut count = 0usize;
    reader.array(&mut |reader, index| {
        count += 1;
        let at = &Pointer::Index(at, index);
        let (_, offset) = reader.peek()?;
        let seen = shape::object(reader, at, report, SUGGESTION, &mut |reader, at, report, member| {
            if member == 0 { reply(reader, at, report) } else { action(reader, at, report) }
        })?;
        one_of(seen, 0..2, Code::SuggestionKind, at, offset, report);
        Ok(())
    })?;
    if count > limit {
        report.issue(Code::TooManySuggestions, at, offset, above("count", count, limit));
    }
    Ok(())
}

fn reply(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, REPLY, &mut chip)?;
    required(seen, REPLY, &[0, 1], at, offset, report);
    Ok(())
}

/// The two members that replies and actions share.
fn chip(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report, member: usize) -> Done {
    let limit = if member == 0 { CHIP_TEXT } else { POSTBACK };
    limited(reader, at, report, Part::Detail, (Code::LongForRcs, limit))
}

fn action(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, ACTION, &mut |reader, at, report, member| {
        let (_, offset) = reader.peek()?;
        match member {
            0 | 1 => chip(reader, at, report, member),
            2 => {
                let seen = shape::object(reader, at, report, OPEN_URL, &mut |reader, at, report, _| {
                    if let Some(text) = shape::text(reader, at, report)? {
                        judge_link(&text, at, report);
                    }
                    Ok(())
                })?;
                required(seen, OPEN_URL, &[0], at, offset, report);
                Ok(())
            }
            3 => {
                let seen = shape::object(reader, at, report, DIAL, &mut |reader, at, report, _| {
                    if let Some(text) = shape::text(reader, at, report)?
                        && unless_liquid(&text.decode(), at, text.at, report)
                        && phone::judge_e164(text.decode().as_bytes()).is_err()
                    {
                        report.issue(Code::DialNotE164, at, text.at, vec![]);
                    }
                    Ok(())
                })?;
                required(seen, DIAL, &[0], at, offset, report);
                Ok(())
            }
            4 => location(reader, at, report),
            5 => calendar(reader, at, report),
            _ => shape::object(reader, at, report, NOTHING, &mut |reader, _, _, _| reader.skip()).map(drop),
        }
    })?;
    required(seen, ACTION, &[0], at, offset, report);
    one_of(seen, 2..2 + ACTIONS.len(), Code::ActionKind, at, offset, report);
    Ok(())
}

fn judge_link(text: &Text<'_>, at: &Pointer<'_>, report: &mut Report) {
    let url = text.decode();
    // Other schemes open other programs, so only a web address that is none is noticed.
    if unless_liquid(&url, at, text.at, report) && !url.contains(':') && web_address(&url).is_none() {
        report.issue(Code::MediaNotUrl, at, text.at, vec![]);
    }
}

fn location(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, VIEW_LOCATION, &mut |reader, at, report, member| {
        if member > 0 {
            if let Some(text) = shape::text(reader, at, report)? {
                unless_liquid(&text.decode(), at, text.at, report);
            }
            return Ok(());
        }
        let (_, offset) = reader.peek()?;
        let seen = shape::object(reader, at, report, LAT_LONG, &mut |reader, at, report, member| {
            let limit: u32 = if member == 0 { 90 } else { 180 };
            let Some(offset) = shape::expect(reader, at, report, Kind::Number)? else { return Ok(()) };
            let number = reader.number_text()?;
            if !is_within(number, limit) {
                report.issue(Code::NoPlace, at, offset, param("limit", limit));
            }
            Ok(())
        })?;
        required(seen, LAT_LONG, &[0, 1], at, offset, report);
        Ok(())
    })?;
    one_of(seen, 0..2, Code::ActionKind, at, offset, report);
    Ok(())
}

/// Whether a JSON number lies between the limit and its negative.
///
/// By its digits: the standard library's reader of floating point numbers is larger than all of this file.
fn is_within(number: &str, limit: u32) -> bool {
    let number = number.trim_start_matches('-');
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let Some(first) = digits().position(|digit| digit != b'0') else { return true };
    // An exponent that cannot be read has very many digits.
    let exponent =
        exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 });
    let places = whole.len() as i64 + exponent - first as i64;
    if places <= 0 {
        return true;
    }
    if places > 3 {
        return false;
    }
    let significant = || digits().skip(first).chain(std::iter::repeat_n(b'0', 3));
    let integer = significant().take(places as usize).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    integer < limit || (integer == limit && significant().skip(places as usize).all(|digit| digit == b'0'))
}

fn calendar(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Done {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, CALENDAR, &mut |reader, at, report, member| {
        if let Some(text) = shape::text(reader, at, report)? {
            let decoded = text.decode();
            if unless_liquid(&decoded, at, text.at, report) && member < 2 && instant::read(&decoded).is_none() {
                report.issue(Code::UnknownExpression, at, text.at, vec![]);
            }
        }
        Ok(())
    })?;
    required(seen, CALENDAR, &[0, 1, 2, 3], at, offset, report);
    Ok(())
}

/// Reads a text with a limit in characters.
fn limited(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report, part: Part, longest: Longest) -> Done {
    if let Some(text) = shape::text(reader, at, report)? {
        judge_length(&text.decode(), part, longest, at, text.at, report);
    }
    Ok(())
}

fn required(
    seen: Option<Seen>,
    shape: &Shape,
    members: &[usize],
    at: &Pointer<'_>,
    offset: usize,
    report: &mut Report,
) {
    let Some(seen) = seen else { return };
    for &member in members {
        if !seen.has(member) {
            shape::missing(report, at, offset, shape[member]);
        }
    }
}

/// Reports an object that has none or several of members of which it should have one.
fn one_of(
    seen: Option<Seen>,
    mut members: std::ops::Range<usize>,
    code: Code,
    at: &Pointer<'_>,
    offset: usize,
    report: &mut Report,
) {
    let Some(seen) = seen else { return };
    let count = members.by_ref().filter(|member| seen.has(*member)).count();
    if count != 1 {
        report.issue(code, at, offset, vec![]);
    }
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn numbers_are_compared_by_their_digits() {
        for number in ["0", "-0.0", "90", "-90", "90.000", "9e1", "0.09e3", "900e-1", "1e-99999999999999999999", "0e9"]
        {
            assert!(is_within(number, 90), "{number}");
        }
        for number in ["91", "90.0001", "-90.5", "9.01e1", "1e3", "900", "1e99999999999999999999"] {
            assert!(!is_within(number, 90), "{number}");
        }
    }
}
