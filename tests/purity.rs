//! The core stays pure: what it depends on, what it may not name, and that its modules stand on each other in floors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use postgate_tests::root;

#[test]
fn core_depends_on_csv_core_alone() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "postgate-core", "--edges", "normal,build", "--prefix", "none", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout);
    let crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    // The grammar of CSV, which is as pure and allocates nothing; memchr is what its writer searches with.
    assert_eq!(crates, ["postgate-core", "csv-core", "memchr"]);
}

#[test]
fn core_names_no_clock_no_randomness_no_io() {
    let barred = [
        "std::time",
        "std::fs",
        "std::net",
        "std::io",
        "std::env",
        "std::thread",
        "std::process",
        "println!",
        "unsafe ",
    ];
    let sources = sources();
    assert!(sources.len() > 20, "the core was not found");
    for (path, text) in sources {
        for word in barred {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

/// A module of the core is a floor: it stands on those that it uses, and none of them on it. What is in a folder is one
/// module, and tests may look up.
#[test]
fn no_module_of_the_core_stands_on_itself() {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        let inside = path.strip_prefix(core()).expect("a file of the core");
        let name = inside.iter().next().expect("a name").to_string_lossy().replace(".rs", "");
        if name == "lib" || path.ends_with("tests.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let named = code.match_indices("crate::").map(|(at, word)| &code[at + word.len()..]);
        let modules =
            named.map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default());
        let modules = modules.filter(|module| *module != name).map(str::to_owned);
        uses.entry(name.clone()).or_default().extend(modules);
    }
    assert!(uses.len() > 40 && uses["pass"].contains("gathered"), "the modules were not found");
    // From the ground up: what stands only on what is there already. A circle never gets a floor.
    let mut standing: BTreeSet<String> = BTreeSet::new();
    loop {
        let known = |module: &String| standing.contains(module) || !uses.contains_key(module);
        let next: Vec<String> = uses
            .iter()
            .filter(|(name, uses)| !standing.contains(*name) && uses.iter().all(known))
            .map(|(name, _)| name.clone())
            .collect();
        if next.is_empty() {
            break;
        }
        standing.extend(next);
    }
    let circling: Vec<&String> = uses.keys().filter(|name| !standing.contains(*name)).collect();
    assert!(circling.is_empty(), "these use each other in a circle, or what does: {circling:?}");
}

fn core() -> PathBuf {
    root().join("src/core")
}

/// The core's source files and their text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![core()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the core") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                sources.push((path, text));
            }
        }
    }
    sources
}
