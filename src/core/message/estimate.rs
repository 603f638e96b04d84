//! Estimates: what a send takes over all of its recipients: channels, segments, cost and time.
//!
//! What is not decided by the request is a range, and what nobody knows before the send makes it "at least". One number
//! a channel, ten rows and some sums are all that is kept, so a million recipients take no more room than one.

use crate::channel::{Channels, MessageChannel};
use crate::json::Json;
use crate::limits::DEAREST_ROWS;
use crate::price::{Cost, Prices};
use crate::range::Range;
use crate::segment::Encoding;

/// A text as one recipient gets it over SMS, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SmsText {
    pub encoding: Encoding,
    pub units: u64,
    pub segments: Range,
    pub characters: u64,
}

/// The longest text of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Longest {
    /// Whose it is: the first row that gets one as long.
    pub row: u64,
    /// How many characters it has.
    pub characters: u64,
    /// How it is written as SMS.
    pub encoding: Encoding,
    /// How many units it has as SMS: septets, or UTF-16 code units.
    pub units: u64,
}

/// What a send takes, added up over its recipients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// People who are named one by one and not left out as duplicates. Stored groups come on top.
    pub people: u64,
    /// Whether the truth may be more than this, because somebody's text or a group's size is not known.
    pub at_least: bool,
    /// How many of the people are reached over each channel, in the order of [`MessageChannel::ALL`]: for certain, and
    /// if the service chooses it for everybody for whom it can.
    pub channels: [Range; 4],
    /// People whom no channel of sender and content can reach.
    pub unreached: u64,
    /// Segments of SMS: the fewest count only people who get an SMS for certain.
    pub segments: Range,
    /// The longest text; none where there is none, or none is known.
    pub longest: Option<Longest>,
    /// The rows with the most segments, each with its place in `to`, the most segments first; at most ten, and only rows
    /// with more than one.
    pub dearest: Vec<(u64, Range)>,
    /// What it costs, where there are prices.
    pub cost: Option<Cost>,
    /// What it takes of the sender's pace: segments of SMS, and messages over other channels.
    pub units: Range,
    /// How many seconds that takes at the rate of the options, rounded up; none without a rate.
    pub seconds: Option<Range>,
}

impl Estimate {
    /// Adds a person: the row, the channels that are open for it, and its text as SMS.
    pub(crate) fn add(&mut self, row: u64, open: Channels, text: Option<SmsText>, segments: Range, known: bool) {
        self.people += 1;
        self.at_least |= !known;
        let certain = open.is_one();
        let mut units: Option<Range> = None;
        for (&channel, people) in MessageChannel::ALL.iter().zip(&mut self.channels) {
            if !open.has(channel) {
                continue;
            }
            people.add(Range { min: u64::from(certain), max: 1 });
            let takes = if channel == MessageChannel::Sms { segments } else { Range::exactly(1) };
            units = Some(units.map_or(takes, |units| units.or(takes)));
        }
        match units {
            Some(units) => self.units.add(units),
            None => self.unreached += 1,
        }
        if open.has(MessageChannel::Sms) {
            self.segments.add(Range { min: if certain { segments.min } else { 0 }, ..segments });
            self.note_dear(row, segments);
        }
        if let Some(SmsText { encoding, units, characters, .. }) = text
            && self.longest.is_none_or(|longest| characters > longest.characters)
        {
            self.longest = Some(Longest { row, characters, encoding, units });
        }
    }

    fn note_dear(&mut self, row: u64, segments: Range) {
        let least = self.dearest.last().map_or(1, |(_, last)| last.max);
        let full = self.dearest.len() == DEAREST_ROWS;
        if segments.max < 2 || (full && segments.max <= least) {
            return;
        }
        let behind = self.dearest.partition_point(|(_, other)| other.max >= segments.max);
        self.dearest.truncate(DEAREST_ROWS - 1);
        self.dearest.insert(behind, (row, segments));
    }

