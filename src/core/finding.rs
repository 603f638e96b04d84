//! What is found in a request: an issue with its code and the pointer to its place, and the bounded list that a verdict
//! carries.

pub(crate) mod code;
pub(crate) mod findings;
pub(crate) mod issue;
pub(crate) mod pointer;
