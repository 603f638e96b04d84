//! The sources that a running `dev` watches.
//!
//! wrangler could watch them, but it would also watch its own files in `src/sandbox/.wrangler` and never come to rest.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::workspace;

const WATCHED: &[&str] = &["Cargo.toml", "Cargo.lock", "src/core", "src/edge", "src/sandbox", "src/browser"];

/// A sum over names, sizes and times of all sources. Differs after any change.
pub fn sum() -> u64 {
    let mut hasher = DefaultHasher::new();
    for name in WATCHED {
        add(&workspace::path(name), &mut hasher);
    }
    hasher.finish()
}

/// What cannot be read is left out: editors replace files, and they are back when looked at next.
fn add(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(about) = fs::metadata(path) else { return };
    if about.is_dir() {
        let Ok(entries) = fs::read_dir(path) else { return };
        let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        let hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        for entry in entries.iter().filter(|entry| !hidden(entry)) {
            add(entry, hasher);
        }
    } else {
        path.hash(hasher);
        about.len().hash(hasher);
        about.modified().ok().hash(hasher);
    }
}