    /// Works out [`Estimate::seconds`], at a rate in millionths of a unit a second.
    pub fn time(&mut self, rate: u64) {
        // No send reaches the highest number.
        let seconds = |units: u64| units.saturating_mul(1_000_000).div_ceil(rate.max(1));
        self.seconds = Some(Range { min: seconds(self.units.min), max: seconds(self.units.max) });
    }

    /// The canonical JSON: members in this order, no white space. Without prices there is no `cost`, without a rate
    /// there are no `seconds`.
    pub fn to_json(&self, prices: Option<&Prices>) -> String {
        let mut json = Json::default();
        json.open('{').member("people", self.people).name("atLeast").flag(self.at_least);
        json.name("channels").open('{');
        for (channel, people) in MessageChannel::ALL.iter().zip(self.channels) {
            if people.max > 0 {
                people.write(json.name(channel.as_str()));
            }
        }
        json.close('}').member("unreached", self.unreached);
        self.segments.write(json.name("segments"));
        if let Some(Longest { row, characters, encoding, units }) = self.longest {
            json.name("longest").open('{').member("row", row).member("characters", characters);
            json.name("encoding").text(encoding.as_str()).member("units", units).close('}');
        }
        json.name("dearest").open('[');
        for (row, segments) in &self.dearest {
            segments.write(json.open('{').member("row", *row).name("segments"));
            json.close('}');
        }
        json.close(']');
        self.units.write(json.name("units"));
        if let (Some(cost), Some(prices)) = (&self.cost, prices) {
            cost.write(prices, json.name("cost"));
        }
        if let Some(seconds) = self.seconds {
            seconds.write(json.name("seconds"));
        }
        json.close('}').finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sms(segments: u64) -> Range {
        Range::exactly(segments)
    }

    #[test]
    fn the_dearest_rows_are_few_and_the_first_of_equals() {
        let mut estimate = Estimate::default();
        for (row, segments) in (0..).zip([1, 3, 2, 3, 9, 2, 2, 2, 2, 2, 2, 2, 1, 4]) {
            estimate.add(row, Channels::of(&[MessageChannel::Sms]), None, sms(segments), true);
        }
        let rows: Vec<(u64, u64)> = estimate.dearest.iter().map(|(row, segments)| (*row, segments.max)).collect();
        assert_eq!(rows, [(4, 9), (13, 4), (1, 3), (3, 3), (2, 2), (5, 2), (6, 2), (7, 2), (8, 2), (9, 2)]);
        assert_eq!(estimate.segments, sms(37));
    }

    #[test]
    fn what_is_not_decided_is_a_range() {
        let mut estimate = Estimate::default();
        estimate.add(0, Channels::of(&[MessageChannel::Sms, MessageChannel::Rcs]), None, sms(3), true);
        estimate.add(1, Channels::of(&[MessageChannel::WhatsApp]), None, sms(3), true);
        estimate.add(2, Channels::of(&[]), None, sms(3), false);
        let none = Range::default();
        assert_eq!(estimate.channels, [Range { min: 0, max: 1 }, none, Range { min: 0, max: 1 }, Range::exactly(1)]);
        assert_eq!((estimate.segments, estimate.units), (Range { min: 0, max: 3 }, Range { min: 2, max: 4 }));
        assert_eq!((estimate.people, estimate.unreached, estimate.at_least), (3, 1, true));
    }

    #[test]
    fn time_is_rounded_up_to_whole_seconds() {
        let mut estimate = Estimate { units: Range { min: 10, max: 11 }, ..Estimate::default() };
        for (rate, seconds) in [(10_000_000, (1, 2)), (500_000, (20, 22)), (1, (10_000_000, 11_000_000))] {
            estimate.time(rate);
            assert_eq!(estimate.seconds, Some(Range { min: seconds.0, max: seconds.1 }));
        }
    }
}
