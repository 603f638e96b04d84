//! Judges, normalizes and splits bulk messaging requests: bytes in, verdict and batches out.
