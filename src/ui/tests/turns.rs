//! What the first line says of the turn at hand, mode by mode.

use egui_kittest::kittest::Queryable;

use super::studio::Studio;
use super::*;

#[test]
fn how_long_it_listens_is_said_as_the_mode_has_it() {
    let mut studio = Studio::new(1.0);
    studio.reporter.moment(&Moment {
        playing: true,
        activity: Activity::Listening,
        listening: Some(Ticks::ZERO..Ticks::new(192)),
        ..Moment::default()
    });
    for (mode, text) in [
        (0.0, "2 bars to go"),
        (1.0 / 3.0, "until 2 beats of silence"),
        (2.0 / 3.0, "until you press Generate"),
    ] {
        studio.turn("mode", mode);
        studio.look();
        assert!(studio.harness.query_by_label(text).is_some(), "{text}");
    }
}
