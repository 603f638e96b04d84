//! Reach: over which channels a message may get to somebody, as far as the request decides it.
//!
//! The sender, the content and the recipient's address each leave some channels open; a message goes over one that all
//! three leave open. Where a pool is named, one of the account's senders by its id, or nobody, the service chooses, and
//! more than one stays open. Sources: <https://docs.comms.twilio.com/comms-api-reference/messages/send>,
//! <https://www.twilio.com/docs/bulk-messaging/sender-pools>, <https://www.twilio.com/docs/comms/channel-fallback>.

use crate::content::Content;
use crate::recipient;
use crate::request::SendMessages;
use crate::sender::{Sender, SenderChannel};

/// A channel that a message goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageChannel {
    /// SMS: a text in segments.
    Sms,
    /// MMS: a text with media.
    Mms,
    /// RCS.
    Rcs,
    /// WhatsApp.
    WhatsApp,
}

impl MessageChannel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sms, Self::Mms, Self::Rcs, Self::WhatsApp];

    /// `sms`, `mms`, `rcs` or `whatsapp`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mms => "mms",
            Self::Rcs => "rcs",
            Self::WhatsApp => "whatsapp",
        }
    }
}

/// Some of the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channels(u8);

/// What nothing is said of is for all.
impl Default for Channels {
    fn default() -> Self {
        Self::ALL
    }
}

impl Channels {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(0b1111);
    /// What the channel SMS of a sender stands for.
    pub(crate) const TEXTS: Self = Self::of(&[MessageChannel::Sms, MessageChannel::Mms]);
    pub(crate) const RCS: Self = Self::of(&[MessageChannel::Rcs]);
    pub(crate) const WHATSAPP: Self = Self::of(&[MessageChannel::WhatsApp]);

    pub(crate) const fn of(mut channels: &[MessageChannel]) -> Self {
        let mut bits = 0;
        while let [first, rest @ ..] = channels {
            bits |= 1 << *first as u8;
            channels = rest;
        }
        Self(bits)
    }

    /// Whether it is one of them.
    pub(crate) const fn has(self, channel: MessageChannel) -> bool {
        self.0 >> channel as u8 & 1 == 1
    }

    /// Whether there is none.
    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether there is one, and no second.
    pub(crate) const fn is_one(self) -> bool {
        self.0.is_power_of_two()
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The channels of a sender that stand behind one word of the API's.
    const fn behind(channel: SenderChannel) -> Self {
        match channel {
            SenderChannel::Sms => Self::TEXTS,
            SenderChannel::Rcs => Self::RCS,
            SenderChannel::WhatsApp => Self::WHATSAPP,
        }
    }

    /// Those that a sender leaves open.
    pub(crate) fn by_sender(sender: Option<&Sender>) -> Self {
        let Some(sender) = sender else { return Self::ALL };
        if let Some(channel) = sender.channel {
            return Self::behind(channel);
        }
        let Some(filter) = &sender.filter_in else { return Self::ALL };
        filter.iter().fold(Self::NONE, |open, channel| open.or(Self::behind(*channel)))
    }

    /// Those that a content leaves open: a template may be for any, modules are for their own.
    pub(crate) fn by_content(content: Option<&Content>) -> Self {
        let texts = |media: bool| Self::of(&[if media { MessageChannel::Mms } else { MessageChannel::Sms }]);
        let Some(content) = content.filter(|content| content.content_id.is_none()) else { return Self::ALL };
        let Some(modules) = &content.modules else {
            return texts(!content.media.is_empty()).or(Self::RCS).or(Self::WHATSAPP);
        };
        let sms = modules.sms.as_ref().map(|sms| texts(!sms.media.is_empty()));
        let rcs = modules.rcs.then_some(Self::RCS);
        let whatsapp = modules.whatsapp.then_some(Self::WHATSAPP);
        [sms, rcs, whatsapp].into_iter().flatten().fold(Self::NONE, Self::or)
    }

    /// Those that a recipient's addresses leave open, given as the bits of their channels; none given are stored or
    /// unknown.
    pub(crate) fn by_recipient(bits: u8) -> Self {
        let phone = if bits & recipient::PHONE > 0 { Self::TEXTS.or(Self::RCS) } else { Self::NONE };
        let whatsapp = if bits & recipient::WHATSAPP > 0 { Self::WHATSAPP } else { Self::NONE };
        if bits == 0 { Self::ALL } else { phone.or(whatsapp) }
    }

    /// The names of the modules for them; SMS and MMS share one.
    pub(crate) fn modules(self) -> &'static str {
        const NAMES: [&str; 8] =
            ["", "sms", "rcs", "sms, rcs", "whatsapp", "sms, whatsapp", "rcs, whatsapp", "sms, rcs, whatsapp"];
        NAMES[usize::from(self.0 & 1 | self.0 >> 1 & 0b110)]
    }

