//! The top layer: hearing a phrase and answering it.
//!
//! What is played becomes one melody ([`listen`], [`phrase`]); a [`continuation`] plays on from it,
//! one symbol at a time ([`sampler`]) within what the player allows ([`constraints`]); a [`duet`]
//! decides whose turn it is.
//!
//! Time, randomness and knobs are arguments; no clock, thread or file belongs here. The plug-in
//! runs the duet on its audio thread and the rest on its worker's; the trainer's `generate` and
//! `eval` run the continuation.

pub mod constraints;
pub mod continuation;
pub mod duet;
pub mod listen;
pub mod phrase;
pub mod sampler;
