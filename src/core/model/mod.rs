//! The middle layer: the network, and how it sees music.
//!
//! A melody becomes steps ([`vocabulary`]): each predicts a note as symbols ([`token`]) after
//! [`features`] are read, some of them from [`memory`]. A [`config`] says how a network is built
//! and which features and factors it has, a [`checkpoint`] is one in a file, and [`network`] steps
//! it on the arithmetic in [`kernel`]. [`cadence`] is what a checkpoint knows of how tunes end.
//!
//! Nothing here knows who plays when, or draws a note; that is [`crate::play`]. Used by the player
//! and by the trainer alike.

pub mod cadence;
pub mod checkpoint;
pub mod config;
pub mod features;
pub mod kernel;
pub mod memory;
pub mod network;
pub mod token;
pub mod vocabulary;
