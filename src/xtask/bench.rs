//! `cargo xtask bench`: the package against the JavaScript it replaces, in one run, on the pinned Node and the newest.

use std::fs;

use anyhow::{Context, Result};

use crate::kit::{Kit, Part};
use crate::process::{command, run, say};
use crate::rust::WASM;
use crate::{node, workspace};

const FOLDER: &str = "tests/bench";

/// Builds everything and measures; the words are the sections and options of `tests/bench/run.mjs`.
pub fn measure(words: &[String]) -> Result<()> {
    let kit = Kit::ready()?;
    kit.build(&[Part::Browser])?;
    packages()?;
    module(&kit)?;
    generate()?;
    let runner = workspace::path(FOLDER).join("run.mjs");
    let newest = workspace::path(FOLDER).join("node_modules/node-newest/bin/node");
    for mut node in [node::program("node"), command(&newest)] {
        run(node.arg("--expose-gc").arg(&runner).args(words))?;
    }
    Ok(())
}

/// Installs what is compared with.
fn packages() -> Result<()> {
    let folder = workspace::path(FOLDER);
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.postgate-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("installing the npm packages of tests/bench/package-lock.json");
    run(command("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    fs::write(stamp, lock).context("noting what was installed")
}

/// Builds the module of what is no part of the package.
fn module(kit: &Kit) -> Result<()> {
    let target = workspace::path("target/bench/cargo");
    let mut cargo = kit.toolchain.cargo();
    cargo.args(["build", "--release", "--locked", "--target", WASM, "--manifest-path"]);
    run(cargo.arg(workspace::path(FOLDER).join("module/Cargo.toml")).arg("--target-dir").arg(&target))?;
    let compiled = target.join(WASM).join("release/postgate_bench.wasm");
    let mut bindgen = command(&kit.tools.wasm_bindgen);
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(workspace::path("target/bench"));
    run(bindgen.arg(compiled))
}

/// Writes Ajv's validator, and each JavaScript side as one file, as a bundler would deliver it.
fn generate() -> Result<()> {
    let folder = workspace::path(FOLDER);
    let generated = folder.join("generated");
    fs::create_dir_all(&generated)?;
    run(node::program("node").arg(folder.join("standalone.mjs")).arg(generated.join("validate.cjs")))?;
    for side in ["stack", "peer"] {
        let file = format!("{side}.mjs");
        let mut esbuild = node::program("esbuild");
        esbuild.args(["--bundle", "--platform=node", "--format=esm", "--minify", "--log-level=warning"]);
        run(esbuild.arg(folder.join(&file)).arg(format!("--outfile={}", generated.join(&file).display())))?;
    }
    Ok(())
}
