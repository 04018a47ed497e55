//! The rows of small controls: what pitches the answer may have, in what rhythm, and what becomes of
//! the phrase and of the notes that go out.

use egui::{Align, Layout, Ui, Vec2};

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
/// What Channel does.
const CHANNEL: &str = "The MIDI channel of the answer";
/// What Clear does.
const CLEAR: &str = "Forgets the phrase, a frozen one too";
/// What Panic does.
const PANIC: &str = "Ends every note that sounds";

/// What pitches the answer may have, in a row.
pub fn bounds(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let pitch = &params.pitch;
    ui.horizontal(|ui| {
        // In shares of the row: scales have long names.
        let gaps = 5.0 * ui.spacing().item_spacing.x;
        let whole = (ui.available_width() - gaps).max(0.0);
        let mut place = |share: f32, contents: &mut dyn FnMut(&mut Ui)| {
            let size = Vec2::new(whole * share, 24.0);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_width(size.x);
                contents(ui);
            });
        };
        place(0.16, &mut |ui| {
            widgets::named_choice(ui, hand, &pitch.key);
        });
        place(0.25, &mut |ui| {
            widgets::named_choice(ui, hand, &pitch.scale);
        });
        for (share, param, name, tip) in [
            (0.13, &pitch.low, "Low", LOW),
            (0.13, &pitch.high, "High", HIGH),
            (0.14, &pitch.octave, "Octave", OCTAVE),
        ] {
            place(share, &mut |ui| {
                widgets::slider(ui, hand, param, name).on_hover_text(tip);
            });
        }
        place(0.19, &mut |ui| {
            widgets::slider(ui, hand, &pitch.leaps, "Leaps").on_hover_text(LEAPS);
        });
    });
}

/// What rhythm it may have and how hard it strikes, in another.
pub fn groove(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let (rhythm, output) = (&params.rhythm, &params.output);
    ui.columns(7, |columns| {
        let [grid, density, gate, swing, touch, velocity, dynamics] = columns else {
            return;
        };
        widgets::named_choice(grid, hand, &rhythm.grid);
        widgets::slider(density, hand, &rhythm.density, "Density").on_hover_text(DENSITY);
        widgets::slider(gate, hand, &rhythm.gate, "Gate").on_hover_text(GATE);
        widgets::slider(swing, hand, &rhythm.swing, "Swing").on_hover_text(SWING);
        widgets::choice(touch, hand, &output.touch, TOUCH);
        widgets::slider(velocity, hand, &output.velocity, "Velocity").on_hover_text(VELOCITY);
        widgets::slider(dynamics, hand, &output.dynamics, "Dynamics").on_hover_text(DYNAMICS);
    });
}

/// What becomes of the phrase and of the notes, in a third.
pub fn session(ui: &mut Ui, hand: &Hand<'_>, params: &HarmonAiParams) {
    let (play, output) = (&params.play, &params.output);
    ui.columns(6, |columns| {
        let [repeat, trigger, channel, run, clear, panic] = columns else {
            return;
        };
        widgets::choice(repeat, hand, &play.repeat, REPEAT);
        widgets::slider(trigger, hand, &play.trigger, "Trigger").on_hover_text(TRIGGER);
        widgets::slider(channel, hand, &output.channel, "Channel").on_hover_text(CHANNEL);
        widgets::toggle(run, hand, &output.free_run);
        widgets::trigger(clear, hand, &play.clear, CLEAR);
        widgets::trigger(panic, hand, &output.panic, PANIC);
    });
}
