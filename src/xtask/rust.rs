//! The Rust toolchain: the wasm target, and the components that tests need.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::debian;
use crate::process::{command, output, run, say, succeeds};

/// What the Workers and the page's module are compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// How everything is compiled for wasm. Vectors: every runtime of the last years has them, and the reader of requests is
/// written for them. Little is put inside of what calls it, above all of std's small functions: the module of the page
/// is a fifth smaller for it, and what is hot asks to be put inside. An instruction counts 100 in place of LLVM's 5: what it
/// gives to a function with one caller alone is then worth 150 instructions and not 3,000, as large functions inside of
/// each other compress badly. All the other numbers are in that measure, too.
///
/// Loops get no variable that counts along with another, and what some ways to a place have computed is not computed on
/// the others in advance: that is for processors, and takes code here for nothing.
const FLAGS: &str = "-Ctarget-feature=+simd128 -Cllvm-args=-inline-instr-cost=100 -Cllvm-args=-inline-call-penalty=500 \
    -Cllvm-args=-inline-threshold=100 -Cllvm-args=-inlinehint-threshold=100 \
    -Cllvm-args=-disable-lsr -Cllvm-args=-enable-pre=false";

/// The flags for wasm. What is compiled names its source files, for panics; those of crates and of std without the
/// folders that they lie in here, which are no business of whoever gets the module.
pub fn flags() -> String {
    let mut flags = FLAGS.to_owned();
    // Without std's sources it names no folder of this machine.
    let sysroot = output(command("rustc").args(["--print", "sysroot"])).unwrap_or_default();
    let std = Path::new(&sysroot).join("lib/rustlib/src/rust");
    if let Some(std) = std.to_str().filter(|std| std.starts_with('/') && !std.contains(' ')) {
        flags.push_str(&format!(" --remap-path-prefix={std}=rust"));
    }
    let folders = cargo_home().and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    for folder in folders.into_iter().flatten().flatten().map(|entry| entry.path()) {
        // Flags are told apart by blanks.
        if let Some(folder) = folder.to_str().filter(|folder| !folder.contains(' ')) {
            flags.push_str(&format!(" --remap-path-prefix={folder}=crates"));
        }
    }
    flags
}

/// Where cargo keeps the sources of crates.
pub fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// A toolchain that has the wasm target.
pub enum Toolchain {
    /// The one that also builds everything else.
    InUse,
    /// One put together from Debian's packages, by the name rustup knows it by.
    Debian(String),
}

impl Toolchain {
    /// Finds or installs the wasm target: from rustup, and from Debian's packages where rustup's host is out of reach.
    pub fn with_wasm() -> Result<Toolchain> {
        if env::var_os("POSTGATE_WASM_FROM_DEBIAN").is_some_and(|value| value == "1") {
            return debian::toolchain().map(Toolchain::Debian);
        }
        if has_wasm()? {
            return Ok(Toolchain::InUse);
        }
        // Before rustup: where its host is out of reach it takes long to say so.
        if let Some(name) = debian::found() {
            return Ok(Toolchain::Debian(name));
        }
        say(format!("adding the target {WASM} to the Rust toolchain"));
        if run(command("rustup").args(["target", "add", WASM])).is_ok() && has_wasm()? {
            return Ok(Toolchain::InUse);
        }
        say("rustup cannot add the target; taking it from Debian's packages");
        debian::toolchain()
            .map(Toolchain::Debian)
            .with_context(|| format!("the target {WASM} is missing; with rustup: rustup target add {WASM}"))
    }

    /// A cargo that builds for wasm.
    pub fn cargo(&self) -> Command {
        let mut cargo = command("cargo");
        self.arrange(&mut cargo);
        cargo
    }

    /// Lets a program that calls cargo build for wasm.
    pub fn arrange(&self, command: &mut Command) {
        if let Toolchain::Debian(name) = self {
            command.env("RUSTUP_TOOLCHAIN", name);
            // Set by the cargo that started xtask; programs would call that one past rustup.
            command.env_remove("CARGO").env_remove("RUSTC");
        }
        // cargo adds this to the flags of its configuration files, but reads it only while RUSTFLAGS is not set.
        let own = flags();
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", &own);
        if let Ok(flags) = env::var("RUSTFLAGS") {
            command.env("RUSTFLAGS", format!("{flags} {own}"));
        }
        // worker-build sets it: async functions then need one crate less. Whoever builds without it builds all again.
        command.env("WASM_BINDGEN_USE_JS_SYS", "1");
    }

    /// Whether clippy can be run for wasm: it has to be of the very release that compiled the target's std.
    pub fn has_clippy(&self) -> bool {
        matches!(self, Toolchain::InUse)
    }
}

fn has_wasm() -> Result<bool> {
    let rustc = &mut command("rustc");
    let folder = output(rustc.args(["--target", WASM, "--print", "target-libdir"]))?;
    Ok(Path::new(&folder).is_dir())
}

/// Makes sure of `cargo clippy` and `cargo fmt`.
pub fn lints() -> Result<()> {
    for (component, word) in [("clippy", "clippy"), ("rustfmt", "fmt")] {
        if succeeds(command("cargo").args([word, "--version"])) {
            continue;
        }
        say(format!("adding the component {component} to the Rust toolchain"));
        if run(command("rustup").args(["component", "add", component])).is_err() {
            bail!("the Rust toolchain has no {component}: rustup component add {component}");
        }
    }
    Ok(())
}
