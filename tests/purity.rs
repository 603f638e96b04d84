//! The core stays pure: what it depends on, and what it may not name.

use std::fs;
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
    let mut files = 0;
    let mut folders = vec![root().join("src/core")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the core") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            files += 1;
            let text = fs::read_to_string(&path).expect("a source file");
            for word in barred {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        }
    }
    assert!(files > 20, "the core was not found");
}
