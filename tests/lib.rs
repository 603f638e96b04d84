//! The case suite: what goes in, what has to come out, and how each door gets at it.
//!
//! See `README.md` for the format of a case.

mod case;
mod door;
pub mod fuzzing;
mod input;
#[path = "../src/xtask/request.rs"]
#[expect(dead_code, reason = "the limit is for the command")]
mod request;

pub use case::{Case, Do, Expected, Mark, load, root};
pub use door::{Outcome, bless, export, mismatches, streamed, summarized};
pub use input::Input;

/// Fewest cases the suite may have; a lower number means that some were lost.
pub const FEWEST_CASES: usize = 60;
