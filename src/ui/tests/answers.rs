//! The strip of the last answers, scrolled.

use egui_kittest::kittest::Queryable;

use super::harness::EditorHarness;
use super::*;

/// A strip with this many answers, scrolled to older ones.
fn scrolled(answers: usize) -> EditorHarness {
    let mut editor = EditorHarness::new(1.0);
    for _ in 0..answers {
        editor.answered(&[(0, 24, 60, 90)]);
    }
    editor.harness.hover_at(strip());
    editor.look();
    let wheel = Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, -400.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    };
    editor.harness.event(wheel);
    editor.harness.run_steps(20);
    assert!(left(&editor, answers) < -300.0);
    editor
}

/// Somewhere in the strip.
fn strip() -> Pos2 {
    egui::pos2(500.0, 420.0)
}

/// The left edge of the answer with this number.
fn left(editor: &EditorHarness, number: usize) -> f32 {
    let name = format!("Play answer {number}");
    editor.harness.get_by_label(&name).rect().left()
}

#[test]
fn a_new_answer_comes_into_sight() {
    let mut editor = scrolled(12);
    editor.harness.hover_at(egui::pos2(500.0, 100.0));
    editor.look();
    assert!(left(&editor, 12) < 0.0, "nothing is new yet");
    editor.answered(&[(0, 24, 62, 90)]);
    editor.look();
    assert!(left(&editor, 13) > 0.0);
}

#[test]
fn nothing_moves_under_the_mouse_and_a_button_leads_to_what_is_new() {
    let mut editor = scrolled(12);
    let before = left(&editor, 8);
    editor.answered(&[(0, 24, 62, 90)]);
    editor.look();
    // Cards lie on whole pixels, the strip where it is scrolled to.
    assert!((left(&editor, 8) - before).abs() < 1.0);
    editor.harness.get_by_label("Show the new answer").click();
    editor.look();
    assert!(left(&editor, 13) > 0.0);
    let button = editor.harness.query_by_label("Show the new answer");
    assert!(button.is_none());
}

#[test]
fn what_was_kept_out_of_sight_is_shown_when_the_mouse_goes() {
    let mut editor = scrolled(12);
    editor.answered(&[(0, 24, 62, 90)]);
    editor.look();
    assert!(left(&editor, 13) < 0.0);
    editor.harness.hover_at(egui::pos2(500.0, 100.0));
    editor.look();
    assert!(left(&editor, 13) > 0.0);
}

#[test]
fn a_strip_that_has_room_needs_no_button() {
    let mut editor = EditorHarness::new(1.0);
    editor.answered(&[(0, 24, 60, 90)]);
    editor.harness.hover_at(strip());
    editor.look();
    editor.answered(&[(0, 24, 62, 90)]);
    editor.look();
    assert!(left(&editor, 2) > 0.0);
    let button = editor.harness.query_by_label("Show the new answer");
    assert!(button.is_none());
}
