//! `cargo xtask soak`: mixed traffic through the edge in front of an unkind sandbox, while both are killed again and again.

use anyhow::Result;

use crate::kit::{Kit, Part};
use crate::process::run;
use crate::{node, workspace};

/// Builds both Workers and runs it; the words are the options of `tests/soak/run.mjs`.
pub fn soak(words: &[String]) -> Result<()> {
    Kit::ready()?.build(&[Part::Edge, Part::Sandbox])?;
    run(node::program("node").arg(workspace::path("tests/soak/run.mjs")).args(words))
}
