//! Modules: rich content for one channel, written into the request.
//!
//! The guide samples `sms` and the rich card of `rcs`; the rest is read out of client programs and the limits out of
//! the pages of others who use the same RCS back end. So what differs from these shapes is a warning.
//! Sources: <https://www.twilio.com/docs/comms/channel-fallback>,
//! <https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html>,
//! <https://docs.gupshup.io/docs/rcs-message-elements>.

use crate::channel::Channels;
use crate::field::length::Longest;
use crate::field::shape::{Field, Shape};
use crate::field::wording::Part;
use crate::finding::code::Code;
use crate::finding::issue::{above, param};
use crate::instant;
use crate::limits::*;
use crate::phone;
use crate::reader::scan::{Kind, Stop};
use crate::request::media::{self, web_address};
use crate::template::read_float;
use crate::text::is_fixed;

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
    /// Whether one is for a channel that is not known.
    pub other: bool,
}

/// The module for SMS and MMS, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmsModule {
    /// The text, which may hold Liquid.
    pub text: Option<String>,
    /// The addresses of the media.
    pub media: Vec<String>,
}

/// What a value of a module for RCS has to be.
enum Form {
    /// A text, what it is too long for, and how one that is the same for everybody is judged beside.
    Text(Part, Option<Longest>, Option<fn(&mut Field<'_, '_>, &str)>),
    /// One of some words.
    Word(&'static [&'static str]),
    Flag,
    /// A number that lies between that one and its negative.
    Degrees(u32),
    /// An array of values of that form, of which there are too few or too many otherwise.
    List(&'static Form, (usize, usize), Code),
    /// An object: names and forms of its members, and which of them it should have.
    Object(&'static Shape, &'static [&'static Form], &'static [Needs]),
}

/// Which members an object should have, a bit each in the order of its shape.
enum Needs {
    All(u32),
    /// Exactly one of those.
    One(u32, Code),
    Any(u32, Code),
}

const RCS: Form = Form::Object(
    &["text", "media", "richCard", "suggestions"],
    &[
        &Form::Text(Part::Text, Some((Code::TextLongForRcs, TEXT_RCS)), None),
        &CARD_MEDIA,
        &RICH_CARD,
        &suggestions(SUGGESTIONS),
    ],
    &[Needs::One(0b0111, Code::EmptyModule)],
);
const RICH_CARD: Form = Form::Object(
    &["standaloneCard", "carouselCard"],
    &[&STANDALONE, &CAROUSEL],
    &[Needs::One(0b11, Code::EmptyModule)],
);
const STANDALONE: Form = Form::Object(
    &["cardContent", "cardOrientation", "thumbnailImageAlignment"],
    &[&CARD, &Form::Word(&["HORIZONTAL", "VERTICAL"]), &Form::Word(&["LEFT", "RIGHT"])],
    &[Needs::All(0b001)],
);
const CAROUSEL: Form = Form::Object(
    &["cardContents", "cardWidth"],
    &[&Form::List(&CARD, CAROUSEL_CARDS, Code::CarouselCards), &Form::Word(&["SMALL", "MEDIUM"])],
    &[Needs::All(0b01)],
);
const CARD: Form = Form::Object(
    &["title", "description", "media", "suggestions"],
    &[&detail(CARD_TITLE), &detail(CARD_DESCRIPTION), &CARD_MEDIA, &suggestions(CARD_SUGGESTIONS)],
    &[Needs::Any(0b0111, Code::EmptyModule)],
);
const CARD_MEDIA: Form = Form::Object(
    &["contentInfo", "height"],
    &[&CONTENT_INFO, &Form::Word(&["SHORT", "MEDIUM", "TALL"])],
    &[Needs::All(0b01)],
);
const CONTENT_INFO: Form = Form::Object(
    &["fileUrl", "thumbnailUrl", "forceRefresh"],
    &[&MEDIA_URL, &MEDIA_URL, &Form::Flag],
    &[Needs::All(0b001)],
);
const SUGGESTION: Form =
    Form::Object(&["reply", "action"], &[&REPLY, &ACTION], &[Needs::One(0b11, Code::SuggestionKind)]);
const REPLY: Form =
    Form::Object(&["text", "postbackData"], &[&detail(CHIP_TEXT), &detail(POSTBACK)], &[Needs::All(0b11)]);
const ACTION: Form = Form::Object(
    &[
        "text",
        "postbackData",
        "openUrlAction",
        "dialAction",
        "viewLocationAction",
        "createCalendarEventAction",
        "shareLocationAction",
    ],
    &[
        &detail(CHIP_TEXT),
        &detail(POSTBACK),
        &Form::Object(&["url"], &[&judged(judge_link)], &[Needs::All(1)]),
        &Form::Object(&["phoneNumber"], &[&judged(judge_number)], &[Needs::All(1)]),
        &VIEW_LOCATION,
        &CALENDAR,
        &Form::Object(&[], &[], &[]),
    ],
    &[Needs::All(0b11), Needs::One(0b111_1100, Code::ActionKind)],
);
const VIEW_LOCATION: Form =
    Form::Object(&["latLong", "query", "label"], &[&LAT_LONG, &WORDS, &WORDS], &[Needs::One(0b011, Code::ActionKind)]);
const LAT_LONG: Form =
    Form::Object(&["latitude", "longitude"], &[&Form::Degrees(90), &Form::Degrees(180)], &[Needs::All(0b11)]);
const CALENDAR: Form = Form::Object(
    &["startTime", "endTime", "title", "description"],
    &[&judged(judge_instant), &judged(judge_instant), &WORDS, &WORDS],
    &[Needs::All(0b1111)],
);

/// A text of which no limit is known.
const WORDS: Form = Form::Text(Part::Detail, None, None);
const MEDIA_URL: Form = Form::Text(Part::Detail, Some((Code::LongForRcs, MEDIA_URL_RCS)), Some(media::judge_url));

const fn detail(limit: usize) -> Form {
    Form::Text(Part::Detail, Some((Code::LongForRcs, limit)), None)
}

const fn judged(judge: fn(&mut Field<'_, '_>, &str)) -> Form {
    Form::Text(Part::Detail, None, Some(judge))
}

const fn suggestions(most: usize) -> Form {
    Form::List(&SUGGESTION, (0, most), Code::TooManySuggestions)
}

const MODULE: &Shape = &["sms", "rcs", "whatsapp"];
const SMS: &Shape = &["text", "media"];

/// Judges one entry of `modules`.
pub(crate) fn judge(field: &mut Field<'_, '_>, modules: &mut Modules) -> Result<(), Stop> {
    modules.count += 1;
    let mut again = false;
    let seen = field.object(MODULE, &mut |field, member| {
        field.report.guessed = true;
        field.report.channels = if member == 0 { Channels::TEXTS } else { Channels::RCS };
        let done = match member {
            0 => sms(field).map(|module| again |= modules.sms.replace(module).is_some()),
            1 => {
                again |= std::mem::replace(&mut modules.rcs, true);
                judge_form(field, &RCS).map(drop)
            }
            _ => {
                again |= std::mem::replace(&mut modules.whatsapp, true);
                field.found(Code::OpenSessionOnly);
                field.found(Code::NotJudged);
                field.reader.skip()
            }
        };
        field.report.guessed = false;
        field.report.channels = Channels::ALL;
        done
    })?;
    modules.other |= seen.is_none_or(|seen| seen.count(0b111) == 0);
    let Some(seen) = seen else { return Ok(()) };
    if seen.count(0b111) != 1 {
        field.found(Code::ModuleChannels);
    }
    if again {
        field.found(Code::RepeatedModule);
    }
    Ok(())
}

fn sms(field: &mut Field<'_, '_>) -> Result<SmsModule, Stop> {
    let mut module = SmsModule::default();
    let mut says_something = false;
    let seen = field.object(SMS, &mut |field, member| {
        let longest = Some((Code::TextTooLong, TEXT));
        says_something |= media::judge_either(field, member == 1, &mut module.text, &mut module.media, longest)?;
        Ok(())
    })?;
    if seen.is_some() && !says_something {
        field.expected(Code::EmptyModule, SMS, 0b11);
    }
    Ok(module)
}

/// Judges a value by its form; as deep as forms are, however deep the value is. Whether it is more than an empty text,
/// which is as good as none.
fn judge_form(field: &mut Field<'_, '_>, form: &Form) -> Result<bool, Stop> {
    match form {
        Form::Text(part, longest, judge) => {
            let Some(text) = field.text()? else { return Ok(true) };
            let text = &text.decode();
            field.measured(text, *part, *longest);
            let Some(judge) = judge else { return Ok(!text.trim().is_empty()) };
            if is_fixed(text) {
                judge(field, text);
            }
        }
        Form::Word(words) => drop(field.word(words)?),
        Form::Flag => {
            if field.is(Kind::Boolean)? {
                field.reader.skip()?;
            }
        }
        Form::Degrees(limit) => {
            if field.is(Kind::Number)? && read_float(field.reader.number_text()?).abs() > f64::from(*limit) {
                field.issue(Code::NoPlace, param("limit", *limit));
            }
        }
        Form::List(form, (fewest, most), code) => {
            let count = field.array(&mut |field| judge_form(field, form).map(drop))?;
            if let Some(count) = count.filter(|count| !(*fewest..=*most).contains(count)) {
                let mut params = above("count", count, *most);
                if *fewest > 0 {
                    params = vec![("count", count.into()), ("fewest", (*fewest).into()), ("most", (*most).into())];
                }
                field.issue(*code, params);
            }
        }
        Form::Object(shape, forms, needs) => {
            let mut empty = 0_u32;
            let seen = field.object(shape, &mut |field, member| {
                empty |= u32::from(!judge_form(field, forms[member])?) << member;
                Ok(())
            })?;
            let Some(seen) = seen.map(|seen| seen.without(empty)) else { return Ok(true) };
            for needs in *needs {
                let (wrong, members, code) = match *needs {
                    Needs::All(members) => {
                        field.require(Some(seen), shape, members);
                        continue;
                    }
                    Needs::One(members, code) => (seen.count(members) != 1, members, code),
                    Needs::Any(members, code) => (seen.count(members) == 0, members, code),
                };
                if wrong {
                    field.expected(code, shape, members);
                }
            }
        }
    }
    Ok(true)
}

fn judge_link(field: &mut Field<'_, '_>, url: &str) {
    // Other schemes open other programs, so only a web address that is none is noticed.
    if !url.contains(':') && web_address(url).is_none() {
        field.found(Code::MediaNotUrl);
    }
}

fn judge_number(field: &mut Field<'_, '_>, number: &str) {
    if phone::judge_e164(number.as_bytes()).is_err() {
        field.found(Code::DialNotE164);
    }
}

fn judge_instant(field: &mut Field<'_, '_>, text: &str) {
    if instant::read(text).is_none() {
        field.found(Code::UnknownExpression);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, check};

    #[test]
    fn a_place_lies_on_the_globe() {
        let places = |latitude: &str| {
            let place = format!(r#"{{"latLong":{{"latitude":{latitude},"longitude":0}}}}"#);
            let action = format!(r#"{{"text":"a","postbackData":"b","viewLocationAction":{place}}}"#);
            let rcs = format!(r#"{{"text":"a","suggestions":[{{"action":{action}}}]}}"#);
            let request = format!(r#"{{"to":[],"content":{{"modules":[{{"sms":{{"text":"a"}}}},{{"rcs":{rcs}}}]}}}}"#);
            let counts = check(request.as_bytes(), &Options::default()).verdict.counts;
            counts.iter().all(|(code, _)| *code != crate::Code::NoPlace)
        };
        for number in ["0", "-0.0", "90", "-90", "90.000", "9e1", "0.09e3", "900e-1", "1e-99999999999999999999", "0e9"]
        {
            assert!(places(number), "{number}");
        }
        for number in ["91", "90.0001", "-90.5", "9.01e+1", "1e3", "900", "1E99999999999999999999"] {
            assert!(!places(number), "{number}");
        }
    }
}
