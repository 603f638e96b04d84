//! `cargo xtask fuzz`: runs the fuzz targets of `tests/fuzz` one after the other, and keeps their corpora small.
//!
//! What a target looks for stands in `tests/fuzzing.rs`. What it finds along the way is kept under `target/fuzz`;
//! `--minimize` brings the fewest files that reach as far into `tests/fuzz/corpus`, which the tests replay. `--wasm` tries
//! mutations of the corpora inside of wasm, where traps show that are no panic natively; nothing guides those.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::kit::Kit;
use crate::process::{self, command, say, shown, succeeds};
use crate::rust::WASM;
use crate::{node, tools, workspace};

const CARGO_FUZZ: &str = "0.13.2";
const FOLDER: &str = "tests/fuzz";

/// Longest input, in bytes: room for a request of some rows.
const LONGEST: u64 = 4096;

/// What is run, and for how long.
pub struct Options {
    seconds: u64,
    minimize: bool,
    wasm: bool,
    targets: Vec<String>,
}

impl Options {
    /// Reads the words after `fuzz`.
    pub fn read(words: &[String]) -> Result<Options> {
        let known = targets()?;
        let mut options = Options { seconds: 60, minimize: false, wasm: false, targets: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--seconds" => {
                    let seconds = words.next().context("--seconds takes a number")?;
                    options.seconds = seconds.parse().context("--seconds takes a number")?;
                }
                "--minimize" => options.minimize = true,
                "--wasm" => options.wasm = true,
                target if known.iter().any(|known| known == target) => options.targets.push(target.to_owned()),
                other => bail!("there is no target {other}; there are {}", known.join(", ")),
            }
        }
        if options.targets.is_empty() {
            options.targets = known;
        }
        Ok(options)
    }
}

/// Fuzzes each target for so long; the first that breaks ends it.
pub fn run(options: &Options) -> Result<()> {
    if options.wasm {
        module(&Kit::ready()?)?;
        let script = workspace::path(FOLDER).join("wasm/mutate.mjs");
        return process::run(
            node::program("node").arg(script).arg(format!("--seconds={}", options.seconds)).args(&options.targets),
        );
    }
    if !succeeds(command("rustup").args(["run", "nightly", "rustc", "--version"])) {
        bail!("fuzzing takes nightly Rust: rustup toolchain install nightly");
    }
    let cargo_fuzz = tools::installed("cargo-fuzz", CARGO_FUZZ, "cargo-fuzz")?;
    let fuzz = |target: &str| Target { cargo_fuzz: &cargo_fuzz, name: target.to_owned() };
    // All are compiled by the first, which takes minutes.
    say("compiling the targets");
    run_all(&options.targets, |target| fuzz(target).build())?;
    run_all(&options.targets, |target| fuzz(target).fuzz(options.seconds))?;
    if options.minimize {
        run_all(&options.targets, |target| fuzz(target).minimize())?;
    }
    Ok(())
}

/// Builds the module that tries the properties inside of wasm.
pub fn module(kit: &Kit) -> Result<()> {
    say("building postgate-fuzz-wasm");
    let mut cargo = kit.toolchain.cargo();
    process::run(cargo.args(["build", "--release", "--target", WASM, "--package", "postgate-fuzz-wasm"]))?;
    let compiled = workspace::cargo_target().join(WASM).join("release/postgate_fuzz_wasm.wasm");
    kit.bind(&compiled, &workspace::path("target/fuzz/wasm"))
}

fn run_all(targets: &[String], run: impl Fn(&str) -> Result<()>) -> Result<()> {
    targets.iter().try_for_each(|target| run(target))
}

/// The targets, by the files that they are.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace::path(FOLDER).join("targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

struct Target<'a> {
    cargo_fuzz: &'a Path,
    name: String,
}

