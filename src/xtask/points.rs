//! Tables of code points with a byte each, in the form that `src/core/segment/table.rs` reads.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{output, say};
use crate::{node, workspace};

/// A table to be written into core.
pub struct Points {
    /// Where it came from: the file's first line.
    pub source: String,
    /// The code points, each above the one before it, with their bytes.
    pub entries: Vec<(u32, u8)>,
}

impl Points {
    /// Writes the table; with `check`, fails where it differs from what would be written.
    pub fn keep(&self, path: &str, command: &str, check: bool) -> Result<()> {
        let about = format!("{}, {} entries", self.source, self.entries.len());
        keep(&self.bytes()?, path, &about, command, check)
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = format!("{}\n", self.source).into_bytes();
        bytes.extend(u16::try_from(self.entries.len())?.to_le_bytes());
        bytes.extend(self.entries.iter().map(|(_, value)| value));
        let mut last = 0;
        for &(point, _) in &self.entries {
            ensure!(point >= last, "the code points are not sorted");
            push_number(&mut bytes, point - last);
            last = point;
        }
        Ok(bytes)
    }
}

/// Writes a number of seven bits a byte, the lowest first.
pub fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 & 0x7F | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Writes a table that is made by a command; with `check`, fails where it differs from what would be written.
pub fn keep(bytes: &[u8], path: &str, about: &str, command: &str, check: bool) -> Result<()> {
    let file = workspace::path(path);
    let same = fs::read(&file).is_ok_and(|old| old == bytes);
    if check && !same {
        bail!("{path} is not what is said by {about}; run: cargo xtask {command}");
    }
    if !same {
        fs::write(&file, bytes).with_context(|| format!("writing {}", file.display()))?;
    }
    say(format!("{path}, from {about}: {} bytes", bytes.len()));
    Ok(())
}

/// What a script prints: its first line, and the others.
pub fn printed(script: &str) -> Result<(String, Vec<String>)> {
    node::ready()?;
    let text = output(node::program("node").arg(workspace::path(script)))?;
    let mut lines = text.lines().map(str::to_owned);
    let source = lines.next().context("nothing was printed")?;
    Ok((source, lines.collect()))
}
