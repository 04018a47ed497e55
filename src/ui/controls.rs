//! The lower part of the editor, with every parameter: the two that matter most as knobs, the
//! others in groups and rows. Controls that have no effect with the settings as they are say why.

use egui::{Label, RichText, Ui, vec2};
use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Ticks;
use nice_plug::prelude::IntParam;

use super::context::EditorContext;
use super::widgets::{self, Choice, Control, KNOB, Knob, Segments, Slider, Toggle, Trigger, row};
use super::{style, tips};
use crate::params::{ModeChoice, ScaleChoice, TouchChoice};

/// Height of this part.
pub const HEIGHT: f32 = 230.0;

pub fn panel(ui: &mut Ui, context: &EditorContext) {
    ui.horizontal_top(|ui| {
        knobs(ui, context);
        ui.add_space(style::GAP);
        let width = (ui.available_width() - 2.0 * ui.spacing().item_spacing.x) / 3.0;
        let size = vec2(width, KNOB.y);
        widgets::group(ui, size, "Play", |ui| play(ui, context));
        widgets::group(ui, size, "Style", |ui| style(ui, context));
        widgets::group(ui, size, "Output", |ui| output(ui, context));
    });
    for row in [pitch, rhythm, session] {
        ui.add_space(2.0);
        row(ui, context);
    }
}

fn knobs(ui: &mut Ui, context: &EditorContext) {
    let (colours, gestures) = (style::palette(ui), &context.gestures());
    let (style, play) = (&context.params.style, &context.params.play);
    Knob(&style.temperature, colours.answer, tips::TEMPERATURE).show(ui, gestures);
    let jam = play.mode.value() == ModeChoice::Jam;
    Knob(&play.length, colours.phrase, tips::LENGTH)
        .inactive(jam.then_some("in Jam it plays all the time"))
        .show(ui, gestures);
}

fn play(ui: &mut Ui, context: &EditorContext) {
    let (gestures, play) = (&context.gestures(), &context.params.play);
    Choice::new(&play.mode, tips::MODE).show(ui, gestures);
    // What starts the answer depends on the mode.
    match play.mode.value() {
        ModeChoice::CallResponse => {
            Slider::new(&play.listen, "Listen", tips::LISTEN).show(ui, gestures);
        }
        ModeChoice::AfterSilence => {
            Slider::new(&play.silence, "Silence", tips::SILENCE).show(ui, gestures);
        }
        ModeChoice::Manual => note(ui, "Press Generate for an answer"),
        ModeChoice::Jam => note(ui, "Play, and it plays along"),
    }
    Choice::new(&play.voices, tips::VOICES).show(ui, gestures);
    Choice::new(&play.repeat, tips::REPEAT).show(ui, gestures);
}

fn style(ui: &mut Ui, context: &EditorContext) {
    let (gestures, style) = (&context.gestures(), &context.params.style);
    let known = context.params.models.styles().all().len();
    Choice::new(&style.style, tips::STYLE)
        .named()
        .up_to(known)
        .inactive((known == 0).then_some("the model that plays has not learnt separate styles"))
        .show(ui, gestures);
    Slider::new(&style.memory, "Memory", tips::MEMORY).show(ui, gestures);
    Slider::new(&style.top_p, "Top-p", tips::TOP_P).show(ui, gestures);
    Slider::new(&style.rhythm_temperature, "Rhythm", tips::RHYTHM).show(ui, gestures);
}

fn output(ui: &mut Ui, context: &EditorContext) {
    let (gestures, output) = (&context.gestures(), &context.params.output);
    Choice::new(&output.thru, tips::THRU)
        .named()
        .show(ui, gestures);
    Slider::new(&output.channel, "Channel", tips::CHANNEL)
        .names()
        .show(ui, gestures);
    ui.horizontal(|ui| {
        Toggle(&output.preview, tips::PREVIEW)
            .inactive((!context.class.has_audio).then_some("HarmonAI Notes has no audio output"))
            .show(ui, gestures);
        Toggle(&output.bypass, tips::BYPASS).show(ui, gestures);
    });
    let app = context.transport.rolls().is_some();
    Toggle(&output.free_run, tips::FREE_RUN)
        .inactive(app.then_some("in the app, Start and Stop at the top are the transport"))
        .show(ui, gestures);
}

