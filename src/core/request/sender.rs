//! The sender: the `from` side, an address, a sender's id, or a pool of senders.
//!
//! Sources: <https://www.twilio.com/docs/bulk-messaging/api/message-resource>,
//! <https://www.twilio.com/docs/bulk-messaging/sender-pools>.

use std::borrow::Cow;

use crate::field::address;
use crate::field::id;
use crate::field::report::Report;
use crate::field::shape::{Field, Shape};
use crate::finding::code::Code;
use crate::finding::pointer::Pointer;
use crate::limits::{ALPHANUMERIC, SHORT_CODE_DIGITS};
use crate::phone::{self, Region};
use crate::reader::scan::{Kind, Stop};
use crate::text::{Text, is_whole};

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
    /// In the order of [`CHANNELS`].
    const ALL: [Self; 3] = [Self::Sms, Self::Rcs, Self::WhatsApp];
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
    /// The channels that `filterIn` leaves a pool, without those that carry no messages of this API.
    pub filter_in: Option<Vec<SenderChannel>>,
}

const SHAPE: &Shape = &["address", "channel", "senderId", "senderPoolId", "channels"];
const ADDRESS: usize = 0;
const CHANNEL: usize = 1;
/// The members that an address has, a bit each.
const ADDRESSED: u32 = 1 << ADDRESS | 1 << CHANNEL;
const SENDER_ID: usize = 2;
const POOL_ID: usize = 3;
const POOL_CONTROL: usize = 4;

const CONTROL: &Shape = &["filterIn", "priority"];
const PRIORITY: &Shape = &["channel", "priority"];

/// Judges `from`.
pub(crate) fn judge(field: &mut Field<'_, '_>, region: Option<Region>) -> Result<Option<Sender>, Stop> {
    let mut written: Option<Text<'_>> = None;
    let mut sender = Sender::default();
    let mut control_at = 0;
    let seen = field.object(SHAPE, &mut |field, member| {
        match member {
            ADDRESS => written = field.text()?,
            CHANNEL => sender.channel = field.word(CHANNELS)?.map(|index| SenderChannel::ALL[index]),
            SENDER_ID | POOL_ID => {
                let (kind, id) = match member {
                    SENDER_ID => (id::SENDER, &mut sender.sender_id),
                    _ => (id::SENDER_POOL, &mut sender.sender_pool_id),
                };
                *id = id::judge(field, kind)?.map(Cow::into_owned);
            }
            _ => {
                control_at = field.offset;
                sender.filter_in = control(field)?;
            }
        }
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(None) };
    if let Some(text) = written {
        let at = Pointer::Name(&field.at, SHAPE[ADDRESS]);
        sender.address = Some(judge_address(&text, sender.channel, region, &at, field.report));
    }
    let addressed = seen.count(ADDRESSED) > 0;
    let kinds = seen.kinds(&[ADDRESSED, 1 << SENDER_ID, 1 << POOL_ID]);
    if kinds > 1 {
        field.found(Code::AmbiguousSender);
    } else if addressed || (kinds == 0 && !seen.has_unknown()) {
        // Only of a pool are there channels to choose.
        let pool = !addressed && seen.has(POOL_CONTROL);
        field.require(Some(seen), SHAPE, if pool { 1 << POOL_ID } else { ADDRESSED });
    }
    if kinds > 0 && seen.has(POOL_CONTROL) && !seen.has(POOL_ID) {
        let at = Pointer::Name(&field.at, SHAPE[POOL_CONTROL]);
        field.report.issue(Code::ChannelsWithoutPool, &at, control_at, vec![]);
    }
    Ok(Some(sender))
}

/// Judges which of a pool's channels are used, and in which order; those to which it is narrowed down.
fn control(field: &mut Field<'_, '_>) -> Result<Option<Vec<SenderChannel>>, Stop> {
    let mut filter_in = Vec::new();
    let mut unread = false;
    field.object(CONTROL, &mut |field, member| {
        let mut channels = 0_u32;
        field.array(&mut |field| {
            let channel = if member == 0 { field.word(POOL_CHANNELS)? } else { priority(field)? };
            let Some(channel) = channel else {
                unread |= member == 0;
                return Ok(());
            };
            if channels >> channel & 1 == 1 {
                field.found(Code::RepeatedChannel);
            } else if member == 0 {
                let place = CHANNELS.iter().position(|known| *known == POOL_CHANNELS[channel]);
                filter_in.extend(place.map(|place| SenderChannel::ALL[place]));
            }
            channels |= 1 << channel;
            Ok(())
        })?;
        if member == 0 && channels > 0 && filter_in.is_empty() && !unread {
            field.found(Code::NoMessageChannel);
        }
        Ok(())
    })?;
    // What a word that cannot be read was meant to leave open is unknown.
    Ok(Some(filter_in).filter(|filter| !filter.is_empty() && !unread))
}

fn priority(field: &mut Field<'_, '_>) -> Result<Option<usize>, Stop> {
    let mut channel = None;
    let seen = field.object(PRIORITY, &mut |field, member| {
        if member == 0 {
            channel = field.word(POOL_CHANNELS)?;
        } else if field.is(Kind::Number)? && !is_whole(field.reader.number_text()?) {
            field.found(Code::PriorityNumber);
        }
        Ok(())
    })?;
    field.require(seen, PRIORITY, 0b11);
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
    if let Some(channel) = channel {
        let own = ["", address::RCS, address::WHATSAPP][channel as usize];
        address::judge_prefix(own, at, text.at, report);
    }
    if address.trim().is_empty() {
        report.issue(Code::EmptySender, at, text.at, vec![]);
        return address.to_owned();
    }
    let sms = channel == Some(SenderChannel::Sms);
    let name = is_alphanumeric(address);
    let must_be_number = channel == Some(SenderChannel::WhatsApp) || address.starts_with('+') && !(sms && name);
    // What begins as a number does, and holds a letter, may be either.
    let named = !must_be_number && (!sms || is_short_code(address) || name && !begins_as_number(address));
    let number = phone::normalize(address, region);
    let sent = match &number {
        _ if named => address,
        Ok(number) => {
            if number.changed {
                report.issue(Code::AddressNormalized, at, text.at, vec![]);
            }
            address::is_assigned(number.judged, at, text.at, report);
            number.as_str()
        }
        Err(error) => {
            let (code, params) = if must_be_number { address::refusal(*error) } else { (Code::UnusualSender, vec![]) };
            report.issue(code, at, text.at, params);
            address
        }
    };
    if sent != written {
        report.replace(text, sent);
    }
    sent.to_owned()
}

fn is_short_code(address: &str) -> bool {
    let (fewest, most) = SHORT_CODE_DIGITS;
    (fewest..=most).contains(&address.len()) && address.bytes().all(|byte| byte.is_ascii_digit())
}

fn begins_as_number(address: &str) -> bool {
    matches!(address.as_bytes(), [b'+', b'0'..=b'9', ..])
}

fn is_alphanumeric(address: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'+' | b'-' | b'_' | b'&');
    address.len() <= ALPHANUMERIC
        && address.bytes().all(allowed)
        && address.bytes().any(|byte| byte.is_ascii_alphabetic())
}
