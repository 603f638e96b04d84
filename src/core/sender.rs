//! The sender: the `from` side, an address, a sender's id, or a pool of senders.
//!
//! Sources: <https://www.twilio.com/docs/bulk-messaging/api/message-resource>,
//! <https://www.twilio.com/docs/bulk-messaging/sender-pools>.

use crate::address;
use crate::code::Code;
use crate::id;
use crate::limits::{ALPHANUMERIC, SHORT_CODE_DIGITS};
use crate::order;
use crate::phone::{self, Region};
use crate::pointer::Pointer;
use crate::scan::{Kind, Reader, Stop};
use crate::shape::{self, Report, Shape};
use crate::text::Text;

/// The channel of a sender's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderChannel {
    /// SMS and, with media, MMS.
    Sms,
    /// RCS.
    Rcs,
    /// WhatsApp.
    WhatsApp,
}

impl SenderChannel {
    fn named(word: &str) -> Option<Self> {
        match word {
            "SMS" => Some(Self::Sms),
            "RCS" => Some(Self::Rcs),
            "WHATSAPP" => Some(Self::WhatsApp),
            _ => None,
        }
    }
}

const CHANNELS: &[&str] = &["SMS", "RCS", "WHATSAPP"];
pub(crate) const POOL_CHANNELS: &[&str] = &["SMS", "RCS", "EMAIL", "WHATSAPP", "PUSH"];

/// Who a send comes from, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The sender's number or name.
    pub address: Option<String>,
    /// The channel of that address.
    pub channel: Option<SenderChannel>,
    /// The id of one of the account's senders.
    pub sender_id: Option<String>,
    /// The id of one of the account's pools.
    pub sender_pool_id: Option<String>,
    /// The channels to which a pool is narrowed down, as far as messages go over them.
    pub filter_in: Option<Vec<SenderChannel>>,
}

const SHAPE: &Shape = &["address", "channel", "senderId", "senderPoolId", "channels"];
const ADDRESS: usize = 0;
const CHANNEL: usize = 1;
const SENDER_ID: usize = 2;
const POOL_ID: usize = 3;
const POOL_CONTROL: usize = 4;

const CONTROL: &Shape = &["filterIn", "priority"];
const PRIORITY: &Shape = &["channel", "priority"];

