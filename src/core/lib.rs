#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod address;
mod batch;
mod block;
mod bodies;
mod checksum;
mod code;
mod content;
mod duplicates;
mod findings;
mod frame;
mod framer;
mod id;
mod identity;
mod instant;
mod issue;
mod limits;
mod media;
mod module;
mod options;
mod order;
mod pass;
mod phone;
mod pointer;
mod recipient;
mod request;
mod rows;
mod scan;
mod schedule;
mod sender;
mod shape;
mod tags;
mod text;
mod verdict;
mod whole;

pub use batch::{Batch, Cutter, Envelope};
pub use bodies::{Bodies, Fault, Row, Sink};
pub use code::{Code, Severity};
pub use content::Content;
pub use duplicates::Duplicates;
pub use instant::Instant;
pub use issue::{Issue, Param, Params, Span};
pub use limits::{BatchLimits, Limits, MAX_DEPTH};
pub use module::Modules;
pub use options::{OptionError, Options};
pub use pass::{Facts, Need, Wants};
pub use phone::{Foreign, Judged, Number, NumberType, PhoneError, Region, judge_e164};
pub use phone::{metadata as phone_metadata, normalize as normalize_phone};
pub use request::SendMessages;
pub use schedule::Schedule;
pub use sender::{Sender, SenderChannel};
pub use tags::Tags;
pub use verdict::{BatchTotals, Checked, Recipients, Totals, Verdict};
pub use whole::{Nowhere, check, judge, normalize, split};