impl Target<'_> {
    /// Nothing of ours is unsafe, so no sanitizer is asked for: it would only be slower.
    fn cargo(&self, word: &str) -> Command {
        let mut cargo = command("rustup");
        cargo.args(["run", "nightly"]).arg(self.cargo_fuzz).args([word, &self.name, "--sanitizer", "none"]);
        cargo.args(["--fuzz-dir", FOLDER, "--target-dir", "target/fuzz/cargo"]);
        // Set by the cargo that started xtask; they would lead past rustup.
        cargo.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
        cargo
    }

    fn build(&self) -> Result<()> {
        run_quietly(&mut self.cargo("build"), &self.log("build"))
    }

    fn fuzz(&self, seconds: u64) -> Result<()> {
        let (found, log) = (self.found()?, self.log("log"));
        fs::create_dir_all(self.corpus())?;
        let mut cargo = self.cargo("run");
        cargo.arg(&found).arg(self.corpus()).arg("--").args([
            format!("-max_total_time={seconds}"),
            format!("-max_len={LONGEST}"),
            format!("-dict={}", workspace::path(FOLDER).join("words.dict").display()),
            format!("-artifact_prefix={}/", self.folder("broke")?.display()),
            // What takes as long is a finding too.
            "-timeout=10".to_owned(),
            "-rss_limit_mb=2048".to_owned(),
            "-print_final_stats=1".to_owned(),
        ]);
        say(format!("fuzzing {} for {seconds} s; it writes {}", self.name, log.display()));
        run_quietly(&mut cargo, &log)?;
        println!("{}", summary(&self.name, &fs::read_to_string(&log)?));
        Ok(())
    }

    fn minimize(&self) -> Result<()> {
        let fewest = self.folder("fewest")?;
        fs::remove_dir_all(&fewest)?;
        fs::create_dir_all(&fewest)?;
        let mut cargo = self.cargo("run");
        cargo.arg(&fewest).arg(self.found()?).arg(self.corpus()).arg("--");
        cargo.args(["-set_cover_merge=1".to_owned(), format!("-max_len={LONGEST}")]);
        run_quietly(&mut cargo, &self.log("merge"))?;
        let corpus = self.corpus();
        fs::remove_dir_all(&corpus)?;
        fs::create_dir_all(&corpus)?;
        let mut count = 0;
        for entry in fs::read_dir(&fewest)? {
            let entry = entry?;
            fs::copy(entry.path(), corpus.join(entry.file_name()))?;
            count += 1;
        }
        println!("{}: {count} files in its corpus", self.name);
        Ok(())
    }

    /// What is committed.
    fn corpus(&self) -> PathBuf {
        workspace::path(FOLDER).join("corpus").join(&self.name)
    }

    /// What was found here, which begins with the inputs of the case suite.
    fn found(&self) -> Result<PathBuf> {
        let folder = self.folder("found")?;
        if let Ok(cases) = fs::read_dir(workspace::path("target/cases")) {
            for entry in cases {
                let entry = entry?;
                let path = entry.path();
                if path.extension().is_some_and(|kind| kind == "in") && entry.metadata()?.len() <= LONGEST {
                    fs::copy(&path, folder.join(entry.file_name()))?;
                }
            }
        }
        Ok(folder)
    }

    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = workspace::path("target/fuzz").join(name).join(&self.name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    fn log(&self, kind: &str) -> PathBuf {
        workspace::path("target/fuzz").join(format!("{}.{kind}", self.name))
    }
}

/// Runs with all that is printed going to a file, whose end is shown when it does not end well.
fn run_quietly(command: &mut Command, log: &Path) -> Result<()> {
    const SHOWN: usize = 40;
    fs::create_dir_all(workspace::path("target/fuzz"))?;
    let file = File::create(log)?;
    let status = command.stdout(file.try_clone()?).stderr(file).status()?;
    if !status.success() {
        let printed = String::from_utf8_lossy(&fs::read(log)?).into_owned();
        let lines: Vec<&str> = printed.lines().collect();
        eprintln!("{}", lines[lines.len().saturating_sub(SHOWN)..].join("\n"));
        bail!("{} ended with {status}; all it said is in {}", shown(command), log.display());
    }
    Ok(())
}

/// What libFuzzer came to: executions, the code it reached, and the files it keeps.
fn summary(target: &str, printed: &str) -> String {
    let number = |name: &str| {
        let behind = printed.rsplit_once(name).map_or("", |(_, behind)| behind);
        behind.split_whitespace().next().unwrap_or("?").to_owned()
    };
    format!(
        "{target}: {} executions, {} a second, {} edges, {} features, {} MB",
        number("stat::number_of_executed_units:"),
        number("stat::average_exec_per_sec:"),
        number("cov:"),
        number("ft:"),
        number("stat::peak_rss_mb:"),
    )
}
