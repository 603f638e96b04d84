//! Warnings of the gate itself about a send that it took: what its sender should know, beside core's issues.

use serde::{Deserialize, Serialize};

/// Recipients above which a send should have an idempotency key.
pub const KEYLESS_ROWS: u32 = 10_000;

/// What a sender should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// A large send has no idempotency key.
    NoIdempotencyKey,
    /// There is no room for the tag by which lost batches are found.
    Untagged,
}

impl Warning {
    /// What it says.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoIdempotencyKey => {
                "More than 10,000 recipients without an idempotency key: handed in again, all of them get it twice."
            }
            Self::Untagged => {
                "All ten tags are taken, so batches carry none of the gate's: one whose answer is lost has to be settled \
                 by a person."
            }
        }
    }
}

/// Warnings as a client sees them.
pub fn shown(warnings: &[Warning]) -> Vec<Shown> {
    warnings.iter().map(|warning| Shown { code: *warning, message: warning.sentence() }).collect()
}

/// A warning as a client sees it.
#[derive(Debug, Serialize)]
pub struct Shown {
    code: Warning,
    message: &'static str,
}
