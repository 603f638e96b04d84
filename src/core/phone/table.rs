//! Reading the table of numbering plans, which `cargo xtask phones` writes and describes (`src/xtask/phones/table.rs`).
//!
//! It is walked as it lies there: nothing is unpacked, so the first number costs what every other does.

use super::NumberType;

const TABLE: &[u8] = include_bytes!("table.bin");
/// Bytes of the first line, which names the release.
const LINE: usize = line(TABLE);
const SECTIONS: usize = 17;

const BY_FRONT: &[u8] = section(0);
const CODE_NUMBERS: &[u8] = section(1);
const CODE_LENGTHS: &[u8] = section(2);
const CODE_ROOTS: &[u8] = section(3);
const CODE_REGIONS: &[u8] = section(4);
const REGION_NAMES: &[u8] = section(5);
const REGION_POSSIBLE: &[u8] = section(6);
const REGION_LOCAL: &[u8] = section(7);
const REGION_MATCHING: &[u8] = section(8);
const REGION_ROOTS: &[u8] = section(9);
const REGION_NATIONAL: &[u8] = section(10);
const REGION_INTERNATIONAL: &[u8] = section(11);
const RULES: &[u8] = section(12);
const ROOTS: &[u8] = section(13);
const ANSWERS: &[u8] = section(14);
const MAPS: &[u8] = section(15);
const NODES: &[u8] = section(16);

/// Fewest digits of a national number; masks of lengths begin with it.
const FEWEST: usize = 2;
/// A root from here on is a node's place, below an answer.
const ROOT_NODES: usize = 256;
/// Columns of the maps: two digits each, and how many targets are nodes.
const MAP_COLUMNS: usize = 6;
const MAP_COUNT: usize = MAPS.len() / MAP_COLUMNS;

const fn line(table: &[u8]) -> usize {
    let mut end = 0;
    while table[end] != b'\n' {
        end += 1;
    }
    end
}

/// Cut out while compiling, so a table that is shorter than it says does not build.
const fn section(index: usize) -> &'static [u8] {
    let (_, sizes) = TABLE.split_at(LINE + 1);
    let (_, mut rest) = sizes.split_at(2 * SECTIONS);
    let mut at = 0;
    loop {
        let size = sizes[2 * at] as usize | (sizes[2 * at + 1] as usize) << 8;
        let (section, behind) = rest.split_at(size);
        if at == index {
            return section;
        }
        rest = behind;
        at += 1;
    }
}

fn byte(bytes: &[u8], at: usize) -> usize {
    bytes.get(at).copied().unwrap_or(0).into()
}

/// The number in two bytes.
fn wide(bytes: &[u8], at: usize) -> usize {
    let two = bytes.get(at..at + 2).and_then(|two| two.first_chunk());
    u16::from_le_bytes(*two.unwrap_or(&[0, 0])).into()
}

/// An entry of a column of such numbers.
fn word(bytes: &[u8], at: usize) -> usize {
    wide(bytes, 2 * at)
}

/// What the table was made from.
pub(super) fn release() -> &'static str {
    str::from_utf8(TABLE.split_at(LINE).0).unwrap_or_default()
}

/// Lengths of national numbers, in digits.
#[derive(Clone, Copy)]
pub(super) struct Lengths(usize);

impl Lengths {
    pub(super) fn contains(self, length: usize) -> bool {
        length >= FEWEST && self.0.checked_shr((length - FEWEST) as u32).unwrap_or(0) & 1 == 1
    }

    pub(super) fn fewest(self) -> usize {
        FEWEST + self.0.trailing_zeros() as usize
    }

    pub(super) fn most(self) -> usize {
        FEWEST + self.0.checked_ilog2().unwrap_or(0) as usize
    }

    /// How many shorter lengths there are, if this is one.
    fn rank(self, length: usize) -> Option<usize> {
        self.contains(length).then(|| (self.0 & ((1 << (length - FEWEST)) - 1)).count_ones() as usize)
    }
}

/// A calling code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(usize);

impl Code {
    /// The calling code that an international number begins with, given as ASCII digits, and how many digits it has.
    pub(super) fn of(number: &[u8]) -> Option<(Self, usize)> {
        let digit = |at| number.get(at).map_or(0, |digit| usize::from(digit & 15));
        let front = (100 * digit(0) + 10 * digit(1) + digit(2)).checked_sub(100)?;
        let code = Self(BY_FRONT.get(front).copied()?.into());
        let digits = match code.number() {
            0 => return None,
            1..10 => 1,
            10..100 => 2,
            _ => 3,
        };
        (digits <= number.len()).then_some((code, digits))
    }

