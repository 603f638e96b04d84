//! Ids of the API's resources: what each kind looks like, from its first character to its last.
//!
//! The published patterns have no end anchor, so they pass an id with rubbish after it; these do not.
//! Source: <https://www.twilio.com/docs/bulk-messaging/api/message-resource>.

use std::borrow::Cow;

use crate::field::shape::Field;
use crate::finding::code::Code;
use crate::finding::issue::param;
use crate::reader::scan::Stop;

/// A kind of id.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    prefix: &'static str,
    tail: Tail,
    stated: Stated,
}

/// How much of a kind of id is stated on a page of Twilio's; an id that differs in the rest is only worth a look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stated {
    Whole,
    Prefix,
    Nothing,
}

#[derive(Clone, Copy)]
enum Tail {
    /// `[0-7]` and 25 to 34 of the letters and digits without i, l, o and u.
    Ulid,
    /// `[0-7]` and 25 to 34 lower-case letters and digits.
    Wide,
    /// 32 hexadecimal digits.
    Hex,
}

/// `from.senderId`.
pub(crate) const SENDER: Kind = Kind { prefix: "comms_sender_", tail: Tail::Ulid, stated: Stated::Whole };
/// `from.senderPoolId`.
pub(crate) const SENDER_POOL: Kind = Kind { prefix: "comms_senderpool_", tail: Tail::Ulid, stated: Stated::Whole };
/// `to[].profileId`. The Memory API's description gives the tail 25 characters; client programs allow more.
pub(crate) const PROFILE: Kind = Kind { prefix: "mem_profile_", tail: Tail::Wide, stated: Stated::Whole };
/// `to[].memoryStoreId`, which only client programs tell; some of them have `mem_service_`, too.
pub(crate) const MEMORY_STORE: Kind = Kind { prefix: "mem_store_", tail: Tail::Wide, stated: Stated::Nothing };
/// `to[].cohortId`. Source: <https://www.twilio.com/docs/bulk-messaging/send-to-a-cohort>.
pub(crate) const COHORT: Kind = Kind { prefix: "cmp_cohort_", tail: Tail::Ulid, stated: Stated::Prefix };
/// `content.contentId`. Source: <https://www.twilio.com/docs/content/content-api-resources>; client programs of this
/// API let other letters pass.
pub(crate) const CONTENT: Kind = Kind { prefix: "HX", tail: Tail::Hex, stated: Stated::Prefix };

impl Tail {
    /// What it is, to be said after a prefix.
    fn expected(self) -> &'static str {
        match self {
            Self::Ulid => ", 0 to 7, and 25 to 34 digits and small letters without i, l, o and u",
            Self::Wide => ", 0 to 7, and 25 to 34 digits and small letters",
            Self::Hex => " and 32 hexadecimal digits",
        }
    }

    fn fits(self, tail: &[u8]) -> bool {
        let (first, rest) = match (self, tail) {
            (Self::Hex, tail) => return tail.len() == 32 && tail.iter().all(u8::is_ascii_hexdigit),
            (_, [first, rest @ ..]) => (first, rest),
            (_, []) => return false,
        };
        let letter = |byte: &u8| match self {
            Self::Ulid => byte.is_ascii_lowercase() && !matches!(byte, b'i' | b'l' | b'o' | b'u'),
            _ => byte.is_ascii_lowercase(),
        };
        (b'0'..=b'7').contains(first)
            && (25..=34).contains(&rest.len())
            && rest.iter().all(|byte| byte.is_ascii_digit() || letter(byte))
    }
}

impl Kind {
    /// What ids of this kind begin with.
    pub(crate) fn prefix(self) -> &'static str {
        self.prefix
    }

    /// Whether a text is an id of this kind.
    pub(crate) fn fits(self, text: &str) -> bool {
        text.strip_prefix(self.prefix).is_some_and(|tail| self.tail.fits(tail.as_bytes()))
    }
}

/// Reads a value that should be an id of that kind.
pub(crate) fn judge<'a>(field: &mut Field<'_, 'a>, kind: Kind) -> Result<Option<Cow<'a, str>>, Stop> {
    let Some(text) = field.text()? else { return Ok(None) };
    let written = text.decode();
    let code = match written.strip_prefix(kind.prefix) {
        Some(tail) if kind.tail.fits(tail.as_bytes()) => return Ok(Some(written)),
        Some(_) if kind.stated == Stated::Prefix => Code::UnusualId,
        _ if kind.stated == Stated::Nothing => Code::UnusualId,
        _ => Code::IdOfAnotherKind,
    };
    field.issue(code, param("expected", [kind.prefix, kind.tail.expected()].concat()));
    Ok(Some(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_anchored_at_both_ends() {
        let tail = |length: usize| format!("0{}", "a".repeat(length));
        for (length, fits) in [(24, false), (25, true), (34, true), (35, false)] {
            assert_eq!(Tail::Ulid.fits(tail(length).as_bytes()), fits, "{length}");
            assert_eq!(Tail::Wide.fits(tail(length).as_bytes()), fits, "{length}");
        }
        assert!(!Tail::Ulid.fits(b"8aaaaaaaaaaaaaaaaaaaaaaaaa"));
        assert!(!Tail::Ulid.fits(b"0laaaaaaaaaaaaaaaaaaaaaaaa"));
        assert!(Tail::Wide.fits(b"0laaaaaaaaaaaaaaaaaaaaaaaa"));
        assert!(Tail::Hex.fits("0aF9".repeat(8).as_bytes()));
        assert!(!Tail::Hex.fits("0aF9".repeat(9).as_bytes()));
    }
}
