//! The numbering plans: calling codes, regions, and diagrams over the digits of national numbers.
//!
//! `cargo xtask phones` writes the table, packed; it is unpacked at the first number.

use std::sync::LazyLock;

use super::NumberType;
use super::unpack::{Diagrams, LearnsFrom, NODES, Stream};

const TABLE: &[u8] = include_bytes!("table.bin");
/// Bytes of the first line, which names the release.
const LINE: usize = line(TABLE);
/// Fewest digits of a national number; masks of lengths begin with it.
const FEWEST: usize = 2;
/// For the front of a number: no such calling code.
const NO_CODE: u8 = u8::MAX;

static PLANS: LazyLock<Plans> = LazyLock::new(Plans::unpack);

/// All columns, each with an entry a calling code, a region, or a root.
struct Plans {
    /// For each three digits that a number can begin with, from 100 on, the place of its calling code.
    by_front: Vec<u8>,
    code_numbers: Vec<u16>,
    code_lengths: Vec<u16>,
    code_roots: Vec<u16>,
    code_regions: Vec<u16>,
    region_names: Vec<u8>,
    region_possible: Vec<u16>,
    region_local: Vec<u16>,
    region_matching: Vec<u16>,
    region_roots: Vec<u16>,
    region_national: Vec<u16>,
    region_international: Vec<u16>,
    rules: Vec<u8>,
    roots: Vec<u16>,
    answers: Vec<(u8, u8)>,
    nodes: Vec<[u16; 10]>,
}

impl Plans {
    /// Reads what `src/xtask/phones/table.rs` writes, in its order.
    fn unpack() -> Self {
        let mut stream = Stream::new(TABLE.split_at(LINE + 1).1);
        let sizes = stream.words(3);
        let [codes, regions, rules] = *sizes.first_chunk().unwrap_or(&[0; 3]);
        let [codes, regions] = [codes, regions].map(usize::from);
        let code_numbers = stream.rising(codes);
        let code_lengths = stream.words(codes);
        let code_regions = stream.rising(codes + 1);
        let region_names = stream.bytes(2 * regions, LearnsFrom::Parity);
        let region_possible = stream.words(regions);
        let region_local = stream.words(regions);
        let region_matching = stream.words(regions);
        let region_national = stream.words(regions);
        let region_international = stream.words(regions);
        let rules = stream.bytes(rules.into(), LearnsFrom::Before);

        // A root for each length that a code or a region has.
        let mut count = 0;
        let mut roots_of = |lengths: &Vec<u16>| {
            let first = |lengths: &u16| {
                count += lengths.count_ones() as u16;
                count - lengths.count_ones() as u16
            };
            lengths.iter().map(first).collect::<Vec<_>>()
        };
        let (code_roots, region_roots) = (roots_of(&code_lengths), roots_of(&region_matching));
        let mut diagrams = Diagrams::new(stream);
        let roots = (0..count).map(|_| diagrams.root()).collect();
        Self {
            by_front: by_front(&code_numbers),
            code_numbers,
            code_lengths,
            code_roots,
            code_regions,
            region_names,
            region_possible,
            region_local,
            region_matching,
            region_roots,
            region_national,
            region_international,
            rules,
            roots,
            answers: diagrams.answers,
            nodes: diagrams.nodes,
        }
    }
}

impl Plans {
    /// The answer that ASCII digits lead to from a root, if any: a type, and a region of the code.
    #[inline(always)]
    fn walk(&self, root: usize, digits: &[u8]) -> Option<(u8, u8)> {
        let mut target = *self.roots.get(root)?;
        for digit in digits {
            let Some(node) = target.checked_sub(NODES) else { break };
            target = *self.nodes.get(usize::from(node))?.get(usize::from(digit & 15))?;
        }
        // Where a node is left over, there is no such answer.
        self.answers.get(usize::from(target.checked_sub(1)?)).copied()
    }
}

/// No calling code begins like another.
fn by_front(numbers: &[u16]) -> Vec<u8> {
    let mut places = vec![NO_CODE; 900];
    for (number, place) in numbers.iter().zip(0..) {
        let scale = match number {
            0..10 => 100,
            10..100 => 10,
            _ => 1,
        };
        let first = usize::from(*number) * scale;
        places.iter_mut().skip(first.saturating_sub(100)).take(scale).for_each(|front| *front = place);
    }
    places
}

const fn line(table: &[u8]) -> usize {
    let mut end = 0;
    while table[end] != b'\n' {
        end += 1;
    }
    end
}

/// An entry of a column.
#[inline(always)]
fn word(column: &[u16], at: usize) -> usize {
    column.get(at).copied().unwrap_or(0).into()
}

