//! Every control without a mouse: by tab and arrows, by typing, by a screen reader.

use std::collections::BTreeSet;

use egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};

use super::harness::EditorHarness;
use super::*;

/// The name of what has the keyboard.
fn focused(editor: &EditorHarness) -> Option<String> {
    let root = editor.harness.root();
    let nodes = root.children_recursive();
    let mut named = nodes.filter(|node| node.is_focused());
    named.find_map(|node| node.accesskit_node().label())
}

#[test]
fn tab_goes_through_all_parameters_by_name() {
    let mut editor = EditorHarness::new(1.0);
    editor.answered(&[(0, 24, 60, 90)]);
    editor.look();
    let mut reached = BTreeSet::new();
    for _ in 0..120 {
        editor.press(Key::Tab);
        reached.extend(focused(&editor));
    }
    let params = editor.params();
    for (id, param, _) in params.param_map() {
        // Where it answers after bars, there is no silence to set.
        if id == "silence" {
            continue;
        }
        // SAFETY: the pointers lead into the parameters, which are held here.
        let name = unsafe { param.name() };
        // Some stand as several buttons: Variation A, Variation B, …
        let found = reached.iter().any(|known| known.starts_with(name));
        assert!(found, "no '{name}' ({id}) in {reached:?}");
    }
    for name in [
        "Highest note, handle",
        "Size of the window",
        "Play answer 1",
        "Keep answer 1",
        "Save answer 1",
        "Make the phrase of answer 1",
    ] {
        assert!(reached.contains(name), "no '{name}' in {reached:?}");
    }
}

#[test]
fn arrows_turn_what_has_the_keyboard_and_each_is_a_gesture() {
    let mut editor = EditorHarness::new(1.0);
    editor.harness.get_by_label("Length").focus();
    editor.look();
    let params = editor.params();
    let mut check = |key, expect: i32| {
        editor.press(key);
        assert_eq!(params.play.length.value(), expect, "{key:?}");
        let told = editor.told();
        assert!(
            matches!(&told[..], [Told::Begin(_), Told::Set(..), Told::End(_)]),
            "{key:?}: {told:?}"
        );
    };
    check(Key::ArrowUp, 17);
    check(Key::ArrowLeft, 16);
    check(Key::End, 65);
    check(Key::Home, 1);
    check(Key::PageUp, 7);
    check(Key::Delete, 16);
    assert_eq!(focused(&editor).as_deref(), Some("Length"));
}

#[test]
fn a_value_is_typed_and_escape_leaves_it() {
    let mut editor = EditorHarness::new(1.0);
    let params = editor.params();
    editor.harness.get_by_label("Temperature").focus();
    editor.look();
    let type_in = |editor: &mut EditorHarness, text: &str| {
        for letter in text.chars() {
            editor.harness.event(Event::Text(letter.to_string()));
            editor.look();
        }
    };
    type_in(&mut editor, "1.25");
    editor.press(Key::Enter);
    assert_eq!(params.style.temperature.value(), 1.25);
    let told = editor.told();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(focused(&editor).as_deref(), Some("Temperature"));
    type_in(&mut editor, "0.3");
    editor.press(Key::Escape);
    assert_eq!(params.style.temperature.value(), 1.25);
    // Enter opens the field with the whole value marked.
    editor.harness.get_by_label("Length").focus();
    editor.look();
    editor.press(Key::Enter);
    type_in(&mut editor, "endless");
    editor.press(Key::Enter);
    assert_eq!(params.play.length.to_string(), "endless");
    // What is no value changes nothing and stays to be mended.
    editor.press(Key::Enter);
    type_in(&mut editor, "soon");
    editor.press(Key::Enter);
    assert_eq!(params.play.length.to_string(), "endless");
    type_in(&mut editor, "8");
    editor.press(Key::Enter);
    assert_eq!(params.play.length.value(), 8);
    editor.harness.get_by_label("Temperature").focus();
    editor.look();
    type_in(&mut editor, "0,75");
    editor.press(Key::Enter);
    assert_eq!(params.style.temperature.value(), 0.75);
}

#[test]
fn a_screen_reader_hears_name_value_and_meaning_and_sets_it() {
    let mut editor = EditorHarness::new(1.0);
    editor.look();
    let params = editor.params();
    let knob = editor.harness.get_by_label("Length");
    assert_eq!(knob.value().as_deref(), Some("16 beats"));
    let node = knob.accesskit_node();
    assert_eq!(node.role(), egui::accesskit::Role::Slider);
    assert!(node.description().unwrap().contains("endless"));
    knob.set_text_value_accesskit("8 beats");
    editor.look();
    assert_eq!(params.play.length.value(), 8);
    editor.harness.get_by_label("Length").increment_accesskit();
    editor.look();
    assert_eq!(params.play.length.value(), 9);
    editor
        .harness
        .get_by_label("Memory")
        .set_value_accesskit(0.5);
    editor.look();
    assert_eq!(params.style.memory.value(), 0.5);
}

