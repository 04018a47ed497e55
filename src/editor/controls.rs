//! All parameters by hand: the two that matter most large, the others in groups and rows.

use egui::{Label, RichText, Ui, vec2};

use super::widgets::{self, Hand, Placed, names, row, slider};
use super::{style, tips};
use crate::params::{HarmonAiParams, ModeChoice};

/// Height of all of it.
pub const HEIGHT: f32 = 230.0;

/// Draws them.
pub fn panel(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    ui.horizontal_top(|ui| {
        let colours = style::palette(ui);
        let (temperature, length) = (&params.style.temperature, &params.play.length);
        widgets::knob(ui, hand, temperature, colours.answer, tips::TEMPERATURE);
        widgets::knob(ui, hand, length, colours.phrase, tips::LENGTH);
        ui.add_space(style::GAP);
        let width = (ui.available_width() - 2.0 * ui.spacing().item_spacing.x) / 3.0;
        widgets::group(ui, width, "Play", |ui| play(ui, hand, params));
        widgets::group(ui, width, "Style", |ui| manner(ui, hand, params));
        widgets::group(ui, width, "Output", |ui| output(ui, hand, params));
    });
    for row in [pitch, rhythm, session] {
        ui.add_space(2.0);
        row(ui, hand, params);
    }
}

fn play(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let play = &params.play;
    widgets::choice(ui, hand, &play.mode, tips::MODE);
    // Only one of them says when the answer comes.
    match play.mode.value() {
        ModeChoice::CallResponse => {
            slider(ui, hand, &play.listen, "Listen", tips::LISTEN);
        }
        ModeChoice::AfterSilence => {
            slider(ui, hand, &play.silence, "Silence", tips::SILENCE);
        }
        ModeChoice::Manual => note(ui, "Press Generate for an answer"),
        ModeChoice::Jam => note(ui, "Play, and it plays along"),
    }
    widgets::choice(ui, hand, &play.voices, tips::VOICES);
    widgets::choice(ui, hand, &play.repeat, tips::REPEAT);
}

fn manner(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let manner = &params.style;
    let known = params.models.styles().all().len();
    widgets::listed_choice(ui, hand, &manner.style, known, tips::STYLE);
    slider(ui, hand, &manner.memory, "Memory", tips::MEMORY);
    slider(ui, hand, &manner.top_p, "Top-p", tips::TOP_P);
    slider(ui, hand, &manner.rhythm_temperature, "Rhythm", tips::RHYTHM);
}

fn output(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let output = &params.output;
    widgets::named_choice(ui, hand, &output.thru, tips::THRU);
    names(ui, hand, &output.channel, "Channel", tips::CHANNEL);
    ui.horizontal(|ui| {
        widgets::toggle(ui, hand, &output.preview, tips::PREVIEW);
        widgets::toggle(ui, hand, &output.bypass, tips::BYPASS);
    });
    widgets::toggle(ui, hand, &output.free_run, tips::FREE_RUN);
}

/// What pitches the answer may have.
fn pitch(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let pitch = &params.pitch;
    let contents: [Placed<'_>; 6] = [
        (0.15, &|ui| {
            widgets::named_choice(ui, hand, &pitch.key, tips::KEY);
        }),
        (0.25, &|ui| {
            widgets::named_choice(ui, hand, &pitch.scale, tips::SCALE);
        }),
        (0.14, &|ui| {
            slider(ui, hand, &pitch.low, "Low", tips::LOW);
        }),
        (0.14, &|ui| {
            slider(ui, hand, &pitch.high, "High", tips::HIGH);
        }),
        (0.14, &|ui| {
            slider(ui, hand, &pitch.octave, "Octave", tips::OCTAVE);
        }),
        (0.18, &|ui| {
            slider(ui, hand, &pitch.leaps, "Leaps", tips::LEAPS);
        }),
    ];
    row(ui, contents);
}

/// In what rhythm, and how hard it strikes.
fn rhythm(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let (rhythm, output) = (&params.rhythm, &params.output);
    let contents: [Placed<'_>; 7] = [
        (0.15, &|ui| {
            widgets::named_choice(ui, hand, &rhythm.grid, tips::GRID);
        }),
        (0.14, &|ui| {
            slider(ui, hand, &rhythm.density, "Density", tips::DENSITY);
        }),
        (0.13, &|ui| {
            slider(ui, hand, &rhythm.gate, "Gate", tips::GATE);
        }),
        (0.13, &|ui| {
            slider(ui, hand, &rhythm.swing, "Swing", tips::SWING);
        }),
        (0.14, &|ui| {
            widgets::choice(ui, hand, &output.touch, tips::TOUCH);
        }),
        (0.14, &|ui| {
            slider(ui, hand, &output.velocity, "Velocity", tips::VELOCITY);
        }),
        (0.17, &|ui| {
            slider(ui, hand, &output.dynamics, "Dynamics", tips::DYNAMICS);
        }),
    ];
    row(ui, contents);
}

/// Which answer, and what becomes of phrase and notes.
fn session(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let (play, output) = (&params.play, &params.output);
    let contents: [Placed<'_>; 7] = [
        (0.20, &|ui| {
            widgets::segments(ui, hand, &play.variation, tips::VARIATION);
        }),
        (0.13, &|ui| {
            widgets::number(ui, hand, &play.seed, tips::SEED);
        }),
        (0.11, &|ui| {
            widgets::toggle(ui, hand, &play.freeze, tips::FREEZE);
        }),
        (0.18, &|ui| {
            names(ui, hand, &play.trigger, "Trigger", tips::TRIGGER);
        }),
        (0.16, &|ui| {
            widgets::trigger(ui, hand, &play.generate, tips::GENERATE);
        }),
        (0.11, &|ui| {
            widgets::trigger(ui, hand, &play.clear, tips::CLEAR);
        }),
        (0.11, &|ui| {
            widgets::trigger(ui, hand, &output.panic, tips::PANIC);
        }),
    ];
    row(ui, contents);
}

/// A word in place of a slider, as high as that.
fn note(ui: &mut Ui, text: &str) {
    let size = vec2(ui.available_width(), style::ROW);
    let text = RichText::new(text).color(style::palette(ui).dim);
    ui.add_sized(size, Label::new(text).truncate());
}
