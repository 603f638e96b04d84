//! A stateful stand-in for the Communications API, for one machine.
