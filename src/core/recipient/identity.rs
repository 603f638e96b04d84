//! Identities: who is named by each row, in twelve bytes, so that one can tell who is named twice.
//!
//! Phone numbers are exact: fifteen digits fit into 50 bits. Ids of stored people and groups are hashed, and what a hash
//! says is confirmed before a row is left out for it. A small table finds those who may be named twice, and only they are
//! sorted, in place, so memory never doubles. Whoever fills that table with collisions gains only that everybody is
//! sorted.

use crate::limits::IDENTITIES;
use crate::order;

/// Whom an address or an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity(u64);

/// What tells the identities of hashed ids from those of numbers.
const HASHED: u64 = 1 << 63;
const CHANNEL_SHIFT: u32 = 50;

impl Identity {
    /// The identity of a number, given by its [key](crate::Judged::key), on a channel, given as its bit.
    pub(crate) fn number(key: u64, channel: u8) -> Self {
        Self(key | u64::from(channel) << CHANNEL_SHIFT)
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

/// A row that names somebody whom an earlier row named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    /// The row.
    pub row: u32,
    /// The first row that named one of them.
    pub first: u32,
    /// Whether earlier rows named everybody whom this one names.
    pub whole: bool,
    /// Whether that is told by a hash, and may therefore be wrong.
    pub hashed: bool,
}

impl Repeat {
    fn read(&[row, first, flags]: &[u32; 3]) -> Self {
        Self { row, first, whole: flags & 2 != 0, hashed: flags & 1 != 0 }
    }
}

/// Whom one row names.
#[derive(Default)]
pub(crate) struct Named {
    /// Everybody.
    pub identities: Vec<Identity>,
    /// The last id among them, decoded: what a hash's word is checked by.
    pub id: String,
    store: String,
}

impl Named {
    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        self.identities.clear();
        self.id.clear();
        self.store.clear();
    }

    /// Adds a number, given by its key, on a channel, given as its bit.
    #[inline(always)]
    pub(crate) fn number(&mut self, key: u64, channel: u8) {
        self.identities.push(Identity::number(key, channel));
    }

    /// Takes the id of a stored person or group.
    pub(crate) fn id(&mut self, id: &str) {
        id.clone_into(&mut self.id);
    }

    /// Takes the id of the store that a person is in: with the same id in another one, it is somebody else.
    pub(crate) fn store(&mut self, id: &str) {
        id.clone_into(&mut self.store);
    }

    /// Adds the stored person or group, if there is one.
    pub(crate) fn add_id(&mut self) {
        if !self.id.is_empty() {
            self.id.push_str(&self.store);
            self.identities.push(Identity::id(&self.id));
        }
    }
}

/// The identities of all rows.
#[derive(Default)]
pub(crate) struct Identities {
    /// Upper half, lower half, then the row with how many its row has: twelve bytes, in the order in which they are
    /// sorted.
    seen: Vec<[u32; 3]>,
    /// Whether there were more than are compared.
    pub overflowed: bool,
}

/// Bits that tell how many identities a row has; as many as they hold, or more, are never all repeated.
const COUNT_BITS: u32 = 8;
const MOST_COUNTED: u32 = (1 << COUNT_BITS) - 1;

impl Identities {
    /// Adds whom a row names.
    #[inline(always)]
    pub(crate) fn add(&mut self, named: &[Identity], row: u32) {
        let bounded = self.seen.len() + named.len() <= IDENTITIES && row < 1 << (32 - COUNT_BITS);
        // Asked here, as std's own question would be a call for each row.
        let room = self.seen.capacity() - self.seen.len() >= named.len();
        if !bounded || !room && self.seen.try_reserve(named.len()).is_err() {
            self.overflowed = true;
            return;
        }
        let count = named.len().min(MOST_COUNTED as usize) as u32;
        let place = row << COUNT_BITS | count;
        for identity in named {
            self.seen.push([(identity.0 >> 32) as u32, identity.0 as u32, place]);
        }
    }

    /// The rows that name somebody again, in their order. Found within the memory that is held already.
    pub(crate) fn into_repeats(self) -> Repeats {
        let mut seen = self.seen;
        keep_suspects(&mut seen);
        order::sort(&mut seen, &before);
        // First each identity that is there again: its row's place, the first row, whether it was hashed.
        let (mut kept, mut first, mut last) = (0, 0, None);
        for index in 0..seen.len() {
            let [high, low, place] = seen[index];
            let row = place >> COUNT_BITS;
            if last.replace([high, low]) != Some([high, low]) {
                first = row;
            } else if row != first {
                seen[kept] = [place, first, u32::from(u64::from(high) << 32 & HASHED != 0)];
                kept += 1;
            }
        }
        seen.truncate(kept);
        order::sort(&mut seen, &before);
        // Then each row once: the row, the first row, flags.
        let (mut rows, mut begin) = (0, 0);
        while let Some(&[place, first, flags]) = seen.get(begin) {
            let length = seen[begin..].iter().take_while(|[other, ..]| *other == place).count();
            let count = place & MOST_COUNTED;
            let whole = count < MOST_COUNTED && length == count as usize;
            seen[rows] = [place >> COUNT_BITS, first, flags | u32::from(whole) << 1];
            rows += 1;
            begin += length;
        }
        seen.truncate(rows);
        Repeats(seen)
    }
}

