//! Everything a build needs, made sure of once.

use std::path::Path;

use anyhow::Result;

use crate::process::{command, run};
use crate::rust::Toolchain;
use crate::tools::Tools;
use crate::{browser, node, worker, workspace};

/// A toolchain for wasm, the tools and the npm packages.
pub struct Kit {
    /// Compiles for wasm.
    pub toolchain: Toolchain,
    /// Turn a compiled module into what runs.
    pub tools: Tools,
}

impl Kit {
    /// Sets up what is missing.
    pub fn ready() -> Result<Kit> {
        let toolchain = Toolchain::with_wasm()?;
        let tools = Tools::ready()?;
        node::ready()?;
        Ok(Kit { toolchain, tools })
    }

    /// Builds the parts named.
    pub fn build(&self, parts: &[Part]) -> Result<()> {
        let _lock = workspace::lock(&workspace::path("target"), "build")?;
        for part in parts {
            match part {
                Part::Edge => worker::EDGE.build(self)?,
                Part::Sandbox => worker::SANDBOX.build(self)?,
                Part::Browser => browser::build(self)?,
            }
        }
        Ok(())
    }

    /// Makes what JavaScript loads of a compiled module that is no part of what is shipped.
    pub fn bind(&self, compiled: &Path, folder: &Path) -> Result<()> {
        let mut bindgen = command(&self.tools.wasm_bindgen);
        run(bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(folder).arg(compiled))
    }
}

/// What can be built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The Worker in front of the Communications API.
    Edge,
    /// The Worker that stands in for the Communications API.
    Sandbox,
    /// The page's module and the npm package.
    Browser,
}

impl Part {
    /// All, in the order in which they are built.
    pub const ALL: [Part; 3] = [Part::Edge, Part::Sandbox, Part::Browser];

    /// The part of this name.
    pub fn named(name: &str) -> Option<Part> {
        match name {
            "edge" => Some(Part::Edge),
            "sandbox" => Some(Part::Sandbox),
            "browser" => Some(Part::Browser),
            _ => None,
        }
    }
}
