//! The parameters that hosts see and automate, and what a project keeps beside them.
//!
//! Hosts and the window set them at any time; the audio thread reads them once a block
//! ([`HarmonAiParams::controls`]). Ids are what projects store: they never change.

mod pitch;
mod repair;
mod rhythm;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::sync::Arc;

use harmonai_core::continuation::Settings;
use harmonai_core::duet::{Mode, Rules};
use harmonai_core::ears::Voices;
use harmonai_core::time::{Metre, TICKS_PER_BEAT, Ticks};
use harmonai_core::vocabulary::Style;
use nice_plug::prelude::*;

use crate::audio::{Controls, Thru};
use crate::library::{MOST_STYLES, ModelLoader, StyleNames};

pub use pitch::{KeyChoice, PitchParams, ScaleChoice};
pub use repair::repair;
pub use rhythm::{GridChoice, RhythmParams};

/// The longest answer in beats; one more on the knob is endless.
pub const MAX_LENGTH: i32 = 64;

/// The last style that can be chosen.
const LAST_STYLE: i32 = MOST_STYLES as i32;

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
    /// The file that the project's network is read from.
    #[persist = "model"]
    pub model: ModelLoader,
}

/// Turn-taking.
#[derive(Params)]
pub struct PlayParams {
    /// What makes the answer begin.
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
    #[id = "generate"]
    pub generate: BoolParam,
    /// Keeps the phrase: what is played from now on changes it no more.
    #[id = "freeze"]
    pub freeze: BoolParam,
    /// Which of four answers to the same phrase.
    #[id = "variation"]
    pub variation: EnumParam<VariationChoice>,
    /// Which of the player's notes make the phrase.
    #[id = "voices"]
    pub voices: EnumParam<VoicesChoice>,
}

/// The network's choice of notes.
#[derive(Params)]
pub struct StyleParams {
    /// How daring the pitches are, and the rhythm too while it is linked.
    #[id = "temperature"]
    pub temperature: FloatParam,
    /// How daring the rhythm is; 0 follows the temperature.
    #[id = "rhythm_temperature"]
    pub rhythm_temperature: FloatParam,
    /// The share of likely notes that may be chosen at all.
    #[id = "top_p"]
    pub top_p: FloatParam,
    /// How much the answer takes up the phrase's own turns.
    #[id = "memory"]
    pub memory: FloatParam,
    /// Which of the model's styles, counted from 1; 0 is any.
    #[id = "style"]
    pub style: IntParam,
}

/// What goes out beside the answer.
#[derive(Params)]
pub struct OutputParams {
    /// Whether the player's own notes go out too.
    #[id = "thru"]
    pub thru: EnumParam<ThruChoice>,
    /// The quiet voice that lets the notes be heard with no instrument behind.
    #[id = "preview"]
    pub preview: BoolParam,
    /// The host's bypass switch: no answers.
    #[id = "bypass"]
    pub bypass: BoolParam,
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
}

/// One of four answers, as hosts show it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the letters say it all")]
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

impl HarmonAiParams {
    /// Every parameter at its default; `model` is what reads the project's network.
    pub fn new(model: ModelLoader) -> Self {
        Self {
            play: PlayParams::new(),
            style: StyleParams::new(model.styles()),
            rhythm: RhythmParams::new(),
            pitch: PitchParams::new(),
            output: OutputParams::new(),
            model,
        }
    }

    /// A snapshot for one block. Audio thread: no allocation, no lock.
    pub fn controls(&self) -> Controls {
        let temperature = self.style.temperature.value();
        let rhythm = self.style.rhythm_temperature.value();
        let length = self.play.length.value();
        Controls {
            rules: Rules {
                mode: match self.play.mode.value() {
                    ModeChoice::CallResponse => Mode::CallResponse,
                    ModeChoice::AfterSilence => Mode::AfterSilence,
                    ModeChoice::Manual => Mode::Manual,
                },
                listen_bars: self.play.listen.value().clamp(1, 16) as u8,
                silence: ticks(self.play.silence.value()),
                length: (length <= MAX_LENGTH).then(|| ticks(length.max(1) as f32)),
                // A is the seed itself; the others lie beyond all seeds.
                seed: self.play.seed.value().max(0) as u64
                    + ((self.play.variation.value() as u64) << 32),
                freeze: self.play.freeze.value(),
                voices: match self.play.voices.value() {
                    VoicesChoice::Top => Voices::Top,
                    VoicesChoice::All => Voices::All,
                },
                // The host's, filled in block by block.
                metre: Metre::COMMON,
                settings: Settings {
                    temperature,
                    rhythm_temperature: if rhythm < LINKED { temperature } else { rhythm },
                    top_p: self.style.top_p.value(),
                    memory: self.style.memory.value(),
                    bounds: self.pitch.bounds(),
                    groove: self.rhythm.groove(),
                    style: Style::new(self.style.style.value().clamp(0, LAST_STYLE) as u16),
                },
            },
            thru: match self.output.thru.value() {
                ThruChoice::Off => Thru::Off,
                ThruChoice::Listening => Thru::Listening,
                ThruChoice::Always => Thru::Always,
            },
            generate: self.play.generate.value(),
            bypass: self.output.bypass.value(),
        }
    }
}

