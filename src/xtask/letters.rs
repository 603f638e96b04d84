//! `cargo xtask letters`: what letters become in the other case, made from the Unicode data of the packages' own Node.
//!
//! A newer Unicode comes with a newer npm package `node` in package.json.

use anyhow::{Context, Result, ensure};

use crate::points::{keep, printed, push_number};

const TABLE: &str = "src/core/template/filter/letters.bin";

/// Letters at equal steps that all become what lies as far from them; at distance 0 lie those that become several.
#[derive(Clone, Copy)]
struct Run {
    first: u32,
    last: u32,
    step: u32,
    distance: i32,
}

/// Writes the table; with `check`, fails where it differs from what would be written.
pub fn run(check: bool) -> Result<()> {
    let (source, lines) = printed("src/xtask/letters/cases.mjs")?;
    let (mut upper, mut lower, mut several) = (Vec::new(), Vec::new(), String::new());
    for line in &lines {
        let (case, numbers) = line.split_once(' ').with_context(|| format!("reading {line}"))?;
        let points: Vec<u32> = numbers.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let distance = match points[..] {
            [letter, becomes] => i32::try_from(becomes)? - i32::try_from(letter)?,
            _ => {
                let texts = points.iter().map(|point| char::from_u32(*point).context("no character"));
                let text: String = texts.collect::<Result<_>>()?;
                let known = several.split(' ').any(|known| known.chars().next() == text.chars().next());
                ensure!(!known, "a letter becomes several in both cases");
                several.push_str(&text);
                several.push(' ');
                0
            }
        };
        lengthen(if case == "upper" { &mut upper } else { &mut lower }, points[0], distance);
    }

    let mut bytes = format!("{source}\n").into_bytes();
    for runs in [&upper, &lower] {
        push_number(&mut bytes, u32::try_from(runs.len())?);
        let mut behind = 0;
        for run in runs {
            push_number(&mut bytes, run.first - behind);
            push_number(&mut bytes, (run.last - run.first) / run.step * 2 + run.step - 1);
            push_number(&mut bytes, (run.distance << 1 ^ run.distance >> 31) as u32);
            behind = run.last;
        }
    }
    bytes.extend_from_slice(several.trim_end().as_bytes());
    keep(&bytes, TABLE, &format!("{source}, {} runs", upper.len() + lower.len()), "letters", check)
}

/// Adds a letter, to the last run where it goes on in it.
fn lengthen(runs: &mut Vec<Run>, letter: u32, distance: i32) {
    if let Some(run) = runs.last_mut()
        && run.distance == distance
        && (letter - run.last == run.step || run.first == run.last && letter - run.last == 2)
    {
        run.step = letter - run.last;
        run.last = letter;
    } else {
        runs.push(Run { first: letter, last: letter, step: 1, distance });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_fresh() {
        super::run(true).unwrap();
    }
}
