//! The parameters of the network's choice of notes: temperatures, top-p, memory, style.
//!
//! Read by the audio thread at notes and planning lines.

use std::sync::Arc;

use harmonai_core::model::vocabulary::Style;
use harmonai_core::play::continuation::Settings;
use nice_plug::prelude::*;

use super::text::{float, integer, number, percent, word_or};
use crate::project::models::{MOST_STYLES, SLOTS, StyleNames};

/// The last style that can be chosen.
const LAST_STYLE: i32 = MOST_STYLES as i32;

/// Below this the rhythm's temperature follows the other one. Between two steps, as neither is met
/// exactly.
const LINKED: f32 = 0.045;

#[derive(Params)]
pub struct StyleParams {
    /// How daring the pitches are, and the rhythm too while it is linked.
    #[id = "temperature"]
    pub temperature: FloatParam,
    /// How daring the rhythm is; 0 follows the temperature, in proportion to both defaults.
    #[id = "rhythm_temperature"]
    pub rhythm_temperature: FloatParam,
    /// The share of likely pitches that may be chosen at all.
    #[id = "top_p"]
    pub top_p: FloatParam,
    /// How much the answer takes up the phrase's own turns.
    #[id = "memory"]
    pub memory: FloatParam,
    /// Which of the model's styles, counted from 1; 0 is any.
    #[id = "style"]
    pub style: IntParam,
    /// Which of the four models plays, counted from 1.
    #[id = "model_slot"]
    pub slot: Arc<IntParam>,
}

impl StyleParams {
    /// `slot` is the slots' knob, `styles` names the steps of the styles'.
    pub(super) fn new(slot: Arc<IntParam>, styles: StyleNames) -> Self {
        let start = Settings::default();
        let names = styles.clone();
        Self {
            temperature: float("Temperature", start.temperature, 0.1..=2.0)
                .with_step_size(0.01)
                .with_value_to_string(formatters::v2s_f32_rounded(2)),
            rhythm_temperature: float("Rhythm temperature", 0.0, 0.0..=2.0)
                .with_step_size(0.01)
                .with_value_to_string(Arc::new(|value| {
                    if value < LINKED {
                        "linked".to_owned()
                    } else {
                        format!("{value:.2}")
                    }
                }))
                .with_string_to_value(word_or("linked", 0.0, number)),
            top_p: percent("Top-p", start.top_p, 0.1..=1.0),
            memory: percent("Memory", start.memory, 0.0..=1.0),
            style: integer("Style", 0, 0..=LAST_STYLE)
                .with_value_to_string(Arc::new(move |style| names.text(style)))
                .with_string_to_value(Arc::new(move |text| styles.find(text))),
            slot,
        }
    }

    /// The temperatures of pitch and of rhythm.
    pub(super) fn temperatures(&self) -> (f32, f32) {
        let temperature = self.temperature.value();
        let rhythm = self.rhythm_temperature.value();
        match rhythm < LINKED {
            true => (temperature, Settings::linked_rhythm(temperature)),
            false => (temperature, rhythm),
        }
    }

    pub(super) fn style_number(&self) -> Style {
        Style::new(self.style.value().clamp(0, LAST_STYLE) as u16)
    }
}

/// The knob that says which of the models plays.
pub(super) fn slot_knob() -> Arc<IntParam> {
    Arc::new(integer("Model slot", 1, 1..=SLOTS as i32))
}