    /// 0 for the mark of a front that belongs to no code, which stands behind the last one.
    pub(super) fn number(self) -> u16 {
        word(CODE_NUMBERS, self.0) as u16
    }

    /// The region whose rules are those of the code.
    pub(super) fn main_region(self) -> Place {
        Place(byte(CODE_REGIONS, self.0))
    }

    /// The only region of the code.
    pub(super) fn only_region(self) -> Option<Place> {
        (byte(CODE_REGIONS, self.0) + 1 == byte(CODE_REGIONS, self.0 + 1)).then(|| self.main_region())
    }

    /// The type and the region of a national number, where it is assigned.
    pub(super) fn find(self, national: &[u8]) -> Option<(NumberType, Place)> {
        // The lengths that any of the code's regions has, within E.164.
        let root = Lengths(word(CODE_LENGTHS, self.0)).rank(national.len())?;
        let answer = walk(word(CODE_ROOTS, self.0) + root, national)?;
        let number_type = NumberType::ALL.get(byte(ANSWERS, 2 * answer)).copied()?;
        Some((number_type, Place(byte(CODE_REGIONS, self.0) + byte(ANSWERS, 2 * answer + 1))))
    }
}

/// A region, by its place in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(pub(super) usize);

impl Place {
    /// The place of the region of that name, in capitals.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name: [u8; 2] = name.as_bytes().try_into().ok().filter(|name| *name != [0, 0])?;
        REGION_NAMES.as_chunks().0.iter().position(|known| *known == name).map(Self)
    }

    /// Two capitals. Nothing for the numbers of a calling code that belongs to no country.
    pub(super) fn name(self) -> &'static str {
        let name = REGION_NAMES.get(2 * self.0..2 * self.0 + 2).filter(|_| self.is_country());
        name.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default()
    }

    pub(super) fn is_country(self) -> bool {
        byte(REGION_NAMES, 2 * self.0) != 0
    }

    pub(super) fn code(self) -> Code {
        Code(CODE_REGIONS.partition_point(|first| usize::from(*first) <= self.0).saturating_sub(1))
    }

    /// How many digits the region's national numbers may have.
    pub(super) fn possible(self) -> Lengths {
        Lengths(word(REGION_POSSIBLE, self.0))
    }

    /// How many digits are enough within one of the region's areas.
    pub(super) fn local(self) -> Lengths {
        Lengths(word(REGION_LOCAL, self.0))
    }

    /// Whether the pattern that is common to all of the region's national numbers matches.
    pub(super) fn matches(self, national: &[u8]) -> bool {
        let root = Lengths(word(REGION_MATCHING, self.0)).rank(national.len());
        root.and_then(|root| walk(word(REGION_ROOTS, self.0) + root, national)).is_some()
    }

    /// The rule for what is dialled in front of a national number.
    pub(super) fn national_prefix(self) -> &'static [u8] {
        rule(word(REGION_NATIONAL, self.0))
    }

    /// The rule for what is dialled in front of an international number.
    pub(super) fn international_prefix(self) -> &'static [u8] {
        rule(word(REGION_INTERNATIONAL, self.0))
    }
}

fn rule(at: usize) -> &'static [u8] {
    let rules = RULES.get(at..).unwrap_or_default();
    rules.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// The place of the answer that ASCII digits lead to from a root, if any.
fn walk(root: usize, digits: &[u8]) -> Option<usize> {
    let root = word(ROOTS, root);
    let Some(mut node) = root.checked_sub(ROOT_NODES) else { return root.checked_sub(1) };
    for digit in digits {
        let digit = usize::from(digit & 15);
        let map = wide(NODES, node);
        let slot = (byte(MAPS, digit / 2 * MAP_COUNT + map) >> (digit % 2 * 4) & 15).checked_sub(1)?;
        let nodes = byte(MAPS, (MAP_COLUMNS - 1) * MAP_COUNT + map);
        let targets = node + 2;
        if let Some(answer) = slot.checked_sub(nodes) {
            return byte(NODES, targets + 2 * nodes + answer).checked_sub(1);
        }
        node = node.checked_sub(wide(NODES, targets + 2 * slot))?;
    }
    None
}
