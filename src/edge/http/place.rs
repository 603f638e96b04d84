//! Places for large requests: one instance of the module has memory for so many at a time.

use std::cell::RefCell;

use crate::http::fault::Fault;
use crate::http::share::{Holder, Shares};
use crate::mutation::broken;

/// Most spooled requests that come in at the same time in one instance: the passes over each take up to 32 MiB.
pub const LARGE: u32 = 2;

thread_local! {
    static PLACES: RefCell<Shares> = const { RefCell::new(Shares::new(LARGE as u64)) };
}

/// A place among the large requests, until it is dropped.
#[derive(Debug)]
pub struct Place(Holder);

impl Place {
    /// Takes one for a holder, if there is one.
    pub fn take(holder: &Holder) -> Result<Self, Fault> {
        if !PLACES.with_borrow_mut(|places| places.take(holder, 1)) && !broken!(CrowdIn) {
            return Err(Fault::Crowded);
        }
        Ok(Self(holder.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        PLACES.with_borrow_mut(|places| places.give_back(&self.0, 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_once_it_is_left() {
        let mut places: Vec<Place> = (0..LARGE).map(|_| Place::take(&Holder::default()).unwrap()).collect();
        assert_eq!(Place::take(&Holder::default()).unwrap_err(), Fault::Crowded);
        places.pop();
        assert!(Place::take(&Holder::default()).is_ok());
        drop(places);
    }
}
