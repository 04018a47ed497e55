//! The window's main states as pictures, beside those that were looked at: `snapshots/*.png`.
//!
//! After a change that is meant: `UPDATE_SNAPSHOTS=1 cargo test -p harmonai --lib pictures`, and look.

use super::raster::options;
use super::studio::{Studio, note};
use super::*;
use crate::standalone::{Backend, Way};
use crate::window::MIN_SIZE;
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

fn moment(position: f64, activity: Activity) -> Moment {
    let (listening, answer) = (
        Ticks::ZERO..Ticks::new(192),
        Ticks::new(192)..Ticks::new(384),
    );
    let answers = activity == Activity::Answering;
    Moment {
        playing: true,
        position: Beats::new(position),
        activity,
        listening: (!answers).then_some(listening),
        answer: answers.then_some(answer),
        ..Moment::default()
    }
}

/// Half of the phrase is played.
fn listening(studio: &mut Studio) {
    studio.play(Part::Phrase, &PHRASE[..4]);
    studio.reporter.moment(&moment(4.0, Activity::Listening));
}

/// Half of the answer is played, a note planned, the rest sketched; there were answers before.
fn answering(studio: &mut Studio) {
    let notes = PHRASE.iter().map(note).collect();
    let phrase = Phrase::new(Metre::COMMON, notes, Ticks::new(192)).unwrap();
    studio.params().phrases.put(Some(phrase));
    studio.play(Part::Phrase, &PHRASE);
    studio.play(Part::Answer, &ANSWER[..4]);
    studio.reporter.planned(note(&ANSWER[4]));
    let sketch = ANSWER[5..].iter().map(note);
    studio.window.borrow().display.set_sketch(sketch);
    studio.answered(&PHRASE);
    let kept = studio.answered(&ANSWER);
    studio.params().history.star(kept, true);
    studio.answered(&ANSWER[..4]);
    studio.reporter.moment(&moment(11.5, Activity::Answering));
}

fn check(mut studio: Studio, name: &str) {
    // The roll has found its range, and nothing fades any more.
    studio.harness.run_steps(40);
    studio.harness.snapshot_options(name, &options());
}

#[test]
fn listening_in_the_dark() {
    let mut studio = Studio::new(SCALE);
    listening(&mut studio);
    check(studio, "listening");
}

#[test]
fn answering_in_the_dark() {
    let mut studio = Studio::new(SCALE);
    answering(&mut studio);
    check(studio, "answering");
}

#[test]
fn answering_in_the_light() {
    let mut studio = Studio::new(SCALE);
    answering(&mut studio);
    studio.params().look.set_light(true);
    check(studio, "answering-light");
}

/// The smallest window at 200 %: the app without audio, in Jam, with good news.
#[test]
fn the_app_at_twice_the_size() {
    let size = vec2(MIN_SIZE.width, MIN_SIZE.height);
    let mut studio = Studio::sized(size, 2.0);
    answering(&mut studio);
    studio.params().transport.appear(Some(Way {
        backend: Backend::None,
        named: false,
        midi: (false, false),
    }));
    studio.turn("mode", 1.0);
    // It would not last through all those pictures.
    studio.harness.run_steps(40);
    let display = studio.window.borrow().display.clone();
    display.messages().set_good("Saved HarmonAI answer 3.mid.");
    studio.harness.run_steps(4);
    studio.harness.snapshot_options("app-200", &options());
}

#[test]
fn models_and_a_message() {
    let mut studio = Studio::new(SCALE);
    answering(&mut studio);
    studio.window.borrow_mut().browser.open = true;
    let text = "Cannot read the model /m/a.safetensors. Playing the bundled model.";
    studio.window.borrow().display.messages().set_trouble(text);
    check(studio, "models");
}
