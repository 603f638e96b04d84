//! Options: how a request is judged, and the one way in which they are named and written.

use std::fmt;

use crate::instant::Instant;
use crate::limits::{Limits, PREVIEWS, REQUEST_BYTES, REQUEST_RECIPIENTS};
use crate::phone::Region;
use crate::price::{Prices, millionths};
use crate::segment::SegmentOptions;
use crate::text::digits;

/// What to do with recipients who are named twice, compared in E.164 form and by channel. The first row always counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// They get the message twice; a warning points them out.
    #[default]
    Keep,
    /// A row is left out when earlier rows name everybody in it; a warning tells which.
    Drop,
    /// The send is refused.
    Refuse,
}

impl Duplicates {
    /// The choice of that name: `keep`, `drop` or `refuse`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "keep" => Some(Self::Keep),
            "drop" => Some(Self::Drop),
            "refuse" => Some(Self::Refuse),
            _ => None,
        }
    }
}

/// How a request is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What a request may hold, and into what it is split.
    pub limits: Limits,
    /// The present instant. Without one, whether a schedule lies in the past or too far ahead is not judged.
    pub now: Option<Instant>,
    /// The region whose numbers may be written without their country code. Without one, such numbers are errors.
    pub default_region: Option<Region>,
    /// What to do with recipients who are named twice.
    pub duplicates: Duplicates,
    /// How the segments of SMS are counted.
    pub segments: SegmentOptions,
    /// What messages cost; without prices an estimate has no cost.
    pub prices: Option<Prices>,
    /// How many segments of SMS, or messages over other channels, are sent a second, in millionths; without a rate an
    /// estimate has no duration.
    pub rate: Option<u64>,
    /// Whether an estimate is of recipients without errors alone, as of a send that leaves the others out. The verdict is
    /// the same. A row that [`Duplicates::Drop`] leaves out is none of them, even if the row that it repeats has errors.
    pub lenient: bool,
    /// The rows of which previews are made in a summary.
    pub previews: Vec<u64>,
    /// Whether there are only rows, as the rest of the request is not written yet: then missing content is no error. It
    /// has no name that [`Options::set`] knows.
    pub rows_only: bool,
}

/// Why an option was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionError {
    /// No option has that name.
    Unknown,
    /// It cannot have that value.
    Invalid {
        /// What it can have.
        expected: &'static str,
    },
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no option of that name"),
            Self::Invalid { expected } => write!(f, "the option must be {expected}"),
        }
    }
}

impl std::error::Error for OptionError {}

impl Options {
    /// Sets an option by its name, as it is written at every door. `limits` and the sizes of batches may come in any
    /// order.
    ///
    /// | name | value |
    /// |---|---|
    /// | `limits` | `campaign` or `request`: [`Limits::campaign`], [`Limits::request`] |
    /// | `batchRows`, `batchBytes` | most recipients and bytes of a batch, up to what one request may have |
    /// | `defaultRegion` | two capitals, such as `US` |
    /// | `duplicates` | `keep`, `drop` or `refuse` |
    /// | `handling` | `strict` or `lenient`: [`Options::lenient`] |
    /// | `smartEncoding` | `true` or `false`: [`SegmentOptions::smart_encoding`] |
    /// | `now` | an RFC 3339 instant |
    /// | `preview` | up to 20 places in `to`, counted from 0, with commas between |
    /// | `prices` | JSON, as [`Prices::parse`] reads it |
    /// | `mps` | messages or segments a second: a decimal above 0 with at most six digits after the point |
    ///
    /// # Errors
    ///
    /// When there is no option of that name, or it cannot have that value.
    ///
    /// ```
    /// use postgate_core::{OptionError, Options};
    ///
    /// let mut options = Options::default();
    /// options.set("batchRows", "500")?;
    /// assert_eq!(options.limits.batch.rows, 500);
    /// assert_eq!(options.set("batchrows", "500"), Err(OptionError::Unknown));
    /// # Ok::<(), OptionError>(())
    /// ```
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        let batch = &mut self.limits.batch;
        let (set, expected) = match name {
            "limits" => {
                let limits = Limits::named(value).map(|limits| Limits { batch: *batch, ..limits });
                (limits.map(|limits| self.limits = limits), "campaign or request")
            }
            "batchRows" => {
                let rows = whole(value, REQUEST_RECIPIENTS.into());
                (rows.map(|rows| batch.rows = rows as u32), "a number from 1 to 10000")
            }
            "batchBytes" => {
                let bytes = whole(value, REQUEST_BYTES);
                (bytes.map(|bytes| batch.bytes = bytes), "a number from 1 to 10000000")
            }
            "defaultRegion" => {
                let region = Region::named(value);
                (region.map(|region| self.default_region = Some(region)), "a region such as US or GB, in capitals")
            }
            "duplicates" => {
                let duplicates = Duplicates::named(value);
                (duplicates.map(|duplicates| self.duplicates = duplicates), "keep, drop or refuse")
            }
            "handling" => {
                let lenient = second(["strict", "lenient"], value);
                (lenient.map(|lenient| self.lenient = lenient), "strict or lenient")
            }
            "smartEncoding" => {
                let flag = second(["false", "true"], value);
                (flag.map(|flag| self.segments.smart_encoding = flag), "true or false")
            }
            "now" => {
                let now = Instant::parse(value);
                (now.map(|now| self.now = Some(now)), "an RFC 3339 instant such as 2026-12-01T09:00:00Z")
            }
            "preview" => (places(value).map(|rows| self.previews = rows), "up to 20 places in to, counted from 0"),
            "prices" => {
                let prices = Prices::parse(value.as_bytes());
                let expected = prices.as_ref().map_or_else(|error| error.expected, |_| "");
                (prices.ok().map(|prices| self.prices = Some(prices)), expected)
            }
            "mps" => {
                let rate = millionths(value).filter(|rate| *rate > 0);
                (rate.map(|rate| self.rate = Some(rate)), "a number from 0.000001 to 99999.999999")
            }
            _ => return Err(OptionError::Unknown),
        };
        set.ok_or(OptionError::Invalid { expected })
    }
}

