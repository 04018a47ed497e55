//! The parameters of the network's choice of notes: temperatures, top-p, memory, style.
//!
//! Read by the audio thread once a block, as all parameters are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use harmonai_core::model::vocabulary::Style;
use harmonai_core::play::continuation::Settings;
use nice_plug::prelude::*;

use super::{number, percent, whole};
use crate::project::models::{MOST_STYLES, SLOTS, StyleNames};

/// The last style that can be chosen.
const LAST_STYLE: i32 = MOST_STYLES as i32;

/// Below this the rhythm's temperature follows the other one. Between two steps, as neither is met
/// exactly.
const LINKED: f32 = 0.045;

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
    /// Which of the models at hand plays, counted from 1.
    #[id = "model_slot"]
    pub slot: IntParam,
}

impl StyleParams {
    /// `styles` names the knob's steps, `chosen` is told of each turn of the slots' knob.
    pub(super) fn new(styles: StyleNames, chosen: Arc<AtomicU8>) -> Self {
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
            .with_value_to_string(formatters::v2s_f32_rounded(2))
            // nice-plug's own would take NaN for a number.
            .with_string_to_value(Arc::new(number)),
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
            slot: IntParam::new(
                "Model slot",
                1,
                IntRange::Linear {
                    min: 1,
                    max: SLOTS as i32,
                },
            )
            .with_string_to_value(Arc::new(whole))
            // Relaxed: the number by itself says it all.
            .with_callback(Arc::new(move |slot| {
                chosen.store(slot_number(slot), Ordering::Relaxed)
            })),
        }
    }

    /// The slot that plays, counted from 0.
    pub(super) fn slot(&self) -> u8 {
        slot_number(self.slot.value())
    }

    /// As the continuation takes them; what is no matter of style stands at its default.
    pub(super) fn settings(&self) -> Settings {
        let temperature = self.temperature.value();
        let rhythm = self.rhythm_temperature.value();
        Settings {
            temperature,
            rhythm_temperature: if rhythm < LINKED { temperature } else { rhythm },
            top_p: self.top_p.value(),
            memory: self.memory.value(),
            style: Style::new(self.style.value().clamp(0, LAST_STYLE) as u16),
            ..Settings::default()
        }
    }
}

fn slot_number(shown: i32) -> u8 {
    (shown - 1).clamp(0, SLOTS as i32 - 1) as u8
}
