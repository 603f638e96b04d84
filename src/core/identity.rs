//! Identities: who is named by each row, in twelve bytes, so that one can tell who is named twice.
//!
//! Phone numbers are exact: fifteen digits fit into 50 bits. Ids of stored people and groups are hashed, and what is
//! told apart by a hash is only ever pointed out, never dropped. Duplicates are found by sorting, so there is no table
//! that somebody could fill with collisions and no moment at which memory doubles.

use crate::limits::IDENTITIES;
use crate::phone::Judged;

/// Whom an address or an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity(u64);

/// What tells the identities of hashed ids from those of numbers.
const HASHED: u64 = 1 << 63;
const CHANNEL_SHIFT: u32 = 50;

impl Identity {
    /// The identity of a number on a channel, given as its bit.
    pub(crate) fn number(judged: Judged, channel: u8) -> Self {
        Self(judged.digits | u64::from(channel) << CHANNEL_SHIFT)
    }

    /// The identity of a stored person or group; ids of different kinds differ in their first letters.
    pub(crate) fn id(id: &str) -> Self {
        // FNV-1a with a last mix, as its upper bits depend little on the last letters.
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self((hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | HASHED)
    }
}

/// The identities of all rows.
#[derive(Default)]
pub(crate) struct Identities {
    /// Upper half, lower half, row: twelve bytes, in the order in which they are sorted.
    seen: Vec<[u32; 3]>,
    /// Whether there were more than are compared.
    pub overflowed: bool,
}

impl Identities {
    /// Adds whom a row names.
    pub(crate) fn add(&mut self, identity: Identity, row: u32) {
        if self.seen.len() >= IDENTITIES || self.seen.try_reserve(1).is_err() {
            self.overflowed = true;
            return;
        }
        self.seen.push([(identity.0 >> 32) as u32, identity.0 as u32, row]);
    }

    /// Each row that names somebody whom an earlier row named, with the first that did, in the order of the rows.
    pub(crate) fn into_repeated(self) -> Vec<(u32, u32)> {
        let mut seen = self.seen;
        seen.sort_unstable();
        let mut repeated = Vec::new();
        let mut first = 0;
        for (index, &[high, low, row]) in seen.iter().enumerate() {
            let same = index > 0 && seen[index - 1][..2] == [high, low];
            if !same {
                first = row;
            } else if row != first {
                repeated.push((row, first));
            }
        }
        repeated.sort_unstable();
        repeated.dedup_by_key(|(row, _)| *row);
        repeated
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn each_later_row_points_to_the_first() {
        let mut identities = Identities::default();
        for (row, id) in ["a", "b", "a", "c", "b", "a"].into_iter().enumerate() {
            identities.add(Identity::id(id), row as u32);
        }
        // One row that names one person twice is no repetition; one that names two people is told once.
        identities.add(Identity::id("d"), 6);
        identities.add(Identity::id("d"), 6);
        identities.add(Identity::id("c"), 7);
        identities.add(Identity::id("a"), 7);
        assert_eq!(identities.into_repeated(), [(2, 0), (4, 1), (5, 0), (7, 0)]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut identities = Identities::default();
        for row in 0..=IDENTITIES as u32 {
            identities.add(Identity::id("x"), row);
        }
        assert!(identities.overflowed);
        assert_eq!(identities.into_repeated().len(), IDENTITIES - 1);
    }

    #[test]
    fn numbers_on_two_channels_are_two() {
        let judged = crate::phone::judge_e164(b"+14155550100").expect("a number");
        assert_ne!(Identity::number(judged, 1), Identity::number(judged, 2));
    }
}
