//! The window of the standalone app: its transport, its tempo, the way to the system's audio.

use egui_kittest::kittest::{NodeT, Queryable};

use super::harness::EditorHarness;
use super::*;
use crate::standalone::backend::{Backend, Connection};

fn alone(backend: Backend) -> EditorHarness {
    let editor = EditorHarness::new(1.0);
    let connection = Connection {
        backend,
        named: false,
        midi: (false, false),
    };
    editor.transport().appear(Some(connection));
    editor
}

#[test]
fn the_window_says_by_what_way_notes_come_and_go() {
    for (backend, name) in [(Backend::Jack, "JACK"), (Backend::None, "no audio")] {
        let mut editor = alone(backend);
        editor.look();
        assert!(editor.harness.query_by_label(name).is_some(), "{name}");
    }
    let mut editor = EditorHarness::new(1.0);
    editor.look();
    for name in ["JACK", "no audio", "Tempo", "Stop"] {
        assert!(editor.harness.query_by_label(name).is_none(), "{name}");
    }
}

#[test]
fn the_tempo_is_typed_into_the_window_and_turned() {
    let mut editor = alone(Backend::Jack);
    let transport = editor.transport();
    editor.look();
    assert_eq!(transport.tempo(), None, "that of the command line holds");
    let place = editor.harness.get_by_label("Tempo").rect().center();
    editor.harness.get_by_label("Tempo").click();
    editor.look();
    editor.harness.event(Event::Text("96".to_owned()));
    editor.look();
    editor.press(egui::Key::Enter);
    assert_eq!(transport.tempo(), Some(96.0));
    editor.harness.drag_at(place);
    editor.look();
    editor.harness.hover_at(place + vec2(40.0, 0.0));
    editor.look();
    editor.harness.drop_at(place + vec2(40.0, 0.0));
    editor.look();
    assert_eq!(transport.tempo(), Some(106.0));
}

#[test]
fn what_jack_says_of_the_tempo_is_shown_and_not_to_be_changed() {
    use crate::audio::clock::HostTime;
    let mut editor = alone(Backend::Jack);
    let transport = editor.transport();
    transport.set_tempo(96.0);
    let time = HostTime {
        playing: true,
        beats: Some(0.0),
        ..HostTime::default()
    };
    transport.apply(time, None);
    editor.writer.snapshot(&EngineSnapshot {
        tempo: 133.0,
        ..EngineSnapshot::default()
    });
    editor.look();
    let field = editor.harness.get_by_label("Tempo");
    let node = field.accesskit_node();
    assert!(node.is_disabled());
    assert_eq!(node.numeric_value(), Some(133.0));
}
