//! The table that core embeds: the metadata's release, then sections of fixed order, each as compact as core can
//! still walk without unpacking it. `src/core/phone/table.rs` reads it.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};

use super::diagram::{Diagrams, Target};
use super::metadata::{Code, Metadata, Region};
use super::pattern::Forest;
use super::rule;

/// Most digits of a number with its calling code (E.164).
const MOST_DIGITS: usize = 15;
/// Fewest and most digits of a national number that libphonenumber reads; a mask of lengths begins with the first.
const NATIONAL_DIGITS: (usize, usize) = (2, 17);
/// In the list of calling codes by their front: no such code.
const NO_CODE: u8 = 255;
/// A root below this is an answer, and from this on a node's place.
const ROOT_NODES: usize = 256;
/// The table, and what it is made of.
pub struct Table {
    pub bytes: Vec<u8>,
    pub nodes: usize,
    pub edges: usize,
    pub maps: usize,
    pub answers: usize,
}

/// Draws all diagrams and writes the table.
pub fn write(metadata: &Metadata) -> Result<Table> {
    let mut forest = Forest::new();
    let mut diagrams = Diagrams::default();
    let mut roots = Vec::new();
    let mut codes = Codes::default();
    for code in &metadata.codes {
        codes.push(code, &roots)?;
        for length in lengths(code) {
            roots.push(diagrams.numbers(&mut forest, code, length)?);
        }
    }
    codes.first_regions.push(metadata.codes.iter().map(|code| code.regions.len()).sum::<usize>().try_into()?);
    let mut regions = Regions::default();
    for region in metadata.codes.iter().flat_map(|code| &code.regions) {
        regions.push(region, &roots)?;
        let mut matching = 0;
        for length in NATIONAL_DIGITS.0..=NATIONAL_DIGITS.1 {
            let root = diagrams.matches(&mut forest, &region.general.pattern, length)?;
            if root != Target::Nothing {
                matching |= bit(length)?;
                roots.push(root);
            }
        }
        push16(&mut regions.matching, matching.into())?;
    }

    let coding = Coding::new(&diagrams, &roots)?;
    let mut places = HashMap::new();
    let nodes = coding.nodes(&diagrams, &roots, &mut places)?;
    let mut root_bytes = Vec::new();
    for root in &roots {
        let value = match root {
            Target::Node(id) => ROOT_NODES + places[id],
            answer => coding.answer(*answer)?.into(),
        };
        push16(&mut root_bytes, value)?;
    }

    let sections = [
        codes.by_front()?,
        codes.numbers,
        codes.lengths,
        codes.roots,
        codes.first_regions,
        regions.names,
        regions.possible,
        regions.local,
        regions.matching,
        regions.roots,
        regions.national,
        regions.international,
        regions.rules,
        root_bytes,
        coding.answer_bytes(),
        coding.map_bytes(),
        nodes,
    ];
    let mut bytes = format!("libphonenumber's metadata, Apache-2.0, as in {}\n", metadata.release).into_bytes();
    for section in &sections {
        push16(&mut bytes, section.len())?;
    }
    bytes.extend(sections.into_iter().flatten());
    Ok(Table {
        bytes,
        nodes: diagrams.nodes.len(),
        edges: diagrams.nodes.iter().map(|node| Shape::of(node).targets.len()).sum(),
        maps: coding.maps.len(),
        answers: coding.answers.len(),
    })
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

#[derive(Default)]
struct Codes {
    numbers: Vec<u8>,
    lengths: Vec<u8>,
    roots: Vec<u8>,
    first_regions: Vec<u8>,
    regions: usize,
    all: Vec<u16>,
}

impl Codes {
    fn push(&mut self, code: &Code, roots: &[Target]) -> Result<()> {
        let mut mask = 0;
        for length in lengths(code) {
            mask |= bit(length)?;
        }
        push16(&mut self.numbers, code.number.into())?;
        push16(&mut self.lengths, mask.into())?;
        push16(&mut self.roots, roots.len())?;
        self.first_regions.push(self.regions.try_into()?);
        self.regions += code.regions.len();
        self.all.push(code.number);
        Ok(())
    }

    /// For each three digits that a number can begin with, from 100 on, the place of its calling code.
    fn by_front(&self) -> Result<Vec<u8>> {
        ensure!(self.all.len() < NO_CODE.into(), "there are too many calling codes");
        let mut places = vec![NO_CODE; 900];
        for (code, place) in self.all.iter().zip(0..) {
            let scale = match code {
                0..10 => 100,
                10..100 => 10,
                _ => 1,
            };
            let first = usize::from(*code) * scale;
            for front in first..first + scale {
                ensure!(places[front - 100] == NO_CODE, "the calling code {code} begins like another");
                places[front - 100] = place;
            }
        }
        Ok(places)
    }
}

#[derive(Default)]
struct Regions {
    names: Vec<u8>,
    possible: Vec<u8>,
    local: Vec<u8>,
    matching: Vec<u8>,
    roots: Vec<u8>,
    national: Vec<u8>,
    international: Vec<u8>,
    rules: Vec<u8>,
    places: HashMap<String, usize>,
}

impl Regions {
    fn push(&mut self, region: &Region, roots: &[Target]) -> Result<()> {
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
            push16(masks, mask.into())?;
        }
        push16(&mut self.roots, roots.len())?;
        let place = self.rule(rule::national(&region.national_prefix, &region.transform)?);
        push16(&mut self.national, place)?;
        let place = self.rule(rule::international(&region.international_prefix)?);
        push16(&mut self.international, place)
    }

    /// The place of a rule among the rules; equal ones are one.
    fn rule(&mut self, rule: String) -> usize {
        let end = self.rules.len();
        let place = *self.places.entry(rule.clone()).or_insert(end);
        if place == end {
            self.rules.extend(rule.as_bytes());
            self.rules.push(b'\n');
        }
        place
    }
}

