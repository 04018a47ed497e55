//! The parameters of what goes out: the player's notes, the answer's velocities, a voice to hear it.
//!
//! Read by the audio thread once a block, as all parameters are.

use harmonai_core::continuation::Touch;
use harmonai_core::note::Velocity;
use nice_plug::prelude::*;

use crate::audio::Thru;

/// What goes out beside the answer.
#[derive(Params)]
pub struct OutputParams {
    /// Whether the player's own notes go out too.
    #[id = "thru"]
    pub thru: EnumParam<ThruChoice>,
    /// How hard the answer strikes.
    #[id = "touch"]
    pub touch: EnumParam<TouchChoice>,
    /// The velocity of every note, where that is fixed.
    #[id = "velocity"]
    pub velocity: IntParam,
    /// The quiet voice that lets the notes be heard with no instrument behind.
    #[id = "preview"]
    pub preview: BoolParam,
    /// The host's bypass switch: no answers.
    #[id = "bypass"]
    pub bypass: BoolParam,
}

/// How hard the answer strikes, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchChoice {
    /// As the network has learnt it.
    #[id = "learnt"]
    #[name = "As learnt"]
    Learnt,
    /// As the phrase.
    #[id = "follow"]
    #[name = "As you"]
    Follow,
    /// Always alike.
    #[id = "fixed"]
    #[name = "Fixed"]
    Fixed,
}

/// Whether the player's notes go out, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThruChoice {
    /// Never.
    #[id = "off"]
    #[name = "Off"]
    Off,
    /// While no answer is played.
    #[id = "listening"]
    #[name = "While listening"]
    Listening,
    /// Always.
    #[id = "always"]
    #[name = "Always"]
    Always,
}

impl OutputParams {
    pub(super) fn new() -> Self {
        Self {
            thru: EnumParam::new("Thru", ThruChoice::Always),
            touch: EnumParam::new("Touch", TouchChoice::Learnt),
            velocity: IntParam::new("Velocity", 90, IntRange::Linear { min: 1, max: 127 }),
            preview: BoolParam::new("Preview voice", false),
            bypass: BoolParam::new("Bypass", false).make_bypass(),
        }
    }

    /// How hard the answer strikes.
    pub(super) fn touch(&self) -> Touch {
        match self.touch.value() {
            TouchChoice::Learnt => Touch::Learnt,
            TouchChoice::Follow => Touch::Follow,
            TouchChoice::Fixed => Touch::Fixed(Velocity::clamped(self.velocity.value().into())),
        }
    }

    /// Whether the player's notes go out.
    pub(super) fn thru(&self) -> Thru {
        match self.thru.value() {
            ThruChoice::Off => Thru::Off,
            ThruChoice::Listening => Thru::Listening,
            ThruChoice::Always => Thru::Always,
        }
    }
}
