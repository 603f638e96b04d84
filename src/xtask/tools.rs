//! The command-line tools that come from crates: installed once for each version, into a folder of our own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::process::{command, run, say};
use crate::workspace;

/// Packs a Worker. Its shim and the `worker` crate are of one release.
const WORKER_BUILD: &str = "0.8.7";

/// Where the tools are.
pub struct Tools {
    /// The CLI of the wasm-bindgen crate that Cargo.lock has: each refuses any other version of the other.
    pub wasm_bindgen: PathBuf,
    /// worker-build.
    pub worker_build: PathBuf,
    /// Changes when a tool does.
    pub versions: String,
}

impl Tools {
    /// Finds the tools, installing what is missing.
    pub fn ready() -> Result<Tools> {
        let worker = workspace::locked("worker")?;
        if worker != WORKER_BUILD {
            bail!(
                "Cargo.lock has worker {worker}, but xtask would build with worker-build {WORKER_BUILD}: change it in src/xtask/tools.rs"
            );
        }
        let wasm_bindgen = workspace::locked("wasm-bindgen")?;
        Ok(Tools {
            wasm_bindgen: installed("wasm-bindgen-cli", &wasm_bindgen, "wasm-bindgen")?,
            worker_build: installed("worker-build", WORKER_BUILD, "worker-build")?,
            versions: format!("wasm-bindgen {wasm_bindgen}, worker-build {WORKER_BUILD}"),
        })
    }
}

/// The program of a crate, installed if it is missing.
pub fn installed(name: &str, version: &str, program: &str) -> Result<PathBuf> {
    let tools = workspace::cache()?.join("tools");
    let home = tools.join(format!("{name}-{version}"));
    let program = home.join("bin").join(program);
    if program.is_file() {
        return Ok(program);
    }
    let _lock = workspace::lock(&tools, "install")?;
    if !program.is_file() {
        install(name, version, &home)?;
    }
    Ok(program)
}

/// Installs beside `home` and renames, so that what was cut off is never taken for an installed tool.
fn install(name: &str, version: &str, home: &Path) -> Result<()> {
    say(format!("installing {name} {version} into {} (a few minutes, once)", home.display()));
    let unfinished = home.with_file_name(format!("unfinished-{name}"));
    for folder in [&unfinished, home] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    let attempt = |locked: &[&str]| {
        let mut cargo = command("cargo");
        cargo.args(["install", "--quiet", name, "--version", version]).args(locked);
        cargo.arg("--root").arg(&unfinished);
        // The checkout's own folder would be filled with what is never built again.
        cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
        // Optimized, wasm-bindgen takes three times as long to compile, and saves a second of a build.
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        run(&mut cargo)
    };
    if attempt(&["--locked"]).is_err() {
        say(format!("{name}'s own lock cannot be followed; installing with the newest versions it allows"));
        attempt(&[])?;
    }
    fs::rename(&unfinished, home)?;
    Ok(())
}
