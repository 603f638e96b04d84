//! What tests look at.

use super::Pacer;
use crate::clock::Millis;

impl Pacer {
    /// Whether a turn is granted and neither reported nor lapsed.
    pub fn has_granted(&mut self, now: Millis, operation: &str, turn: u64) -> bool {
        self.sweep(now);
        self.grants.values().any(|grant| grant.operation == operation && grant.turn == turn)
    }

    /// Whose try the others wait for, and its ticket.
    pub fn tries(&self) -> Option<(&str, u64)> {
        let halt = self.account.halt?;
        let mut tries = self.grants.iter().filter(|(_, grant)| grant.is_tried_behind(&halt));
        tries.next().map(|(ticket, grant)| (grant.operation.as_str(), *ticket))
    }

    /// The last ticket given.
    pub fn tickets(&self) -> u64 {
        self.account.tickets
    }
}
