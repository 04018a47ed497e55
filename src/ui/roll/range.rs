//! The two handles of the answer's range, at the roll's left edge.

use egui::{CursorIcon, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};
use harmonai_core::music::note::Pitch;
use nice_plug::prelude::{IntParam, Param};

use super::viewport::{KEYS, Viewport};
use crate::params::PitchParams;
use crate::ui::tips;
use crate::ui::widgets::{Labels, ParamGestures, turn};

/// Size of a handle.
const SIZE: egui::Vec2 = vec2(12.0, 12.0);

impl Viewport {
    pub fn handles(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, pitch: &PitchParams) {
        self.handle(ui, gestures, &pitch.high, true);
        self.handle(ui, gestures, &pitch.low, false);
    }

    /// The handle of the highest note lies above its row, that of the lowest below its row; a row
    /// out of sight has its handle at the edge.
    fn handle(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, param: &IntParam, top: bool) {
        let (grid, colours) = (self.grid, self.colours);
        let (name, tip, above, down) = match top {
            true => ("Highest note, handle", tips::HIGH, 1.0, 1.0),
            false => ("Lowest note, handle", tips::LOW, 0.0, -1.0),
        };
        let key = param.unmodulated_plain_value() as f32 + above;
        let y = self.y(key).clamp(grid.top(), grid.bottom());
        let x = grid.left();
        let place = Rect::from_center_size(pos2(x - SIZE.x / 2.0, y + down * SIZE.y / 2.0), SIZE);
        let id = ui.scope_id().with(param.name());
        let response = ui.interact(place, id, Sense::click_and_drag());
        let response = response.on_hover_cursor(CursorIcon::ResizeVertical);
        let hot = response.hovered() || response.dragged() || response.has_focus();
        let color = if hot { colours.bright } else { colours.answer };
        let line = Stroke::new(if hot { 1.5 } else { 1.0 }, color.gamma_multiply(0.8));
        if (grid.top() + 1.0..grid.bottom()).contains(&y) {
            ui.painter().hline(grid.x_range(), y, line);
        }
        let points = vec![pos2(x, y), pos2(x - SIZE.x, y), pos2(x, y + down * SIZE.y)];
        let triangle = Shape::convex_polygon(points, color, Stroke::NONE);
        ui.painter().add(triangle);
        let labels = Labels {
            name,
            tip,
            value: self.names.name(Pitch::clamped(param.value().into())),
            field: Rect::from_center_size(pos2(x + 30.0, y), vec2(KEYS + 24.0, 20.0)),
        };
        let pointer = response.interact_pointer_pos();
        turn(ui, gestures, param, response, &labels, |place, _| {
            let Some(pointer) = pointer else { return place };
            let key = self.key(pointer.y).round() as i64 - i64::from(top);
            param.preview_normalized(i32::from(Pitch::clamped(key).get()))
        });
    }
}
