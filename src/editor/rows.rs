//! The rows of small controls: what pitches the answer may have, in what rhythm, and what becomes of
//! the phrase and of the notes that go out.

use egui::{Align, Layout, Ui, Vec2};

use nice_plug::prelude::Param;

use super::widgets::{self, Hand};
use crate::params::HarmonAiParams;

/// What the range does.
const LOW: &str =
    "The lowest note of the answer; where the phrase lies elsewhere, it is moved by octaves";
/// Likewise.
const HIGH: &str =
    "The highest note of the answer; where the phrase lies elsewhere, it is moved by octaves";
/// What Octave does.
const OCTAVE: &str = "How many octaves above or below the phrase the answer sounds";
/// What Leaps does.
const LEAPS: &str = "To the left the answer walks in steps, to the right it leaps";
/// What Density does.
const DENSITY: &str = "To the left fewer and longer notes, to the right more and shorter ones";
/// What Gate does.
const GATE: &str = "How much of its length a note sounds: short and crisp, or long and bound";
/// What Swing does.
const SWING: &str = "Where the second eighth of a quarter falls: 50 % is straight, 67 % a triplet";
/// What Touch does.
const TOUCH: &str =
    "How hard the answer strikes: as the model has learnt it, as you do, or always alike";
/// What Velocity does.
const VELOCITY: &str = "The velocity of every note, where the touch is fixed";
/// What Dynamics does.
const DYNAMICS: &str = "How far the answer's loudness goes from yours: all alike, or wide";
/// What Repeat does.
const REPEAT: &str = "When a loop comes round, or a frozen phrase is answered once more: the same \
                      answer, or another one";
/// What Trigger note does.
const TRIGGER: &str = "This key asks for an answer instead of sounding";
/// What Generate does.
const GENERATE: &str = "Answers now, on the next beat; pressed again, it plays on";
/// What Channel does.
const CHANNEL: &str = "The MIDI channel of the answer";
/// What Clear does.
const CLEAR: &str = "Forgets the phrase, a frozen one too";
/// What Panic does.
const PANIC: &str = "Ends every note that sounds";

/// What pitches the answer may have, in a row.
pub fn bounds(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let pitch = &params.pitch;
    row(
        ui,
        [
            (0.16, &|ui| widgets::named_choice(ui, hand, &pitch.key)),
            (0.25, &|ui| widgets::named_choice(ui, hand, &pitch.scale)),
            (0.13, &|ui| slider(ui, hand, &pitch.low, "Low", LOW)),
            (0.13, &|ui| slider(ui, hand, &pitch.high, "High", HIGH)),
            (0.14, &|ui| {
                slider(ui, hand, &pitch.octave, "Octave", OCTAVE)
            }),
            (0.19, &|ui| slider(ui, hand, &pitch.leaps, "Leaps", LEAPS)),
        ],
    );
}

/// What rhythm it may have and how hard it strikes, in another.
pub fn groove(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let (rhythm, output) = (&params.rhythm, &params.output);
    row(
        ui,
        [
            (0.14, &|ui| widgets::named_choice(ui, hand, &rhythm.grid)),
            (0.15, &|ui| {
                slider(ui, hand, &rhythm.density, "Density", DENSITY)
            }),
            (0.14, &|ui| slider(ui, hand, &rhythm.gate, "Gate", GATE)),
            (0.13, &|ui| slider(ui, hand, &rhythm.swing, "Swing", SWING)),
            (0.13, &|ui| widgets::choice(ui, hand, &output.touch, TOUCH)),
            (0.13, &|ui| {
                slider(ui, hand, &output.velocity, "Velocity", VELOCITY)
            }),
            (0.18, &|ui| {
                slider(ui, hand, &output.dynamics, "Dynamics", DYNAMICS)
            }),
        ],
    );
}

/// What becomes of the phrase and of the notes, in a third.
pub fn session(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let (play, output) = (&params.play, &params.output);
    let button = |ui: &mut Ui, param, tip| {
        widgets::trigger(ui, hand, param, tip);
    };
    row(
        ui,
        [
            (0.18, &|ui| widgets::choice(ui, hand, &play.repeat, REPEAT)),
            (0.14, &|ui| {
                slider(ui, hand, &play.trigger, "Trigger", TRIGGER)
            }),
            (0.15, &|ui| {
                slider(ui, hand, &output.channel, "Channel", CHANNEL)
            }),
            (0.20, &|ui| widgets::toggle(ui, hand, &output.free_run)),
            (0.13, &|ui| button(ui, &play.generate, GENERATE)),
            (0.10, &|ui| button(ui, &play.clear, CLEAR)),
            (0.10, &|ui| button(ui, &output.panic, PANIC)),
        ],
    );
}

fn slider<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, name: &str, tip: &str) {
    widgets::slider(ui, hand, param, name).on_hover_text(tip);
}

/// Something in a row, and its share of the row's width: names and values are of all lengths.
type Placed<'a> = (f32, &'a dyn Fn(&mut Ui));

fn row<const N: usize>(ui: &mut Ui, contents: [Placed<'_>; N]) {
    ui.horizontal(|ui| {
        let gaps = (N - 1) as f32 * ui.spacing().item_spacing.x;
        let whole = (ui.available_width() - gaps).max(0.0);
        for (share, contents) in contents {
            let size = Vec2::new(whole * share, 24.0);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_width(size.x);
                contents(ui);
            });
        }
    });
}
