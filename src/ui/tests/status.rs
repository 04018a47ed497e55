//! What the status row says of the current turn, mode by mode.

use egui_kittest::kittest::Queryable;

use super::harness::EditorHarness;
use super::*;

#[test]
fn how_long_it_listens_depends_on_the_mode() {
    let mut editor = EditorHarness::new(1.0);
    editor.writer.snapshot(&EngineSnapshot {
        playing: true,
        activity: Activity::Listening,
        listening: Some(Ticks::ZERO..Ticks::new(192)),
        ..EngineSnapshot::default()
    });
    for (mode, text) in [
        (0.0, "2 bars to go"),
        (1.0 / 3.0, "until 2 beats of silence"),
        (2.0 / 3.0, "until you press Generate"),
    ] {
        editor.turn("mode", mode);
        editor.look();
        assert!(editor.harness.query_by_label(text).is_some(), "{text}");
    }
}