/// Judges `from`.
pub(crate) fn judge(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    region: Option<Region>,
    report: &mut Report,
) -> Result<Option<Sender>, Stop> {
    let (_, offset) = reader.peek()?;
    let mut written: Option<Text<'_>> = None;
    let mut sender = Sender::default();
    let mut control_at = 0;
    let seen = shape::object(reader, at, report, SHAPE, &mut |reader, at, report, member| {
        match member {
            ADDRESS => written = shape::text(reader, at, report)?,
            CHANNEL => {
                let channel = shape::word(reader, at, report, CHANNELS)?;
                sender.channel = channel.and_then(|index| SenderChannel::named(CHANNELS[index]));
            }
            SENDER_ID => sender.sender_id = judge_id(reader, at, report, id::SENDER)?,
            POOL_ID => sender.sender_pool_id = judge_id(reader, at, report, id::SENDER_POOL)?,
            _ => {
                control_at = reader.peek()?.1;
                sender.filter_in = control(reader, at, report)?;
            }
        }
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(None) };
    if let Some(text) = written {
        sender.address = Some(judge_address(&text, sender.channel, region, &Pointer::Name(at, "address"), report));
    }
    let addressed = seen.has(ADDRESS) || seen.has(CHANNEL);
    let kinds = [addressed, seen.has(SENDER_ID), seen.has(POOL_ID)].into_iter().filter(|there| *there).count();
    if kinds > 1 {
        report.issue(Code::AmbiguousSender, at, offset, vec![]);
    } else if addressed || (kinds == 0 && !seen.has_unknown()) {
        for (member, field) in [(ADDRESS, "address"), (CHANNEL, "channel")] {
            if !seen.has(member) {
                shape::missing(report, at, offset, field);
            }
        }
    }
    if seen.has(POOL_CONTROL) && !seen.has(POOL_ID) {
        report.issue(Code::ChannelsWithoutPool, &Pointer::Name(at, "channels"), control_at, vec![]);
    }
    // The address is judged when the channel is known, which may stand in front of it or behind.
    order::sort(&mut report.edits, &|a, b| a.start < b.start);
    Ok(Some(sender))
}

fn judge_id(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    report: &mut Report,
    kind: id::Kind,
) -> Result<Option<String>, Stop> {
    let text = shape::text(reader, at, report)?;
    Ok(text.map(|text| {
        id::judge(&text, kind, at, report);
        text.decode().into_owned()
    }))
}

/// Judges which of a pool's channels are used, and in which order; those to which it is narrowed down.
fn control(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Result<Option<Vec<SenderChannel>>, Stop> {
    let mut filter_in = None;
    let repeated = |seen: &mut u32, channel: Option<usize>| {
        channel.is_some_and(|channel| std::mem::replace(seen, *seen | 1 << channel) >> channel & 1 == 1)
    };
    shape::object(reader, at, report, CONTROL, &mut |reader, at, report, member| {
        let Some(_) = shape::expect(reader, at, report, Kind::Array)? else { return Ok(()) };
        let mut channels = 0;
        let mut filter = Vec::new();
        reader.array(&mut |reader, index| {
            let at = &Pointer::Index(at, index);
            let (_, offset) = reader.peek()?;
            let channel = if member == 0 {
                shape::word(reader, at, report, POOL_CHANNELS)?
            } else {
                priority(reader, at, report)?
            };
            if repeated(&mut channels, channel) {
                report.issue(Code::RepeatedChannel, at, offset, vec![]);
            } else if member == 0 {
                filter.extend(channel.and_then(|channel| SenderChannel::named(POOL_CHANNELS[channel])));
            }
            Ok(())
        })?;
        if !filter.is_empty() {
            filter_in = Some(filter);
        }
        Ok(())
    })?;
    Ok(filter_in)
}

fn priority(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Result<Option<usize>, Stop> {
    let (_, offset) = reader.peek()?;
    let mut channel = None;
    let seen = shape::object(reader, at, report, PRIORITY, &mut |reader, at, report, member| {
        if member == 0 {
            channel = shape::word(reader, at, report, POOL_CHANNELS)?;
            return Ok(());
        }
        let Some(offset) = shape::expect(reader, at, report, Kind::Number)? else { return Ok(()) };
        if !reader.number_text()?.bytes().all(|byte| byte.is_ascii_digit()) {
            report.issue(Code::PriorityNumber, at, offset, vec![]);
        }
        Ok(())
    })?;
    for (member, field) in PRIORITY.iter().enumerate() {
        if seen.is_some_and(|seen| !seen.has(member)) {
            shape::missing(report, at, offset, field);
        }
    }
    Ok(channel)
}

/// Judges a sender's address by its channel.
///
/// A WhatsApp sender is a number. An SMS sender is a number, a short code or a name; of the last two only the shape is
/// known. An RCS sender is whatever it was registered as.
fn judge_address(
    text: &Text<'_>,
    channel: Option<SenderChannel>,
    region: Option<Region>,
    at: &Pointer<'_>,
    report: &mut Report,
) -> String {
    let written = text.decode();
    let address = address::without_prefix(&written, text, at, report);
    if address.trim().is_empty() {
        report.issue(Code::EmptySender, at, text.at, vec![]);
        return address.to_owned();
    }
    let sms = channel == Some(SenderChannel::Sms);
    let must_be_number = channel == Some(SenderChannel::WhatsApp) || address.starts_with('+');
    let named = !must_be_number && (!sms || is_short_code(address) || is_alphanumeric(address));
    let sent = match phone::normalize(address, region) {
        _ if named => address.to_owned(),
        Ok(number) => {
            if number.changed {
                report.issue(Code::AddressNormalized, at, text.at, vec![]);
            }
            number.as_str().to_owned()
        }
        Err(error) => {
            let (code, params) = if must_be_number { address::refusal(error) } else { (Code::UnusualSender, vec![]) };
            report.issue(code, at, text.at, params);
            address.to_owned()
        }
    };
    if sent != written {
        report.replace(text, &sent);
    }
    sent
}

fn is_short_code(address: &str) -> bool {
    let (fewest, most) = SHORT_CODE_DIGITS;
    (fewest..=most).contains(&address.len()) && address.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_alphanumeric(address: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '+' | '-' | '_' | '&');
    address.len() <= ALPHANUMERIC
        && address.chars().all(allowed)
        && address.bytes().any(|byte| byte.is_ascii_alphabetic())
}
