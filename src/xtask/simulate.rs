//! `cargo xtask simulate`: the edge's simulation, from a seed or a single world.

use anyhow::{Context, Result, bail};

use crate::process;

/// What `cargo xtask simulate` was told, as the simulation finds it in its environment.
#[derive(Debug, Default)]
pub struct Options(Vec<(&'static str, u64)>);

impl Options {
    /// Reads the words after `simulate`.
    pub fn read(words: &[String]) -> Result<Options> {
        let mut options = Options::default();
        let mut words = words.iter();
        while let Some(option) = words.next() {
            let name = match option.as_str() {
                "--seed" => "POSTGATE_SEED",
                "--steps" => "POSTGATE_STEPS",
                "--world" => "POSTGATE_WORLD",
                _ => bail!("simulate knows --seed, --steps and --world, not {option}"),
            };
            let value = words.next().with_context(|| format!("{option} needs a value"))?;
            let value = value.parse().with_context(|| format!("{option} is a number, not {value}"))?;
            options.0.push((name, value));
        }
        Ok(options)
    }
}

/// Runs it. What it prints names the seed, and of a failure the world that shows it alone.
pub fn run(options: &Options) -> Result<()> {
    let mut cargo = process::command("cargo");
    cargo.args(["test", "--package", "postgate-edge", "--lib", "--", "--nocapture", "a_million_steps_break_nothing"]);
    for (name, value) in &options.0 {
        cargo.env(name, value.to_string());
    }
    process::run(&mut cargo)
}
