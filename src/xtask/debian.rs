//! The wasm target from Debian's packages, for networks that reach Debian's archive and not rustup's.
//!
//! Debian packages a compiler that can do wasm, but no std for wasm32-unknown-unknown. So std is built from Debian's
//! own sources, and laid out with Debian's compiler as a toolchain that rustup can be told of.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{output, run, say, succeeds};
use crate::rust::WASM;
use crate::{apt, workspace};

const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const HOST: &str = "x86_64-unknown-linux-gnu";
const SOURCES: &str = "/usr/lib/rustlib/src";

/// The toolchain's name if it is there and belongs to the compiler that is installed.
pub fn found() -> Option<String> {
    let name = name().ok()?;
    let folder = folder(&name).ok()?;
    let mut rustc = Command::new("rustc");
    rustc.env("RUSTUP_TOOLCHAIN", &name).arg("--version");
    (folder.is_dir() && succeeds(&mut rustc)).then_some(name)
}

/// Makes the toolchain where it is missing, and gives its name.
pub fn toolchain() -> Result<String> {
    let _lock = workspace::lock(&workspace::cache()?, "debian")?;
    if let Some(name) = found() {
        return Ok(name);
    }
    if !(Path::new("/usr/bin/rustc").is_file() && Path::new(SOURCES).exists() && lld().is_some()) {
        apt::install(PACKAGES)?;
    }
    let name = name()?;
    let folder = folder(&name)?;
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    say(format!("building std for {WASM} with Debian's compiler (half a minute, once)"));
    let libraries = std_libraries(&unfinished.join("std"))?;
    lay(&unfinished, &folder, &libraries).context("laying out the toolchain")?;
    fs::remove_dir_all(unfinished.join("std"))?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::rename(&unfinished, &folder)?;
    say(format!("linking it as the toolchain {name}"));
    run(Command::new("rustup").args(["toolchain", "link", &name]).arg(&folder))?;
    Ok(name)
}

/// The release is part of the name, as std fits only the compiler it was built with.
fn name() -> Result<String> {
    let version = output(Command::new("/usr/bin/rustc").arg("--version"))?;
    match version.split(' ').nth(1) {
        Some(release) => Ok(format!("postgate-wasm-{release}")),
        None => bail!("Debian's rustc says of itself only: {version}"),
    }
}

fn folder(name: &str) -> Result<PathBuf> {
    Ok(workspace::cache()?.join("toolchains").join(name))
}

fn lld() -> Option<&'static Path> {
    Some(Path::new("/usr/bin/lld-22")).filter(|path| path.exists())
}

/// Builds std by way of an empty crate.
fn std_libraries(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n",
    )?;
    fs::write(folder.join("lib.rs"), "")?;
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo.current_dir(folder);
    // What the cargo that started xtask has set would lead back to its own compiler.
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "CARGO_ENCODED_RUSTFLAGS", "LD_LIBRARY_PATH"] {
        cargo.env_remove(name);
    }
    cargo
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode in std, `lto = true` finds no section .llvmbc.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .args(["build", "--quiet", "--release", "--target", WASM])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro");
    run(&mut cargo)?;
    let mut libraries = Vec::new();
    for entry in fs::read_dir(folder.join("target").join(WASM).join("release/deps"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libempty") {
            libraries.push(path);
        }
    }
    if libraries.is_empty() {
        bail!("building std for {WASM} gave no libraries");
    }
    Ok(libraries)
}

/// Lays the toolchain into `folder`; `home` is where it is going to lie.
fn lay(folder: &Path, home: &Path, libraries: &[PathBuf]) -> Result<()> {
    let rustlib = folder.join("lib/rustlib");
    let wasm = rustlib.join(WASM).join("lib");
    for folder in [&folder.join("bin"), &rustlib.join(HOST).join("bin"), &wasm] {
        fs::create_dir_all(folder)?;
    }
    let rustc = folder.join("bin/rustc");
    let home = home.to_string_lossy();
    fs::write(&rustc, format!("#!/bin/sh\nexec /usr/bin/rustc --sysroot '{home}' \"$@\"\n"))?;
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))?;
    symlink("/usr/bin/cargo", folder.join("bin/cargo"))?;
    symlink(format!("/usr/lib/rustlib/{HOST}/lib"), rustlib.join(HOST).join("lib"))?;
    symlink(lld().context("lld-22 is not installed")?, rustlib.join(HOST).join("bin/rust-lld"))?;
    symlink(SOURCES, rustlib.join("src"))?;
    for library in libraries {
        fs::copy(library, wasm.join(library.file_name().unwrap_or_default()))?;
    }
    Ok(())
}
