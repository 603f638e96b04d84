#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod address;
mod batch;
mod checksum;
mod code;
mod content;
mod findings;
mod frame;
mod framer;
mod id;
mod identity;
mod instant;
mod issue;
mod json;
mod limits;
mod media;
mod module;
mod pass;
mod phone;
mod pointer;
mod price;
mod recipient;
mod request;
mod scan;
mod schedule;
mod segment;
mod sender;
mod shape;
mod tags;
mod text;
mod value;
mod verdict;
mod whole;

pub use address::{CheckedPhone, check_phone};
pub use batch::{Batch, Cutter, Envelope};
pub use code::{Code, Severity};
pub use content::{Content, text_too_long};
pub use instant::Instant;
pub use issue::{Issue, Param, Params, Span};
pub use limits::{BatchLimits, Limits, MAX_DEPTH};
pub use module::Modules;
pub use pass::{Bodies, Facts, Fault, Need, Options, Row, Sink, Wants};
pub use phone::{Foreign, Judged, Number, NumberType, PhoneError, Region, judge_e164};
pub use phone::{metadata as phone_metadata, normalize as normalize_phone};
pub use price::{Cost, Paid, PriceError, Prices};
pub use request::SendMessages;
pub use schedule::Schedule;
pub use segment::{Analysis, Culprit, Encoding, Part, SegmentOptions, Segments};
pub use segment::{analyze as analyze_segments, count as count_segments};
pub use sender::{Sender, SenderChannel};
pub use tags::Tags;
pub use value::{judge_whatsapp_value, judge_whatsapp_values};
pub use verdict::{BatchTotals, Checked, Recipients, Totals, Verdict};
pub use whole::{check, normalize, split};
