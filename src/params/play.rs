//! The parameters of turn-taking: what makes the answer begin, how long it is, which one it is.
//!
//! Read by the audio thread at notes and planning lines.

use std::sync::Arc;

use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::{Metre, TICKS_PER_BEAT, Ticks};
use harmonai_core::play::continuation::{Repeat, Settings};
use harmonai_core::play::duet::{Mode, Rules};
use harmonai_core::play::listen::Voices;
use nice_plug::prelude::*;

use super::buttons::Button;
use super::pitch::key_of;
use super::text::{counted, float, integer, whole, word_or};
use crate::link::commands::{Command, CommandSender};

/// The longest answer in beats; one more on the knob is endless.
pub const MAX_LENGTH: i32 = 64;

#[derive(Params)]
pub struct PlayParams {
    #[id = "mode"]
    pub mode: EnumParam<ModeChoice>,
    /// Call & response: bars of each listening turn.
    #[id = "listen"]
    pub listen: IntParam,
    /// Answer after silence: how long the player has to be silent, in beats.
    #[id = "silence"]
    pub silence: FloatParam,
    /// Length of the answer in beats, or endless.
    #[id = "length"]
    pub length: IntParam,
    /// Which of all possible answers.
    #[id = "seed"]
    pub seed: IntParam,
    /// Asks for an answer, each time it is switched on.
    #[nested]
    pub generate: Button,
    /// A key that does the same instead of sounding; one above the keyboard is none.
    #[id = "trigger_note"]
    pub trigger: IntParam,
    /// Keeps the phrase: what is played from now on changes it no more.
    #[id = "freeze"]
    pub freeze: BoolParam,
    /// Forgets the phrase, each time it is switched on.
    #[nested]
    pub clear: Button,
    /// What comes when a loop comes round, or a kept phrase is answered again.
    #[id = "repeat"]
    pub repeat: EnumParam<RepeatChoice>,
    /// Which of four answers to the same phrase.
    #[id = "variation"]
    pub variation: EnumParam<VariationChoice>,
    /// Which of the player's notes make the phrase.
    #[id = "voices"]
    pub voices: EnumParam<VoicesChoice>,
}

/// What makes the answer begin, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeChoice {
    /// By turns, counted in bars.
    #[id = "call_response"]
    #[name = "Call & response"]
    CallResponse,
    /// When the player has been silent for a while.
    #[id = "after_silence"]
    #[name = "Answer after silence"]
    AfterSilence,
    /// When the player asks for it.
    #[id = "manual"]
    #[name = "Manual"]
    Manual,
    /// Both at once, always.
    #[id = "jam"]
    #[name = "Jam"]
    Jam,
}

/// What a repetition brings, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatChoice {
    #[id = "same"]
    #[name = "Same answer"]
    Same,
    #[id = "new"]
    #[name = "New answer"]
    New,
}

/// One of four answers, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariationChoice {
    #[id = "a"]
    A,
    #[id = "b"]
    B,
    #[id = "c"]
    C,
    #[id = "d"]
    D,
}

/// Which of the player's notes make the phrase, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoicesChoice {
    /// The melody above its accompaniment.
    #[id = "top"]
    #[name = "Top voice"]
    Top,
    /// Everything, of chords the highest note.
    #[id = "all"]
    #[name = "All voices"]
    All,
}

impl PlayParams {
    pub(super) fn new(commands: &CommandSender) -> Self {
        Self {
            mode: EnumParam::new("Mode", ModeChoice::CallResponse),
            listen: integer("Listen", 4, 1..=16)
                .with_value_to_string(Arc::new(|bars| counted(bars as f32, "bar"))),
            silence: float("Silence", 2.0, 0.25..=8.0)
                .with_step_size(0.25)
                .with_value_to_string(Arc::new(|beats| counted(beats, "beat"))),
            length: integer("Length", 16, 1..=MAX_LENGTH + 1)
                .with_value_to_string(Arc::new(|beats| {
                    if beats > MAX_LENGTH {
                        "endless".to_owned()
                    } else {
                        counted(beats as f32, "beat")
                    }
                }))
                .with_string_to_value(word_or("endless", MAX_LENGTH + 1, whole)),
            seed: IntParam::new("Seed", 0, IntRange::Linear { min: 0, max: 9999 }),
            generate: Button::new("generate", "Generate", Command::Generate, commands),
            trigger: trigger_param(),
            freeze: BoolParam::new("Freeze", false),
            clear: Button::new("clear", "Clear", Command::Clear, commands),
            repeat: EnumParam::new("Repeat", RepeatChoice::Same),
            variation: EnumParam::new("Variation", VariationChoice::A),
            voices: EnumParam::new("Voices", VoicesChoice::Top),
        }
    }

    /// The key that asks for an answer.
    pub(super) fn trigger_key(&self) -> Option<Pitch> {
        u8::try_from(self.trigger.value()).ok().and_then(Pitch::new)
    }

    /// As the duet takes them: of the network in `slot`, in the host's `metre`.
    pub(super) fn rules(&self, slot: u8, metre: Metre, settings: Settings) -> Rules {
        let length = self.length.value();
        Rules {
            mode: match self.mode.value() {
                ModeChoice::CallResponse => Mode::CallResponse,
                ModeChoice::AfterSilence => Mode::AfterSilence,
                ModeChoice::Manual => Mode::Manual,
                ModeChoice::Jam => Mode::Jam,
            },
            listen_bars: self.listen.value().clamp(1, 16) as u8,
            silence: ticks(self.silence.value()),
            length: (length <= MAX_LENGTH).then(|| ticks(length.max(1) as f32)),
            // A is the seed itself; the others lie beyond all seeds.
            seed: self.seed.value().max(0) as u64 + ((self.variation.value() as u64) << 32),
            repeat: match self.repeat.value() {
                RepeatChoice::Same => Repeat::Same,
                RepeatChoice::New => Repeat::New,
            },
            freeze: self.freeze.value(),
            slot,
            voices: match self.voices.value() {
                VoicesChoice::Top => Voices::Top,
                VoicesChoice::All => Voices::All,
            },
            metre,
            settings,
        }
    }
}

/// Above the keyboard's last key.
const NO_KEY: i32 = 128;

/// A key of the keyboard, or none.
fn trigger_param() -> IntParam {
    integer("Trigger note", NO_KEY, 0..=NO_KEY)
        .with_value_to_string(Arc::new(|key| match key {
            NO_KEY.. => "none".to_owned(),
            key => Pitch::clamped(key.into()).to_string(),
        }))
        .with_string_to_value(word_or("none", NO_KEY, key_of))
}

fn ticks(beats: f32) -> Ticks {
    Ticks::new((beats * TICKS_PER_BEAT as f32).round().max(1.0) as i64)
}
