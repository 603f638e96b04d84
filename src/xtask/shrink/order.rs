//! The order of a module's functions: those that are alike stand together, as gzip looks back by 32 KiB only.
//!
//! Works on the text that wasm-opt writes, in which functions go by name, so that any order means the same.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many instructions in a row, when two functions have them, make the two alike. This and what follows is what made
/// the module smallest among what was tried.
const RUN: usize = 2;
/// Runs that more functions have tell nothing.
const COMMON: usize = 100;
/// How many lines of a function do not count against it: without them, short ones would win by chance.
const SHORT: u64 = 1000;

/// The module with its functions in that order.
pub fn order(text: &str) -> String {
    let (mut front, mut functions, mut behind) = (Vec::new(), Vec::<Vec<&str>>::new(), Vec::new());
    let mut open = false;
    for line in text.lines() {
        if line.starts_with(" (func $") {
            functions.push(Vec::new());
            open = true;
        }
        match functions.last_mut() {
            Some(function) if open => function.push(line),
            Some(_) => behind.push(line),
            None => front.push(line),
        }
        open &= line != " )";
    }
    let places = chain(&functions);
    let ordered = places.into_iter().flat_map(|place| functions[place].iter().copied());
    let lines: Vec<&str> = front.into_iter().chain(ordered).chain(behind).collect();
    lines.join("\n")
}

/// Each function's place once: from the longest on, always to the one most like the last three.
fn chain(functions: &[Vec<&str>]) -> Vec<usize> {
    let alike = likeness(functions);
    let mut left: Vec<usize> = (0..functions.len()).collect();
    let mut chain: Vec<usize> = Vec::new();
    while !left.is_empty() {
        let worth = |place: usize| {
            let recent = chain.iter().rev().take(3).zip([3, 2, 1]);
            let shared = recent.map(|(last, weight)| alike[*last].get(&place).copied().unwrap_or(0) * weight);
            shared.sum::<u64>() * 1000 / (SHORT + functions[place].len() as u64)
        };
        // Where none is alike it goes on with the longest; of two that are equal, with the first.
        let best = (0..left.len()).max_by_key(|at| {
            let place = left[*at];
            (worth(place), functions[place].len(), std::cmp::Reverse(place))
        });
        chain.extend(best.map(|at| left.remove(at)));
    }
    chain
}

/// For each function those that share runs with it, and how much that tells: the fewer have a run, the more.
fn likeness(functions: &[Vec<&str>]) -> Vec<HashMap<usize, u64>> {
    let mut having: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, function) in functions.iter().enumerate() {
        let instructions = function.iter().skip(1).map(|line| line.trim_start()).filter(|line| *line != ")");
        let instructions: Vec<&str> = instructions.collect();
        for run in instructions.windows(RUN) {
            let mut hasher = DefaultHasher::new();
            run.hash(&mut hasher);
            let places = having.entry(hasher.finish()).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    let mut alike = vec![HashMap::new(); functions.len()];
    for places in having.values().filter(|places| (2..=COMMON).contains(&places.len())) {
        for (at, place) in places.iter().enumerate() {
            for other in places[..at].iter().chain(&places[at + 1..]) {
                *alike[*place].entry(*other).or_default() += 10_000 / places.len() as u64;
            }
        }
    }
    alike
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_stands_together_and_nothing_is_lost() {
        let function = |name: &str, body: &[&str]| {
            let lines: Vec<String> = body.iter().map(|line| format!("  ({line})")).collect();
            format!(" (func ${name}\n{}\n )", lines.join("\n"))
        };
        let [adds, takes] = [["i32.add", "local.get 0", "i32.load"], ["f64.sub", "local.get 9", "f64.store"]];
        let [a, b, c, d] = [function("a", &adds), function("b", &takes), function("c", &adds), function("d", &takes)];
        let module = |functions: [&str; 4]| format!("(module\n (memory 1)\n{}\n (start $a)\n)", functions.join("\n"));
        assert_eq!(order(&module([&a, &b, &c, &d])), module([&a, &c, &b, &d]));
    }
}
