//! Trains HarmonAI's networks on a user's own music, and measures them.
//!
//! Music files become melodies and batches ([`data`]), the network is built out of Candle
//! ([`nn`]) and learns from them in a run folder ([`train`]), what came out is measured
//! ([`evaluate`]); how the core finds keys is measured and learnt in [`key_finding`]; [`cli`] is the command line of the binary next to this library. Below them all lie
//! [`files`], read within a bound and written whole or not at all, and [`random`] numbers by purpose.

pub mod cli;
pub mod data;
pub mod evaluate;
pub mod files;
pub mod key_finding;
pub mod nn;
pub mod random;
pub mod train;