/// Whether a word comes before another: what arrays say, in less code.
fn before(a: &[u32; 3], b: &[u32; 3]) -> bool {
    let key = |[first, second, third]: [u32; 3]| (u64::from(first) << 32 | u64::from(second), third);
    key(*a) < key(*b)
}

/// Leaves out most of those that are there once, so that few are sorted: those whose bits, in a table of two bytes each, no
/// other shares. Without memory for the table, or where somebody made them share bits, all are sorted.
fn keep_suspects(seen: &mut Vec<[u32; 3]>) {
    // Of each two bytes, the lower tells that there was one, and the upper that there was another.
    let mut table = Vec::new();
    if table.try_reserve_exact(seen.len()).is_err() {
        return;
    }
    table.resize(seen.len(), 0_u16);
    let bits = 8 * seen.len() as u64;
    let place = |&[high, low, _]: &[u32; 3]| {
        let hash = (u64::from(high) << 32 | u64::from(low)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let place = ((hash >> 32) * bits) >> 32;
        ((place / 8) as usize, 1_u16 << (place % 8))
    };
    for word in seen.iter() {
        let (at, bit) = place(word);
        table[at] |= bit | (table[at] & bit) << 8;
    }
    seen.retain(|word| {
        let (at, bit) = place(word);
        table[at] & bit << 8 != 0
    });
}

/// The rows that name somebody again.
#[derive(Default)]
pub(crate) struct Repeats(Vec<[u32; 3]>);

impl Repeats {
    /// In the order of the rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Repeat> {
        self.0.iter().map(Repeat::read)
    }

    /// One of them, by its place.
    pub(crate) fn get(&self, place: usize) -> Option<Repeat> {
        self.0.get(place).map(Repeat::read)
    }

    /// Keeps only some of them.
    pub(crate) fn retain(&mut self, keep: impl Fn(Repeat) -> bool) {
        self.0.retain(|row| keep(Repeat::read(row)));
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    fn named(ids: &[&str]) -> Vec<Identity> {
        ids.iter().map(|id| Identity::id(id)).collect()
    }

    fn repeats(rows: &[&[&str]]) -> Vec<(u32, u32, bool)> {
        let mut identities = Identities::default();
        for (row, ids) in (0..).zip(rows) {
            identities.add(&named(ids), row);
        }
        identities.into_repeats().iter().map(|repeat| (repeat.row, repeat.first, repeat.whole)).collect()
    }

    #[test]
    fn each_later_row_points_to_the_first() {
        assert_eq!(
            repeats(&[&["a"], &["b"], &["a"], &["c"], &["b"], &["a"]]),
            [(2, 0, true), (4, 1, true), (5, 0, true)]
        );
    }

    #[test]
    fn whoever_is_there_again_is_found_among_many_or_few() {
        let mut seed = 1_u64;
        for people in [10, 1_000, 1_000_000] {
            let mut identities = Identities::default();
            let mut first = std::collections::BTreeMap::new();
            let mut expected = Vec::new();
            for row in 0..5_000 {
                seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                let person = 14_155_550_000 + (seed >> 33) % people;
                identities.add(&[Identity(person)], row);
                match first.get(&person) {
                    Some(first) => expected.push((row, *first, true)),
                    None => drop(first.insert(person, row)),
                }
            }
            let found = identities.into_repeats();
            assert!(found.iter().map(|repeat| (repeat.row, repeat.first, repeat.whole)).eq(expected), "{people}");
        }
    }

    #[test]
    fn a_row_is_repeated_whole_when_earlier_rows_named_everybody_in_it() {
        // Naming one person twice in one row is no repetition.
        assert_eq!(repeats(&[&["a", "a"], &["b"]]), []);
        assert_eq!(
            repeats(&[&["a"], &["b"], &["b", "a"], &["a", "c"], &["c"]]),
            [(2, 0, true), (3, 0, false), (4, 3, true)]
        );
        let many = vec!["a"; MOST_COUNTED as usize];
        assert_eq!(repeats(&[&["a"], &many[1..], &many]), [(1, 0, true), (2, 0, false)]);
    }

    #[test]
    fn numbers_are_exact_and_ids_are_not() {
        let judged = crate::phone::judge_e164(b"+14155550100").expect("a number").key();
        for (identity, hashed) in [(Identity::number(judged, 1), false), (Identity::id("x"), true)] {
            let mut identities = Identities::default();
            identities.add(&[identity], 0);
            identities.add(&[identity], 1);
            let repeats: Vec<Repeat> = identities.into_repeats().iter().collect();
            assert_eq!(repeats, [Repeat { row: 1, first: 0, whole: true, hashed }]);
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut identities = Identities::default();
        for row in 0..=IDENTITIES as u32 {
            identities.add(&named(&["x"]), row);
        }
        assert!(identities.overflowed);
        assert_eq!(identities.into_repeats().iter().count(), IDENTITIES - 1);
    }

    #[test]
    fn numbers_on_two_channels_are_two() {
        let judged = crate::phone::judge_e164(b"+14155550100").expect("a number").key();
        assert_ne!(Identity::number(judged, 1), Identity::number(judged, 2));
    }
}
