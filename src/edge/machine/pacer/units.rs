//! Units, rates and times: what passes through a lane, and how long it takes.

use super::{ACCOUNT, Lane};
use crate::clock::Millis;

/// The lanes that a turn takes from, with their rates.
pub fn rates(lane: &Lane) -> impl Iterator<Item = (&str, u64)> {
    let account = lane.account.map(|rate| (ACCOUNT, rate.max(1)));
    [(lane.name.as_str(), lane.rate.max(1))].into_iter().chain(account)
}

/// Whether what goes through a lane goes through this one.
pub fn within(name: &str, lane: &str) -> bool {
    name == ACCOUNT || name == lane
}

/// How long a lane takes for so many units, rounded up.
pub fn time_of(units: u64, rate: u64) -> Millis {
    units.saturating_mul(1_000_000).div_ceil(rate.max(1))
}

/// How many whole units a lane sends in a time.
pub fn units_in(time: Millis, rate: u64) -> u64 {
    let units = u128::from(time) * u128::from(rate) / 1_000_000;
    u64::try_from(units).unwrap_or(u64::MAX)
}
