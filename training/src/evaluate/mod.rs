//! What a trained network is worth: bits per note, and what it plays beside what was written.
//!
//! Trains nothing and prints nothing.

pub mod answer;
pub mod figures;
pub mod nll;
pub mod player;
pub mod statistics;
