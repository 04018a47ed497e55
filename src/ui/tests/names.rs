//! What notes are called in the window, and numbers that are turned like the rest.

use egui_kittest::kittest::{NodeT, Queryable};
use harmonai_core::play::phrase::Phrase;

use super::harness::{EditorHarness, note};
use super::*;

#[test]
fn notes_are_called_as_the_key_that_was_heard_calls_them() {
    let mut editor = EditorHarness::new(1.0);
    let low = |editor: &mut EditorHarness| {
        editor.look();
        let node = editor.harness.get_by_label("Lowest note");
        node.accesskit_node().value().unwrap()
    };
    let hear = |editor: &EditorHarness, keys: &[i64]| {
        let notes = (0..)
            .zip(keys)
            .map(|(i, key)| note(&(24 * i, 24, *key, 90)));
        let long = Ticks::new(24 * keys.len() as i64);
        let phrase = Phrase::new(Metre::COMMON, notes.collect(), long).unwrap();
        editor.params().phrases.put(Some(phrase));
    };
    editor.turn("low", 61.0 / 127.0);
    assert_eq!(low(&mut editor), "C#4");
    hear(&editor, &[63, 67, 70, 68, 67, 65, 62, 63, 63]);
    assert_eq!(low(&mut editor), "Db4");
    let at = editor.harness.get_by_label("Lowest note, handle");
    assert_eq!(at.accesskit_node().value().as_deref(), Some("Db4"));
    hear(&editor, &[62, 66, 69, 67, 66, 64, 61, 62, 62]);
    assert_eq!(low(&mut editor), "C#4");
}

#[test]
fn the_seed_is_turned_like_every_other_control() {
    let mut editor = EditorHarness::new(1.0);
    let params = editor.params();
    let seed = || params.play.seed.value();
    editor.look();
    let at = editor.harness.get_by_label("Seed").rect().center();
    editor.harness.drag_at(at);
    editor.look();
    editor.harness.hover_at(at + vec2(40.0, 0.0));
    editor.look();
    editor.harness.drop_at(at + vec2(40.0, 0.0));
    editor.look();
    assert!((10..=30).contains(&seed()), "{}", seed());
    let told = editor.told();
    assert_eq!(told.first(), Some(&Told::Begin("seed".to_owned())));
    assert_eq!(told.last(), Some(&Told::End("seed".to_owned())));
    editor.harness.get_by_label("Seed").focus();
    editor.look();
    for digit in ["4", "2"] {
        editor.harness.event(Event::Text(digit.to_owned()));
        editor.look();
    }
    editor.press(egui::Key::Enter);
    assert_eq!(seed(), 42);
}

#[test]
fn a_click_leaves_the_seed_and_a_double_click_takes_it_back() {
    let mut bench = Bench::new(true);
    let params = bench.app.context.params.clone();
    let seed = bench.find("Seed");
    bench.drag(seed, vec2(30.0, 0.0));
    let dragged = params.play.seed.value();
    assert_ne!(dragged, 0);
    (0..20).for_each(|_| drop(bench.see()));
    for (pressed, expect) in [
        (true, dragged),
        (false, dragged),
        (true, dragged),
        (false, 0),
    ] {
        bench.press(seed, pressed, Modifiers::NONE);
        assert_eq!(params.play.seed.value(), expect);
    }
}
