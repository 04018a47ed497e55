//! The window of the standalone app: its transport, its tempo, the way to the system's audio.

use egui_kittest::kittest::{NodeT, Queryable};

use super::studio::Studio;
use super::*;
use crate::standalone::{Backend, Way};

fn alone(backend: Backend) -> Studio {
    let studio = Studio::new(1.0);
    let way = Way {
        backend,
        named: false,
        midi: (false, false),
    };
    studio.params().transport.appear(Some(way));
    studio
}

#[test]
fn the_window_says_by_what_way_notes_come_and_go() {
    for (backend, name) in [(Backend::Jack, "JACK"), (Backend::None, "no audio")] {
        let mut studio = alone(backend);
        studio.look();
        assert!(studio.harness.query_by_label(name).is_some(), "{name}");
    }
    let mut studio = Studio::new(1.0);
    studio.look();
    for name in ["JACK", "no audio", "Tempo", "Stop"] {
        assert!(studio.harness.query_by_label(name).is_none(), "{name}");
    }
}

#[test]
fn the_tempo_is_typed_into_the_window_and_turned() {
    let mut studio = alone(Backend::Jack);
    let transport = studio.params().transport.clone();
    studio.look();
    assert_eq!(transport.tempo(), None, "that of the command line holds");
    let place = studio.harness.get_by_label("Tempo").rect().center();
    studio.harness.get_by_label("Tempo").click();
    studio.look();
    studio.harness.event(Event::Text("96".to_owned()));
    studio.look();
    studio.press(egui::Key::Enter);
    assert_eq!(transport.tempo(), Some(96.0));
    studio.harness.drag_at(place);
    studio.look();
    studio.harness.hover_at(place + vec2(40.0, 0.0));
    studio.look();
    studio.harness.drop_at(place + vec2(40.0, 0.0));
    studio.look();
    assert_eq!(transport.tempo(), Some(106.0));
}

#[test]
fn what_jack_says_of_the_tempo_is_shown_and_not_to_be_changed() {
    use crate::audio::clock::HostTime;
    let mut studio = alone(Backend::Jack);
    let transport = studio.params().transport.clone();
    transport.set_tempo(96.0);
    let time = HostTime {
        playing: true,
        beats: Some(0.0),
        ..HostTime::default()
    };
    transport.apply(time, None);
    studio.reporter.moment(&Moment {
        tempo: 133.0,
        ..Moment::default()
    });
    studio.look();
    let field = studio.harness.get_by_label("Tempo");
    let node = field.accesskit_node();
    assert!(node.is_disabled());
    assert_eq!(node.numeric_value(), Some(133.0));
}
