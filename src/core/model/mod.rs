//! The middle floor: the network, and how it sees music.
//!
//! A melody becomes steps of symbols ([`vocabulary`], with what [`memory`] brings back), a
//! [`config`] says how a network is built, a [`checkpoint`] is one in a file, and [`network`]
//! steps it on the arithmetic in [`kernel`]. [`cadence`] is what a checkpoint knows of how tunes end.
//!
//! Nothing here knows who plays when, or draws a note; that is [`crate::play`]. Used by the player
//! and by the trainer alike.

pub mod cadence;
pub mod checkpoint;
pub mod config;
pub mod kernel;
pub mod memory;
pub mod network;
pub mod vocabulary;
