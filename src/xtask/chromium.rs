//! The browser of the end-to-end tests.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::apt;

const USUAL: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Finds Chromium, and installs it where that can be done without asking.
pub fn ready() -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        let named = PathBuf::from(named);
        if !named.is_file() {
            bail!("CHROMIUM names {}, which is not there", named.display());
        }
        return Ok(named);
    }
    let found = || USUAL.iter().map(Path::new).find(|path| path.is_file()).map(Path::to_owned);
    if let Some(path) = found() {
        return Ok(path);
    }
    apt::install(&["chromium"])?;
    match found() {
        Some(path) => Ok(path),
        None => bail!("no Chromium found: install one, or name it with CHROMIUM=…"),
    }
}
