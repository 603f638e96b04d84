//! Panics made bare traps. What one would say goes to standard error, which is nowhere in a page, so that a module which
//! carries it is larger for nothing. Where it stopped still shows, by the functions that called each other.

use std::ops::Range;

use anyhow::Result;
use wasmparser::{Data, DataKind, Operator, Parser, Payload};

/// The module's text with functions that trap in the place of those that panic, and of those that put texts together for
/// them, unless others call these, too. Functions go by name in it.
pub fn silence(text: &str) -> String {
    let quiet = trapping(text, panics);
    if is_formatted(&quiet) { quiet } else { trapping(&quiet, formats) }
}

/// The text with a trap in the place of what some functions do, which are told by the lines that they begin with.
fn trapping(text: &str, traps: fn(&str) -> bool) -> String {
    let mut quiet = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.lines() {
        if inside && line != " )" {
            continue;
        }
        inside = line.starts_with(" (func $") && traps(line);
        quiet.push_str(line);
        quiet.push('\n');
        if inside {
            quiet.push_str("  (unreachable)\n");
        }
    }
    quiet
}

/// Whether a function does nothing but panic, by the line that it begins with: its name, and its parameters.
fn panics(line: &str) -> bool {
    let name = line.split(" (param").next().unwrap_or_default();
    // `core::panicking` may have a number in brackets behind the crate.
    let of_core = name.contains("core::panicking::") || (name.contains("core[") && name.contains("]::panicking::"));
    let ends = [
        "::assert_failed\"",
        "_fail\"",
        "::unwrap_failed\"",
        "::expect_failed\"",
        "::handle_error\"",
        "::handle_alloc_error\"",
        "::capacity_overflow\"",
        "::panic_with_hook\"",
    ];
    // What a panic carries is only made for one.
    let carried = ["FormatStringPayload", "StaticStrPayload", "begin_panic::Payload"];
    of_core || ends.iter().any(|end| name.ends_with(end)) || carried.iter().any(|part| name.contains(part))
}

/// Whether a function is the formatter's, by a line that names it.
fn formats(line: &str) -> bool {
    line.split(" (param").next().is_some_and(|name| name.contains("::fmt::"))
}

/// Whether functions that are not the formatter's call it.
fn is_formatted(text: &str) -> bool {
    let mut outside = false;
    text.lines().any(|line| {
        if line.starts_with(" (func $") {
            outside = !formats(line);
        }
        outside && line.contains("(call $") && formats(line)
    })
}

/// Writes zeros over the places in the sources that panics would name: a path, a line and a column each.
pub fn forget_places(module: &mut [u8]) -> Result<()> {
    let mut constants = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(section) = payload? else { continue };
        for segment in section {
            let Data { kind, data, range } = segment?;
            let DataKind::Active { offset_expr, .. } = kind else { continue };
            if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
                let end = range.end as usize;
                constants.push((value as usize, end - data.len()..end));
            }
        }
    }
    for (address, place) in constants {
        forget(&mut module[place], address);
    }
    Ok(())
}

/// The same for one piece of memory, which begins at that address. First all places are found, as they share paths.
fn forget(memory: &mut [u8], address: usize) {
    let word = |at: usize| memory.get(at..at + 4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in (0..memory.len()).step_by(4) {
        let [Some(path), Some(length), Some(line), Some(column)] = [0, 4, 8, 12].map(|behind| word(at + behind)) else {
            break;
        };
        let Some(start) = (path as usize).checked_sub(address) else { continue };
        let path = start..start + length as usize;
        // No source is longer, and no path.
        let likely = (1..100_000).contains(&line) && (1..1_000).contains(&column) && length < 200;
        if likely && memory.get(path.clone()).is_some_and(|path| path.ends_with(b".rs") && path.is_ascii()) {
            found.extend([at..at + 16, path]);
        }
    }
    found.into_iter().for_each(|place| memory[place].fill(0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_traps_and_all_else_stays() {
        let text = r#"(module
 (func $"core[c5930c85a12de822]::panicking::panic_fmt" (param $0 i32) (result i32)
  (local $1 i32)
  (call $write)
 )
 (func $"std[a5]::panicking::panic_count::increase" (result i32)
  (i32.const 1)
 )
 (func $"core[c5]::slice::index::slice_index_fail" (param $0 i32)
  (call $write)
 )
)
"#;
        let quiet = r#"(module
 (func $"core[c5930c85a12de822]::panicking::panic_fmt" (param $0 i32) (result i32)
  (unreachable)
 )
 (func $"std[a5]::panicking::panic_count::increase" (result i32)
  (i32.const 1)
 )
 (func $"core[c5]::slice::index::slice_index_fail" (param $0 i32)
  (unreachable)
 )
)
"#;
        assert_eq!(silence(text), quiet);
    }

    #[test]
    fn the_formatter_traps_unless_it_is_called_otherwise() {
        let text = |caller: &str| {
            let write = "(func $\"core[c5]::fmt::write\" (param $0 i32)\n  (local.get $0)\n )";
            format!("(module\n {write}\n (func ${caller}\n  (call $\"core[c5]::fmt::write\"\n  )\n )\n)\n")
        };
        let [alone, used] =
            [text("\"<u32 as core[c5]::fmt::Display>::fmt\""), text("check")].map(|text| silence(&text));
        assert!(!alone.contains("local.get") && used.contains("local.get"));
        assert!(!used.contains("unreachable"));
    }

    #[test]
    fn places_are_forgotten_and_other_numbers_stay() {
        let place = |path: u32, line: u32| [path, 8, line, 5].map(u32::to_le_bytes).concat();
        let memory = |places: [Vec<u8>; 3], path: &[u8]| [&places.concat(), path, b"text"].concat();
        let places = [place(1_048, 7), place(1_048, 0), place(1_048, 70)];
        let mut before = memory(places.clone(), b"src/a.rs");
        forget(&mut before, 1_000);
        let [_, other, _] = places;
        assert_eq!(before, memory([vec![0; 16], other, vec![0; 16]], &[0; 8]));
    }
}