#[test]
fn an_answer_is_kept_and_a_variation_chosen_by_keyboard() {
    let mut editor = EditorHarness::new(1.0);
    let id = editor.answered(&[(0, 24, 60, 90), (24, 24, 64, 90)]);
    editor.look();
    let params = editor.params();
    editor.harness.get_by_label("Keep answer 1").focus();
    editor.look();
    editor.press(Key::Space);
    assert!(params.history.get(id).unwrap().starred);
    editor.harness.get_by_label("Variation C").focus();
    editor.look();
    editor.press(Key::Enter);
    assert_eq!(params.play.variation.to_string(), "C");
}

#[test]
fn a_model_is_looked_up_and_loaded_by_keyboard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone.safetensors");
    let mut editor = EditorHarness::new(1.0);
    editor.app.borrow_mut().browser.open = true;
    editor.look();
    assert!(editor.harness.query_by_label("HarmonAI default").is_some());
    let field = editor.harness.get_by_label("Path of a model or MIDI file");
    field.focus();
    editor.look();
    let typed = Event::Text(path.to_str().unwrap().to_owned());
    editor.harness.event(typed);
    editor.look();
    editor.press(Key::Enter);
    editor.app.borrow().context.tasks.join();
    let message = editor.app.borrow().context.engine.messages().trouble();
    assert!(message.contains("gone.safetensors"), "{message}");
    editor.press(Key::Escape);
    assert!(!editor.app.borrow().browser.open);
    editor.look();
    editor.harness.get_by_label("Dismiss the message").click();
    editor.look();
    assert_eq!(editor.app.borrow().context.engine.messages().trouble(), "");
}

#[test]
fn a_file_that_is_dropped_is_taken_in() {
    #[derive(Debug)]
    struct Dropped(std::path::PathBuf);
    impl egui::DroppedFile for Dropped {
        fn path(&self) -> &std::path::Path {
            &self.0
        }
        fn bytes(&self) -> Result<Vec<u8>, String> {
            Err("it is read elsewhere".to_owned())
        }
    }
    let mut editor = EditorHarness::new(1.0);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("plugin-assets/seeds/ode-to-joy.mid");
    let input = editor.harness.input_mut();
    input.dropped_files.push(Arc::new(Dropped(path)));
    editor.look();
    editor.app.borrow().context.tasks.join();
    assert!(editor.commands.take().eq([Command::Load]));
}

#[test]
fn the_handles_of_the_range_are_dragged_and_turned() {
    let mut editor = EditorHarness::new(1.0);
    editor.play(NoteSource::Phrase, &[(0, 24, 60, 90), (24, 24, 72, 90)]);
    editor.look();
    let params = editor.params();
    let at = editor.harness.get_by_label("Highest note, handle").rect();
    let from = at.center();
    editor.harness.drag_at(from);
    editor.look();
    let to = from + vec2(0.0, 60.0);
    editor.harness.hover_at(to);
    editor.look();
    editor.harness.drop_at(to);
    editor.look();
    let high = params.pitch.high.value();
    assert!((60..84).contains(&high), "{high}");
    let told = editor.told();
    assert_eq!(told.first(), Some(&Told::Begin("high".to_owned())));
    assert_eq!(told.last(), Some(&Told::End("high".to_owned())));
    editor.harness.get_by_label("Lowest note, handle").focus();
    editor.look();
    editor.press(Key::ArrowUp);
    assert_eq!(params.pitch.low.value(), 1);
}

#[test]
fn a_notch_of_the_wheel_is_a_step() {
    let mut editor = EditorHarness::new(1.0);
    editor.look();
    let params = editor.params();
    let over = editor.harness.get_by_label("Octave").rect().center();
    editor.harness.hover_at(over);
    editor.look();
    let mut turn = |unit, by: f32, expect: i32| {
        editor.harness.event(Event::MouseWheel {
            unit,
            delta: vec2(0.0, by),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        editor.look();
        assert_eq!(params.pitch.octave.value(), expect, "{unit:?} {by}");
    };
    use egui::MouseWheelUnit::{Line, Point};
    turn(Line, 1.0, 1);
    turn(Line, 1.0, 2);
    turn(Line, -1.0, 1);
    // A touchpad's points add up.
    turn(Point, -30.0, 1);
    turn(Point, -30.0, 0);
}
