//! What makes a module small: wasm-opt, the order of functions, and that panics say nothing.

mod order;
mod panics;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::node;
use crate::process::run;

/// Everything here that decides what becomes of a module.
pub const WAYS: &[&str] =
    &[include_str!("shrink.rs"), include_str!("shrink/order.rs"), include_str!("shrink/panics.rs")];

/// What wasm-opt may assume and use: all of it older than the browsers that README names. Never `--all-features`,
/// which would let a newer wasm-opt write what no browser reads yet.
const FEATURES: &[&str] = &[
    "bulk-memory",
    "bulk-memory-opt",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
];

/// How wasm-opt makes a module small. A function that is called in one place only stays one: what repeats then
/// compresses better. Nothing lies below the stack's last kilobyte, so places in memory need not be added up before they
/// are read.
const SMALL: &[&str] = &["--one-caller-inline-max-function-size=30", "--low-memory-unused", "-Os"];

/// A module to be made small.
pub struct Module {
    /// Where it lies, and where its text goes in between.
    pub file: PathBuf,
    pub text: PathBuf,
    /// Features that it uses beside those of every module.
    pub features: &'static [&'static str],
}

impl Module {
    /// Has panics be traps that say nothing.
    pub fn silence(&self) -> Result<()> {
        let mut module = fs::read(&self.file)?;
        panics::forget_places(&mut module)?;
        fs::write(&self.file, module)?;
        self.run(&self.file, &["--emit-text"], &self.text)?;
        fs::write(&self.text, panics::silence(&fs::read_to_string(&self.text)?))?;
        self.run(&self.text, &["--debuginfo"], &self.file)
    }

    /// Writes it to `to`, small, without the names of its functions.
    pub fn shrink(&self, to: &Path) -> Result<()> {
        self.optimize(&self.file, &["--gufa", "--emit-text"], &self.text)?;
        fs::write(&self.text, order::order(&naturally_aligned(&fs::read_to_string(&self.text)?)))?;
        self.optimize(&self.text, &[], to)
    }

    /// Writes the same code as [`Module::shrink`] did, with the names of its functions.
    pub fn name(&self, to: &Path) -> Result<()> {
        self.optimize(&self.text, &["--debuginfo"], to)
    }

    fn optimize(&self, from: &Path, more: &[&str], to: &Path) -> Result<()> {
        self.run(from, &[SMALL, more].concat(), to)
    }

    fn run(&self, from: &Path, arguments: &[&str], to: &Path) -> Result<()> {
        let mut optimize = node::program("wasm-opt");
        let features = FEATURES.iter().chain(self.features).map(|feature| format!("--enable-{feature}"));
        run(optimize.args(arguments).args(features).arg(from).arg("-o").arg(to))
    }
}

/// A text without what its instructions say of alignment, which is then the natural one. That is a hint only: engines
/// read what is not aligned as fast. An instruction that always has the same one compresses better.
fn naturally_aligned(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    for line in text.lines() {
        match line.split_once(" align=") {
            // What has quotes is data, or a name.
            Some((front, behind)) if !line.contains('"') => {
                bare.push_str(front);
                bare.push_str(behind.trim_start_matches(|sign: char| sign.is_ascii_digit()));
            }
            _ => bare.push_str(line),
        }
        bare.push('\n');
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::naturally_aligned;

    #[test]
    fn only_what_instructions_say_of_alignment_is_taken_out() {
        let text = "(i64.store offset=8 align=4\n (i32.load align=1\n  (local.get $0)))\n(data \"a align=1\")\n";
        let bare = "(i64.store offset=8\n (i32.load\n  (local.get $0)))\n(data \"a align=1\")\n";
        assert_eq!(naturally_aligned(text), bare);
    }
}
