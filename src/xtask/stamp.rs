//! What an output was made from, kept beside it, so that slow steps are left out when nothing changed.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;

/// A sum over everything that goes into an output.
pub struct Stamp {
    file: PathBuf,
    sum: String,
}

impl Stamp {
    /// Of the output whose stamp lies at `file`. All `inputs` are counted with their lengths.
    pub fn new(file: PathBuf, inputs: &[&[u8]]) -> Stamp {
        let mut hasher = DefaultHasher::new();
        for input in inputs {
            hasher.write_usize(input.len());
            hasher.write(input);
        }
        Stamp { file, sum: format!("{:016x}\n", hasher.finish()) }
    }

    /// Whether the outputs are there and were made from the same.
    pub fn holds(&self, outputs: &[&Path]) -> bool {
        outputs.iter().all(|output| output.exists()) && fs::read_to_string(&self.file).is_ok_and(|sum| sum == self.sum)
    }

    /// Notes that the outputs are made.
    pub fn set(&self) -> Result<()> {
        Ok(fs::write(&self.file, &self.sum)?)
    }

    /// Forgets, before outputs are touched: what is cut off has to be made again.
    pub fn clear(&self) {
        let _ = fs::remove_file(&self.file);
    }
}
