//! `cargo xtask test`: everything, stage by stage, and what came of it and how long it took.
//!
//! What is compiled natively and what is compiled for wasm need nothing of each other and often leave a core idle, so the
//! two go side by side; the tests in Node need both. Each of the three stops at the first stage that fails. The last line is always
//! `N passed, M failed`.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::kit::{self, Kit};
use crate::process::{command, run, say, shown, tee};
use crate::rust::{self, WASM};
use crate::{chromium, fuzz, node, package, size, workspace};

/// The members that are compiled for wasm.
const FOR_WASM: &[&str] = &["core", "edge", "browser", "sandbox"];

/// How many test files Node runs at a time: much of what they do is waiting.
const AT_A_TIME: usize = 3;

/// A part of the tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is compiled natively.
    Native,
    /// What is compiled for wasm, and made of that.
    Wasm,
    /// The tests in Node, of what the two others leave.
    Node,
}

impl Part {
    /// The part of this name.
    pub fn named(name: &str) -> Option<Part> {
        match name {
            "native" => Some(Part::Native),
            "wasm" => Some(Part::Wasm),
            "node" => Some(Part::Node),
            _ => None,
        }
    }
}

/// Tests counted.
#[derive(Clone, Copy, Default)]
struct Count {
    passed: u64,
    failed: u64,
}

/// What is known of a stage.
enum Outcome {
    /// All of it is well. Stages that check without tests count none.
    Passed(Count),
    /// Something is not, and what.
    Failed(Count, String),
}

/// A stage that was run.
struct Stage {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

#[derive(Default)]
struct Suite {
    stages: Vec<Stage>,
    doors: Vec<String>,
}

/// Runs all stages, or those of one part, and says whether all is well. It prints no more after its summary, which ends
/// with the totals.
pub fn passes(part: Option<Part>) -> bool {
    let mut suite = Suite::default();
    let well = suite.run(part).is_some();
    suite.summarize();
    well
}

impl Suite {
    fn run(&mut self, part: Option<Part>) -> Option<()> {
        let mut kit = None;
        self.check("set-up", || {
            rust::lints()?;
            kit = Some((Kit::ready()?, chromium::ready()?));
            Ok(())
        })?;
        let (kit, chromium) = kit?;
        match part {
            None => {
                let wasm = Beside::start("wasm");
                let native = self.native();
                // Waited for in any case: two failures are known at once.
                self.check("all for wasm, beside these", || wasm?.finish())?;
                native?;
                self.node(&chromium)
            }
            Some(Part::Native) => self.native(),
            Some(Part::Wasm) => self.wasm(&kit),
            Some(Part::Node) => self.node(&chromium),
        }
    }

    fn native(&mut self) -> Option<()> {
        self.check("format", || run(command("cargo").args(["fmt", "--all", "--check"])))?;
        self.check("docs of the core", || {
            let mut doc = command("cargo");
            run(doc.args(["doc", "--package", "postgate-core", "--no-deps"]).env("RUSTDOCFLAGS", "-Dwarnings"))
        })?;
        self.check("clippy, native", || {
            let mut clippy = command("cargo");
            run(clippy.args(["clippy", "--workspace", "--all-targets", "--", "-Dwarnings"]))
        })?;
        self.stage("cargo test", |suite| suite.cargo_test())?;
        self.check("crate of the core", package::core)
    }

    fn wasm(&mut self, kit: &Kit) -> Option<()> {
        self.check("Workers and browser module", || kit.build(&kit::Part::ALL))?;
        self.check("npm package", || package::pack().map(drop))?;
        self.check("sizes", size::hold)?;
        self.check("properties in wasm", || fuzz::module(kit))?;
        self.check("tools of the package's tests", || node::install("tests/package"))?;
        // Last, as it takes turns with what is linted and compiled natively: cargo has one lock for both.
        self.check("clippy, wasm", || lint_wasm(kit))
    }

    fn node(&mut self, chromium: &Path) -> Option<()> {
        self.stage("node --test", |suite| suite.node_test(chromium))
    }

    /// Runs a stage. None when it failed, so that the caller stops there.
    fn stage(&mut self, name: &'static str, work: impl FnOnce(&mut Suite) -> Result<Outcome>) -> Option<()> {
        say(format!("── {name}"));
        let began = Instant::now();
        let outcome = work(self).unwrap_or_else(|error| {
            eprintln!("xtask: {error:#}");
            Outcome::Failed(Count { passed: 0, failed: 1 }, format!("{error:#}"))
        });
        let go_on = matches!(outcome, Outcome::Passed(_));
        self.stages.push(Stage { name, outcome, took: began.elapsed() });
        go_on.then_some(())
    }

