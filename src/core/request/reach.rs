//! Reach: over which channels a message may get to somebody, as far as the request decides it.
//!
//! The sender, the content and the recipient's address each leave some channels open; a message goes over one that all
//! three leave open. Where a pool is named, one of the account's senders by its id, or nobody, the service chooses, and
//! more than one stays open. Sources: <https://docs.comms.twilio.com/comms-api-reference/messages/send>,
//! <https://www.twilio.com/docs/bulk-messaging/sender-pools>, <https://www.twilio.com/docs/comms/channel-fallback>.

use crate::channel::{Channels, MessageChannel};
use crate::field::length::too_long_for;
use crate::field::report::Report;
use crate::finding::code::Code;
use crate::finding::issue::param;
use crate::finding::pointer::Pointer;
use crate::request::content::Content;
use crate::request::module::Modules;
use crate::request::sender::{Sender, SenderChannel};
use crate::text::is_fixed;

impl Channels {
    /// The channels of a sender that one of the API's words stands for.
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

    /// Those that sender and content leave open.
    pub(crate) fn by_head(sender: Option<&Sender>, content: Option<&Content>) -> Self {
        Self::by_sender(sender).and(Self::by_content(content))
    }
}

/// Judges the content against the channels that the sender leaves open, once both are known. Offsets are into the text,
/// or the content where it has none.
pub(crate) fn judge_for(content: &Content, sender: Option<&Sender>, report: &mut Report) {
    let open = Channels::by_sender(sender);
    let text = content.text.as_deref();
    let mut at = &Pointer::Name(&Pointer::Root, "content");
    let text_at = &Pointer::Name(at, "text");
    if text.is_some() {
        at = text_at;
    }
    let only_rcs = |modules: &Modules| modules.rcs && modules.sms.is_none() && !modules.whatsapp;
    if let Some(expected) = lacks_module(content, open) {
        report.issue(Code::NoModule, at, 0, param("expected", expected));
    } else if open == Channels::RCS || content.modules.as_ref().is_some_and(only_rcs) {
        report.issue(Code::RcsWithoutFallback, at, 0, vec![]);
    }
    if open == Channels::WHATSAPP && text.is_some() {
        report.issue(Code::OpenSessionOnly, at, 0, vec![]);
    }
    if let Some((code, params)) = text.filter(|text| is_fixed(text)).and_then(|text| too_long_for(text, open)) {
        report.issue(code, at, 0, params);
    }
}

/// The modules of which a message with modules has none, where it goes over those channels.
pub(crate) fn lacks_module(content: &Content, open: Channels) -> Option<&'static str> {
    let known = content.modules.as_ref().is_some_and(|modules| modules.count > 0 && !modules.other);
    (known && open.and(Channels::by_content(Some(content))).is_none()).then(|| open.modules())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{PHONE, WHATSAPP};
    use crate::{Options, check};

    fn open(from: &str, content: &str, bits: u8) -> Vec<&'static str> {
        let request = format!(r#"{{"to":[],{from}"content":{content}}}"#);
        let head = check(request.as_bytes(), &Options::default()).value;
        let channels = Channels::by_head(head.from.as_ref(), head.content.as_ref()).and(Channels::by_recipient(bits));
        MessageChannel::ALL.into_iter().filter(|c| channels.has(*c)).map(MessageChannel::as_str).collect()
    }

    #[test]
    fn a_sender_decides_and_media_make_an_sms_an_mms() {
        let sms = r#""from":{"address":"+15017122661","channel":"SMS"},"#;
        let rcs = r#""from":{"address":"brand","channel":"RCS"},"#;
        let whatsapp = r#""from":{"address":"+15017122661","channel":"WHATSAPP"},"#;
        let (text, media) = (r#"{"text":"a"}"#, r#"{"text":"a","media":[{"url":"https://example.com/a.png"}]}"#);
        for bits in [0, PHONE, PHONE | WHATSAPP] {
            assert_eq!(open(sms, text, bits), ["sms"]);
            assert_eq!(open(sms, media, bits), ["mms"]);
            assert_eq!(open(rcs, media, bits), ["rcs"]);
            assert_eq!(open(sms, r#"{"contentId":"HXa"}"#, bits), ["sms", "mms"]);
        }
        assert_eq!(open(whatsapp, text, WHATSAPP), ["whatsapp"]);
        assert_eq!(open(whatsapp, text, PHONE), [""; 0]);
    }

    #[test]
    fn without_one_the_recipient_and_the_modules_decide_what_they_can() {
        let pool =
            r#""from":{"senderPoolId":"comms_senderpool_0","channels":{"filterIn":["RCS","WHATSAPP","EMAIL"]}},"#;
        let text = r#"{"text":"a"}"#;
        assert_eq!(open("", text, PHONE), ["sms", "rcs"]);
        assert_eq!(open("", text, WHATSAPP), ["whatsapp"]);
        assert_eq!(open("", text, 0), ["sms", "rcs", "whatsapp"]);
        assert_eq!(open(pool, text, 0), ["rcs", "whatsapp"]);
        assert_eq!(open("", r#"{"modules":[{"sms":{"text":"a"}},{"rcs":{"text":"b"}}]}"#, 0), ["sms", "rcs"]);
        let media = r#"{"modules":[{"sms":{"media":[{"url":"https://example.com/a.png"}]}},{"whatsapp":{}}]}"#;
        assert_eq!(open("", media, 0), ["mms", "whatsapp"]);
        assert_eq!(open(pool, r#"{"modules":[{"sms":{"text":"a"}}]}"#, 0), [""; 0]);
    }
}
