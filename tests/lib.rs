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

/// Fewest cases of requests, which all doors take, and of texts, which HTTP does not: fewer mean that some were lost. Where
/// there are a tenth more, the numbers are raised, so that they go on to mean that.
pub const FEWEST_CASES: [(&str, usize); 2] = [("requests", 650), ("texts", 245)];
