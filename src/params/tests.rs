//! Ids, texts and stored states of the parameters.

use super::*;
use crate::audio::Thru;
use harmonai_core::model::vocabulary::Style;
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::constraints::pitch::PitchConstraints;
use harmonai_core::play::constraints::rhythm::RhythmConstraints;
use harmonai_core::play::continuation::Touch;
use harmonai_core::play::listen::Voices;
use nice_plug::prelude::*;

fn params() -> HarmonAiParams {
    HarmonAiParams::default()
}

#[test]
fn ids_are_those_that_projects_store() {
    let map = params().param_map();
    let ids: Vec<_> = map
        .iter()
        .map(|(id, _, group)| format!("{group}/{id}"))
        .collect();
    let expected = [
        "Play/mode",
        "Play/listen",
        "Play/silence",
        "Play/length",
        "Play/seed",
        "Play/generate",
        "Play/trigger_note",
        "Play/freeze",
        "Play/clear",
        "Play/repeat",
        "Play/variation",
        "Play/voices",
        "Style/temperature",
        "Style/rhythm_temperature",
        "Style/top_p",
        "Style/memory",
        "Style/style",
        "Style/model_slot",
        "Rhythm/grid",
        "Rhythm/density",
        "Rhythm/gate",
        "Rhythm/swing",
        "Pitch/key",
        "Pitch/scale",
        "Pitch/low",
        "Pitch/high",
        "Pitch/octave",
        "Pitch/leaps",
        "Output/thru",
        "Output/touch",
        "Output/velocity",
        "Output/dynamics",
        "Output/channel",
        "Output/free_run",
        "Output/panic",
        "Output/preview",
        "Output/bypass",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn texts_read_well_and_come_back() {
    fn check<P: Param>(param: &P, value: P::Plain, text: &str) {
        let normalized = param.preview_normalized(value);
        assert_eq!(param.normalized_value_to_string(normalized, true), text);
        let back = param.string_to_normalized_value(text).unwrap();
        assert!(
            (back - normalized).abs() < 1e-4,
            "{text}: {back} for {normalized}"
        );
    }
    let params = params();
    check(
        &params.play.mode,
        ModeChoice::AfterSilence,
        "Answer after silence",
    );
    check(&params.play.listen, 1, "1 bar");
    check(&params.play.listen, 4, "4 bars");
    check(&params.play.silence, 0.25, "0.25 beats");
    check(&params.play.length, 8, "8 beats");
    check(&params.play.length, 65, "endless");
    check(&params.play.seed, 77, "77");
    check(&params.play.trigger, 60, "C4");
    check(&params.play.trigger, 128, "none");
    check(&params.output.dynamics, 0.5, "50 %");
    check(&params.output.channel, 0, "as you");
    check(&params.output.channel, 10, "10");
    check(&*params.style.slot, 3, "3");
    check(&params.play.voices, VoicesChoice::Top, "Top voice");
    check(&params.play.voices, VoicesChoice::All, "All voices");
    check(&params.style.temperature, 0.85, "0.85");
    check(&params.style.rhythm_temperature, 0.0, "linked");
    check(&params.style.rhythm_temperature, 1.5, "1.50");
    check(&params.style.top_p, 0.9, "90 %");
    check(&params.style.memory, 0.0, "0 %");
    check(&params.style.memory, 0.35, "35 %");
    check(&params.style.style, 0, "Any");
    check(&params.style.style, 3, "Style 3");
    let styles = vec!["Irish tunes".to_owned(), "Art songs".to_owned()];
    params.models.loaders()[0].styles().put(styles);
    check(&params.style.style, 2, "Art songs");
    check(&params.style.style, 3, "Style 3");
    check(&params.pitch.key, KeyChoice::BFlat, "Bb");
    check(
        &params.pitch.scale,
        ScaleChoice::MinorPentatonic,
        "Minor pentatonic",
    );
    check(&params.pitch.low, 60, "C4");
    check(&params.pitch.high, 0, "C-1");
    for (text, key) in [
        ("bb3", 58),
        ("A#3", 58),
        ("Db4", 61),
        ("48", 48),
        (" c4 ", 60),
    ] {
        let normalized = params.pitch.low.string_to_normalized_value(text).unwrap();
        assert_eq!(params.pitch.low.preview_plain(normalized), key, "{text}");
    }
    check(
        &params.rhythm.grid,
        GridChoice::EighthTriplet,
        "1/8 triplet",
    );
    check(&params.rhythm.density, 0.5, "+50 %");
    check(&params.rhythm.gate, 1.5, "150 %");
    check(&params.rhythm.swing, 0.66, "66 %");
    check(&params.output.touch, TouchChoice::Follow, "As you");
    check(&params.output.velocity, 127, "127");
    check(&params.pitch.octave, -2, "-2");
    check(&params.pitch.octave, 1, "+1");
    check(&params.pitch.leaps, 0.0, "0 %");
    check(&params.pitch.leaps, -0.25, "-25 %");
    check(&params.output.thru, Thru::Listening, "While listening");
}

#[test]
fn wild_states_are_repaired() {
    let mut state: PluginState = serde_json::from_value(serde_json::json!({
        "version": "", "fields": {}, "params": {
            "length": { "i32": -5000 }, "listen": { "i32": i32::MAX }, "seed": { "i32": 77 },
            "temperature": { "f32": 1e30 }, "top_p": { "f32": 0.5 },
            "memory": { "f32": -3.0 }, "style": { "i32": 99 }, "silence": { "bool": true }, "mode": { "i32": 99 },
            "thru": { "string": "listening" }, "voices": { "i32": 7 }, "low": { "i32": 500 }, "leaps": { "f32": -7.0 }, "key": { "string": "d" }, "generate": { "bool": true }, "nothing": { "f32": 1.0 },
        }
    }))
    .unwrap();
    repair(&mut state);
    let expected = serde_json::json!({
        "length": { "i32": 1 }, "listen": { "i32": 16 }, "seed": { "i32": 77 },
        "temperature": { "f32": 2.0 }, "top_p": { "f32": 0.5 },
        "memory": { "f32": 0.0 }, "style": { "i32": 16 }, "low": { "i32": 127 }, "leaps": { "f32": -1.0 }, "key": { "string": "d" }, "thru": { "string": "listening" },
    });
    assert_eq!(serde_json::to_value(&state.params).unwrap(), expected);
}

#[test]
fn the_defaults_make_playable_rules() {
    let controls = params().controls();
    let rules = params().rules(Metre::parse("6/8").unwrap());
    assert_eq!((rules.slot, rules.metre.to_string().as_str()), (0, "6/8"));
    assert_eq!(rules.listen_bars, 4);
    assert_eq!(rules.length, Some(Ticks::new(16 * 24)));
    assert_eq!(rules.silence, Ticks::new(48));
    assert_eq!(rules.settings.temperature, 1.0);
    assert_eq!(rules.settings.rhythm_temperature, 1.0, "linked");
    assert_eq!(rules.voices, Voices::Top);
    assert_eq!(rules.settings.memory, 1.0);
    assert_eq!(rules.settings.style, Style::ANY);
    assert_eq!(rules.settings.pitch, PitchConstraints::default());
    assert_eq!(rules.settings.rhythm, RhythmConstraints::default());
    assert_eq!(rules.settings.touch, Touch::Learnt);
    assert_eq!(controls.thru, Thru::Always);
    assert!(!controls.bypass);
}

#[test]
fn every_knob_is_described_in_the_docs() {
    let page = include_str!("../../docs/knobs.md");
    let params = params();
    for (id, param, _) in params.param_map() {
        // SAFETY: the pointer leads into `params`.
        let name = unsafe { param.name() };
        assert!(
            page.contains(&format!("**{name}**")),
            "docs/knobs.md says nothing of {name} ({id})"
        );
    }
}

#[test]
fn every_knob_comes_through_the_repair() {
    let params = params();
    for (id, param, _) in params.param_map() {
        // SAFETY: the pointer leads into `params`.
        let name = unsafe { param.normalized_value_to_string(0.0, true) };
        let kinds = [
            serde_json::json!({ "f32": 0.5 }),
            serde_json::json!({ "i32": 1 }),
            serde_json::json!({ "bool": true }),
            serde_json::json!({ "string": "any" }),
        ];
        let survives = kinds.iter().any(|value| {
            let state =
                serde_json::json!({ "version": "", "fields": {}, "params": { &id: value } });
            let mut state: PluginState = serde_json::from_value(state).unwrap();
            repair(&mut state);
            // Buttons are put aside, to be set by themselves.
            !state.params.is_empty() || !state.fields.is_empty()
        });
        assert!(survives, "{id} ({name})");
    }
}
