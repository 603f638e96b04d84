//! `cargo xtask bench`: the package against the JavaScript it replaces, in one run, on the pinned Node and the newest.
//! With `--table`, only what the table of the package's README has; with `--edge`, the edge in workerd under load, against
//! other Workers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::kit::{Kit, Part};
use crate::process::{command, run};
use crate::rust::WASM;
use crate::{chromium, node, phones, workspace};

const FOLDER: &str = "tests/bench";

/// Builds everything and measures; the words are the sections and options of `tests/bench/run.mjs`.
pub fn measure(words: &[String]) -> Result<()> {
    match words.split_first() {
        Some((first, rest)) if first == "--edge" => return edge(rest),
        Some((first, rest)) if first == "--table" => return table(rest),
        _ => {}
    }
    let chromium = chromium::ready()?;
    let newest = package()?;
    for mut node in [node::program("node"), command(newest)] {
        let runner = workspace::path(FOLDER).join("run.mjs");
        run(node.arg("--expose-gc").arg(runner).args(words).env("CHROMIUM", &chromium))?;
    }
    Ok(())
}

/// Prints the table; the words are the options of `tests/bench/table.mjs`.
fn table(words: &[String]) -> Result<()> {
    let chromium = chromium::ready()?;
    let newest = package()?;
    let pinned = workspace::path("node_modules/node/bin/node");
    let mut node = node::program("node");
    node.arg(workspace::path(FOLDER).join("table.mjs")).args([pinned, newest]).args(words);
    run(node.env("CHROMIUM", chromium))
}

/// Builds what the package is measured with; where the newest Node is.
fn package() -> Result<PathBuf> {
    let kit = Kit::ready()?;
    kit.build(&[Part::Browser])?;
    node::install(FOLDER)?;
    module(&kit)?;
    generate()?;
    Ok(workspace::path(FOLDER).join("node_modules/node-newest/bin/node"))
}

/// Measures the edge; the words are the options of `tests/bench/edge/run.mjs`.
fn edge(words: &[String]) -> Result<()> {
    let kit = Kit::ready()?;
    kit.build(&[Part::Edge])?;
    node::install(FOLDER)?;
    generate()?;
    let folder = workspace::path("target/bench/edge");
    fs::create_dir_all(&folder)?;
    for name in ["passthrough", "libraries"] {
        pack(&format!("edge/{name}.mjs"), &folder.join(format!("{name}.mjs")))?;
        let config = format!("name = \"{name}\"\nmain = \"{name}.mjs\"\ncompatibility_date = \"2026-10-01\"\n");
        fs::write(folder.join(format!("{name}.toml")), config)?;
    }
    run(node::program("node").arg(workspace::path(FOLDER).join("edge/run.mjs")).args(words))
}

/// Builds the module of what is no part of the package.
fn module(kit: &Kit) -> Result<()> {
    let target = workspace::path("target/bench/cargo");
    let mut cargo = kit.toolchain.cargo();
    cargo.args(["build", "--release", "--locked", "--target", WASM, "--manifest-path"]);
    run(cargo.arg(workspace::path(FOLDER).join("module/Cargo.toml")).arg("--target-dir").arg(&target))?;
    kit.bind(&target.join(WASM).join("release/postgate_bench.wasm"), &workspace::path("target/bench"))
}

/// Writes Ajv's validator, and each JavaScript side as one file, as a bundler would deliver it.
fn generate() -> Result<()> {
    let folder = workspace::path(FOLDER);
    let generated = folder.join("generated");
    fs::create_dir_all(&generated)?;
    phones::write_plain(&generated.join("plans.json"))?;
    run(node::program("node").arg(folder.join("standalone.mjs")).arg(generated.join("validate.cjs")))?;
    for (program, bundle) in [("stack", "stack"), ("peer", "peer"), ("jobs", "page")] {
        pack(&format!("{program}.mjs"), &generated.join(format!("{bundle}.mjs")))?;
    }
    Ok(())
}

/// Makes one file of a program, for Node, workerd and pages.
fn pack(program: &str, bundle: &Path) -> Result<()> {
    let mut esbuild = node::program("esbuild");
    esbuild.args(["--bundle", "--format=esm", "--minify", "--log-level=warning"]);
    run(esbuild.arg(workspace::path(FOLDER).join(program)).arg(format!("--outfile={}", bundle.display())))
}
