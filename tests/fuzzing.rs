//! What holds for any bytes. Each property stands here once: the fuzz targets in `fuzz/` look for bytes that break it,
//! `corpus.rs` replays the ones that reach furthest, and `properties.rs` and `reader.rs` try generated ones.
//!
//! A property panics where it does not hold.

mod check;
mod cost;
mod grammar;
mod json;
mod phone;
mod scan;
mod segments;
mod split;
mod table;
mod template;

pub use check::{check, same_in_pieces};
pub use cost::{cost, costly, time_of};
pub use phone::phone;
pub use scan::{Difference, difference, differences, scan};
pub use segments::segments;
pub use split::split;
pub use table::{Made, made_of, same_rows_in_pieces, table};
pub use template::{render, template};

use postgate_core::{Code, Duplicates, Instant, Limits, Options, Region, Verdict};

/// The present instant: 2026-12-01T12:00:00Z.
const NOON: Instant = Instant(1_796_126_400_000);

/// A property of some bytes.
pub type Property = fn(&[u8]);

/// The fuzz targets by their names.
pub const TARGETS: [(&str, Property); 9] = [
    ("scan", scan),
    ("check", check),
    ("split", split),
    ("phone", phone),
    ("segments", segments),
    ("table", table),
    ("template", template),
    ("render", render),
    ("cost", cost),
];

/// Options for some bytes: by their number, so that a mutation that only changes bytes is judged by the same ones.
///
/// The batches are so small that a request of a few hundred bytes is cut.
fn options(data: &[u8]) -> Options {
    let mut limits = Limits::campaign();
    let length = data.len();
    limits.batch.rows = 1 + (length % 3) as u32;
    limits.batch.bytes = [limits.batch.bytes, 300, 1_000][length / 3 % 3];
    limits.recipients = [limits.recipients, 5][length / 9 % 2];
    limits.bytes = [limits.bytes, 2_000][length / 18 % 2];
    let region = [None, Some("US"), Some("DE"), Some("IT"), Some("MX")][length / 36 % 5];
    let now = [Some(NOON), None][length / 180 % 2];
    let duplicates = [Duplicates::Keep, Duplicates::Drop, Duplicates::Refuse][length % 7 % 3];
    Options { limits, now, duplicates, default_region: region.and_then(Region::named), ..Options::default() }
}

/// Whether one of some codes was found, listed or not.
fn found(verdict: &Verdict, codes: &[Code]) -> bool {
    verdict.counts.iter().any(|(code, _)| codes.contains(code))
}

/// Bytes as they are shown where a property fails; the reproducer has all of them.
fn shown(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    let clipped: String = text.chars().take(400).collect();
    format!("{clipped:?}{}", if clipped.len() < text.len() { " …" } else { "" })
}
