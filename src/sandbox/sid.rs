//! Downstream SIDs: what Programmable Messaging would call one attempt of a message.
//!
//! A SID holds the place of its message, so that a million need no record each, and enough of a digest that nobody
//! else's SID leads anywhere.

use sha2::{Digest, Sha256};

const DIGEST: usize = 9;

/// One attempt of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The operation, by its place in the order received.
    pub n: u32,
    /// The message in it.
    pub index: u32,
    /// The attempt, from 0.
    pub attempt: u8,
}

impl Attempt {
    fn bits(self) -> [u8; 7] {
        // A send has at most a million messages: 20 bits; a message at most ten attempts: 4.
        let low = self.index << 4 | u32::from(self.attempt & 15);
        let [a, b, c, d] = self.n.to_be_bytes();
        let [_, e, f, g] = low.to_be_bytes();
        [a, b, c, d, e, f, g]
    }

    /// `SM`, or `MM` with media, and 32 hexadecimal digits.
    pub fn sid(self, operation_id: &str, media: bool) -> String {
        let bits = self.bits();
        let digest = Sha256::new().chain_update(operation_id).chain_update(bits).finalize();
        let mut bytes = bits.to_vec();
        bytes.extend(digest.iter().take(DIGEST));
        format!("{}{}", if media { "MM" } else { "SM" }, data_encoding::HEXLOWER.encode(&bytes))
    }

    /// The attempt that a SID names, if it is one of anybody's; None if it is no SID. Whether it is really this
    /// operation's is known by writing it again.
    pub fn of(sid: &str) -> Option<Self> {
        let digits = sid.strip_prefix("SM").or_else(|| sid.strip_prefix("MM"))?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        let &[a, b, c, d, e, f, g, ..] = bytes.as_slice() else { return None };
        let low = u32::from_be_bytes([0, e, f, g]);
        (bytes.len() == 7 + DIGEST).then_some(Self {
            n: u32::from_be_bytes([a, b, c, d]),
            index: low >> 4,
            attempt: (low & 15) as u8,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_leads_back_to_its_attempt() {
        for attempt in [
            Attempt { n: 1, index: 0, attempt: 0 },
            Attempt { n: u32::MAX, index: 999_999, attempt: 9 },
            Attempt { n: 77, index: 1_048_575, attempt: 15 },
        ] {
            let sid = attempt.sid("comms_operation_0", attempt.n == 77);
            assert_eq!(sid.len(), 34);
            assert_eq!(Attempt::of(&sid), Some(attempt));
            assert_ne!(sid, attempt.sid("comms_operation_1", false));
        }
    }

    #[test]
    fn what_is_no_sid_names_nothing() {
        let sid = Attempt { n: 1, index: 2, attempt: 0 }.sid("x", false);
        for wrong in ["", "SM", &sid[..33], &format!("{sid}0"), &sid.replace("SM", "MG"), &sid.replace('0', "g")] {
            assert_eq!(Attempt::of(wrong), None, "{wrong}");
        }
    }
}
