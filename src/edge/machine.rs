//! The machines: state machines that take what happened and say what is to be done, and the words they do it in.
//!
//! Pure: no clock, storage or network. The objects carry out what they say in workerd, and the simulation does in a world
//! that breaks.

pub mod answer;
pub mod counters;
pub mod directory;
pub mod lease;
pub mod ledger;
pub mod pacer;
pub mod record;
pub mod warning;
