//! The tally: each recipient of a send is in exactly one place.

use super::Ledger;
use crate::machine::record::{Closed, State};

/// Recipients by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The upstream has them.
    pub accepted: u64,
    /// The upstream will not have them.
    pub refused: u64,
    /// Taken back, or after a refusal.
    pub canceled: u64,
    /// Not posted before the deadline.
    pub expired: u64,
    /// The upstream may have them.
    pub unknown: u64,
    /// Being posted.
    pub in_flight: u64,
    /// Not posted yet.
    pub pending: u64,
}

impl Tally {
    /// All recipients.
    #[cfg(test)]
    pub fn total(&self) -> u64 {
        self.accepted + self.refused + self.canceled + self.expired + self.unknown + self.in_flight + self.pending
    }
}

impl Ledger {
    /// Where everybody is.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for batch in &self.batches {
            let place = match &batch.state {
                State::Accepted(_) => &mut tally.accepted,
                State::Refused(_) => &mut tally.refused,
                State::Canceled => &mut tally.canceled,
                State::Expired => &mut tally.expired,
                State::Unknown(_) | State::Held(_) => &mut tally.unknown,
                State::InFlight => &mut tally.in_flight,
                State::Ready => &mut tally.pending,
            };
            *place += u64::from(batch.rows);
        }
        let rest = u64::from(self.sealed.rows.saturating_sub(self.claimed_rows()));
        match self.progress.closed {
            None => tally.pending += rest,
            Some(Closed::Expired) => tally.expired += rest,
            Some(Closed::Canceled | Closed::Refused) => tally.canceled += rest,
        }
        tally
    }

    /// Rows that were claimed by any batch.
    pub fn claimed_rows(&self) -> u32 {
        self.batches.last().map_or(0, |batch| batch.end())
    }

    /// What is still to be posted takes of the pace.
    pub fn remaining_units(&self) -> u64 {
        let gone = self.batches.iter().filter(|batch| batch.state != State::Ready);
        self.sealed.units.saturating_sub(gone.map(|batch| batch.units).sum())
    }

    /// The upstream's operations that are known, in the order sent.
    pub fn operations(&self) -> Vec<String> {
        let operations = self.batches.iter().filter_map(|batch| match &batch.state {
            State::Accepted(accepted) => accepted.operation.clone(),
            _ => None,
        });
        operations.collect()
    }

    /// Rows that may still be posted without a person's word.
    pub(super) fn unsent_rows(&self) -> u64 {
        let tally = self.tally();
        tally.pending + tally.in_flight
    }
}
