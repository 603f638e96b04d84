//! The lease of an intake: who may hand in the send of an object, and for how long. A state machine, like the ledger.
//!
//! `empty → held (claim) → sealed`. Every call of an intake comes under its claim. A lease that has lapsed may be taken
//! over, with a claim of its own: whoever held it before then changes nothing any more, whenever its calls arrive.

use crate::clock::{MINUTE, Millis, SECOND};
use crate::mutation::broken;

/// How long a lease lasts after the last call, and how long an intake may take in all.
const LEASE: Millis = 60 * SECOND;
/// See [`LEASE`].
pub const INTAKE: Millis = 15 * MINUTE;

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The claim under which the calls of its intake come.
    pub claim: String,
    /// How many intakes began here.
    pub epoch: i64,
    /// When it began.
    pub begun: Millis,
    /// When its last call came.
    pub touched: Millis,
}

/// What comes of asking for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is the caller's already: the same call once more.
    Again,
    /// Another one holds it; in so many seconds it is worth asking again.
    Busy(u64),
    /// It is the caller's from now on; what was staged before is to be thrown away.
    Open(Lease),
}

impl Lease {
    /// Asks for the lease of an object where `held` is what it has.
    pub fn take(held: Option<&Self>, claim: &str, now: Millis) -> Taken {
        match held {
            Some(lease) if lease.claim == claim => Taken::Again,
            Some(lease) if lease.left(now) > 0 && !broken!(StealLease) => Taken::Busy(lease.wait(now)),
            _ => {
                let epoch = held.map_or(1, |lease| lease.epoch + 1);
                Taken::Open(Self { claim: claim.to_owned(), epoch, begun: now, touched: now })
            }
        }
    }

    /// The lease after a call under a claim; none if another one has taken over, or nobody holds it any more.
    pub fn touch(held: Option<Self>, claim: &str, now: Millis) -> Option<Self> {
        held.filter(|lease| lease.claim == claim || broken!(NoLeaseCheck)).map(|lease| Self { touched: now, ..lease })
    }

    /// In how many seconds it is worth asking again. An intake takes moments or minutes: nobody knows, so that is as long
    /// as it has taken so far, and no longer than the lease lasts.
    pub fn wait(&self, now: Millis) -> u64 {
        now.saturating_sub(self.begun).div_ceil(SECOND).clamp(1, self.left(now).max(1))
    }

    /// How many seconds it lasts.
    fn left(&self, now: Millis) -> u64 {
        let until = (self.touched + LEASE).min(self.begun + INTAKE);
        // One that would last longer than any was touched by a clock that has been turned back since.
        let left = Some(until.saturating_sub(now)).filter(|left| *left <= 2 * LEASE || broken!(TrustTheClock));
        left.unwrap_or(0).div_ceil(SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_000_000;

    fn taken(held: Option<&Lease>, claim: &str, now: Millis) -> Lease {
        match Lease::take(held, claim, now) {
            Taken::Open(lease) => lease,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_lease_lasts_a_minute_behind_its_last_call_and_no_longer_than_the_intake() {
        let first = taken(None, "a", NOW);
        assert_eq!(Lease::take(Some(&first), "a", NOW + 5), Taken::Again);
        let touched = Lease::touch(Some(first.clone()), "a", NOW + 30 * SECOND).unwrap();
        assert_eq!(Lease::take(Some(&touched), "b", NOW + 90 * SECOND - 1), Taken::Busy(1));
        assert_eq!(taken(Some(&touched), "b", NOW + 90 * SECOND).epoch, 2);
        let late = Lease::touch(Some(first.clone()), "a", NOW + INTAKE - SECOND).unwrap();
        assert_eq!(Lease::take(Some(&late), "b", NOW + INTAKE - SECOND), Taken::Busy(1));
        assert_eq!(taken(Some(&late), "b", NOW + INTAKE).epoch, 2);
    }

    #[test]
    fn a_clock_that_is_turned_back_makes_no_lease_last() {
        let first = taken(None, "a", NOW);
        assert_eq!(Lease::take(Some(&first), "b", NOW - LEASE), Taken::Busy(1));
        assert_eq!(taken(Some(&first), "b", NOW - LEASE - SECOND).epoch, 2);
        // Whoever is still there may go on.
        assert!(Lease::touch(Some(first), "a", NOW - 9 * LEASE).is_some());
    }

    #[test]
    fn who_comes_second_waits_as_long_as_it_took_so_far_and_no_longer_than_the_lease() {
        let first = taken(None, "a", NOW);
        let touched = Lease::touch(Some(first.clone()), "a", NOW + 100 * SECOND).unwrap();
        for (lease, behind, wait) in [
            (&first, 0, 1),
            (&first, 1, 1),
            (&first, 7 * SECOND, 7),
            (&first, 50 * SECOND, 10),
            (&touched, 101 * SECOND, 59),
        ] {
            assert_eq!(Lease::take(Some(lease), "b", NOW + behind), Taken::Busy(wait));
        }
        // It has lapsed, and nobody has taken over.
        assert_eq!(first.wait(NOW + LEASE), 1);
    }

    #[test]
    fn whose_lease_was_taken_over_changes_nothing_any_more() {
        let first = taken(None, "a", NOW);
        let second = taken(Some(&first), "b", NOW + LEASE);
        assert_eq!(Lease::touch(Some(second.clone()), "a", NOW + LEASE), None);
        assert_eq!(Lease::touch(None, "a", NOW), None);
        assert!(Lease::touch(Some(second), "b", NOW + LEASE).is_some());
        // Who lapsed and was not taken over may still go on.
        assert!(Lease::touch(Some(first), "a", NOW + 2 * LEASE).is_some());
    }
}
