//! The parameters of what goes out: the player's notes, the answer's velocities, a voice to hear it.
//!
//! Read by the audio thread: what every block needs once a block, the rest at notes and planning
//! lines.

use std::sync::Arc;

use harmonai_core::music::note::Velocity;
use harmonai_core::play::continuation::{Settings, Touch};
use nice_plug::prelude::*;

use super::buttons::Button;
use super::text::{integer, percent, whole, word_or};
use crate::audio::Thru;
use crate::link::commands::{Command, CommandSender};

/// What goes out beside the answer.
#[derive(Params)]
pub struct OutputParams {
    /// Whether the player's own notes go out too.
    #[id = "thru"]
    pub thru: EnumParam<Thru>,
    #[id = "touch"]
    pub touch: EnumParam<TouchChoice>,
    /// The velocity of every note, where that is fixed.
    #[id = "velocity"]
    pub velocity: IntParam,
    /// How far its velocities go from the phrase's.
    #[id = "dynamics"]
    pub dynamics: FloatParam,
    /// The answer's MIDI channel, from 1; 0 is the one that the player was heard on.
    #[id = "channel"]
    pub channel: IntParam,
    /// An own clock runs while the host's transport stands.
    #[id = "free_run"]
    pub free_run: BoolParam,
    /// Ends every note, each time it is switched on.
    #[nested]
    pub panic: Button,
    /// The quiet voice that lets the notes be heard without an instrument.
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
    #[id = "follow"]
    #[name = "As you"]
    Follow,
    #[id = "fixed"]
    #[name = "Fixed"]
    Fixed,
}

impl OutputParams {
    pub(super) fn new(commands: &CommandSender) -> Self {
        Self {
            thru: EnumParam::new("Thru", Thru::Always),
            touch: EnumParam::new("Touch", TouchChoice::Learnt),
            velocity: integer("Velocity", 90, 1..=127),
            dynamics: percent("Dynamics", Settings::default().dynamics, 0.0..=2.0),
            channel: integer("Channel", 0, 0..=16)
                .with_value_to_string(Arc::new(|channel| match channel {
                    ..=0 => "as you".to_owned(),
                    channel => channel.to_string(),
                }))
                .with_string_to_value(word_or("as you", 0, whole)),
            free_run: BoolParam::new("Run when stopped", false),
            panic: Button::new("panic", "Panic", Command::Panic, commands),
            preview: BoolParam::new("Preview voice", false),
            bypass: BoolParam::new("Bypass", false).make_bypass(),
        }
    }

    pub(super) fn touch(&self) -> Touch {
        match self.touch.value() {
            TouchChoice::Learnt => Touch::Learnt,
            TouchChoice::Follow => Touch::Follow,
            TouchChoice::Fixed => Touch::Fixed(Velocity::clamped(self.velocity.value().into())),
        }
    }

    /// The answer's channel, counted from 0, if it has one of its own.
    pub(super) fn channel_number(&self) -> Option<u8> {
        let number = self.channel.value().clamp(0, 16) as u8;
        number.checked_sub(1)
    }
}
