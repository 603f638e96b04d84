//! The corpus of each fuzz target, replayed: what reached furthest, and what broke something once.

use std::fs;
use std::panic::catch_unwind;

use postgate_tests::{fuzzing, root};

#[test]
fn every_property_holds_for_its_corpus() {
    let folder = root().join("tests/fuzz/corpus");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("tests/fuzz/corpus")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut targets = fuzzing::TARGETS.map(|(name, _)| name.to_owned());
    targets.sort();
    assert_eq!(names, targets, "a corpus for each target");
    for (target, property) in fuzzing::TARGETS {
        let entries = fs::read_dir(folder.join(target)).expect("a corpus");
        let mut count = 0;
        for entry in entries {
            let path = entry.expect("an entry").path();
            let bytes = fs::read(&path).expect("a file of a corpus");
            assert!(catch_unwind(|| property(&bytes)).is_ok(), "{} breaks {target}", path.display());
            count += 1;
        }
        assert!(count >= 20, "the corpus of {target} has only {count} files");
    }
}
