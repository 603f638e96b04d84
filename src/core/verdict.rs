//! The verdict, and the one way it is written: the same bytes at every door.

use crate::batch::BatchTotals;
use crate::finding::code::Code;
use crate::finding::issue::{Issue, push_issue};
use crate::json::Json;
use crate::message::estimate::Estimate;
use crate::message::preview::Preview;
use crate::price::Prices;

/// A value together with the verdict on the request it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked<T> {
    /// What could be made of the request.
    pub value: T,
    /// Whether it may be sent, and every finding.
    pub verdict: Verdict,
}

/// What was found in a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the request may be sent: no error was found.
    pub ok: bool,
    /// The first 1,000 errors, 500 warnings and 100 notes, in document order.
    pub issues: Vec<Issue>,
    /// How many issues there are of each code, listed or not, in the registry's order.
    pub counts: Vec<(Code, u64)>,
    /// How many issues are not listed.
    pub omitted: u64,
    /// Sums over the request.
    pub totals: Totals,
    /// What the send takes, where that was asked for and the request could be read. It has a canonical JSON of its own.
    pub estimate: Option<Estimate>,
    /// What recipients read: those who were asked for and exist. Each has a canonical JSON of its own.
    pub previews: Vec<Preview>,
}

/// Sums over a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Who is in `to`.
    pub recipients: Recipients,
    /// Bytes of the request as it was sent.
    pub bytes: u64,
    /// The upstream requests it becomes; none unless the verdict is ok.
    pub batches: Vec<BatchTotals>,
}

/// Who is in `to`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// Rows that name one person each.
    pub listed: u64,
    /// Rows that name a stored group of people.
    pub groups: u64,
    /// Rows that are left out, as earlier ones name the same people.
    pub dropped: u64,
}

impl Verdict {
    /// The canonical JSON: members in this order, no white space, spans in UTF-16 code units.
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.open('{').name("ok").flag(self.ok).name("issues").open('[');
        for issue in &self.issues {
            push_issue(&mut json, issue);
        }
        json.close(']').name("counts").open('{');
        for (code, count) in &self.counts {
            json.member(code.as_str(), *count);
        }
        json.close('}').member("omitted", self.omitted);
        let Totals { recipients, bytes, batches } = &self.totals;
        json.name("totals").open('{').name("recipients").open('{');
        json.member("listed", recipients.listed).member("groups", recipients.groups);
        json.member("dropped", recipients.dropped).close('}');
        json.member("bytes", *bytes).name("batches").open('[');
        for batch in batches {
            json.open('{').member("rows", batch.rows.into()).member("bytes", batch.bytes).close('}');
        }
        json.close(']').close('}').close('}').finish()
    }
}

impl Verdict {
    /// The summary's canonical JSON: the verdict's, what the send takes, or null where the request could not be read, and
    /// the previews. `prices` are those of the options.
    pub fn to_summary_json(&self, prices: Option<&Prices>) -> String {
        let mut json = Json::default();
        json.open('{').name("verdict").raw(self.to_json().as_bytes()).name("estimate");
        match &self.estimate {
            Some(estimate) => json.raw(estimate.to_json(prices).as_bytes()),
            None => json.text_or_null(None),
        };
        json.name("previews").open('[');
        for preview in &self.previews {
            json.raw(preview.to_json().as_bytes());
        }
        json.close(']').close('}').finish()
    }
}
