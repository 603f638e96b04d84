//! The two Workers: compiled by cargo, packed by worker-build into `target/worker`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::kit::Kit;
use crate::process::{command, quiet, run, say};
use crate::rust::WASM;
use crate::shrink::{self, Module};
use crate::stamp::Stamp;
use crate::{node, workspace};

/// A Worker among the members.
pub struct Worker {
    /// Its folder under `src`, and the end of its package's name.
    pub name: &'static str,
    /// Whether it is uploaded, and has to be small.
    pub uploaded: bool,
}

/// The Worker in front of the Communications API.
pub const EDGE: Worker = Worker { name: "edge", uploaded: true };
/// The Worker that stands in for the Communications API.
pub const SANDBOX: Worker = Worker { name: "sandbox", uploaded: false };

impl Worker {
    /// What wrangler uploads: `index.js`, which imports `index_bg.wasm` beside it.
    pub fn folder(&self) -> PathBuf {
        workspace::path("target/worker").join(self.name)
    }

    /// Compiles, and packs when that changed the module: cargo knows at once, worker-build takes its time every time.
    pub fn build(&self, kit: &Kit) -> Result<()> {
        let package = format!("postgate-{}", self.name);
        say(format!("building {package}"));
        let mut cargo = kit.toolchain.cargo();
        run(cargo.args(["build", "--lib", "--release", "--target", WASM, "--package", &package]))?;

        let module = format!("{WASM}/release/postgate_{}.wasm", self.name);
        let module = fs::read(workspace::cargo_target().join(module))
            .with_context(|| format!("{package} gave no module: has it crate-type = [\"cdylib\"]?"))?;
        let lock = fs::read(workspace::path("package-lock.json"))?;
        let folder = self.folder();
        let ways = shrink::WAYS.concat();
        let parts: [&[u8]; 4] = [&module, &lock, kit.tools.versions.as_bytes(), ways.as_bytes()];
        let stamp = Stamp::new(folder.with_extension("stamp"), &parts);
        if stamp.holds(&[&folder.join("index.js"), &folder.join("index_bg.wasm")]) {
            return Ok(());
        }

        say(format!("packing {package}"));
        stamp.clear();
        let mut pack = command(&kit.tools.worker_build);
        kit.toolchain.arrange(&mut pack);
        node::arrange(&mut pack);
        // From the root worker-build would find the workspace and no crate. Without the two variables it would
        // download the programs.
        pack.current_dir(workspace::path("src").join(self.name))
            .env("WASM_BINDGEN_BIN", &kit.tools.wasm_bindgen)
            .env("ESBUILD_BIN", workspace::path("node_modules/.bin/esbuild"))
            .arg("--release")
            .arg("--out-dir")
            .arg(&folder);
        quiet(&mut pack)?;
        if self.uploaded {
            // As small as the browser's; worker-build would keep the functions' names. In its Cargo.toml the Worker tells
            // it to leave the module as it is.
            let file = folder.join("index_bg.wasm");
            let text = folder.with_extension("wat");
            Module { file: file.clone(), text, features: &["exception-handling"] }.shrink(&file)?;
        }
        stamp.set()
    }
}