/// Places in `to`, each once, with commas between.
fn places(value: &str) -> Option<Vec<u64>> {
    let mut rows = Vec::new();
    for (count, row) in value.split(',').enumerate() {
        let row = digits(row).filter(|_| count < PREVIEWS)?;
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    Some(rows)
}

/// Whether it is the second of two words and not the first.
fn second(words: [&str; 2], value: &str) -> Option<bool> {
    words.iter().position(|word| *word == value).map(|place| place == 1)
}

/// A whole number from 1 to `most`, in digits only.
fn whole(value: &str, most: u64) -> Option<u64> {
    digits(value).filter(|number| (1..=most).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_rates_and_prices_are_read_to_the_digit() {
        let mut options = Options::default();
        let many = vec!["7"; PREVIEWS + 1].join(",");
        for (name, wrong) in [
            ("preview", ""),
            ("preview", "1,"),
            ("preview", "-1"),
            ("preview", "99999999999999999999"),
            ("preview", &many),
            ("mps", "0"),
            ("mps", "-1"),
            ("mps", "1e3"),
            ("mps", "0.0000001"),
            ("prices", "{}"),
            ("prices", "0.01"),
        ] {
            assert!(matches!(options.set(name, wrong), Err(OptionError::Invalid { .. })), "{name}={wrong}");
        }
        assert_eq!(options, Options::default());
        let prices = r#"{"currency":"USD","sms":"0.01"}"#;
        for (name, value) in [("preview", "17,0,17"), ("mps", "2.5"), ("prices", prices)] {
            assert_eq!(options.set(name, value), Ok(()));
        }
        assert_eq!((options.previews, options.rate), (vec![17, 0], Some(2_500_000)));
        assert_eq!(options.prices.as_ref().map(Prices::currency), Some("USD"));
    }

    #[test]
    fn sizes_of_batches_stay_within_one_request_and_outlive_the_limits() {
        let mut options = Options::default();
        for wrong in ["0", "10001", "1e3", "+5", "", " 7", "99999999999999999999"] {
            assert!(matches!(options.set("batchRows", wrong), Err(OptionError::Invalid { .. })), "{wrong:?}");
        }
        assert_eq!(options, Options::default());
        for (name, value) in [("batchRows", "10"), ("limits", "request"), ("batchBytes", "900")] {
            assert_eq!(options.set(name, value), Ok(()));
        }
        assert_eq!((options.limits.batch.rows, options.limits.batch.bytes), (10, 900));
        assert_eq!(options.limits.recipients, REQUEST_RECIPIENTS);
    }
}
