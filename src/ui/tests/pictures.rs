//! The window's main states as pictures, beside those that were looked at: `snapshots/*.png`.
//!
//! After a change that is meant: `UPDATE_SNAPSHOTS=1 cargo test -p harmonai --lib pictures`, and
//! look.

use super::harness::{EditorHarness, note};
use super::raster::options;
use super::*;
use crate::project::window_state::MIN_SIZE;
use crate::standalone::backend::{Backend, Connection};
use harmonai_core::play::phrase::Phrase;

/// Pixels a point: few, since the pictures lie in the repository.
const SCALE: f32 = 0.75;

const PHRASE: [(i64, i64, i64, i64); 7] = [
    (0, 24, 64, 90),
    (24, 24, 64, 70),
    (48, 24, 65, 100),
    (72, 24, 67, 110),
    (96, 24, 67, 80),
    (120, 24, 65, 60),
    (144, 48, 62, 90),
];

const ANSWER: [(i64, i64, i64, i64); 8] = [
    (192, 24, 64, 90),
    (216, 12, 65, 60),
    (228, 12, 67, 70),
    (240, 48, 69, 110),
    (288, 24, 67, 80),
    (312, 24, 65, 70),
    (336, 24, 64, 60),
    (360, 24, 60, 90),
];

fn moment(position: f64, activity: Activity) -> EngineSnapshot {
    let (listening, answer) = (
        Ticks::ZERO..Ticks::new(192),
        Ticks::new(192)..Ticks::new(384),
    );
    let answers = activity == Activity::Answering;
    EngineSnapshot {
        playing: true,
        position: Beats::new(position),
        activity,
        listening: (!answers).then_some(listening),
        answer: answers.then_some(answer),
        ..EngineSnapshot::default()
    }
}

/// Half of the phrase is played.
fn listening(editor: &mut EditorHarness) {
    editor.play(NoteSource::Phrase, &PHRASE[..4]);
    editor.writer.snapshot(&moment(4.0, Activity::Listening));
}

/// Half of the answer is played, a note planned, the rest sketched; there were answers before.
fn answering(editor: &mut EditorHarness) {
    let notes = PHRASE.iter().map(note).collect();
    let phrase = Phrase::new(Metre::COMMON, notes, Ticks::new(192)).unwrap();
    editor.params().phrases.put(Some(phrase));
    editor.play(NoteSource::Phrase, &PHRASE);
    editor.play(NoteSource::Answer, &ANSWER[..4]);
    editor.writer.planned(note(&ANSWER[4]));
    let sketch = ANSWER[5..].iter().map(note);
    editor.app.borrow().context.engine.set_sketch(sketch);
    editor.answered(&PHRASE);
    let kept = editor.answered(&ANSWER);
    editor.params().history.star(kept, true);
    editor.answered(&ANSWER[..4]);
    editor.writer.snapshot(&moment(11.5, Activity::Answering));
}

fn check(mut editor: EditorHarness, name: &str) {
    // The roll has found its range, and nothing fades any more.
    editor.harness.run_steps(40);
    editor.harness.snapshot_options(name, &options());
}

#[test]
fn listening_in_the_dark() {
    let mut editor = EditorHarness::new(SCALE);
    listening(&mut editor);
    check(editor, "listening");
}

#[test]
fn answering_in_the_dark() {
    let mut editor = EditorHarness::new(SCALE);
    answering(&mut editor);
    check(editor, "answering");
}

#[test]
fn answering_in_the_light() {
    let mut editor = EditorHarness::new(SCALE);
    answering(&mut editor);
    editor.params().theme.set_light(true);
    check(editor, "answering-light");
}

/// The smallest window at 200 %: the app without audio, in Jam, with good news.
#[test]
fn the_app_at_twice_the_size() {
    let size = vec2(MIN_SIZE.width, MIN_SIZE.height);
    let mut editor = EditorHarness::sized(size, 2.0);
    answering(&mut editor);
    editor.transport().appear(Some(Connection {
        backend: Backend::None,
        named: false,
        midi: (false, false),
    }));
    editor.turn("mode", 1.0);
    // It would not last through all those pictures.
    editor.harness.run_steps(40);
    let engine = editor.app.borrow().context.engine.clone();
    engine.messages().set_good("Saved HarmonAI answer 3.mid.");
    editor.harness.run_steps(4);
    editor.harness.snapshot_options("app-200", &options());
}

#[test]
fn models_and_a_message() {
    let mut editor = EditorHarness::new(SCALE);
    answering(&mut editor);
    editor.app.borrow_mut().browser.open = true;
    let text = "Cannot read the model /m/a.safetensors. Playing the bundled model.";
    editor
        .app
        .borrow()
        .context
        .engine
        .messages()
        .set_trouble(text);
    check(editor, "models");
}
