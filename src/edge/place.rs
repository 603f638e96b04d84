//! Places for large requests: one instance of the module has memory for so many at a time, whoever they are from.

use std::cell::Cell;

use crate::fault::Fault;
use crate::mutation::broken;

/// Most spooled requests that come in at the same time in one instance: the passes over each take up to 32 MiB.
pub const LARGE: u32 = 2;

thread_local! {
    static TAKEN: Cell<u32> = const { Cell::new(0) };
}

/// A place among the large requests, until it is dropped.
#[derive(Debug)]
pub struct Place(());

impl Place {
    /// Takes one, if there is one.
    pub fn take() -> Result<Self, Fault> {
        if TAKEN.get() >= LARGE && !broken!(CrowdIn) {
            return Err(Fault::Crowded);
        }
        TAKEN.set(TAKEN.get() + 1);
        Ok(Self(()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.set(TAKEN.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_once_it_is_left() {
        let mut places: Vec<Place> = (0..LARGE).map(|_| Place::take().unwrap()).collect();
        assert_eq!(Place::take().unwrap_err(), Fault::Crowded);
        places.pop();
        assert!(Place::take().is_ok());
        drop(places);
    }
}
