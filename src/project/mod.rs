//! What a project keeps beside its parameters: the [`models`] that it plays with, its [`phrase`],
//! the [`history`] of answers, the window's [`theme`] and [size](window_state).
//!
//! Each is a persisted field of the parameters. Models and MIDI files are read and written here
//! ([`files`]), never on the audio thread. Nothing here draws, plays or asks the network.

mod files;
pub mod history;
pub mod models;
pub mod phrase;
pub mod theme;
pub mod window_state;
