//! The audio thread: everything that runs inside `process()`.
//!
//! The contract of this folder: no allocation, no lock, no system call, no panic, no unbounded
//! loop. Memory is taken when an [`Engine`] is made. The lints below refuse what panics; nice-plug's
//! allocation guard aborts debug and test builds that allocate.
//!
//! The one exception is a host that renders ahead of the wall clock: there the engine waits for the
//! worker, see [`Pace`].
//!
//! Read [`Engine::process`] first. Samples turn into musical time in [`clock`]; what waits to be
//! played is in [`schedule`], what sounds in [`sounding`].

#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod answer_playback;
mod call;
pub mod clock;
pub mod engine;
pub mod host;
pub mod keys;
pub mod pace;
pub mod port;
pub mod preview;
pub mod schedule;
pub mod sounding;

pub use call::{Buttons, Controls, ProcessCall, Recall, Thru};
pub use engine::Engine;
pub use pace::Pace;
