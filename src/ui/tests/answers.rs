//! The strip of the last answers, scrolled.

use egui_kittest::kittest::Queryable;

use super::studio::Studio;
use super::*;

/// A strip with so many answers, scrolled to older ones.
fn scrolled(answers: usize) -> Studio {
    let mut studio = Studio::new(1.0);
    for _ in 0..answers {
        studio.answered(&[(0, 24, 60, 90)]);
    }
    studio.harness.hover_at(strip());
    studio.look();
    let wheel = Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, -400.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    };
    studio.harness.event(wheel);
    studio.harness.run_steps(20);
    assert!(left(&studio, answers) < -300.0);
    studio
}

/// Somewhere in the strip.
fn strip() -> Pos2 {
    egui::pos2(500.0, 420.0)
}

/// The left edge of the answer with this number.
fn left(studio: &Studio, number: usize) -> f32 {
    let name = format!("Play answer {number}");
    studio.harness.get_by_label(&name).rect().left()
}

#[test]
fn a_new_answer_comes_into_sight() {
    let mut studio = scrolled(12);
    studio.harness.hover_at(egui::pos2(500.0, 100.0));
    studio.look();
    assert!(left(&studio, 12) < 0.0, "nothing is new yet");
    studio.answered(&[(0, 24, 62, 90)]);
    studio.look();
    assert!(left(&studio, 13) > 0.0);
}

#[test]
fn nothing_moves_under_the_mouse_and_a_button_leads_to_what_is_new() {
    let mut studio = scrolled(12);
    let before = left(&studio, 8);
    studio.answered(&[(0, 24, 62, 90)]);
    studio.look();
    // Cards lie on whole pixels, the strip where it is scrolled to.
    assert!((left(&studio, 8) - before).abs() < 1.0);
    studio.harness.get_by_label("Show the new answer").click();
    studio.look();
    assert!(left(&studio, 13) > 0.0);
    let button = studio.harness.query_by_label("Show the new answer");
    assert!(button.is_none());
}

#[test]
fn what_was_kept_out_of_sight_is_shown_when_the_mouse_goes() {
    let mut studio = scrolled(12);
    studio.answered(&[(0, 24, 62, 90)]);
    studio.look();
    assert!(left(&studio, 13) < 0.0);
    studio.harness.hover_at(egui::pos2(500.0, 100.0));
    studio.look();
    assert!(left(&studio, 13) > 0.0);
}

#[test]
fn a_strip_that_has_room_needs_no_button() {
    let mut studio = Studio::new(1.0);
    studio.answered(&[(0, 24, 60, 90)]);
    studio.harness.hover_at(strip());
    studio.look();
    studio.answered(&[(0, 24, 62, 90)]);
    studio.look();
    assert!(left(&studio, 2) > 0.0);
    let button = studio.harness.query_by_label("Show the new answer");
    assert!(button.is_none());
}
