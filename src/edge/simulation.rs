//! The simulation: the very machines that the objects run, in a world that does to them whatever can be done, from a
//! seed that does it again.
//!
//! It shows of every run: nobody is at the upstream twice but by a person's word; each recipient of a sealed send is in
//! exactly one place; no more lies upstream than the pace allows; whatever happens, every send comes to its end; and
//! then ledger, directory and upstream say the same. `cargo xtask simulate --seed S --steps N` runs one again.

mod counts;
mod intake;
mod node;
mod random;
mod timeline;
mod upstream;
mod world;

use self::counts::Counts;
use self::random::Random;
use self::world::World;
use crate::mutation::tests::{Mutation, with};

/// Steps of one world before its end.
const STEPS: u64 = 20_000;
/// Of so many steps one is of an intake.
const OF_INTAKES: u64 = 10;

/// Runs worlds of a seed until so many steps were taken. The error names the world's own seed.
fn run(seed: u64, steps: u64) -> Result<Counts, String> {
    let mut random = Random::new(seed);
    let mut counts = Counts::default();
    while counts.steps < steps {
        let seed = random.next();
        counts.add(&one(seed, STEPS.min(steps))?);
    }
    Ok(counts)
}

/// Runs one world.
fn one(seed: u64, steps: u64) -> Result<Counts, String> {
    let mut world = World::new(seed);
    world.run(steps).map_err(|violation| {
        let step = world.seen.steps;
        format!("{violation} (world {seed}, step {step}: cargo xtask simulate --world {seed} --steps {steps})")
    })?;
    let intakes = intake::run(seed, steps / OF_INTAKES)
        .map_err(|violation| format!("{violation} (cargo xtask simulate --world {seed} --steps {steps})"))?;
    world.seen.add(&intakes);
    Ok(world.seen)
}

/// A number from the environment, where `cargo xtask simulate` puts it.
fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

#[test]
fn a_million_steps_break_nothing() {
    let seed = given("POSTGATE_SEED").unwrap_or(1);
    let steps = given("POSTGATE_STEPS").unwrap_or(1_000_000);
    let counts = match given("POSTGATE_WORLD") {
        Some(world) => one(world, steps),
        None => run(seed, steps),
    };
    let counts = counts.unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
    println!("seed {seed}: {counts:#?}");
    if steps >= 1_000_000 {
        // A world in which nothing happens shows nothing.
        let Counts { sends, turned_away, taken, crashes, unknown, found, settled, closed, lost_alarms, .. } = counts;
        let Counts { waits, granted, unsealed, intakes, crowded, taken_over, kept, .. } = counts;
        for (what, count, least) in [
            ("sends", sends, 100),
            ("first turns granted", granted, 100),
            ("sends not sealed", unsealed, 30),
            ("sends turned away", turned_away, 30),
            ("batches taken", taken, 100),
            ("crashes", crashes, 100),
            ("unknown batches", unknown, 100),
            ("batches found", found, 100),
            ("batches settled", settled, 100),
            ("sends closed", closed, 100),
            ("lost alarms", lost_alarms, 100),
            ("waits", waits, 100),
            ("intakes", intakes, 100),
            ("intakes without a place", crowded, 100),
            ("intakes taken over", taken_over, 30),
            ("intakes kept", kept, 100),
        ] {
            assert!(count >= least, "only {count} {what}");
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    assert_eq!(format!("{:?}", one(7, 3_000)), format!("{:?}", one(7, 3_000)));
}

#[test]
fn every_mutation_is_noticed() {
    let mut unnoticed = Vec::new();
    for &mutation in Mutation::ALL {
        let noticed = (0..200).find_map(|seed| with(Some(mutation), || one(seed, STEPS)).err());
        match noticed {
            Some(violation) => println!("{mutation:?}: {violation}"),
            None => unnoticed.push(mutation),
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:?}");
}
