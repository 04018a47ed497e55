//! The state of one instance: the parameters that hosts see and automate, and what a project keeps
//! beside them, which has to lie here for nice-plug to store it (`#[persist]`).

use std::sync::Arc;

use harmonai_core::music::time::Metre;
use harmonai_core::play::continuation::Settings;
use harmonai_core::play::duet::Rules;
use nice_plug::prelude::*;

use crate::audio::Controls;
use crate::link::commands::CommandSender;
use crate::link::tasks::BackgroundTasks;
use crate::link::view::{EngineView, engine_view};
use crate::project::history::History;
use crate::project::models::ModelSlots;
use crate::project::phrase::PhraseKeeper;
use crate::project::theme::Theme;
use crate::project::window_state::WindowState;

use super::buttons::Button;
use super::output::OutputParams;
use super::pitch::PitchParams;
use super::play::PlayParams;
use super::rhythm::RhythmParams;
use super::style::{StyleParams, slot_knob};

/// All of it. Hosts show the groups as folders.
#[derive(Params)]
pub struct HarmonAiParams {
    #[nested(group = "Play")]
    pub play: PlayParams,
    #[nested(group = "Style")]
    pub style: StyleParams,
    #[nested(group = "Rhythm")]
    pub rhythm: RhythmParams,
    #[nested(group = "Pitch")]
    pub pitch: PitchParams,
    #[nested(group = "Output")]
    pub output: OutputParams,
    /// The files that the project's networks are read from.
    #[nested]
    pub models: ModelSlots,
    /// The phrase that was answered last.
    #[persist = "phrase"]
    pub phrases: PhraseKeeper,
    /// The starred answers.
    #[persist = "history"]
    pub history: History,
    #[persist = "light"]
    pub theme: Theme,
    #[persist = "window"]
    pub window: WindowState,
}

impl Default for HarmonAiParams {
    /// Parameters that belong to no instance: nobody is told of what happens to them.
    fn default() -> Self {
        let (_, view) = engine_view();
        Self::new(
            &view,
            &BackgroundTasks::default(),
            &CommandSender::default(),
        )
    }
}

impl HarmonAiParams {
    pub fn new(view: &Arc<EngineView>, tasks: &BackgroundTasks, commands: &CommandSender) -> Self {
        let slot = slot_knob();
        let models = ModelSlots::new(view, tasks, slot.clone());
        Self {
            play: PlayParams::new(commands),
            style: StyleParams::new(slot, models.styles()),
            rhythm: RhythmParams::new(),
            pitch: PitchParams::new(),
            output: OutputParams::new(commands),
            models,
            phrases: PhraseKeeper::new(commands),
            history: History::new(commands),
            theme: Theme::default(),
            window: WindowState::default(),
        }
    }

    /// What each block has to know. Audio thread, as what follows: no allocation, no lock.
    pub fn controls(&self) -> Controls {
        Controls {
            thru: self.output.thru.value(),
            trigger: self.play.trigger_key(),
            channel: self.output.channel_number(),
            free_run: self.output.free_run.value(),
            bypass: self.output.bypass.value(),
        }
    }

    /// What a note or a planning line has to know, in the host's `metre`.
    pub fn rules(&self, metre: Metre) -> Rules {
        self.play
            .rules(self.models.slot() as u8, metre, self.settings())
    }

    fn settings(&self) -> Settings {
        let (temperature, rhythm_temperature) = self.style.temperatures();
        Settings {
            temperature,
            rhythm_temperature,
            top_p: self.style.top_p.value(),
            memory: self.style.memory.value(),
            style: self.style.style_number(),
            pitch: self.pitch.constraints(),
            rhythm: self.rhythm.constraints(),
            touch: self.output.touch(),
            dynamics: self.output.dynamics.value(),
        }
    }

    /// The parameters that act when they are switched on.
    pub(super) fn buttons(&self) -> [&Button; 3] {
        [&self.play.generate, &self.play.clear, &self.output.panic]
    }
}
