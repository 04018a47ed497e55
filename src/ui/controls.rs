//! All parameters by hand: the two that matter most large, the others in groups and rows. What does
//! nothing as things stand is dim and says why.

use egui::{Label, RichText, Ui, vec2};
use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Ticks;
use nice_plug::prelude::IntParam;

use super::shared::Shared;
use super::widgets::{self, Placed, Slider, idle, row};
use super::{style, tips};
use crate::params::{ModeChoice, ScaleChoice, TouchChoice};

/// Height of all of it.
pub const HEIGHT: f32 = 230.0;

/// Draws them.
pub fn panel(ui: &mut Ui, shared: &Shared<'_>) {
    ui.horizontal_top(|ui| {
        let (colours, hand) = (style::palette(ui), &shared.hand);
        let (manner, play) = (&shared.params.style, &shared.params.play);
        let tip = tips::TEMPERATURE;
        widgets::knob(ui, hand, &manner.temperature, colours.answer, tip);
        let jam = play.mode.value() == ModeChoice::Jam;
        let why = jam.then_some("in Jam it plays all the time");
        idle(ui, why, tips::LENGTH, |ui, tip| {
            widgets::knob(ui, hand, &play.length, colours.phrase, tip);
        });
        ui.add_space(style::GAP);
        let width = (ui.available_width() - 2.0 * ui.spacing().item_spacing.x) / 3.0;
        widgets::group(ui, width, "Play", |ui| self::play(ui, shared));
        widgets::group(ui, width, "Style", |ui| self::manner(ui, shared));
        widgets::group(ui, width, "Output", |ui| output(ui, shared));
    });
    for row in [pitch, rhythm, session] {
        ui.add_space(2.0);
        row(ui, shared);
    }
}

fn play(ui: &mut Ui, shared: &Shared<'_>) {
    let (hand, play) = (&shared.hand, &shared.params.play);
    widgets::choice(ui, hand, &play.mode, tips::MODE);
    // Only one of them says when the answer comes.
    match play.mode.value() {
        ModeChoice::CallResponse => {
            Slider::new(&play.listen, "Listen", tips::LISTEN).show(ui, hand);
        }
        ModeChoice::AfterSilence => {
            Slider::new(&play.silence, "Silence", tips::SILENCE).show(ui, hand);
        }
        ModeChoice::Manual => note(ui, "Press Generate for an answer"),
        ModeChoice::Jam => note(ui, "Play, and it plays along"),
    }
    widgets::choice(ui, hand, &play.voices, tips::VOICES);
    widgets::choice(ui, hand, &play.repeat, tips::REPEAT);
}

fn manner(ui: &mut Ui, shared: &Shared<'_>) {
    let (hand, manner) = (&shared.hand, &shared.params.style);
    let known = shared.params.models.styles().all().len();
    let why = (known == 0).then_some("the model that plays has learnt no kinds of music apart");
    idle(ui, why, tips::STYLE, |ui, tip| {
        widgets::listed_choice(ui, hand, &manner.style, known, tip);
    });
    Slider::new(&manner.memory, "Memory", tips::MEMORY).show(ui, hand);
    Slider::new(&manner.top_p, "Top-p", tips::TOP_P).show(ui, hand);
    Slider::new(&manner.rhythm_temperature, "Rhythm", tips::RHYTHM).show(ui, hand);
}

fn output(ui: &mut Ui, shared: &Shared<'_>) {
    let (hand, output) = (&shared.hand, &shared.params.output);
    widgets::named_choice(ui, hand, &output.thru, tips::THRU);
    Slider::new(&output.channel, "Channel", tips::CHANNEL)
        .names()
        .show(ui, hand);
    ui.horizontal(|ui| {
        let why = (!shared.sounds).then_some("HarmonAI Notes has no sound of its own");
        idle(ui, why, tips::PREVIEW, |ui, tip| {
            widgets::toggle(ui, hand, &output.preview, tip);
        });
        widgets::toggle(ui, hand, &output.bypass, tips::BYPASS);
    });
    let own = shared.params.transport.rolls().is_some();
    let why = own.then_some("here Start and Stop, at the top, are the transport");
    idle(ui, why, tips::FREE_RUN, |ui, tip| {
        widgets::toggle(ui, hand, &output.free_run, tip);
    });
}

