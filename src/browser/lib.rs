//! postgate-core for JavaScript.
