//! `cargo xtask bench`: the package against the JavaScript it replaces, in one run, on the pinned Node and the newest.
//! With `--edge`, the edge in workerd under load, against other Workers.

use std::fs;

use anyhow::Result;

use crate::kit::{Kit, Part};
use crate::process::{command, run};
use crate::rust::WASM;
use crate::{node, phones, workspace};

const FOLDER: &str = "tests/bench";

/// Builds everything and measures; the words are the sections and options of `tests/bench/run.mjs`.
pub fn measure(words: &[String]) -> Result<()> {
    if let Some((first, rest)) = words.split_first()
        && first == "--edge"
    {
        return edge(rest);
    }
    let kit = Kit::ready()?;
    kit.build(&[Part::Browser])?;
    node::install(FOLDER)?;
    module(&kit)?;
    generate()?;
    let runner = workspace::path(FOLDER).join("run.mjs");
    let newest = workspace::path(FOLDER).join("node_modules/node-newest/bin/node");
    for mut node in [node::program("node"), command(&newest)] {
        run(node.arg("--expose-gc").arg(&runner).args(words))?;
    }
    Ok(())
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
        let worker = folder.join(format!("{name}.mjs"));
        let mut esbuild = node::program("esbuild");
        esbuild.args(["--bundle", "--format=esm", "--minify", "--log-level=warning"]);
        esbuild.arg(workspace::path(FOLDER).join(format!("edge/{name}.mjs")));
        run(esbuild.arg(format!("--outfile={}", worker.display())))?;
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
    phones::write_plain(&generated.join("plans.json"))?;
    run(node::program("node").arg(folder.join("standalone.mjs")).arg(generated.join("validate.cjs")))?;
    for side in ["stack", "peer"] {
        let file = format!("{side}.mjs");
        let mut esbuild = node::program("esbuild");
        esbuild.args(["--bundle", "--platform=node", "--format=esm", "--minify", "--log-level=warning"]);
        run(esbuild.arg(folder.join(&file)).arg(format!("--outfile={}", generated.join(&file).display())))?;
    }
    Ok(())
}