/// What pitches the answer may have.
fn pitch(ui: &mut Ui, shared: &Shared<'_>) {
    let (hand, pitch) = (&shared.hand, &shared.params.pitch);
    let free = pitch.scale.value() == ScaleChoice::Chromatic;
    let why = free.then_some("the scale is All notes");
    let contents: [Placed<'_>; 6] = [
        (0.15, &|ui| {
            idle(ui, why, tips::KEY, |ui, tip| {
                widgets::named_choice(ui, hand, &pitch.key, tip);
            });
        }),
        (0.25, &|ui| {
            widgets::named_choice(ui, hand, &pitch.scale, tips::SCALE);
        }),
        (0.14, &|ui| {
            key(shared, &pitch.low, "Low", tips::LOW).show(ui, hand);
        }),
        (0.14, &|ui| {
            key(shared, &pitch.high, "High", tips::HIGH).show(ui, hand);
        }),
        (0.14, &|ui| {
            Slider::new(&pitch.octave, "Octave", tips::OCTAVE).show(ui, hand);
        }),
        (0.18, &|ui| {
            Slider::new(&pitch.leaps, "Leaps", tips::LEAPS).show(ui, hand);
        }),
    ];
    row(ui, contents);
}

/// In what rhythm, and how hard it strikes.
fn rhythm(ui: &mut Ui, shared: &Shared<'_>) {
    let (hand, rhythm, output) = (&shared.hand, &shared.params.rhythm, &shared.params.output);
    let short = shared.moment.metre.beat() < Ticks::BEAT;
    let straight = short.then_some("in a metre of eighths nothing swings");
    let fixed = output.touch.value() == TouchChoice::Fixed;
    let free = (!fixed).then_some("the touch is not fixed");
    let alike = fixed.then_some("the touch is fixed");
    let contents: [Placed<'_>; 7] = [
        (0.15, &|ui| {
            widgets::named_choice(ui, hand, &rhythm.grid, tips::GRID);
        }),
        (0.14, &|ui| {
            Slider::new(&rhythm.density, "Density", tips::DENSITY).show(ui, hand);
        }),
        (0.13, &|ui| {
            Slider::new(&rhythm.gate, "Gate", tips::GATE).show(ui, hand);
        }),
        (0.13, &|ui| {
            idle(ui, straight, tips::SWING, |ui, tip| {
                Slider::new(&rhythm.swing, "Swing", tip).show(ui, hand);
            });
        }),
        (0.14, &|ui| {
            widgets::choice(ui, hand, &output.touch, tips::TOUCH);
        }),
        (0.14, &|ui| {
            idle(ui, free, tips::VELOCITY, |ui, tip| {
                Slider::new(&output.velocity, "Velocity", tip).show(ui, hand);
            });
        }),
        (0.17, &|ui| {
            idle(ui, alike, tips::DYNAMICS, |ui, tip| {
                Slider::new(&output.dynamics, "Dynamics", tip).show(ui, hand);
            });
        }),
    ];
    row(ui, contents);
}

/// Which answer, and what becomes of phrase and notes.
fn session(ui: &mut Ui, shared: &Shared<'_>) {
    let (hand, play, output) = (&shared.hand, &shared.params.play, &shared.params.output);
    let contents: [Placed<'_>; 7] = [
        (0.20, &|ui| {
            widgets::segments(ui, hand, &play.variation, tips::VARIATION);
        }),
        (0.13, &|ui| {
            Slider::new(&play.seed, "Seed", tips::SEED)
                .number()
                .show(ui, hand);
        }),
        (0.11, &|ui| {
            widgets::toggle(ui, hand, &play.freeze, tips::FREEZE);
        }),
        (0.18, &|ui| {
            key(shared, &play.trigger, "Trigger", tips::TRIGGER)
                .names()
                .show(ui, hand);
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

/// A slider of keys, called as the phrase's key calls them.
fn key<'a>(
    shared: &Shared<'_>,
    param: &'a IntParam,
    short: &'a str,
    tip: &'a str,
) -> Slider<'a, IntParam> {
    let slider = Slider::new(param, short, tip);
    let key = u8::try_from(param.value()).ok().and_then(Pitch::new);
    match key {
        Some(key) => slider.reading(shared.heard.names.name(key)),
        // No key at all.
        None => slider.reading(param.to_string()),
    }
}

/// A word in place of a slider, as high as that.
fn note(ui: &mut Ui, text: &str) {
    let size = vec2(ui.available_width(), style::ROW);
    let text = RichText::new(text).color(style::palette(ui).dim);
    ui.add_sized(size, Label::new(text).truncate());
}
