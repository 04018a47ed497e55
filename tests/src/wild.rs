//! Sessions in hosts that are worse than those there are, made up out of a seed.
//!
//! [`Session::of`] makes one; a [`SessionPlayer`] plays it to a [`crate::Device`] and judges what
//! comes out; [`shrink`] removes what a fault does not need; [`isolated`] does all that in a process
//! of its own.
//! `tests/wild.rs` runs some thousands, `cargo xtask soak` as many as there is time for.

mod generate;
pub mod isolated;
mod player_model;
pub mod random;
mod session_player;
mod shrink;
mod transport_model;

pub use session_player::{SessionPlayer, Tally};
pub use shrink::shrink;

use crate::device::Block;
use crate::host::Class;

/// All that a host does to one instance of the plug-in. Plain values: what is printed of a failing
/// session is the test of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub class: Class,
    /// What is done to it, in order. What makes no sense at its place is left out.
    pub steps: Vec<Step>,
    /// What is to have closed every note, after the last step.
    pub ending: Ending,
}

/// One thing that the host does.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Ends processing, if there was any, and begins it.
    Activate {
        /// In Hertz.
        sample_rate: f64,
        /// The largest block that may come.
        max: u32,
        /// Does it say that it renders offline?
        offline: bool,
    },
    Deactivate,
    /// Stops processing and starts it again.
    Restart,
    /// Has the plug-in forget what it was doing.
    Reset,
    /// Keeps the plug-in's state.
    Save,
    /// Hands it a state.
    Load(StateSource),
    /// Processes a block, no longer than agreed on.
    Block(Block),
}

/// A state that the host hands the plug-in.
#[derive(Clone, Debug, PartialEq)]
pub enum StateSource {
    /// What was saved last.
    Saved,
    /// The first bytes of it, this many.
    Cut(usize),
    Bytes(Vec<u8>),
    /// A project with one of the player's models, counted round and round.
    Model(usize),
    /// A project with the bundled model.
    Bundled,
}

/// After what no note of the plug-in's own sounds, and no other that its key is not held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The transport stops, with every parameter at its default.
    Stop,
    /// The plug-in is bypassed while the transport rolls.
    Bypass,
    /// A reset, then a block.
    Reset,
    /// Processing ends and begins again with a block.
    Reactivate,
}