    /// A stage without tests: when it fails, that counts as one.
    fn check(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Option<()> {
        self.stage(name, |_| work().map(|()| Outcome::Passed(Count::default())))
    }

    fn cargo_test(&mut self) -> Result<Outcome> {
        let mut cargo = command("cargo");
        // What tests print has the lines that tell the doors' cases.
        cargo.args(["test", "--workspace", "--no-fail-fast", "--", "--show-output"]);
        let (printed, status) = tee(&mut cargo)?;
        self.doors.extend(doors(&printed));
        let mut count = Count::default();
        for line in printed.lines().filter_map(|line| line.strip_prefix("test result: ")) {
            count.passed += number_before(line, " passed").unwrap_or(0);
            count.failed += number_before(line, " failed").unwrap_or(0);
        }
        Ok(outcome(count, status.success(), &cargo))
    }

    fn node_test(&mut self, chromium: &Path) -> Result<Outcome> {
        let mut files = Vec::new();
        find_tests(&workspace::path("tests"), &mut files)?;
        if files.is_empty() {
            bail!("no tests/**/*.test.mjs found");
        }
        files.sort();
        let report = workspace::path("target/node-test.tap");
        let mut node = node::program("node");
        node.args(["--test".to_owned(), format!("--test-concurrency={AT_A_TIME}")])
            .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
            .arg("--test-reporter=tap")
            .arg(format!("--test-reporter-destination={}", report.display()))
            .args(&files)
            .env("CHROMIUM", chromium);
        let _ = fs::remove_file(&report);
        let (printed, status) = tee(&mut node)?;
        self.doors.extend(doors(&printed));
        let report = fs::read_to_string(&report).context("node --test wrote no report")?;
        // The totals are the report's last lines; a test may print lines that look like them.
        let total = |name: &str| {
            let line = report.lines().rev().find_map(|line| line.strip_prefix(&format!("# {name} ")));
            line.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
        };
        let count = Count { passed: total("pass"), failed: total("fail") + total("cancelled") };
        Ok(outcome(count, status.success(), &node))
    }

    fn summarize(&self) {
        println!("\nstage                          passed  failed  seconds");
        let mut sum = Count::default();
        for Stage { name, outcome, took } in &self.stages {
            let took = took.as_secs();
            let (count, note) = match outcome {
                Outcome::Passed(count) => (count, "ok"),
                Outcome::Failed(count, what) => (count, what.lines().next().unwrap_or("failed")),
            };
            sum.passed += count.passed;
            sum.failed += count.failed;
            match (outcome, count.passed + count.failed) {
                (Outcome::Passed(_), 0) => println!("{name:30} {note:>6}          {took:>7}"),
                (Outcome::Passed(_), _) => println!("{name:30} {:>6}  {:>6}  {took:>7}", count.passed, count.failed),
                (Outcome::Failed(..), _) => {
                    println!("{name:30} {:>6}  {:>6}  {took:>7}  {note}", count.passed, count.failed);
                }
            }
        }
        if self.stages.iter().any(|stage| matches!(stage.outcome, Outcome::Failed(..))) {
            println!("what comes after was not run");
        }
        if !self.doors.is_empty() {
            println!("\ntests by door");
            for door in &self.doors {
                println!("  {door}");
            }
        }
        println!("\n{} passed, {} failed", sum.passed, sum.failed);
    }
}

/// A part that runs beside another, as a program of its own: what it prints is kept, and shown in one piece.
struct Beside {
    child: Child,
    printed: PathBuf,
}

impl Beside {
    fn start(part: &str) -> Result<Beside> {
        let printed = workspace::path(&format!("target/test-{part}.log"));
        let file = File::create(&printed)?;
        let mut xtask = command(env::current_exe()?);
        let child = xtask.args(["test", part]).stdout(file.try_clone()?).stderr(file).spawn()?;
        Ok(Beside { child, printed })
    }

    fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        io::stdout().write_all(&fs::read(self.printed)?)?;
        if !status.success() {
            bail!("it ended with {status}");
        }
        Ok(())
    }
}

fn lint_wasm(kit: &Kit) -> Result<()> {
    let packages = || FOR_WASM.iter().flat_map(|name| ["--package".to_owned(), format!("postgate-{name}")]);
    let mut cargo = kit.toolchain.cargo();
    if kit.toolchain.has_clippy() {
        cargo.arg("clippy").args(packages()).args(["--target", WASM, "--", "-Dwarnings"]);
    } else {
        say("Debian's compiler comes without clippy: for wasm only the compiler's own warnings are looked at");
        cargo.arg("check").args(packages()).args(["--target", WASM]);
        // RUSTFLAGS hides the flags that the toolchain has set.
        cargo.env("RUSTFLAGS", format!("-Dwarnings {}", rust::flags()));
    }
    run(&mut cargo)
}

fn outcome(count: Count, well: bool, command: &Command) -> Outcome {
    if well && count.failed == 0 && count.passed > 0 {
        return Outcome::Passed(count);
    }
    let program = shown(command);
    let program = program.split(" -").next().unwrap_or_default();
    let what = match (count.failed, count.passed) {
        (0, 0) => format!("{program} ran no test"),
        (0, _) => format!("{program} ended as failed, though no test did"),
        _ => format!("{program} has failed tests"),
    };
    Outcome::Failed(Count { failed: count.failed.max(1), ..count }, what)
}

/// The lines by which the case suite tells how many cases went through a door: `door npm: 61 cases`.
fn doors(printed: &str) -> impl Iterator<Item = String> {
    // node's reporter puts a sign before what a test says by `t.diagnostic`.
    let bare = |line: &'_ str| line.trim().trim_start_matches(['ℹ', '#', ' ']).to_owned();
    let told = |line: String| line.strip_prefix("door ").map(str::to_owned);
    printed.lines().map(bare).filter_map(told).filter(|line| line.contains(": "))
}

/// The number that stands before a word.
fn number_before(line: &str, word: &str) -> Option<u64> {
    line[..line.find(word)?].rsplit(' ').next()?.parse().ok()
}

fn find_tests(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "node_modules" {
                find_tests(&path, files)?;
            }
        } else if entry.file_name().to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    Ok(())
}
