//! What a project keeps beside its parameters: the [`models`] that it plays with, its [`phrase`],
//! the [`history`] of answers, and the window's [`theme`].
//!
//! Files are read and written here and nowhere else in the shell, never on the audio thread.

pub mod history;
pub mod models;
pub mod phrase;
pub mod theme;
