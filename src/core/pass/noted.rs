//! Rows that are right or wrong depending on the head, which may stand after them: they are noted, and judged once the
//! head is known.

use crate::channel::{Channels, MessageChannel, PHONE, WHATSAPP};
use crate::field::length::too_long_for;
use crate::finding::code::{Code, Severity};
use crate::finding::findings::Findings;
use crate::finding::issue::{Issue, Params, param};
use crate::finding::pointer::{Pointer, TO};
use crate::limits::ROWS_NAMED;
use crate::message;
use crate::pass::refused::Refused;
use crate::recipient::Recipient;
use crate::request::reach::lacks_module;
use crate::request::{Head, SendMessages};
use crate::text::is_fixed;

/// The rows that are noted, by what they share.
#[derive(Default)]
pub(crate) struct Notes {
    shared: [Noted; 3],
    /// Whether a value is longer than a template's may be.
    pub long_value: bool,
}

/// Rows that share something: how many, and where the first are.
#[derive(Default)]
struct Noted {
    count: u64,
    first: Vec<(u64, u64)>,
}

/// What rows are noted for.
#[derive(Clone, Copy)]
enum Share {
    /// Only a PHONE sender reaches them.
    OnlyPhone,
    /// Only a WHATSAPP sender reaches them.
    OnlyWhatsApp,
    Variables,
}

impl Noted {
    #[inline(always)]
    fn add(&mut self, index: u64, offset: u64) {
        self.count += 1;
        if self.first.len() < ROWS_NAMED {
            self.name(index, offset);
        }
    }

    #[inline(never)]
    fn name(&mut self, index: u64, offset: u64) {
        self.first.push((index, offset));
    }
}

impl Notes {
    /// Notes what may turn out to be a mistake of a row once the head is known.
    pub(crate) fn add(&mut self, recipient: Recipient, index: u64, offset: u64) {
        let mut note = |share: Share| self.shared[share as usize].add(index, offset);
        match recipient.channels {
            PHONE => note(Share::OnlyPhone),
            WHATSAPP => note(Share::OnlyWhatsApp),
            _ => {}
        }
        if recipient.variables {
            note(Share::Variables);
        }
        self.long_value |= recipient.long_value;
    }

    /// Judges the rows by the head. Where rows are refused one by one, those with errors are when they come by again.
    pub(crate) fn judge(&mut self, head: &SendMessages, mut refused: Option<&mut Refused>, findings: &mut Findings) {
        let mut judge = |share: Share, (code, params): (Code, Params)| {
            let Noted { count, first } = std::mem::take(&mut self.shared[share as usize]);
            if let Some(refused) = &mut refused
                && code.severity() == Severity::Error
            {
                refused.more |= count > 0;
                return;
            }
            findings.count(code, count - first.len() as u64);
            for (index, offset) in first {
                let at = Pointer::Index(&TO, index).text();
                findings.add(Issue { code, at, offset, span: None, params: params.clone() });
            }
        };
        for (share, channel) in [(Share::OnlyPhone, PHONE), (Share::OnlyWhatsApp, WHATSAPP)] {
            if let Some(against) = against_channel(head, channel) {
                judge(share, against);
            }
        }
    }

    /// The warning that rows have variables though no text of the message has any.
    pub(crate) fn unused(&self, head: &Head) -> Option<Issue> {
        let Noted { count, first } = &self.shared[Share::Variables as usize];
        let &(row, offset) = first.first()?;
        let none = head.knows_its_variables() && head.wordings.is_empty();
        none.then(|| message::unused(*count, row, offset))
    }
}

/// Why a row is an error, now that the head is known.
pub(crate) fn against(head: &SendMessages, recipient: Recipient) -> Option<(Code, Params)> {
    let one = Some(recipient.channels).filter(|channels| channels.is_power_of_two())?;
    against_channel(head, one).filter(|(code, _)| code.severity() == Severity::Error)
}

/// What the head excludes for those who are reached over one channel alone, given as its bit, beyond what it excludes for
/// everybody.
fn against_channel(head: &SendMessages, channel: u8) -> Option<(Code, Params)> {
    let by_sender = Channels::by_sender(head.from.as_ref());
    let open = by_sender.and(Channels::by_recipient(channel));
    if open.is_none() {
        let expected = if channel == PHONE { "WHATSAPP" } else { "PHONE" };
        return Some((Code::AgainstSender, param("expected", expected)));
    }
    let content = head.content.as_ref()?;
    if let Some(expected) = lacks_module(content, open) {
        let others = lacks_module(content, by_sender).is_none();
        return others.then(|| (Code::NoModule, param("expected", expected)));
    }
    let text = content.text.as_ref()?;
    // Where RCS is open, too, the text is not too long for everybody.
    let measured = by_sender.has(MessageChannel::Rcs) && is_fixed(text);
    let long = too_long_for(text, open).filter(|(code, _)| measured && *code == Code::TextTooLong);
    let session = open == Channels::WHATSAPP && by_sender != open;
    long.or_else(|| session.then(|| (Code::OpenSessionOnly, vec![])))
}