    /// Those that the head leaves open.
    pub(crate) fn by_head(head: &SendMessages) -> Self {
        Self::by_sender(head.from.as_ref()).and(Self::by_content(head.content.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, check};

    fn open(from: &str, content: &str, bits: u8) -> Vec<&'static str> {
        let request = format!(r#"{{"to":[],{from}"content":{content}}}"#);
        let head = check(request.as_bytes(), &Options::default()).value;
        let channels = Channels::by_head(&head).and(Channels::by_recipient(bits));
        MessageChannel::ALL.into_iter().filter(|c| channels.has(*c)).map(MessageChannel::as_str).collect()
    }

    #[test]
    fn a_sender_decides_and_media_make_an_sms_an_mms() {
        let sms = r#""from":{"address":"+15017122661","channel":"SMS"},"#;
        let rcs = r#""from":{"address":"brand","channel":"RCS"},"#;
        let whatsapp = r#""from":{"address":"+15017122661","channel":"WHATSAPP"},"#;
        let (text, media) = (r#"{"text":"a"}"#, r#"{"text":"a","media":[{"url":"https://example.com/a.png"}]}"#);
        for bits in [0, recipient::PHONE, recipient::PHONE | recipient::WHATSAPP] {
            assert_eq!(open(sms, text, bits), ["sms"]);
            assert_eq!(open(sms, media, bits), ["mms"]);
            assert_eq!(open(rcs, media, bits), ["rcs"]);
            assert_eq!(open(sms, r#"{"contentId":"HXa"}"#, bits), ["sms", "mms"]);
        }
        assert_eq!(open(whatsapp, text, recipient::WHATSAPP), ["whatsapp"]);
        assert_eq!(open(whatsapp, text, recipient::PHONE), [""; 0]);
    }

    #[test]
    fn without_one_the_recipient_and_the_modules_decide_what_they_can() {
        let pool =
            r#""from":{"senderPoolId":"comms_senderpool_0","channels":{"filterIn":["RCS","WHATSAPP","EMAIL"]}},"#;
        let text = r#"{"text":"a"}"#;
        assert_eq!(open("", text, recipient::PHONE), ["sms", "rcs"]);
        assert_eq!(open("", text, recipient::WHATSAPP), ["whatsapp"]);
        assert_eq!(open("", text, 0), ["sms", "rcs", "whatsapp"]);
        assert_eq!(open(pool, text, 0), ["rcs", "whatsapp"]);
        assert_eq!(open("", r#"{"modules":[{"sms":{"text":"a"}},{"rcs":{"text":"b"}}]}"#, 0), ["sms", "rcs"]);
        let media = r#"{"modules":[{"sms":{"media":[{"url":"https://example.com/a.png"}]}},{"whatsapp":{}}]}"#;
        assert_eq!(open("", media, 0), ["mms", "whatsapp"]);
        assert_eq!(open(pool, r#"{"modules":[{"sms":{"text":"a"}}]}"#, 0), [""; 0]);
    }
}
