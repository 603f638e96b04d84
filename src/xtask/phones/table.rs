//! The table that core embeds: the metadata's release, then columns and diagrams, packed. `src/core/phone/table.rs`
//! reads it.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};

use super::diagram::{Diagrams, Target};
use super::metadata::{Code, Metadata, Region};
use super::pack::{LearnsFrom, Packer};
use super::pattern::Forest;
use super::rule;

/// Most digits of a number with its calling code (E.164).
const MOST_DIGITS: usize = 15;
/// Fewest and most digits of a national number that libphonenumber reads; a mask of lengths begins with the first.
const NATIONAL_DIGITS: (usize, usize) = (2, 17);
/// Core keeps a calling code's place in a byte, of which one value means none.
const MOST_CODES: usize = 254;

/// The table, and what it is made of.
pub struct Table {
    pub bytes: Vec<u8>,
    pub codes: Codes,
    pub diagrams: Diagrams,
    /// Of each length of each code, then of each that a region's general pattern matches.
    pub roots: Vec<Target>,
    pub answers: usize,
}

/// Draws all diagrams and writes the table.
pub fn write(metadata: &Metadata) -> Result<Table> {
    let mut forest = Forest::new();
    let mut diagrams = Diagrams::default();
    let mut roots = Vec::new();
    let mut codes = Codes::default();
    for code in &metadata.codes {
        codes.push(code)?;
        for length in lengths(code) {
            roots.push(diagrams.numbers(&mut forest, code, length)?);
        }
    }
    ensure!(codes.numbers.len() <= MOST_CODES, "there are too many calling codes");
    let mut regions = Regions::default();
    for region in metadata.codes.iter().flat_map(|code| &code.regions) {
        regions.push(region)?;
        let mut matching = 0;
        for length in NATIONAL_DIGITS.0..=NATIONAL_DIGITS.1 {
            let root = diagrams.matches(&mut forest, &region.general.pattern, length)?;
            if root != Target::Nothing {
                matching |= bit(length)?;
                roots.push(root);
            }
        }
        regions.matching.push(matching);
    }

    let mut packer = Packer::new();
    let sizes = [codes.numbers.len(), regions.possible.len(), regions.rules.len()];
    packer.words(&sizes.map(|size| size as u16));
    packer.rising(&codes.numbers)?;
    packer.words(&codes.lengths);
    let all = [regions.possible.len() as u16];
    packer.rising(&[&codes.first_regions[..], &all].concat())?;
    packer.bytes(&regions.names, LearnsFrom::Parity);
    packer.words(&regions.possible);
    packer.words(&regions.local);
    packer.words(&regions.matching);
    packer.words(&regions.national);
    packer.words(&regions.international);
    packer.bytes(&regions.rules, LearnsFrom::Before);
    let (packed, answers) = packer.diagrams(&diagrams, &roots)?;

    let mut bytes = format!("libphonenumber's metadata, Apache-2.0, as in {}\n", metadata.release).into_bytes();
    bytes.extend(packed);
    Ok(Table { bytes, codes, diagrams, roots, answers })
}

/// The lengths of a calling code's national numbers that are possible within E.164, ascending.
fn lengths(code: &Code) -> Vec<usize> {
    let most = MOST_DIGITS - code.number.to_string().len();
    let all = code.regions.iter().flat_map(|region| &region.general.lengths);
    let mut lengths: Vec<usize> = all.copied().filter(|length| *length <= most).collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

/// The calling codes.
#[derive(Default)]
pub struct Codes {
    pub numbers: Vec<u16>,
    /// Of the national numbers, as a mask.
    pub lengths: Vec<u16>,
    first_regions: Vec<u16>,
    regions: u16,
}

impl Codes {
    fn push(&mut self, code: &Code) -> Result<()> {
        let mut mask = 0;
        for length in lengths(code) {
            mask |= bit(length)?;
        }
        self.numbers.push(code.number);
        self.lengths.push(mask);
        self.first_regions.push(self.regions);
        self.regions += u16::try_from(code.regions.len())?;
        Ok(())
    }
}

#[derive(Default)]
struct Regions {
    names: Vec<u8>,
    possible: Vec<u16>,
    local: Vec<u16>,
    matching: Vec<u16>,
    national: Vec<u16>,
    international: Vec<u16>,
    rules: Vec<u8>,
    places: HashMap<String, u16>,
}

impl Regions {
    fn push(&mut self, region: &Region) -> Result<()> {
        match region.name.as_bytes() {
            name @ [b'A'..=b'Z', b'A'..=b'Z'] => self.names.extend(name),
            _ => self.names.extend([0, 0]),
        }
        for (masks, lengths) in
            [(&mut self.possible, &region.general.lengths), (&mut self.local, &region.general.local_lengths)]
        {
            let mut mask = 0;
            for length in lengths {
                mask |= bit(*length)?;
            }
            masks.push(mask);
        }
        let place = self.rule(rule::national(&region.national_prefix, &region.transform)?)?;
        self.national.push(place);
        let place = self.rule(rule::international(&region.international_prefix)?)?;
        self.international.push(place);
        Ok(())
    }

    /// The place of a rule among the rules; equal ones are one.
    fn rule(&mut self, rule: String) -> Result<u16> {
        let end = u16::try_from(self.rules.len()).context("the rules have 65,536 bytes or more")?;
        let place = *self.places.entry(rule.clone()).or_insert(end);
        if place == end {
            self.rules.extend(rule.as_bytes());
            self.rules.push(b'\n');
        }
        Ok(place)
    }
}

/// The bit of a length in a mask of lengths.
fn bit(length: usize) -> Result<u16> {
    let (fewest, most) = NATIONAL_DIGITS;
    ensure!((fewest..=most).contains(&length), "no national number has {length} digits");
    Ok(1 << (length - fewest))
}
