//! What one instance has for all requests at a time, and how much of it may be one tenant's: who holds back what it
//! announced must not keep others waiting.

use crate::settings::Settings;

/// Who holds something: a tenant; by default the gate itself, which shares with nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    tenant: String,
    /// Whether there are other tenants.
    shares: bool,
}

impl Holder {
    /// A tenant among those that have keys.
    pub fn of(settings: &Settings, tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), shares: settings.keys.tenants().len() > 1 }
    }
}

/// Something that there is so much of.
#[derive(Debug)]
pub struct Shares {
    most: u64,
    held: Vec<(String, u64)>,
}

impl Shares {
    /// That much, of which nobody holds anything.
    pub const fn new(most: u64) -> Self {
        Self { most, held: Vec::new() }
    }

    /// Takes so much more for a holder; false where it is not there. One of several tenants gets half of all at most.
    pub fn take(&mut self, holder: &Holder, amount: u64) -> bool {
        let share = if holder.shares { self.most / 2 } else { self.most };
        let all: u64 = self.held.iter().map(|(_, held)| held).sum();
        let known = self.held.iter_mut().find(|(tenant, _)| *tenant == holder.tenant);
        let own = known.as_ref().map_or(0, |(_, held)| *held);
        let is_there = all.saturating_add(amount) <= self.most && own.saturating_add(amount) <= share;
        match known {
            Some((_, held)) if is_there => *held += amount,
            None if is_there => self.held.push((holder.tenant.clone(), amount)),
            _ => {}
        }
        is_there
    }

    /// Gives so much of a holder's back.
    pub fn give_back(&mut self, holder: &Holder, amount: u64) {
        if let Some((_, held)) = self.held.iter_mut().find(|(tenant, _)| *tenant == holder.tenant) {
            *held = held.saturating_sub(amount);
        }
        self.held.retain(|(_, held)| *held > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(tenant: &str, shares: bool) -> Holder {
        Holder { tenant: tenant.to_owned(), shares }
    }

    #[test]
    fn one_of_several_gets_half_and_leaves_the_rest_to_others() {
        let mut shares = Shares::new(10);
        let (acme, globex) = (holder("acme", true), holder("globex", true));
        assert!(shares.take(&acme, 5) && !shares.take(&acme, 1) && shares.take(&globex, 5));
        assert!(!shares.take(&Holder::default(), 1), "there is no more");
        shares.give_back(&acme, 2);
        assert!(!shares.take(&globex, 1) && shares.take(&acme, 2));
        shares.give_back(&acme, 5);
        shares.give_back(&globex, 5);
        assert!(shares.held.is_empty());
        assert!(!shares.take(&acme, u64::MAX));
    }

    #[test]
    fn who_is_alone_gets_all() {
        let mut shares = Shares::new(10);
        let alone = holder("acme", false);
        assert!(shares.take(&alone, 10) && !shares.take(&alone, 1));
    }
}
