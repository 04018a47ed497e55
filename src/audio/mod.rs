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

pub mod clock;
pub mod engine;
pub mod host;
pub mod keys;
pub mod pace;
pub mod port;
pub mod preview;
pub mod schedule;
pub mod sounding;
mod stage;

pub use engine::Engine;
pub use pace::Pace;

use std::time::Duration;

use clock::HostTime;
use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Ticks;
use harmonai_core::play::duet::Rules;

/// One call of the host's.
pub struct Call<'a> {
    /// What the host says of its time.
    pub time: HostTime,
    /// Samples.
    pub frames: u32,
    /// In Hertz.
    pub sample_rate: f64,
    /// What has to be known in every block.
    pub controls: Controls,
    /// The knobs of turn-taking and style: read where they act, at a note or a planning line, which
    /// most blocks have none of. Their metre is replaced by the host's.
    pub rules: &'a dyn Fn() -> Rules,
    /// How long to wait for the worker: asked where that may be, since it looks at the clock.
    pub patience: &'a mut dyn FnMut() -> Duration,
}

/// The parameters that have to be known in every block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    /// Whether the player's own notes go out.
    pub thru: Thru,
    /// What acts when it is switched on.
    pub buttons: Buttons,
    /// A key that asks for an answer instead of sounding.
    pub trigger: Option<Pitch>,
    /// The channel of the answer, 0 to 15; `None` is the one that the player was heard on last.
    pub channel: Option<u8>,
    /// An own clock runs while the host's transport stands.
    pub free_run: bool,
    /// Nothing but the player's notes goes out, as `thru` has it.
    pub bypass: bool,
    /// How many phrases have come from elsewhere so far, out of projects and files.
    pub loaded: u32,
    /// The answer that was last wished for again.
    pub recall: Recall,
}

/// What acts when it is switched on: how often that was so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buttons {
    /// Asks for an answer.
    pub generate: u32,
    /// Forgets the phrase.
    pub clear: u32,
    /// Ends every note at once.
    pub panic: u32,
}

/// A wish to hear an answer again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recall {
    /// Tells wishes apart.
    pub count: u16,
    /// Which answer.
    pub id: u32,
    /// How long it is.
    pub length: Ticks,
}

/// Whether the player's own notes go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thru {
    /// Never.
    Off,
    /// While no answer is played.
    Listening,
    /// Always.
    Always,
}