/// Which pitches the answer may have.
fn pitch(ui: &mut Ui, context: &EditorContext) {
    let pitch = &context.params.pitch;
    let free = pitch.scale.value() == ScaleChoice::Chromatic;
    let controls: [&dyn Control; 6] = [
        &Choice::new(&pitch.key, tips::KEY)
            .named()
            .inactive(free.then_some("the scale is All notes")),
        &Choice::new(&pitch.scale, tips::SCALE).named(),
        &key(context, &pitch.low, "Low", tips::LOW),
        &key(context, &pitch.high, "High", tips::HIGH),
        &Slider::new(&pitch.octave, "Octave", tips::OCTAVE),
        &Slider::new(&pitch.leaps, "Leaps", tips::LEAPS),
    ];
    row(ui, &context.gestures(), &controls);
}

/// Its rhythm, and how loud it is.
fn rhythm(ui: &mut Ui, context: &EditorContext) {
    let (rhythm, output) = (&context.params.rhythm, &context.params.output);
    let eighths = context.snapshot.metre.beat() < Ticks::BEAT;
    let fixed = output.touch.value() == TouchChoice::Fixed;
    let controls: [&dyn Control; 7] = [
        &Choice::new(&rhythm.grid, tips::GRID).named(),
        &Slider::new(&rhythm.density, "Density", tips::DENSITY),
        &Slider::new(&rhythm.gate, "Gate", tips::GATE),
        &Slider::new(&rhythm.swing, "Swing", tips::SWING)
            .inactive(eighths.then_some("a metre of eighths has no swing")),
        &Choice::new(&output.touch, tips::TOUCH),
        &Slider::new(&output.velocity, "Velocity", tips::VELOCITY)
            .inactive((!fixed).then_some("the touch is not fixed")),
        &Slider::new(&output.dynamics, "Dynamics", tips::DYNAMICS)
            .inactive(fixed.then_some("the touch is fixed")),
    ];
    row(ui, &context.gestures(), &controls);
}

/// Which answer, and what becomes of the phrase and the notes.
fn session(ui: &mut Ui, context: &EditorContext) {
    let (play, output) = (&context.params.play, &context.params.output);
    let controls: [&dyn Control; 7] = [
        &Segments(&play.variation, tips::VARIATION),
        &Slider::new(&play.seed, "Seed", tips::SEED).number(),
        &Toggle(&play.freeze, tips::FREEZE),
        &key(context, &play.trigger, "Trigger", tips::TRIGGER).names(),
        &Trigger(&play.generate, tips::GENERATE),
        &Trigger(&play.clear, tips::CLEAR),
        &Trigger(&output.panic, tips::PANIC),
    ];
    row(ui, &context.gestures(), &controls);
}

/// A slider of keys, named as in the key of the phrase.
fn key<'a>(
    context: &EditorContext,
    param: &'a IntParam,
    short: &'a str,
    tip: &'a str,
) -> Slider<'a, IntParam> {
    let slider = Slider::new(param, short, tip);
    let key = u8::try_from(param.value()).ok().and_then(Pitch::new);
    match key {
        Some(key) => slider.reading(context.current.names.name(key)),
        // The trigger key may be none.
        None => slider.reading(param.to_string()),
    }
}

/// A note in place of a slider, and as high.
fn note(ui: &mut Ui, text: &str) {
    let size = vec2(ui.available_width(), style::ROW);
    let text = RichText::new(text).color(style::palette(ui).dim);
    ui.add_sized(size, Label::new(text).truncate());
}
