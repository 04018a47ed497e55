//! The rasteriser: shapes and texts come out where and as they are, and a picture notices what
//! moves.

use super::*;
use egui::{Align2, Color32, FontId, Pos2, Sense, pos2, vec2};
use egui_kittest::SnapshotError;

fn small<'a>(scale: f32, draw: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    harness(vec2(120.0, 60.0), scale, |_| {}, draw)
}

fn count(picture: &RgbaImage, color: [u8; 3]) -> usize {
    let is_it = |pixel: &&Rgba<u8>| pixel.0[..3] == color;
    picture.pixels().filter(is_it).count()
}

#[test]
fn rectangles_fill_their_pixels_and_shine_through_where_they_are_clear() {
    for scale in [1.0, 2.0] {
        let draw = |ui: &mut Ui| {
            let painter = ui.ctx().layer_painter(egui::LayerId::background());
            let rect = |x, y, w, h| Rect::from_min_size(pos2(x, y), vec2(w, h));
            painter.rect_filled(painter.clip_rect(), 0, Color32::BLACK);
            painter.rect_filled(rect(10.0, 20.0, 30.0, 10.0), 0, Color32::RED);
            let half = Color32::from_rgba_premultiplied(0, 100, 0, 128);
            painter.rect_filled(rect(20.0, 0.0, 10.0, 60.0), 0, half);
            // Of this only the left half.
            let clipped = painter.with_clip_rect(rect(80.0, 0.0, 10.0, 60.0));
            clipped.rect_filled(rect(80.0, 40.0, 20.0, 10.0), 0, Color32::BLUE);
        };
        let picture = small(scale, draw).render().unwrap();
        let pixels = scale as u32;
        assert_eq!(picture.dimensions(), (120 * pixels, 60 * pixels));
        let each = (pixels * pixels) as usize;
        let at = |x: u32, y: u32| picture.get_pixel(x * pixels, y * pixels).0;
        assert_eq!(at(10, 20), [255, 0, 0, 255]);
        assert_eq!(at(9, 20), [0, 0, 0, 255]);
        assert_eq!(at(20, 20), [127, 100, 0, 255]);
        assert_eq!(at(20, 0), [0, 100, 0, 255]);
        let found = [[255, 0, 0], [127, 100, 0], [0, 100, 0], [0, 0, 255]]
            .map(|color| count(&picture, color));
        assert_eq!(found, [200, 100, 500, 100].map(|n| n * each));
    }
}

#[test]
fn textures_change_in_part_and_lie_on_triangles_that_go_round_either_way() {
    for (options, expect) in [
        (TextureOptions::NEAREST, [0, 0, 0, 0, 200, 200, 200, 200]),
        (TextureOptions::LINEAR, [0, 0, 25, 75, 125, 175, 200, 200]),
    ] {
        let mut handle = None;
        let draw = |ui: &mut Ui| {
            let texture = handle.get_or_insert_with(|| {
                let black = ColorImage::filled([2, 3], Color32::BLACK);
                ui.ctx().load_texture("checked", black, options)
            });
            let patch = ColorImage::filled([1, 2], Color32::from_gray(200));
            texture.set_partial([1, 1], patch, options);
            let painter = ui.ctx().layer_painter(egui::LayerId::background());
            for (top, order) in [(0.0, [0, 1, 2, 2, 1, 3]), (30.0, [0, 2, 1, 1, 2, 3])] {
                let mut mesh = egui::Mesh::with_texture(texture.id());
                let rect = Rect::from_min_size(pos2(0.0, top), vec2(8.0, 8.0));
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                mesh.add_rect_with_uv(rect, uv, Color32::WHITE);
                mesh.indices = order.to_vec();
                painter.add(mesh);
            }
        };
        let picture = small(1.0, draw).render().unwrap();
        for top in [0, 30] {
            let row = |y: u32| -> Vec<u8> {
                (0..8).map(|x| picture.get_pixel(x, top + y).0[0]).collect()
            };
            assert_eq!(row(0), [0; 8], "{top}");
            assert_eq!(row(7), expect, "{top}");
        }
    }
}

#[test]
fn texts_are_drawn_where_they_stand() {
    let draw = |ui: &mut Ui| {
        let painter = ui.ctx().layer_painter(egui::LayerId::background());
        painter.rect_filled(painter.clip_rect(), 0, Color32::BLACK);
        let (at, font) = (pos2(20.0, 10.0), FontId::monospace(40.0));
        painter.text(at, Align2::LEFT_TOP, "I", font, Color32::WHITE);
    };
    let picture = small(1.0, draw).render().unwrap();
    let lit: Vec<_> = (picture.enumerate_pixels())
        .filter(|(.., pixel)| pixel.0[0] > 200)
        .map(|(x, y, _)| pos2(x as f32, y as f32))
        .collect();
    let around = Rect::from_points(&lit);
    let letter = Rect::from_min_size(pos2(20.0, 10.0), vec2(25.0, 48.0));
    assert!(letter.contains_rect(around), "{around:?}");
    assert!(around.height() > 24.0, "{around:?}");
    // A stem between two serifs, with the same on both sides.
    let row = |y: f32| lit.iter().filter(|at: &&Pos2| at.y == y).count();
    let (serif, stem) = (row(around.top() + 1.0), row(around.center().y.floor()));
    assert!(stem >= 3 && serif >= stem + 6, "{serif} and {stem}");
}

fn form(ui: &mut Ui, level: &mut f32) {
    ui.heading("A window");
    ui.add(egui::Slider::new(level, 0.0..=1.0).text("Level"));
    let (rect, _) = ui.allocate_exact_size(vec2(20.0, 8.0), Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.0, Color32::RED);
}

#[test]
fn a_picture_is_itself_again_and_another_one_when_something_moves() {
    let folder = tempfile::tempdir().unwrap();
    let options = options().output_path(folder.path());
    let picture = |mut level: f32| {
        let mut harness = small(1.5, move |ui| form(ui, &mut level));
        harness.render().unwrap()
    };
    let kept = picture(0.25);
    kept.save(folder.path().join("form.png")).unwrap();
    assert_eq!(picture(0.25), kept);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        // What differs would be kept, and no difference found.
        return;
    }
    let compare = |mut level: f32| {
        let mut harness = small(1.5, move |ui| form(ui, &mut level));
        harness.try_snapshot_options("form", &options)
    };
    compare(0.25).unwrap();
    let error = compare(0.3).unwrap_err();
    assert!(matches!(error, SnapshotError::Diff { diff: 20.., .. }));
}
