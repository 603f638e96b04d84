//! What a message takes of its sender's rate: a segment of a text message counts as one, and so does anything else.

use postgate_core::{Renderer, SegmentOptions, count_segments};
use serde_json::Value;

use crate::directory::SenderRef;
use crate::personal::Personal;
use crate::read::has_media;
use crate::recipient::Channel;

/// The weight of a request's messages.
pub struct Weight {
    /// Segments of the text, if it is the same for all.
    same: u32,
    text: Option<Personal>,
    renderer: Renderer,
}

impl Weight {
    /// The weight of a `content`.
    pub fn of(content: &Value) -> Self {
        let module = content["modules"].as_array().into_iter().flatten().find_map(|module| module.get("sms"));
        let sms = module.unwrap_or(content);
        // With media it is one message, however long its text.
        let text = sms["text"].as_str().filter(|_| !has_media(sms)).unwrap_or_default();
        Self { same: segments(text), text: Personal::of(text), renderer: Renderer::default() }
    }

    /// What one recipient's message takes over all the senders it is tried over.
    pub fn units(&mut self, recipient: &Value, senders: &[&SenderRef]) -> u32 {
        let sms = match &self.text {
            Some(text) if senders.iter().any(|sender| sender.channel == Channel::Sms) => {
                segments(&text.render(&mut self.renderer, recipient))
            }
            _ => self.same,
        };
        let one = |sender: &&SenderRef| if sender.channel == Channel::Sms { sms } else { 1 };
        senders.iter().map(one).fold(0, u32::saturating_add)
    }
}

/// An empty text has no segment, and is one message all the same.
fn segments(text: &str) -> u32 {
    u32::try_from(count_segments(text, SegmentOptions::default()).min).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn units(content: Value, channels: &[Channel]) -> u32 {
        let sender = |&channel| SenderRef { address: "a".into(), channel, sender_id: None, sender_pool_id: None };
        let senders: Vec<SenderRef> = channels.iter().map(sender).collect();
        Weight::of(&content).units(&Value::Null, &senders.iter().collect::<Vec<_>>())
    }

    #[test]
    fn only_segments_of_text_messages_count() {
        use Channel::{Rcs, Sms, Whatsapp};
        let text = "x".repeat(161);
        assert_eq!(units(json!({"text": "Hello"}), &[Sms]), 1);
        assert_eq!(units(json!({"text": text}), &[Sms]), 2);
        assert_eq!(units(json!({"text": text}), &[Rcs, Sms]), 3);
        assert_eq!(units(json!({"text": text}), &[Whatsapp]), 1);
        assert_eq!(units(json!({"text": text, "media": [{"url": "https://example.com/a.png"}]}), &[Sms]), 1);
        assert_eq!(units(json!({"modules": [{"rcs": {"text": "x"}}, {"sms": {"text": text}}]}), &[Sms]), 2);
        assert_eq!(units(json!({"contentId": "HX0"}), &[Sms]), 1);
    }

    #[test]
    fn a_personal_text_counts_as_each_reads_it() {
        let sender = SenderRef { address: "a".into(), channel: Channel::Sms, sender_id: None, sender_pool_id: None };
        let mut weight = Weight::of(&json!({"text": "Hi {{ name }}"}));
        let mut units = |name: &str| weight.units(&json!({"variables": {"name": name}}), &[&sender]);
        assert_eq!([units("Ada"), units(&"x".repeat(200)), units(&"é😀".repeat(40))], [1, 2, 2]);
    }
}
