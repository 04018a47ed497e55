//! A run: from melodies and options to checkpoints in a run folder that survives any crash.
//!
//! Prints nothing and reads no arguments; the commands do.

pub mod average;
pub mod files;
pub mod finetune;
pub mod lock;
pub mod options;
pub mod report;
pub mod run;
pub mod schedule;
pub mod speed;
pub mod trainer;
