//! Packages of Debian and its relatives.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{output, quiet, say, succeeds};

/// Installs packages when we are root; else says what to type.
pub fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if !succeeds(Command::new("apt-get").arg("--version")) {
        bail!("{list} not found, and there is no apt-get here to install it with");
    }
    if output(Command::new("id").arg("-u"))? != "0" {
        bail!("{list} not found. To install it: sudo apt-get install --no-install-recommends {list}");
    }
    say(format!("installing {list} by apt"));
    let apt = |words: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(["-qq", "-y", "-o", "Dpkg::Use-Pty=0"]).args(words).env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    // A fresh machine has no list of packages, an old one names releases that are gone. Without network the list that
    // is there may still do.
    let _ = quiet(&mut apt(&["update"]));
    quiet(apt(&["install", "--no-install-recommends"]).args(packages))
}
