//! From music files to batches of vocabulary steps.
//!
//! Knows no network and no optimiser. Called by `train`, `evaluate` and the commands.

pub mod batches;
pub mod corpus;
pub mod fingerprint;
pub mod summary;
