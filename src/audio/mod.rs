//! The audio thread: what runs inside `process()`, but for what it calls elsewhere: the turn-taking
//! and the units of time in the core, the [parameters](crate::params), and its ends of the queues,
//! the mailbox and the view in [`link`](crate::link).
//!
//! The contract, here and there: no allocation, no lock, no system call, no panic, no unbounded
//! loop. Memory is taken when an [`Engine`] is made. The crate's lints refuse what panics, those of
//! the core's modules too; nice-plug's allocation guard aborts debug and test builds that allocate.
//! Files, networks and the window have no place here.
//!
//! The one exception is a host that renders offline, says so or is ahead of the wall clock: there the
//! engine waits for the worker, see [`Pace`].
//!
//! Read [`Engine::process`] first. Samples turn into musical time in [`clock`]; what waits to be
//! played is in [`schedule`], what sounds in [`sounding`].

mod answer_playback;
mod call;
pub mod clock;
pub mod engine;
pub mod host;
pub mod keys;
pub mod offline;
pub mod pace;
pub mod port;
pub mod preview;
pub mod schedule;
pub mod sounding;

pub use call::{Controls, ProcessCall, Thru};
pub use engine::Engine;
pub use pace::Pace;
