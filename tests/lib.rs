//! The case suite and the tests that run it through every door.
