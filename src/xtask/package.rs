//! `cargo xtask package`: the npm package as a tarball, as it would be published.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::process::{command, output, run};
use crate::{browser, node, workspace};

/// Packs what the build laid out, and lists what is in it.
pub fn pack() -> Result<PathBuf> {
    let to = workspace::path("target/npm");
    let mut npm = command("npm");
    node::arrange(&mut npm);
    npm.current_dir(browser::package());
    npm.args(["pack", "--loglevel=error", "--foreground-scripts=false", "--pack-destination"]);
    let name = output(npm.arg(&to))?;
    let tarball = to.join(name.lines().last().unwrap_or_default());

    let mut files: Vec<(String, u64)> = Vec::new();
    list(&browser::package(), "", &mut files)?;
    files.sort();
    for (name, size) in &files {
        println!("{size:>9}  {name}");
    }
    println!("{:>9}  {}", fs::metadata(&tarball)?.len(), tarball.display());
    Ok(tarball)
}

/// Packs the core as a crate and compiles what is packed, as crates.io would get it.
pub fn core() -> Result<()> {
    let package = || {
        let mut cargo = command("cargo");
        cargo.args(["package", "--package", "postgate-core", "--allow-dirty", "--quiet"]);
        cargo
    };
    let files = output(package().arg("--list"))?;
    // The licences of the tables in it ask to come along.
    for name in ["LICENSE", "NOTICE"] {
        if !files.lines().any(|file| file == name) {
            bail!("the packed crate has no {name}");
        }
    }
    run(&mut package())
}

fn list(folder: &std::path::Path, prefix: &str, files: &mut Vec<(String, u64)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.metadata()?.len()));
        }
    }
    Ok(())
}
