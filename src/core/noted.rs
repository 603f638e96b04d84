//! What of a row is a mistake or not depending on the head, which may stand behind it: such rows are noted, and judged
//! once the head is known.

use crate::code::Code;
use crate::findings::Findings;
use crate::issue::{Issue, Params, param};
use crate::limits::{ROWS_NAMED, TEMPLATE_VALUE};
use crate::message;
use crate::pointer::{Pointer, TO};
use crate::recipient::{self, Recipient};
use crate::refused::Refused;
use crate::request::{Head, SendMessages};
use crate::sender::SenderChannel;

/// The rows that are noted, by what they share.
#[derive(Default)]
pub(crate) struct Notes([Noted; 4]);

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
    /// A value is longer than a template's may be.
    LongValue,
    Variables,
}

impl Noted {
    fn add(&mut self, index: u64, offset: u64) {
        self.count += 1;
        if self.first.len() < ROWS_NAMED {
            self.first.push((index, offset));
        }
    }
}

impl Notes {
    /// Notes what of a row may be a mistake once the head is known.
    pub(crate) fn add(&mut self, recipient: Recipient, index: u64, offset: u64) {
        let mut note = |share: Share| self.0[share as usize].add(index, offset);
        match recipient.channels {
            recipient::PHONE => note(Share::OnlyPhone),
            recipient::WHATSAPP => note(Share::OnlyWhatsApp),
            _ => {}
        }
        if recipient.long_value {
            note(Share::LongValue);
        }
        if recipient.variables {
            note(Share::Variables);
        }
    }

    /// Judges the rows by the head. Where rows are refused one by one, these are when they come by again.
    pub(crate) fn judge(&mut self, head: &SendMessages, mut refused: Option<&mut Refused>, findings: &mut Findings) {
        let mut judge = |share: Share, code: Code, params: Params| {
            let Noted { count, first } = std::mem::take(&mut self.0[share as usize]);
            if let Some(refused) = &mut refused {
                refused.more |= count > 0;
                return;
            }
            findings.count(code, count - first.len() as u64);
            for (index, offset) in first {
                let at = Pointer::Index(&TO, index).text();
                findings.add(Issue { code, at, offset, span: None, params: params.clone() });
            }
        };
        if let Some((channels, expected)) = unreachable(head) {
            let share = if channels == recipient::PHONE { Share::OnlyPhone } else { Share::OnlyWhatsApp };
            judge(share, Code::AgainstSender, param("expected", expected));
        }
        if is_template(head) {
            judge(Share::LongValue, Code::LongTemplateValue, param("limit", TEMPLATE_VALUE));
        }
    }

    /// The warning that rows have variables though no text of the message has any.
    pub(crate) fn unused(&self, head: &Head) -> Option<Issue> {
        let Noted { count, first } = &self.0[Share::Variables as usize];
        let &(row, offset) = first.first()?;
        let none = head.knows_its_variables() && head.wordings.is_empty();
        none.then(|| message::unused(*count, row, offset))
    }
}

/// What is wrong with a row now that the head is known.
pub(crate) fn against(head: &SendMessages, recipient: Recipient) -> Option<(Code, Params)> {
    match unreachable(head) {
        Some((channels, expected)) if recipient.channels == channels => {
            Some((Code::AgainstSender, param("expected", expected)))
        }
        _ if recipient.long_value && is_template(head) => {
            Some((Code::LongTemplateValue, param("limit", TEMPLATE_VALUE)))
        }
        _ => None,
    }
}

/// The channels that the sender does not reach, and the one it does.
fn unreachable(head: &SendMessages) -> Option<(u8, &'static str)> {
    match head.from.as_ref()?.channel? {
        SenderChannel::WhatsApp => Some((recipient::PHONE, "WHATSAPP")),
        SenderChannel::Sms | SenderChannel::Rcs => Some((recipient::WHATSAPP, "PHONE")),
    }
}

fn is_template(head: &SendMessages) -> bool {
    head.content.as_ref().is_some_and(|content| content.content_id.is_some())
}
