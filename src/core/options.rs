//! Options: how a request is judged, and the one way in which they are named and written.

use crate::duplicates::Duplicates;
use crate::instant::Instant;
use crate::limits::{Limits, REQUEST_BYTES, REQUEST_RECIPIENTS};
use crate::phone::Region;
use crate::segment::SegmentOptions;

/// How a request is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What a request may hold, and into what it is split.
    pub limits: Limits,
    /// The present instant; without one nothing is said of a schedule that is over or far ahead.
    pub now: Option<Instant>,
    /// The region whose numbers may be written without their country code; without one they are errors.
    pub default_region: Option<Region>,
    /// What becomes of recipients who are named twice.
    pub duplicates: Duplicates,
    /// How the segments of SMS are counted.
    pub segments: SegmentOptions,
}

/// Why an option is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionError {
    /// There is none of that name.
    Unknown,
    /// It cannot have that value.
    Invalid {
        /// What it can have.
        expected: &'static str,
    },
}

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
    /// | `smartEncoding` | `true` or `false`: [`SegmentOptions::smart_encoding`] |
    /// | `now` | an RFC 3339 instant |
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
        let invalid = |expected| OptionError::Invalid { expected };
        let batch = self.limits.batch;
        match name {
            "limits" => {
                let limits = Limits::named(value).ok_or(invalid("campaign or request"))?;
                self.limits = Limits { batch, ..limits };
            }
            "batchRows" => {
                let rows = whole(value, u64::from(REQUEST_RECIPIENTS)).ok_or(invalid("a number from 1 to 10000"))?;
                self.limits.batch.rows = rows as u32;
            }
            "batchBytes" => {
                let bytes = whole(value, REQUEST_BYTES).ok_or(invalid("a number from 1 to 10000000"))?;
                self.limits.batch.bytes = bytes;
            }
            "defaultRegion" => {
                self.default_region = Some(Region::named(value).ok_or(invalid("a region such as US"))?);
            }
            "duplicates" => {
                self.duplicates = Duplicates::named(value).ok_or(invalid("keep, drop or refuse"))?;
            }
            "smartEncoding" => {
                self.segments.smart_encoding = value.parse().map_err(|_| invalid("true or false"))?;
            }
            "now" => self.now = Some(Instant::parse(value).ok_or(invalid("an RFC 3339 instant"))?),
            _ => return Err(OptionError::Unknown),
        }
        Ok(())
    }
}

/// A whole number from 1 to `most`, in digits only.
fn whole(value: &str, most: u64) -> Option<u64> {
    let number = value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok())??;
    (1..=most).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

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
