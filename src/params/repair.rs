//! Stored states made fit to be loaded, whoever wrote them.
//!
//! Called by the host's main thread, before nice-plug takes the values over.

use std::sync::Arc;

use nice_plug::prelude::*;
use serde_json::Value;

use super::buttons::put_aside;
use super::{OutputParams, PitchParams, PlayParams, RhythmParams, StyleParams};
use crate::project::models::StyleNames;

/// Makes a stored state fit to be loaded: values beyond a range are taken to its end, and what is of
/// another type is left out. nice-plug takes values as they come, and panics on an enum's number
/// that is too large.
pub fn repair(state: &mut PluginState) {
    let (play, style) = (
        PlayParams::new(),
        StyleParams::new(StyleNames::default(), Arc::default()),
    );
    let (pitch, rhythm) = (PitchParams::new(), RhythmParams::new());
    let output = OutputParams::new();
    state.params.retain(|id, stored| {
        // The type of a stored value has no public name. As JSON it is `{"i32": 4}`.
        let Ok(mut value) = serde_json::to_value(&*stored) else {
            return false;
        };
        let sound = match id.as_str() {
            "listen" => fit_int(&play.listen, &mut value),
            "length" => fit_int(&play.length, &mut value),
            "seed" => fit_int(&play.seed, &mut value),
            "trigger_note" => fit_int(&play.trigger, &mut value),
            "style" => fit_int(&style.style, &mut value),
            "model_slot" => fit_int(&style.slot, &mut value),
            "channel" => fit_int(&output.channel, &mut value),
            "silence" => fit_float(&play.silence, &mut value),
            "temperature" => fit_float(&style.temperature, &mut value),
            "rhythm_temperature" => fit_float(&style.rhythm_temperature, &mut value),
            "top_p" => fit_float(&style.top_p, &mut value),
            "memory" => fit_float(&style.memory, &mut value),
            "dynamics" => fit_float(&output.dynamics, &mut value),
            "velocity" => fit_int(&output.velocity, &mut value),
            "low" => fit_int(&pitch.low, &mut value),
            "high" => fit_int(&pitch.high, &mut value),
            "octave" => fit_int(&pitch.octave, &mut value),
            "leaps" => fit_float(&pitch.leaps, &mut value),
            "density" => fit_float(&rhythm.density, &mut value),
            "gate" => fit_float(&rhythm.gate, &mut value),
            "swing" => fit_float(&rhythm.swing, &mut value),
            // Stored by name; unknown names change nothing.
            "mode" | "variation" | "voices" | "key" | "scale" | "grid" | "touch" | "thru"
            | "repeat" => value.get("string").is_some(),
            "generate" | "clear" | "panic" => {
                put_aside(id, &value, &mut state.fields);
                false
            }
            "freeze" | "free_run" | "preview" | "bypass" => value.get("bool").is_some(),
            _ => false,
        };
        sound
            && serde_json::from_value(value).is_ok_and(|fitting| {
                *stored = fitting;
                true
            })
    });
}

fn fit_int(param: &IntParam, value: &mut Value) -> bool {
    let Some(stored) = value.get_mut("i32") else {
        return false;
    };
    let IntRange::Linear { min, max } = param.range() else {
        return false;
    };
    stored.as_i64().is_some_and(|n| {
        *stored = n.clamp(min.into(), max.into()).into();
        true
    })
}

fn fit_float(param: &FloatParam, value: &mut Value) -> bool {
    let Some(stored) = value.get_mut("f32") else {
        return false;
    };
    let FloatRange::Linear { min, max } = param.range() else {
        return false;
    };
    stored.as_f64().is_some_and(|n| {
        *stored = n.clamp(min.into(), max.into()).into();
        true
    })
}