/// What the table was made from.
pub(super) fn release() -> &'static str {
    str::from_utf8(TABLE.split_at(LINE).0).unwrap_or_default()
}

/// Lengths of national numbers, in digits.
#[derive(Clone, Copy)]
pub(super) struct Lengths(usize);

impl Lengths {
    #[inline(always)]
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
    #[inline(always)]
    fn rank(self, length: usize) -> Option<usize> {
        self.contains(length).then(|| (self.0 & ((1 << (length - FEWEST)) - 1)).count_ones() as usize)
    }
}

/// A calling code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(usize);

impl Code {
    /// The calling code that an international number begins with, given as ASCII digits, and how many digits it has.
    #[inline(always)]
    pub(super) fn of(number: &[u8]) -> Option<(Self, usize)> {
        let plans = &*PLANS;
        let digit = |at| number.get(at).map_or(0, |digit| usize::from(digit & 15));
        let front = (100 * digit(0) + 10 * digit(1) + digit(2)).checked_sub(100)?;
        let code = Self(plans.by_front.get(front).copied()?.into());
        let digits = match word(&plans.code_numbers, code.0) {
            0 => return None,
            1..10 => 1,
            10..100 => 2,
            _ => 3,
        };
        (digits <= number.len()).then_some((code, digits))
    }

    /// 0 for the mark of a front that belongs to no code, which stands after the last one.
    pub(super) fn number(self) -> u16 {
        word(&PLANS.code_numbers, self.0) as u16
    }

    /// The region whose rules are those of the code.
    pub(super) fn main_region(self) -> Place {
        Place(word(&PLANS.code_regions, self.0))
    }

    /// The only region of the code.
    pub(super) fn only_region(self) -> Option<Place> {
        (word(&PLANS.code_regions, self.0) + 1 == word(&PLANS.code_regions, self.0 + 1)).then(|| self.main_region())
    }

    /// The type and the region of a national number, where it is assigned.
    #[inline(always)]
    pub(super) fn find(self, national: &[u8]) -> Option<(NumberType, Place)> {
        // The lengths that any of the code's regions has, within E.164.
        let plans = &*PLANS;
        let root = Lengths(word(&plans.code_lengths, self.0)).rank(national.len())?;
        let (number_type, region) = plans.walk(word(&plans.code_roots, self.0) + root, national)?;
        let number_type = NumberType::ALL.get(usize::from(number_type)).copied()?;
        Some((number_type, Place(word(&plans.code_regions, self.0) + usize::from(region))))
    }
}

/// A region, by its place in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(pub(super) usize);

impl Place {
    /// The place of the region of that name, in capitals.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name: [u8; 2] = name.as_bytes().try_into().ok().filter(|name| *name != [0, 0])?;
        PLANS.region_names.as_chunks().0.iter().position(|known| *known == name).map(Self)
    }

    /// Two capitals. Nothing for the numbers of a calling code that belongs to no country.
    pub(super) fn name(self) -> &'static str {
        let name = PLANS.region_names.get(2 * self.0..2 * self.0 + 2).filter(|_| self.is_country());
        name.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default()
    }

    pub(super) fn is_country(self) -> bool {
        PLANS.region_names.get(2 * self.0).is_some_and(|first| *first != 0)
    }

    pub(super) fn code(self) -> Code {
        Code(PLANS.code_regions.partition_point(|first| usize::from(*first) <= self.0).saturating_sub(1))
    }

    /// How many digits the region's national numbers may have.
    pub(super) fn possible(self) -> Lengths {
        Lengths(word(&PLANS.region_possible, self.0))
    }

    /// How many digits are enough within one of the region's areas.
    pub(super) fn local(self) -> Lengths {
        Lengths(word(&PLANS.region_local, self.0))
    }

    /// Whether the pattern that is common to all of the region's national numbers matches.
    pub(super) fn matches(self, national: &[u8]) -> bool {
        let root = Lengths(word(&PLANS.region_matching, self.0)).rank(national.len());
        root.and_then(|root| PLANS.walk(word(&PLANS.region_roots, self.0) + root, national)).is_some()
    }

    /// The rule for what is dialled before a national number.
    pub(super) fn national_prefix(self) -> &'static [u8] {
        rule(word(&PLANS.region_national, self.0))
    }

    /// The rule for what is dialled before an international number.
    pub(super) fn international_prefix(self) -> &'static [u8] {
        rule(word(&PLANS.region_international, self.0))
    }
}

fn rule(at: usize) -> &'static [u8] {
    let rules = PLANS.rules.get(at..).unwrap_or_default();
    rules.split(|byte| *byte == b'\n').next().unwrap_or_default()
}
