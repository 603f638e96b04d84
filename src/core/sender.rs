//! The sender: the `from` side.

use crate::address::{self, is_e164};
use crate::code::Code;
use crate::pointer::Pointer;
use crate::scan::{Reader, Stop, Text};
use crate::shape::{self, Report, Shape};

/// The channel of a sender's address.
///
/// Source: <https://www.twilio.com/docs/bulk-messaging/api/message-resource>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderChannel {
    /// SMS and, with media, MMS.
    Sms,
    /// RCS.
    Rcs,
    /// WhatsApp.
    WhatsApp,
}

const CHANNELS: &[&str] = &["SMS", "RCS", "WHATSAPP"];

/// Who a send comes from, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The sender's number or name.
    pub address: Option<String>,
    /// The channel of that address.
    pub channel: Option<SenderChannel>,
}

const SHAPE: Shape = Shape { known: &["address", "channel"], unjudged: &["senderId", "senderPoolId", "channels"] };
const ADDRESS: usize = 0;
const CHANNEL: usize = 1;

/// Judges `from`.
pub(crate) fn judge(reader: &mut Reader<'_>, at: Pointer<'_>, report: &mut Report) -> Result<Option<Sender>, Stop> {
    let (_, offset) = reader.peek()?;
    let mut written: Option<Text<'_>> = None;
    let mut sender = Sender::default();
    let seen = shape::object(reader, at, report, &SHAPE, |reader, at, report, member| {
        match member {
            ADDRESS => written = shape::text(reader, at, report)?,
            CHANNEL => {
                let channel = shape::word(reader, at, report, CHANNELS)?;
                sender.channel = channel.and_then(|index| {
                    [SenderChannel::Sms, SenderChannel::Rcs, SenderChannel::WhatsApp].get(index).copied()
                });
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(None) };
    if let Some(text) = written {
        sender.address = Some(judge_address(&text, sender.channel, Pointer::Name(&at, "address"), report));
    }
    let stored = seen.unjudged && !seen.has(ADDRESS) && !seen.has(CHANNEL);
    for (member, field) in [(ADDRESS, "address"), (CHANNEL, "channel")] {
        if !seen.has(member) && !stored {
            shape::missing(report, at, offset, field);
        }
    }
    // The address is judged when the channel is known, which may stand in front of it or behind.
    report.edits.sort_by_key(|edit| edit.start);
    Ok(Some(sender))
}

/// Judges a sender's address: a number in E.164 form where it has to be one or tries to be one.
///
/// Short codes, alphanumeric senders and the names of RCS senders pass.
fn judge_address(text: &Text<'_>, channel: Option<SenderChannel>, at: Pointer<'_>, report: &mut Report) -> String {
    let written = text.decode();
    let address = address::without_prefix(&written, text, at, report);
    if address.is_empty() {
        report.issue(Code::EmptySender, at, text.at, vec![]);
    } else if (channel == Some(SenderChannel::WhatsApp) || address.starts_with('+')) && !is_e164(address.as_bytes()) {
        report.issue(Code::NotE164, at, text.at, vec![]);
    } else if address.len() != written.len() {
        report.replace(text, address);
    }
    address.to_owned()
}
