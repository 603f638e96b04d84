//! `cargo xtask clusters`: what characters do to grapheme clusters, made from the Unicode data of the packages' own Node.
//!
//! A newer Unicode comes with a newer npm package `node` in package.json.

use anyhow::{Context, Result};

use crate::points::{Points, printed};

const TABLE: &str = "src/core/segment/clusters.bin";

/// Writes the table; with `check`, fails where it differs from what would be written.
pub fn run(check: bool) -> Result<()> {
    let (source, lines) = printed("src/xtask/clusters/classes.mjs")?;
    let mut entries = vec![(0, 0)];
    for line in &lines {
        let (point, class) = line.split_once(' ').with_context(|| format!("reading {line}"))?;
        entries.push((point.parse()?, class.parse()?));
    }
    Points { source, entries }.keep(TABLE, "clusters", check)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_fresh() {
        super::run(true).unwrap();
    }
}
