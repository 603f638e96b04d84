//! The build tool: set-up, build, dev, test, package, size.
fn main() {}
