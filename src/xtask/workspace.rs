//! Where things lie in the checkout, and the versions its lock files name.
//!
//! Outputs that a configuration file names (`target/worker`, `target/npm`) stay under the checkout's own `target`;
//! only cargo's files follow `CARGO_TARGET_DIR`.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The checkout.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A path in the checkout, without the dots of [`root`].
pub fn path(relative: &str) -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path.pop();
    if !relative.is_empty() {
        path.push(relative);
    }
    path
}

/// Where cargo puts what it builds.
pub fn cargo_target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => path("target"),
    }
}

/// Our folder for installed tools, shared by all checkouts of one user.
pub fn cache() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set("POSTGATE_CACHE") {
        return Ok(root().join(folder));
    }
    if let Some(folder) = set("XDG_CACHE_HOME") {
        return Ok(folder.join("postgate"));
    }
    match set("HOME") {
        Some(home) => Ok(home.join(".cache/postgate")),
        None => bail!("no folder for installed tools: set POSTGATE_CACHE or HOME"),
    }
}

/// The version that Cargo.lock has of a crate.
pub fn locked(name: &str) -> Result<String> {
    let lock = fs::read_to_string(path("Cargo.lock")).context("reading Cargo.lock")?;
    let heading = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != heading);
    lines.next();
    match lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')) {
        Some(version) => Ok(version.to_owned()),
        None => bail!("Cargo.lock has no crate named {name}"),
    }
}

/// Postgate's own version, which all members share.
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Waits until no other xtask holds the lock of this name; it is free again when the answer is dropped.
///
/// wrangler calls xtask for each Worker, and tests start several wranglers: without this they would build into one
/// folder at a time.
pub fn lock(folder: &Path, name: &str) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let path = folder.join(format!(".{name}.lock"));
    let file = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
    file.lock().with_context(|| format!("waiting for {}", path.display()))?;
    Ok(file)
}
