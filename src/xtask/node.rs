//! Node and the npm packages of the checkout, which bring a Node of their own that is new enough for wrangler.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{command, run, say, succeeds};
use crate::workspace;

/// What `node_modules` was last installed from. npm removes it together with the folder, so it never outlives it.
const STAMP: &str = "node_modules/.postgate-lock";

/// Installs the npm packages when they are not the ones of package-lock.json.
pub fn ready() -> Result<()> {
    let lock = fs::read(workspace::path("package-lock.json")).context("reading package-lock.json")?;
    let fresh = || fs::read(workspace::path(STAMP)).is_ok_and(|stamp| stamp == lock);
    if fresh() {
        return Ok(());
    }
    let _lock = workspace::lock(&workspace::path("target"), "npm")?;
    if fresh() {
        return Ok(());
    }
    for program in ["node", "npm"] {
        if !succeeds(command(program).arg("--version")) {
            bail!("{program} not found: install Node.js 20 or newer with npm (https://nodejs.org)");
        }
    }
    say("installing the npm packages of package-lock.json");
    // Errors only: the warnings are about the system's Node, which is used for nothing but this.
    run(command("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    if !succeeds(program("node").arg("--version")) {
        bail!("npm installed no Node: is it told to leave out install scripts (npm config get ignore-scripts)?");
    }
    fs::write(workspace::path(STAMP), lock)?;
    Ok(())
}

/// Installs the npm packages of a folder that has a lock of its own, when they are not those of the lock.
pub fn install(folder: &str) -> Result<()> {
    let folder = workspace::path(folder);
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.postgate-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say(format!("installing the npm packages of {}", folder.join("package-lock.json").display()));
    run(command("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    fs::write(stamp, lock).context("noting what was installed")
}

/// A program that an npm package brings, with the packages' own Node in front of it.
pub fn program(name: &str) -> Command {
    let mut command = command(workspace::path("node_modules/.bin").join(name));
    arrange(&mut command);
    command
}

/// Lets a program, and what it starts, find the packages' own Node first.
pub fn arrange(command: &mut Command) {
    let own = workspace::path("node_modules/.bin");
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(own).chain(env::split_paths(&others)));
    command.env("PATH", path.unwrap_or_else(|_| OsString::from("/usr/bin:/bin")));
}
