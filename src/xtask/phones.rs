//! `cargo xtask phones`: the table of phone numbers that core embeds, made from libphonenumber's metadata.
//!
//! Metadata and oracle are one npm package, so the release the table was made from is the one it is tested against;
//! a newer one is had by raising the package's version in package.json and running the command.

mod diagram;
mod metadata;
mod pack;
mod pattern;
mod plain;
mod rule;
mod table;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::say;
use crate::workspace;

const TABLE: &str = "src/core/phone/table.bin";

/// Writes the table; with `check`, fails where it differs from what would be written.
pub fn run(check: bool) -> Result<()> {
    let metadata = metadata::read()?;
    let table = table::write(&metadata)?;
    let path = workspace::path(TABLE);
    let same = fs::read(&path).is_ok_and(|old| old == table.bytes);
    if check && !same {
        bail!("{TABLE} is not what {} says; run: cargo xtask phones", metadata.release);
    }
    if !same {
        fs::write(&path, &table.bytes).with_context(|| format!("writing {}", path.display()))?;
    }
    say(format!(
        "{TABLE}, from {}: {} bytes, {} nodes, {} answers",
        metadata.release,
        table.bytes.len(),
        table.diagrams.nodes.len(),
        table.answers
    ));
    Ok(())
}

/// Writes the plans as JSON, for the benchmark's JavaScript.
pub fn write_plain(path: &Path) -> Result<()> {
    let table = table::write(&metadata::read()?)?;
    fs::write(path, plain::json(&table)).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_fresh() {
        super::run(true).unwrap();
    }
}
