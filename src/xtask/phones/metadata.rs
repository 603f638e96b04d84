//! libphonenumber's metadata, as the npm package of its own JavaScript build carries it.

use anyhow::{Context, Result, bail};

use crate::process::output;
use crate::{node, workspace};

/// How many types of number a region describes.
pub const TYPES: usize = 10;

/// Fields of a printed line: seven of the region, three of each description.
const FIELDS: usize = 7 + 3 * (1 + TYPES);

/// The metadata of one release.
pub struct Metadata {
    /// The npm package and its version.
    pub release: String,
    /// In libphonenumber's order: by calling code, then the main region first.
    pub codes: Vec<Code>,
}

/// A calling code and the regions that share it.
pub struct Code {
    pub number: u16,
    pub regions: Vec<Region>,
}

/// What libphonenumber knows of one region's numbers.
pub struct Region {
    /// ISO 3166-1 alpha-2, or `001` for a calling code that belongs to no country.
    pub name: String,
    /// The pattern of what is dialled before an international number.
    pub international_prefix: String,
    /// The pattern of what is dialled before a national number; may have groups.
    pub national_prefix: String,
    /// What takes that prefix's place when its last group has matched; else nothing does.
    pub transform: String,
    /// The pattern of the digits that tell this region from others of the same code.
    pub leading: String,
    /// Whether the patterns of fixed lines and of mobiles are one.
    pub same: bool,
    /// All national numbers, whatever their type.
    pub general: Description,
    /// In the order in which libphonenumber asks for them, which is that of core's `NumberType`.
    pub types: [Description; TYPES],
}

/// Which national numbers there are.
#[derive(Default)]
pub struct Description {
    pub pattern: String,
    /// How many digits they have. Empty: as the general description says.
    pub lengths: Vec<usize>,
    /// How many digits are enough within an area.
    pub local_lengths: Vec<usize>,
    /// Whether the region has no such numbers.
    pub none: bool,
}

/// Has the package print its metadata.
pub fn read() -> Result<Metadata> {
    node::ready()?;
    let script = workspace::path("src/xtask/phones/metadata.mjs");
    parse(&output(node::program("node").arg(script))?)
}

fn parse(text: &str) -> Result<Metadata> {
    let mut lines = text.lines();
    let release = lines.next().context("no metadata was printed")?.to_owned();
    let mut codes: Vec<Code> = Vec::new();
    for line in lines {
        let (code, region) = parse_region(line).with_context(|| format!("reading {line}"))?;
        match codes.last_mut() {
            Some(last) if last.number == code => last.regions.push(region),
            _ => codes.push(Code { number: code, regions: vec![region] }),
        }
    }
    Ok(Metadata { release, codes })
}

fn parse_region(line: &str) -> Result<(u16, Region)> {
    // The printed lines end where the last one has something to say.
    let mut fields: Vec<&str> = line.split('\t').collect();
    fields.resize(FIELDS, "");
    let [code, name, international_prefix, national_prefix, transform, leading, same, rest @ ..] = &fields[..] else {
        bail!("fields are missing");
    };
    let mut descriptions = rest.chunks(3).map(|fields| match fields {
        [pattern, lengths, local] => Ok(Description {
            pattern: (*pattern).to_owned(),
            lengths: numbers(lengths)?,
            local_lengths: numbers(local)?,
            none: pattern.is_empty() || *lengths == "-1",
        }),
        _ => bail!("fields are missing"),
    });
    let general = descriptions.next().context("no description")??;
    let types: Vec<Description> = descriptions.collect::<Result<_>>()?;
    let region = Region {
        name: (*name).to_owned(),
        international_prefix: (*international_prefix).to_owned(),
        national_prefix: (*national_prefix).to_owned(),
        transform: (*transform).to_owned(),
        leading: (*leading).to_owned(),
        same: *same == "same",
        general,
        types: types.try_into().ok().context("not as many types as there should be")?,
    };
    Ok((code.parse()?, region))
}

/// Reads `7,10`. A -1, which stands for "none", is left out.
fn numbers(text: &str) -> Result<Vec<usize>> {
    let words = text.split(',').filter(|word| !word.is_empty() && *word != "-1");
    Ok(words.map(str::parse).collect::<Result<_, _>>()?)
}
