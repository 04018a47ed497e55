//! Controls that do nothing as things stand, and how they say so.

use egui_kittest::kittest::{NodeT, Queryable};

use super::studio::Studio;
use super::*;

/// What a screen reader says of the slider with this name.
fn told(studio: &Studio, name: &str) -> String {
    let node = studio.harness.get_by_label(name);
    node.accesskit_node().description().unwrap_or_default()
}

#[test]
fn what_does_nothing_says_why_and_turns_all_the_same() {
    let mut studio = Studio::new(1.0);
    let params = studio.params();
    let check = |studio: &mut Studio, name: &str, why: Option<&str>| {
        studio.look();
        let told = told(studio, name);
        let found = told.strip_prefix("Does nothing now: ");
        match why {
            Some(why) => assert!(found.is_some_and(|told| told.starts_with(why)), "{told}"),
            None => assert_eq!(found, None, "{name}"),
        }
    };
    check(&mut studio, "Length", None);
    studio.turn("mode", 1.0);
    check(&mut studio, "Length", Some("in Jam it plays all the time"));
    studio.harness.get_by_label("Length").focus();
    studio.look();
    studio.press(egui::Key::ArrowUp);
    assert_eq!(params.play.length.value(), 17);

    check(&mut studio, "Velocity", Some("the touch is not fixed"));
    check(&mut studio, "Dynamics", None);
    studio.turn("touch", 1.0);
    check(&mut studio, "Velocity", None);
    check(&mut studio, "Dynamics", Some("the touch is fixed"));

    check(&mut studio, "Swing", None);
    studio.reporter.moment(&Moment {
        metre: Metre::parse("6/8").unwrap(),
        ..Moment::default()
    });
    check(&mut studio, "Swing", Some("in a metre of eighths"));
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
fn what_does_nothing_is_dim() {
    let mut bench = Bench::new(true);
    assert!(alpha(&mut bench, "Key") < 200, "all notes are allowed");
    assert!(alpha(&mut bench, "Preview voice") > 200);
    bench.window.class.sounds = false;
    assert!(alpha(&mut bench, "Preview voice") < 200);
    assert!(alpha(&mut bench, "Run when stopped") > 200);
    bench.window.params.transport.appear(None);
    assert!(alpha(&mut bench, "Run when stopped") < 200);
    assert!(alpha(&mut bench, "Style") < 200, "no model, no styles");
    bench.window.params.models.settle();
    assert!(alpha(&mut bench, "Style") > 200);
}
