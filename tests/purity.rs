//! The core stays pure: what it depends on, and what it may not name. Its modules and the edge's stand on each other in
//! floors, and `src/ARCHITECTURE.md` has them all on its map.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
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
    let sources = sources(&home("core"));
    assert!(sources.len() > 20, "the core was not found");
    for (path, text) in sources {
        for word in barred {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

/// A module is a floor: it stands on those that it uses, and none of them on it. What is in a folder is one module, and
/// inside of it the same holds of its parts. What the folder's own file declares is known to all of them, and tests may
/// look up.
#[test]
fn no_module_stands_on_itself() {
    for (name, modules, known, part) in [
        ("core", 20, ("pass", "message"), ("template", "looping", "machine")),
        ("edge", 12, ("object", "machine"), ("machine/ledger", "dispatch", "doubt")),
    ] {
        let home = home(name);
        let top = uses(&home, &home);
        assert!(top.len() > modules && top[known.0].contains(known.1), "the modules of {name} were not found");
        assert!(uses(&home, &home.join(part.0))[part.1].contains(part.2), "the parts of {name} were not found");
        for folder in sources(&home).iter().filter_map(|(path, _)| path.parent()).collect::<BTreeSet<_>>() {
            let uses = uses(&home, folder);
            let circling = circling(&uses);
            assert!(circling.is_empty(), "{}: in a circle, or on one: {circling:?}", folder.display());
        }
    }
}

/// Folders whose parts are on the map too; what is in the others, the file beside the folder says.
const MAPPED: [&str; 15] = [
    "",
    // The core's.
    "pass",
    "message",
    "request",
    "recipient",
    "field",
    "reader",
    "finding",
    // The edge's.
    "route",
    "intake",
    "object",
    "object/operation",
    "http",
    "settings",
    "machine",
];

#[test]
fn the_map_has_every_module() {
    let architecture = fs::read_to_string(root().join("src/ARCHITECTURE.md")).expect("the map");
    for (name, title) in [("core", "### Inside core"), ("edge", "### Inside the edge")] {
        let (_, map) = architecture.split_once(title).unwrap_or_else(|| panic!("no {title}"));
        let map = map.split("\n##").next().unwrap_or_default();
        let words: BTreeSet<&str> = map.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        let home = home(name);
        for (path, _) in sources(&home) {
            let inside = path.strip_prefix(&home).expect("a source of the crate");
            let folder = inside.parent().unwrap_or(inside).to_string_lossy();
            let module = inside.file_stem().unwrap_or_default().to_string_lossy();
            let mapped = MAPPED.contains(&&*folder) && module != "lib" && !TESTS.contains(&&*format!("{module}.rs"));
            assert!(!mapped || words.contains(&*module), "{title} lacks {module}");
        }
    }
}

#[test]
fn what_security_rests_on_is_there() {
    let security = fs::read_to_string(root().join("SECURITY.md")).expect("SECURITY.md");
    let quoted = security.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = quoted.filter(|word| word.starts_with("src/") || word.starts_with("tests/")).collect();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        assert!(root().join(path).exists(), "{path}");
    }
}

/// The modules that never get a floor: from the ground up, each stands only on what stands there already.
fn circling(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<&String> {
    let mut standing: BTreeSet<&String> = BTreeSet::new();
    loop {
        let known = |module: &String| standing.contains(module) || !uses.contains_key(module);
        let next: Vec<&String> = uses
            .iter()
            .filter(|(name, uses)| !standing.contains(name) && uses.iter().all(known))
            .map(|(name, _)| name)
            .collect();
        if next.is_empty() {
            return uses.keys().filter(|name| !standing.contains(name)).collect();
        }
        standing.extend(next);
    }
}

/// Names of files and folders that are built for tests alone.
const TESTS: [&str; 4] = ["tests.rs", "tests", "simulation.rs", "simulation"];

/// What each module in a folder of a crate uses of the others there.
fn uses(home: &Path, folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let inside = folder.strip_prefix(home).expect("a folder of the crate");
    let mut path = String::from("crate::");
    for name in inside {
        path.extend([&*name.to_string_lossy(), "::"]);
    }
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in sources(home) {
        let Ok(inside) = file.strip_prefix(folder) else { continue };
        let name = inside.iter().next().expect("a name").to_string_lossy().replace(".rs", "");
        let tests = |part: &std::ffi::OsStr| TESTS.contains(&&*part.to_string_lossy());
        if name == "lib" || inside.iter().any(tests) {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        // What a sentence names, the module need not use.
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = &code.join("\n");
        let used = uses.entry(name.clone()).or_default();
        used.extend(named_behind(&path, code));
        if inside.components().count() == 1 {
            used.extend(named_behind("super::", code));
        }
        used.remove(&name);
    }
    uses
}

/// The names that stand behind a path: one, or those between braces.
fn named_behind(path: &str, code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(path) {
        let behind = &code[at + path.len()..];
        let group = behind.strip_prefix('{').and_then(|group| group.split('}').next());
        for part in group.map_or(vec![behind], |group| group.split(',').collect()) {
            let part = part.trim_start();
            let end = part.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(part.len());
            names.insert(part[..end].to_owned());
        }
    }
    names
}

/// The folder of a crate.
fn home(name: &str) -> PathBuf {
    root().join("src").join(name)
}

/// The source files of a crate and their text.
fn sources(home: &Path) -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of a crate") {
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
