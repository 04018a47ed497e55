//! The two handles of the answer's range, at the roll's left edge.

use egui::{CursorIcon, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};
use harmonai_core::music::note::Pitch;
use nice_plug::prelude::{IntParam, Param};

use super::KEYS;
use super::view::View;
use crate::params::PitchParams;
use crate::ui::tips;
use crate::ui::widgets::{Hand, Named, turn};

/// Size of a handle.
const SIZE: egui::Vec2 = vec2(12.0, 12.0);

/// Draws both, and drags them.
pub fn handles(ui: &mut Ui, hand: &Hand<'_>, pitch: &PitchParams, view: &View) {
    handle(ui, hand, &pitch.high, view, true);
    handle(ui, hand, &pitch.low, view, false);
}

/// The highest note's handle stands above its row, the lowest's below; out of sight they wait at the
/// edge.
fn handle(ui: &mut Ui, hand: &Hand<'_>, param: &IntParam, view: &View, top: bool) {
    let grid = view.grid;
    let key = param.unmodulated_plain_value() as f32 + if top { 1.0 } else { 0.0 };
    let y = view.y(key).clamp(grid.top(), grid.bottom());
    let x = grid.left();
    let down = if top { 1.0 } else { -1.0 };
    let place = Rect::from_center_size(pos2(x - SIZE.x / 2.0, y + down * SIZE.y / 2.0), SIZE);
    let response = ui.interact(
        place,
        ui.scope_id().with(param.name()),
        Sense::click_and_drag(),
    );
    let response = response.on_hover_cursor(CursorIcon::ResizeVertical);
    let colours = view.colours;
    let hot = response.hovered() || response.dragged() || response.has_focus();
    let color = if hot { colours.bright } else { colours.answer };
    let line = Stroke::new(if hot { 1.5 } else { 1.0 }, color.gamma_multiply(0.8));
    if (grid.top() + 1.0..grid.bottom()).contains(&y) {
        ui.painter().hline(grid.x_range(), y, line);
    }
    let points = vec![pos2(x, y), pos2(x - SIZE.x, y), pos2(x, y + down * SIZE.y)];
    ui.painter()
        .add(Shape::convex_polygon(points, color, Stroke::NONE));
    let (name, tip) = if top {
        ("Highest note, handle", tips::HIGH)
    } else {
        ("Lowest note, handle", tips::LOW)
    };
    let named = Named {
        name,
        tip,
        value: view.names.name(Pitch::clamped(param.value().into())),
        field: Rect::from_center_size(pos2(x + 30.0, y), vec2(KEYS + 24.0, 20.0)),
    };
    let pointer = response.interact_pointer_pos();
    turn(ui, hand, param, response, &named, |place, _| {
        let Some(pointer) = pointer else { return place };
        let key = view.key(pointer.y).round() as i64 - i64::from(top);
        param.preview_normalized(i32::from(Pitch::clamped(key).get()))
    });
}
