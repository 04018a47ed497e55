//! Trains HarmonAI's networks on a user's own music, and measures them.
//!
//! Music files become melodies, melodies become batches of vocabulary steps, the network is
//! built out of Candle and learns from them, and a run folder keeps the checkpoints. The binary
//! next to this library is the command line.

// Learning: from melodies to checkpoints.
pub mod average;
pub mod base;
pub mod batches;
pub mod benchmark;
pub mod claim;
#[cfg(feature = "cuda")]
pub(crate) mod cuda;
pub mod embedding;
pub mod files;
pub mod gemm;
pub mod heads;
pub mod model;
pub mod noise;
pub mod optimizer;
pub mod options;
pub mod recurrent;
pub mod report;
pub mod run;
pub mod schedule;
pub mod score;
pub(crate) mod simd;
pub mod speed;
pub(crate) mod tensors;
pub mod trainer;

// The command line: from music files to melodies, and what is done with a model.
pub mod commands;
pub mod corpus;
pub mod statistics;
