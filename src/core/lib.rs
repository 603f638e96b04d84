#![doc = include_str!("README.md")]
//!
//! ## Where to begin
//!
//! | to | use |
//! |---|---|
//! | judge a request that is in memory | [`check`]; [`normalize`] and [`split`] for what is to be sent |
//! | know what a send takes and costs, and what people will read | [`summarize`], [`preview`] |
//! | do the same with a request that does not fit into memory | [`Facts`], then [`Bodies`] |
//! | say how a request is judged | [`Options`]: limits, default region, duplicates, the present instant, prices |
//! | tell what was found | [`Verdict`], [`Issue`], [`Code`] |
//! | make rows of a CSV file, NDJSON or pasted numbers | [`Table`], with a [`Mapping`] |
//! | judge a phone number | [`check_phone`]; [`normalize_phone`] and [`judge_e164`] without issues |
//! | count the SMS segments of a text | [`count_segments`]; [`analyze_segments`] also says what makes them more |
//! | render Liquid | [`render_template`]; [`Template`] and [`Renderer`] for one recipient after another |
//! | judge a body about senders or sender pools | [`AccountRequest`] |
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod batch;
mod channel;
mod field;
mod finding;
mod instant;
mod json;
mod limits;
mod message;
mod options;
mod order;
mod packed;
mod pass;
mod phone;
mod price;
mod range;
mod reader;
mod recipient;
mod request;
mod segment;
mod table;
mod template;
mod text;
mod verdict;
mod whole;

pub use account::{AccountRequest, Mistake};
pub use batch::{Batch, BatchTotals, Cutter, Envelope};
pub use channel::MessageChannel;
pub use field::address::{CheckedPhone, check_phone};
pub use finding::code::{Code, Severity};
pub use finding::issue::{Issue, Param, Params, Span};
pub use instant::Instant;
pub use limits::{BatchLimits, Limits, MAX_DEPTH};
pub use message::estimate::{Estimate, Longest};
pub use message::preview::Preview;
pub use options::{Duplicates, OptionError, Options};
pub use pass::bodies::{Bodies, Copier, Fault, Row, Sink};
pub use pass::refused::{Refusal, Refused};
pub use pass::{Facts, Need, Wants};
pub use phone::{Foreign, Judged, Number, NumberType, PhoneError, Region, judge_e164};
pub use phone::{metadata as phone_metadata, normalize as normalize_phone};
pub use price::{Cost, PriceError, Prices};
pub use range::Range;
pub use request::SendMessages;
pub use request::content::Content;
pub use request::module::{Modules, SmsModule};
pub use request::schedule::Schedule;
pub use request::sender::{Sender, SenderChannel};
pub use request::tags::{RESERVED_TAG, Tags};
pub use segment::{Analysis, Culprit, Encoding, Part, SegmentOptions, Segments};
pub use segment::{analyze as analyze_segments, count as count_segments};
pub use table::{Channel, Column, Delimiter, Format, Mapping, Variables};
pub use table::{Layout, Numbers, Record, Records, Rejects, Table, TableReport, TableRow, request_head};
pub use template::{Bounds, Budgets, Parsed, RenderOptions, Rendered, Renderer, Template};
pub use template::{Member, Role, Scope, Slots, Str, Value, Variable};
pub use template::{Variables as TemplateVariables, list_variables, render_template};
pub use verdict::{Checked, Recipients, Totals, Verdict};
pub use whole::{Nowhere, check, judge, normalize, preview, split, summarize};
