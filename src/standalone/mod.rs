//! The app without a host: [`app`] starts it with the first [`backend`] for audio and MIDI that
//! works; it has a [`transport`] of its own, follows [`jack`]'s, and ends on [`signals`].
//!
//! nice-plug's standalone wrapper opens audio and MIDI; here is what it lacks. In a host none of
//! this has any effect. Nothing here draws or plays notes.

pub mod app;
pub mod backend;
pub mod jack;
pub mod signals;
pub mod transport;
