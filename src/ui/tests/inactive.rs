//! Controls that have no effect with the settings as they are, and that they say why.

use egui_kittest::kittest::{NodeT, Queryable};

use super::harness::EditorHarness;
use super::*;

/// What a screen reader says of the slider with this name.
fn told(editor: &EditorHarness, name: &str) -> String {
    let node = editor.harness.get_by_label(name);
    node.accesskit_node().description().unwrap_or_default()
}

#[test]
fn a_control_without_effect_says_why_and_can_be_turned() {
    let mut editor = EditorHarness::new(1.0);
    let params = editor.params();
    let check = |editor: &mut EditorHarness, name: &str, why: Option<&str>| {
        editor.look();
        let told = told(editor, name);
        let found = told.strip_prefix("No effect now: ");
        match why {
            Some(why) => assert!(found.is_some_and(|told| told.starts_with(why)), "{told}"),
            None => assert_eq!(found, None, "{name}"),
        }
    };
    check(&mut editor, "Length", None);
    editor.turn("mode", 1.0);
    check(&mut editor, "Length", Some("in Jam it plays all the time"));
    editor.harness.get_by_label("Length").focus();
    editor.look();
    editor.press(egui::Key::ArrowUp);
    assert_eq!(params.play.length.value(), 17);

    check(&mut editor, "Velocity", Some("the touch is not fixed"));
    check(&mut editor, "Dynamics", None);
    editor.turn("touch", 1.0);
    check(&mut editor, "Velocity", None);
    check(&mut editor, "Dynamics", Some("the touch is fixed"));

    check(&mut editor, "Swing", None);
    editor.writer.snapshot(&EngineSnapshot {
        metre: Metre::parse("6/8").unwrap(),
        ..EngineSnapshot::default()
    });
    check(&mut editor, "Swing", Some("a metre of eighths"));
}

/// How bright the text is drawn.
fn alpha(bench: &mut Bench, text: &str) -> u8 {
    bench.see();
    let shapes = bench.shapes(WINDOW, Vec::new());
    let mut found = Vec::new();
    for shape in &shapes {
        colours(&shape.shape, text, &mut found);
    }
    assert_eq!(found.len(), 1, "one '{text}'");
    found[0]
}

fn colours(shape: &egui::Shape, text: &str, found: &mut Vec<u8>) {
    match shape {
        egui::Shape::Text(shape) if shape.galley.text() == text => {
            let letters = &shape.galley.rows[0].visuals.mesh.vertices;
            found.push(match letters[0].color {
                egui::Color32::PLACEHOLDER => shape.fallback_color.a(),
                color => color.a(),
            });
        }
        egui::Shape::Vec(shapes) => {
            shapes.iter().for_each(|shape| colours(shape, text, found));
        }
        _ => {}
    }
}

#[test]
fn a_control_without_effect_is_dim() {
    let mut bench = Bench::new(true);
    assert!(alpha(&mut bench, "Key") < 200, "all notes are allowed");
    assert!(alpha(&mut bench, "Preview voice") > 200);
    bench.app.context.class.has_audio = false;
    assert!(alpha(&mut bench, "Preview voice") < 200);
    assert!(alpha(&mut bench, "Run when stopped") > 200);
    bench.app.context.transport.appear(None);
    assert!(alpha(&mut bench, "Run when stopped") < 200);
    assert!(alpha(&mut bench, "Style") < 200, "no model, no styles");
    bench.app.context.params.models.settle();
    assert!(alpha(&mut bench, "Style") > 200);
}
