//! What the plug-in hands to the engine with each block.

use std::time::Duration;

use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Metre;
use harmonai_core::play::duet::Rules;
use nice_plug::prelude::Enum;

use super::clock::HostTime;

pub struct ProcessCall<'a> {
    /// What the host says of its time.
    pub time: HostTime,
    pub frames: u32,
    /// In Hertz.
    pub sample_rate: f64,
    /// What has to be known in every block.
    pub controls: Controls,
    /// The knobs of turn-taking and style in that metre: read where they act, at a note or a planning
    /// line, which most blocks have none of.
    pub rules: &'a dyn Fn(Metre) -> Rules,
    /// How long to wait for the worker: asked where that may be, since it looks at the clock.
    pub patience: &'a mut dyn FnMut() -> Duration,
}

/// The parameters that have to be known in every block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    /// Whether the player's own notes go out.
    pub thru: Thru,
    /// A key that asks for an answer instead of sounding.
    pub trigger: Option<Pitch>,
    /// The channel of the answer, 0 to 15; `None` is the one that the player was heard on last.
    pub channel: Option<u8>,
    /// An own clock runs while the host's transport stands.
    pub free_run: bool,
    /// Nothing but the player's notes goes out, as `thru` has it.
    pub bypass: bool,
}

/// Whether the player's own notes go out: the knob itself, by ids that projects store and names that
/// hosts show.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thru {
    #[id = "off"]
    #[name = "Off"]
    Off,
    /// While no answer is played.
    #[id = "listening"]
    #[name = "While listening"]
    Listening,
    #[id = "always"]
    #[name = "Always"]
    Always,
}
