//! The build tool: set-up, build, dev, test, package, size.
//!
//! `cargo xtask` lists the commands. Each sets up what it needs by itself, says so, and does it only once.

mod apt;
mod bench;
mod browser;
mod chromium;
mod clusters;
mod debian;
mod dev;
mod fuzz;
mod group;
mod key;
mod kit;
mod letters;
mod node;
mod package;
mod phones;
mod points;
mod process;
mod request;
mod rust;
mod sample;
mod server;
mod shrink;
mod simulate;
mod size;
mod smart;
mod soak;
mod sources;
mod stamp;
mod suite;
mod tools;
mod worker;
mod workspace;

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use kit::{Kit, Part};

const HELP: &str = "\
cargo xtask COMMAND

  build [edge|sandbox|browser]...   build the Workers and the browser module (without a name: all)
  dev [--port 8787] [--sandbox-port 8788] [--persist FOLDER] [--set NAME=VALUE]...
                                    build, then run edge and sandbox on this machine until Ctrl-C;
                                    --set gives the edge a setting that wrangler.toml does not
  key NAME --tenant T --scopes send,read,account [--senders SENDER,...] [--until DAY]
                                    make a key for the edge: its secret, and the entry of KEYS; --senders are all it may
                                    send from, and with DAY, or an instant of RFC 3339, it ends
  sample N [--seed S]               write a request of N recipients to standard output
  bench [--rounds N] [SECTION]...   measure the package against the JavaScript it replaces
  bench --table [--rounds N]        print the table of the package's README
  bench --edge [--seconds N] [--rounds N] [--recipients N]
                                    measure the edge under load, against other Workers
  bless                             fill sizes, params and hashes of the cases in from what comes out
  codes                             write the sentences, the TypeScript union and the table of the codes
  test [native|wasm|node]           set up, lint, build and test everything, or one of the three parts of it; the tests
                                    in node are of what the others leave
  fuzz [--seconds 60] [--minimize | --wasm] [TARGET]...
                                    look for bytes that break what holds for any bytes (needs nightly Rust)
  package                           build, then pack the npm package
  phones [--check]                  write the table of phone numbers; with --check, only compare it
  smart [--check]                   write the table of smart encoding, or only compare it
  clusters [--check]                write the table of grapheme clusters, or only compare it
  letters [--check]                 write the table of letters in both cases, or only compare it
  simulate [--seed S] [--steps N] [--world W]
                                    run the edge's ledger, pacer and directory in a world that breaks
  soak [--minutes 20] [--seed S]    run mixed traffic through the edge, kill it every minute or two, and account for
                                    everybody afterwards
  size [--module]                   build, then print what is downloaded, by part and against its budget, and what is
                                    uploaded; with --module, only what a page downloads
  help                              this list

Tools are installed into $POSTGATE_CACHE, else $XDG_CACHE_HOME/postgate, else ~/.cache/postgate.";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<()> {
    let Some((command, rest)) = words.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    match command.as_str() {
        "build" => build(rest),
        "dev" => dev::run(&dev::Options::read(rest)?),
        "key" => key::run(&key::Options::read(rest)?),
        "sample" => sample::run(&sample::Options::read(rest)?),
        "bench" => bench::measure(rest),
        "bless" | "codes" => {
            alone(rest, command)?;
            // The test that compares also writes.
            let test = if command == "bless" { "native" } else { "codes" };
            let mut cargo = process::command("cargo");
            process::run(cargo.args(["test", "--package", "postgate-tests", "--test", test]).env("POSTGATE_BLESS", "1"))
        }
        "test" => {
            let part = match rest {
                [] => None,
                [word] => Some(suite::Part::named(word).with_context(|| format!("there are no tests of {word}"))?),
                _ => bail!("test takes one of native, wasm, node behind it, or nothing"),
            };
            if !suite::passes(part) {
                // Without a word: the summary's last line is the last of all.
                std::process::exit(1);
            }
            Ok(())
        }
        "fuzz" => fuzz::run(&fuzz::Options::read(rest)?),
        "package" => {
            alone(rest, "package")?;
            Kit::ready()?.build(&[Part::Browser])?;
            package::pack().map(drop)
        }
        "phones" | "smart" | "clusters" | "letters" => {
            let write = match command.as_str() {
                "phones" => phones::run,
                "smart" => smart::run,
                "clusters" => clusters::run,
                _ => letters::run,
            };
            match rest {
                [] => write(false),
                [word] if word == "--check" => write(true),
                _ => bail!("{command} takes nothing but --check behind it"),
            }
        }
        "simulate" => simulate::run(&simulate::Options::read(rest)?),
        "soak" => soak::soak(rest),
        "size" => match rest {
            [] => size::run(),
            [word] if word == "--module" => {
                Kit::ready()?.build(&[Part::Browser])?;
                size::hold()
            }
            _ => bail!("size takes nothing but --module behind it"),
        },
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("no command {other}; the commands are:\n\n{HELP}"),
    }
}

fn alone(words: &[String], command: &str) -> Result<()> {
    match words.first() {
        Some(word) => bail!("{command} takes nothing behind it, and got {word}"),
        None => Ok(()),
    }
}

fn build(words: &[String]) -> Result<()> {
    let mut parts = Vec::new();
    for word in words {
        match Part::named(word) {
            Some(part) => parts.push(part),
            None => bail!("build what? {word} is none of edge, sandbox, browser"),
        }
    }
    if parts.is_empty() {
        parts.extend(Part::ALL);
    }
    // Under dev, wrangler's own call has nothing to build, and only waits for a build that is not through.
    if env::var_os(dev::BUILDS).is_some() {
        return workspace::lock(&workspace::path("target"), "build").map(drop);
    }
    Kit::ready()?.build(&parts)
}
