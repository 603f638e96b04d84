//! Ranges: a least and a most.

use crate::json::Json;

/// From a fewest to a most, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Fewest.
    pub min: u64,
    /// Most.
    pub max: u64,
}

impl Range {
    /// Just that many.
    pub(crate) const fn exactly(number: u64) -> Self {
        Self { min: number, max: number }
    }

    /// What holds both.
    #[inline(never)]
    pub(crate) fn or(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Both ends, that many times.
    #[inline(never)]
    pub(crate) fn times(self, times: Self) -> Self {
        Self { min: self.min.saturating_mul(times.min), max: self.max.saturating_mul(times.max) }
    }

    #[inline(never)]
    pub(crate) fn add(&mut self, more: Self) {
        self.min = self.min.saturating_add(more.min);
        self.max = self.max.saturating_add(more.max);
    }

    /// Writes it as `{"min":…,"max":…}`.
    pub(crate) fn write(self, json: &mut Json) {
        json.open('{').member("min", self.min).member("max", self.max).close('}');
    }
}
