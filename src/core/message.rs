//! Messages: what each recipient gets, and what that takes.

use crate::content::is_fixed;
use crate::limits::SEGMENTS_ASSUMED;
use crate::reach::{Channels, MessageChannel};
use crate::request::SendMessages;
use crate::segment::{self, SegmentOptions};

/// What the head says of everybody's message.
pub(crate) struct Message {
    /// The channels that sender and content leave open.
    open: Channels,
    /// What it takes of the pace as SMS.
    sms_units: u32,
}

impl Message {
    pub(crate) fn of(head: &SendMessages, options: SegmentOptions) -> Self {
        let content = head.content.as_ref();
        let module = content.and_then(|content| content.modules.as_ref()).and_then(|modules| modules.sms.as_ref());
        let text = module.map_or(content.and_then(|content| content.text.as_ref()), |module| module.text.as_ref());
        let sms_units = match text {
            _ if content.is_some_and(|content| content.content_id.is_some()) => SEGMENTS_ASSUMED,
            Some(text) if is_fixed(text) => segment::count(text, options).max.max(1) as u32,
            _ => 1,
        };
        Self { open: Channels::by_head(head), sms_units }
    }

    /// What a recipient's message takes of the pace, by the bits of the channels of its addresses: the segments of an
    /// SMS, which counts where it is not known over which channel it goes; one over any other.
    pub(crate) fn units(&self, channels: u8) -> u32 {
        let open = self.open.and(Channels::by_recipient(channels));
        if open.has(MessageChannel::Sms) { self.sms_units } else { 1 }
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a test may fail")]
mod tests {
    use crate::{Envelope, Facts, Fault, Need, Options, Row, Sink, Wants};

    #[derive(Default)]
    struct Units(Vec<u32>);

    impl Sink for Units {
        fn begin(&mut self, _: &Envelope, _: u64) {}

        fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
            self.0.push(row.units);
            Ok(())
        }
    }

    /// The units of a recipient with a number, of one on WhatsApp, and of a stored group.
    fn units(from: &str, content: &str, to: &str) -> Vec<u32> {
        let request = format!(r#"{{"to":[{to}],{from}"content":{content}}}"#);
        let mut facts = Facts::new(&Options::default(), Wants::Bodies);
        facts.push(request.as_bytes());
        let Need::Again(mut bodies) = facts.finish() else { panic!("{request}: refused") };
        let mut units = Units::default();
        bodies.push(request.as_bytes(), &mut units);
        assert!(bodies.finish().is_ok_and(|checked| checked.verdict.ok));
        units.0
    }

    #[test]
    fn an_sms_takes_its_segments_and_any_other_message_one_unit() {
        let phone = r#"{"address":"+14155550100","channel":"PHONE"}"#;
        let whatsapp = r#"{"address":"+14155550100","channel":"WHATSAPP"}"#;
        let group = r#"{"cohortId":"cmp_cohort_01h9krwprkeee8fzqspvwy6nq8"}"#;
        let text = |length| format!(r#"{{"text":"{}"}}"#, "a".repeat(length));
        let all = [phone, whatsapp, group].join(",");
        assert_eq!(units("", &text(160), &all), [1, 1, 1]);
        assert_eq!(units("", &text(161), &all), [2, 1, 2]);
        assert_eq!(units("", r#"{"contentId":"HX0123456789abcdef0123456789abcdef"}"#, &all), [2, 1, 2]);
        let media = r#"{"text":"a","media":[{"url":"https://example.com/a.png"}]}"#;
        assert_eq!(units("", media, &all), [1, 1, 1]);
        let modules = format!(r#"{{"modules":[{{"sms":{}}},{{"rcs":{{"text":"a"}}}}]}}"#, text(307));
        assert_eq!(units("", &modules, &all), [3, 1, 3]);
        let rcs = r#""from":{"address":"brand","channel":"RCS"},"#;
        assert_eq!(units(rcs, &text(500), phone), [1]);
    }
}
