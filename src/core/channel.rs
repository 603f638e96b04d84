//! Channels: the ways over which a message may go, and the kinds of address that lead there.

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

/// The bit of an address whose channel is PHONE: SMS, MMS and RCS.
pub(crate) const PHONE: u8 = 1;
/// The bit of an address whose channel is WHATSAPP.
pub(crate) const WHATSAPP: u8 = 2;

/// Some of the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channels(u8);

/// By default all of them.
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

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that a recipient's addresses leave open, given as the bits of their channels; none given are stored or
    /// unknown.
    pub(crate) fn by_recipient(bits: u8) -> Self {
        let phone = if bits & PHONE > 0 { Self::TEXTS.or(Self::RCS) } else { Self::NONE };
        let whatsapp = if bits & WHATSAPP > 0 { Self::WHATSAPP } else { Self::NONE };
        if bits == 0 { Self::ALL } else { phone.or(whatsapp) }
    }

    /// The names of the modules for them; SMS and MMS share one.
    pub(crate) fn modules(self) -> &'static str {
        const NAMES: [&str; 8] =
            ["", "sms", "rcs", "sms, rcs", "whatsapp", "sms, whatsapp", "rcs, whatsapp", "sms, rcs, whatsapp"];
        NAMES[usize::from(self.0 & 1 | self.0 >> 1 & 0b110)]
    }
}