/// Below this the rhythm's temperature follows the other one.
const LINKED: f32 = 0.05;

fn ticks(beats: f32) -> Ticks {
    Ticks::new((beats * TICKS_PER_BEAT as f32).round().max(1.0) as i64)
}

impl PlayParams {
    fn new() -> Self {
        let range = IntRange::Linear {
            min: 1,
            max: MAX_LENGTH + 1,
        };
        Self {
            mode: EnumParam::new("Mode", ModeChoice::CallResponse),
            listen: IntParam::new("Listen", 4, IntRange::Linear { min: 1, max: 16 })
                .with_value_to_string(Arc::new(|bars| counted(bars as f32, "bar")))
                .with_string_to_value(Arc::new(|text| Some(number(text)?.round() as i32))),
            silence: FloatParam::new(
                "Silence",
                2.0,
                FloatRange::Linear {
                    min: 0.25,
                    max: 8.0,
                },
            )
            .with_step_size(0.25)
            .with_value_to_string(Arc::new(|beats| counted(beats, "beat")))
            .with_string_to_value(Arc::new(number)),
            length: IntParam::new("Length", 16, range)
                .with_value_to_string(Arc::new(|beats| {
                    if beats > MAX_LENGTH {
                        "endless".to_owned()
                    } else {
                        counted(beats as f32, "beat")
                    }
                }))
                .with_string_to_value(Arc::new(|text| {
                    if text.trim().eq_ignore_ascii_case("endless") {
                        return Some(MAX_LENGTH + 1);
                    }
                    Some(number(text)?.round() as i32)
                })),
            seed: IntParam::new("Seed", 0, IntRange::Linear { min: 0, max: 9999 }),
            generate: BoolParam::new("Generate", false),
            freeze: BoolParam::new("Freeze", false),
            variation: EnumParam::new("Variation", VariationChoice::A),
            voices: EnumParam::new("Voices", VoicesChoice::Top),
        }
    }
}

impl StyleParams {
    fn new(styles: StyleNames) -> Self {
        let start = Settings::default();
        let names = styles.clone();
        let range = IntRange::Linear {
            min: 0,
            max: LAST_STYLE,
        };
        Self {
            temperature: FloatParam::new(
                "Temperature",
                start.temperature,
                FloatRange::Linear { min: 0.1, max: 2.0 },
            )
            .with_step_size(0.01)
            .with_value_to_string(formatters::v2s_f32_rounded(2)),
            rhythm_temperature: FloatParam::new(
                "Rhythm temperature",
                0.0,
                FloatRange::Linear { min: 0.0, max: 2.0 },
            )
            .with_step_size(0.01)
            .with_value_to_string(Arc::new(|value| {
                if value < LINKED {
                    "linked".to_owned()
                } else {
                    format!("{value:.2}")
                }
            }))
            .with_string_to_value(Arc::new(|text| {
                if text.trim().eq_ignore_ascii_case("linked") {
                    Some(0.0)
                } else {
                    number(text)
                }
            })),
            top_p: percent("Top-p", start.top_p, 0.1..=1.0),
            memory: percent("Memory", start.memory, 0.0..=1.0),
            style: IntParam::new("Style", 0, range)
                .with_value_to_string(Arc::new(move |style| names.text(style)))
                .with_string_to_value(Arc::new(move |text| styles.find(text))),
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

impl OutputParams {
    fn new() -> Self {
        Self {
            thru: EnumParam::new("Thru", ThruChoice::Always),
            preview: BoolParam::new("Preview voice", false),
            bypass: BoolParam::new("Bypass", false).make_bypass(),
        }
    }
}

/// `1 bar`, `2 bars`, `0.5 beats`.
fn counted(n: f32, what: &str) -> String {
    if n == 1.0 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

/// The number that a typed value begins with, whatever unit follows.
fn number(text: &str) -> Option<f32> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+'))
        .unwrap_or(text.len());
    text[..end].parse().ok()
}
