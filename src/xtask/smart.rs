//! `cargo xtask smart`: the table of smart encoding that core embeds, made from Twilio's own calculator of segments.
//!
//! Map and oracle are one npm package; a newer one is had by raising its version in package.json and running the command.

use anyhow::{Context, Result, bail, ensure};

use crate::points::{Points, printed};

const TABLE: &str = "src/core/segment/smart.bin";

/// The replacements that are not one character long, by the byte that stands for them; core's `smart.rs` has the same.
const TEXTS: [&str; 8] = ["", "  ", "       ", "!!", "...", "1/4", "1/2", "3/4"];

/// Writes the table; with `check`, fails where it differs from what would be written.
pub fn run(check: bool) -> Result<()> {
    let (source, lines) = printed("src/xtask/smart/map.mjs")?;
    let mut entries = Vec::new();
    for line in &lines {
        entries.push(entry(line).with_context(|| format!("reading {line}"))?);
    }
    entries.sort_unstable();
    ensure!(entries.windows(2).all(|pair| pair[0].0 < pair[1].0), "a character has two replacements");
    Points { source, entries }.keep(TABLE, "smart", check)
}

fn entry(line: &str) -> Result<(u32, u8)> {
    let (character, replacement) = line.split_once('=').context("there is no =")?;
    let replacement: String = points(replacement)?.into_iter().filter_map(char::from_u32).collect();
    let &[character] = &points(character)?[..] else { bail!("more than one character is replaced") };
    let value = match replacement.as_bytes() {
        [byte @ 0x20..0x7F] => *byte,
        _ => match TEXTS.iter().position(|text| *text == replacement) {
            Some(place) => u8::try_from(place)?,
            None => bail!("{replacement:?} is not among the texts that smart.rs knows"),
        },
    };
    Ok((character, value))
}

fn points(words: &str) -> Result<Vec<u32>> {
    Ok(words.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_fresh() {
        super::run(true).unwrap();
    }
}
