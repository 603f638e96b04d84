//! Reads JSON: values out of contiguous bytes, and, where a request arrives in pieces, the units that are read whole.
//! Knows nothing of what a request means.

pub(crate) mod block;
pub(crate) mod frame;
mod framer;
pub(crate) mod scan;
