//! Counters: how far the messages of an operation have come.

use serde::{Deserialize, Serialize};

macro_rules! counters {
    ($($name:ident: $doc:literal,)*) => {
        /// The counters of an operation, all that the API names; what an answer leaves out is 0.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Counters {
            $(#[doc = $doc] pub $name: u64,)*
        }

        impl Counters {
            /// Adds the counters of another part of the send.
            pub fn add(&mut self, other: &Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }
        }
    };
}

counters! {
    total: "Messages.",
    recipients: "Targets.",
    attempts: "Sends tried over all channels.",
    unaddressable: "Recipients for whom no address was found.",
    scheduled: "Waiting for their time.",
    queued: "Waiting their turn.",
    sent: "Handed to the carrier.",
    delivered: "On the handset.",
    read: "Opened.",
    undelivered: "Sent, but not delivered.",
    failed: "Refused.",
    canceled: "Taken back, or never sent.",
}

impl Counters {
    /// Recipients of whom no more is known than that there are so many.
    pub fn of(recipients: u64) -> Self {
        Self { total: recipients, recipients, ..Self::default() }
    }
}
