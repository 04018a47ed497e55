//! The parameters that hosts see and automate, and what a project keeps beside them.
//!
//! Hosts and the window set them at any time; the audio thread reads them where they act
//! ([`HarmonAiParams::controls`], [`HarmonAiParams::rules`]). Ids are what projects store: they never change.

mod buttons;
mod output;
mod pitch;
mod play;
mod repair;
mod rhythm;
mod style;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::sync::Arc;

use harmonai_core::play::continuation::Settings;
use harmonai_core::play::duet::Rules;
use nice_plug::prelude::*;

use crate::audio::{Buttons, Controls};
use crate::project::history::History;
use crate::project::models::Rack;
use crate::project::phrase::PhraseKeeper;
use crate::project::theme::Look;
use crate::standalone::transport::OwnTransport;
use crate::window::WindowState;

pub use buttons::Button;
pub use output::{OutputParams, ThruChoice, TouchChoice};
pub use pitch::{KeyChoice, PitchParams, ScaleChoice};
pub use play::{MAX_LENGTH, ModeChoice, PlayParams, RepeatChoice, VariationChoice, VoicesChoice};
pub use repair::repair;
pub use rhythm::{GridChoice, RhythmParams};
pub use style::StyleParams;

/// All of it. Hosts show the groups as folders.
#[derive(Params)]
pub struct HarmonAiParams {
    /// When and how long.
    #[nested(group = "Play")]
    pub play: PlayParams,
    /// How bold.
    #[nested(group = "Style")]
    pub style: StyleParams,
    /// In what rhythm.
    #[nested(group = "Rhythm")]
    pub rhythm: RhythmParams,
    /// Within what bounds.
    #[nested(group = "Pitch")]
    pub pitch: PitchParams,
    /// What goes out.
    #[nested(group = "Output")]
    pub output: OutputParams,
    /// The files that the project's networks are read from.
    #[nested]
    pub models: Rack,
    /// The phrase that was answered last.
    #[persist = "phrase"]
    pub phrases: PhraseKeeper,
    /// The starred answers.
    #[persist = "history"]
    pub history: History,
    /// Whether the window is light.
    #[persist = "light"]
    pub look: Look,
    /// How large the window is.
    #[persist = "window"]
    pub window: WindowState,
    /// Of the standalone app; starts anew with it.
    pub transport: OwnTransport,
}

impl HarmonAiParams {
    /// Every parameter at its default; `models` are what reads the project's networks.
    pub fn new(models: Rack) -> Self {
        Self {
            play: PlayParams::new(),
            style: StyleParams::new(models.styles(), models.choice()),
            rhythm: RhythmParams::new(),
            pitch: PitchParams::new(),
            output: OutputParams::new(),
            models,
            phrases: PhraseKeeper::default(),
            history: History::default(),
            look: Look::default(),
            window: WindowState::default(),
            transport: OwnTransport::default(),
        }
    }

    /// What each block has to know. Audio thread, as what follows: no allocation, no lock.
    pub fn controls(&self) -> Controls {
        Controls {
            thru: self.output.thru(),
            buttons: self.buttons(),
            trigger: self.play.trigger_key(),
            channel: self.output.channel_number(),
            free_run: self.output.free_run.value(),
            bypass: self.output.bypass.value(),
            loaded: self.phrases.loaded(),
            recall: self.history.wish(),
        }
    }

    /// How often each button was pressed so far.
    pub fn buttons(&self) -> Buttons {
        Buttons {
            generate: self.play.generate.presses(),
            clear: self.play.clear.presses(),
            panic: self.output.panic.presses(),
        }
    }

    /// What a note or a planning line has to know.
    pub fn rules(&self) -> Rules {
        let settings = Settings {
            bounds: self.pitch.bounds(),
            groove: self.rhythm.groove(),
            touch: self.output.touch(),
            dynamics: self.output.dynamics.value(),
            ..self.style.settings()
        };
        Rules {
            slot: self.style.slot(),
            ..self.play.rules(settings)
        }
    }
}

/// A share, shown in hundredths.
fn percent(name: &str, default: f32, range: RangeInclusive<f32>) -> FloatParam {
    let (min, max) = range.into_inner();
    FloatParam::new(name, default, FloatRange::Linear { min, max })
        .with_value_to_string(Arc::new(|value| format!("{:.0} %", value * 100.0)))
        .with_string_to_value(Arc::new(|text| Some(number(text)? / 100.0)))
}

/// Less or more of something than the network has learnt, -1 to 1, shown in hundredths.
fn around(name: &str, default: f32) -> FloatParam {
    let range = FloatRange::Linear {
        min: -1.0,
        max: 1.0,
    };
    FloatParam::new(name, default, range)
        .with_step_size(0.01)
        .with_value_to_string(Arc::new(|value| match (value * 100.0).round() as i32 {
            0 => "0 %".to_owned(),
            share => format!("{share:+} %"),
        }))
        .with_string_to_value(Arc::new(|text| Some(number(text)? / 100.0)))
}

/// `1 bar`, `2 bars`, `0.5 beats`.
fn counted(n: f32, what: &str) -> String {
    if n == 1.0 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

/// The whole number that a typed value begins with. nice-plug subtracts from it without a look.
fn whole(text: &str) -> Option<i32> {
    Some(number(text)?.round().clamp(-1e6, 1e6) as i32)
}

/// The number that a typed value begins with, whatever unit follows.
fn number(text: &str) -> Option<f32> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+'))
        .unwrap_or(text.len());
    text[..end].parse().ok()
}
