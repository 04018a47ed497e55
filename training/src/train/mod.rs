//! A run: from melodies and a configuration to checkpoints in a run folder that survives any crash.
//!
//! Prints nothing and reads no arguments; the commands do.

pub mod average;
pub mod config;
pub mod device;
pub mod finetune;
pub mod lock;
pub mod record;
pub mod report;
pub mod run;
pub mod schedule;
pub mod speed;
pub mod state;
pub mod trainer;