/// A node in two halves: which digits lead to the same target, and the targets.
struct Shape {
    map: Map,
    /// Those that are nodes, then the answers.
    targets: Vec<Target>,
}

/// For each digit 0 when it leads to nothing, else which of the targets, counted from 1; last, how many targets are
/// nodes.
type Map = [u8; 11];

impl Shape {
    fn of(node: &[Target; 10]) -> Self {
        let mut targets = Vec::new();
        let mut keep = |wanted: fn(&Target) -> bool| {
            for target in node.iter().filter(|target| wanted(target)) {
                if !targets.contains(target) {
                    targets.push(*target);
                }
            }
            targets.len()
        };
        let nodes = keep(|target| matches!(target, Target::Node(_)));
        keep(|target| matches!(target, Target::Assigned { .. }));
        let place = |target| targets.iter().position(|known| known == target).map_or(0, |at| at + 1);
        let map = std::array::from_fn(|digit| node.get(digit).map_or(nodes, place) as u8);
        Self { map, targets }
    }
}

/// The ids by which nodes name answers and maps.
struct Coding {
    /// Those that stand behind id 0, which is [`Target::Nothing`]; the most used first.
    answers: Vec<Target>,
    /// Sorted, which compresses best.
    maps: Vec<Map>,
}

impl Coding {
    fn new(diagrams: &Diagrams, roots: &[Target]) -> Result<Self> {
        let mut uses: HashMap<Target, usize> = HashMap::new();
        let mut maps = Vec::new();
        let shapes: Vec<Shape> = diagrams.nodes.iter().map(Shape::of).collect();
        for target in shapes.iter().flat_map(|shape| &shape.targets).chain(roots) {
            if matches!(target, Target::Assigned { .. }) {
                *uses.entry(*target).or_default() += 1;
            }
        }
        maps.extend(shapes.iter().map(|shape| shape.map));
        maps.sort_unstable();
        maps.dedup();
        let mut answers: Vec<Target> = uses.keys().copied().collect();
        answers.sort_unstable_by_key(|answer| (std::cmp::Reverse(uses[answer]), *answer));
        ensure!(answers.len() < ROOT_NODES, "there are too many answers");
        Ok(Self { answers, maps })
    }

    /// The id of an answer.
    fn answer(&self, answer: Target) -> Result<u8> {
        if answer == Target::Nothing {
            return Ok(0);
        }
        let place = self.answers.iter().position(|known| *known == answer).context("an answer without an id")?;
        Ok(place as u8 + 1)
    }

    /// Writes all nodes, each behind those it leads to, and tells where each begins.
    ///
    /// A node is its map's id, then for each target that is a node how many bytes back that begins (two bytes each),
    /// then the ids of the answers (a byte each).
    fn nodes(&self, diagrams: &Diagrams, roots: &[Target], places: &mut HashMap<u32, usize>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        for root in roots {
            self.node(diagrams, *root, places, &mut out)?;
        }
        Ok(out)
    }

    fn node(
        &self,
        diagrams: &Diagrams,
        target: Target,
        places: &mut HashMap<u32, usize>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let Target::Node(id) = target else { return Ok(()) };
        if places.contains_key(&id) {
            return Ok(());
        }
        let shape = Shape::of(&diagrams.nodes[id as usize]);
        for target in &shape.targets {
            self.node(diagrams, *target, places, out)?;
        }
        let place = out.len();
        places.insert(id, place);
        push16(out, self.maps.binary_search(&shape.map).ok().context("a map without an id")?)?;
        for target in shape.targets {
            match target {
                Target::Node(id) => push16(out, place - places[&id])?,
                answer => out.push(self.answer(answer)?),
            }
        }
        Ok(())
    }

    /// The type and the region of each answer.
    fn answer_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for answer in &self.answers {
            if let Target::Assigned { number_type, region } = answer {
                out.extend([*number_type, *region]);
            }
        }
        out
    }

    /// Two digits of all maps, the even one in the lower half of a byte, then the next two; last the counts of nodes.
    fn map_bytes(&self) -> Vec<u8> {
        let pairs =
            |pair: usize| self.maps.iter().map(move |map| map[2 * pair] | map.get(2 * pair + 1).unwrap_or(&0) << 4);
        (0..6).flat_map(pairs).collect()
    }
}

/// The bit of a length in a mask of lengths.
fn bit(length: usize) -> Result<u16> {
    let (fewest, most) = NATIONAL_DIGITS;
    ensure!((fewest..=most).contains(&length), "no national number has {length} digits");
    Ok(1 << (length - fewest))
}

fn push16(out: &mut Vec<u8>, value: usize) -> Result<()> {
    out.extend(u16::try_from(value).context("a number is above 65,535")?.to_le_bytes());
    Ok(())
}
