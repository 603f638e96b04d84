//! Ways to break the machines on purpose, so that a test can show that the simulation notices.
//!
//! They exist under `cfg(test)` alone: elsewhere [`broken!`](crate::mutation::broken) is the word `false`, and the
//! compiler leaves the branch out.

/// Whether the named mutation is in force.
#[cfg(not(test))]
macro_rules! broken {
    ($name:ident) => {
        false
    };
}

/// Whether the named mutation is in force.
#[cfg(test)]
macro_rules! broken {
    ($name:ident) => {
        $crate::mutation::tests::is($crate::mutation::tests::Mutation::$name)
    };
}

pub(crate) use broken;

#[cfg(test)]
pub mod tests {
    use std::cell::Cell;

    macro_rules! mutations {
        ($($(#[doc = $doc:literal])* $name:ident,)*) => {
            /// A way to break the code.
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum Mutation { $($(#[doc = $doc])* $name,)* }

            impl Mutation {
                /// All of them.
                pub const ALL: &[Self] = &[$(Self::$name,)*];
            }
        };
    }

    mutations! {
        /// A batch is posted first and written down afterwards.
        PostBeforeKeep,
        /// A post that timed out is made again.
        ResendOnTimeout,
        /// What was in flight at a restart is made again.
        ResendAfterRestart,
        /// Whatever the upstream returns for a tag counts, without a look at the message's own tags.
        TrustTheFilter,
        /// A batch that was not found for six hours is made again.
        AbsenceProves,
        /// A settlement counts for whatever attempt there is.
        SettleAnyAttempt,
        /// An answer counts for whatever attempt there is.
        AnswerAnyAttempt,
        /// The alarm is not set ahead before a step.
        ForgetWatchdog,
        /// A send that was taken back forgets what is in flight.
        CancelInFlight,
        /// A 202 after a restart is passed over.
        LoseLateAcceptance,
        /// The rows of unknown batches are deleted.
        ForgetRowsEarly,
        /// The deadline is passed over.
        IgnoreDeadline,
        /// The instant of the schedule is passed over.
        IgnoreInstant,
        /// Nothing is ever too uncertain to go on.
        NeverHalt,
        /// A grant for a new batch is answered with the one before, uncounted.
        GrantTwice,
        /// A grant is used however old it is.
        KeepOldGrants,
        /// A grant that nobody reported is taken back.
        ForgetLostGrants,
        /// The upstream's 429 is kept from the lane.
        ForgetTooMany,
        /// An upstream that answers nothing is posted to as before.
        PostIntoSilence,
        /// The directory takes whatever comes last.
        TellAnyOrder,
        /// A send is admitted for which its lane has no room.
        AdmitWithoutRoom,
        /// A large request is taken in for which there is no place.
        CrowdIn,
        /// What an intake hands in counts although another one has taken over.
        NoLeaseCheck,
        /// Whoever comes takes the intake over.
        StealLease,
        /// What a clock put far ahead that was turned back since is waited for.
        TrustTheClock,
        /// A try that was lost with its object keeps the others waiting until it lapses.
        KeepLostTries,
    }

    thread_local! {
        static BROKEN: Cell<Option<Mutation>> = const { Cell::new(None) };
    }

    /// Whether this one is in force on this thread.
    pub fn is(mutation: Mutation) -> bool {
        BROKEN.get() == Some(mutation)
    }

    /// Runs with a mutation in force.
    pub fn with<T>(mutation: Option<Mutation>, run: impl FnOnce() -> T) -> T {
        struct Mended;
        impl Drop for Mended {
            fn drop(&mut self) {
                BROKEN.set(None);
            }
        }
        let _mended = Mended;
        BROKEN.set(mutation);
        run()
    }
}
