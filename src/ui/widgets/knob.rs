//! The large knob, for the two parameters that matter most.

use egui::{Align2, Color32, FontId, Rect, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};
use nice_plug::prelude::Param;

use super::control::{Control, Labels};
use super::gestures::ParamGestures;
use super::interaction;
use crate::ui::style;

/// Size of a knob with its name and value.
pub const SIZE: Vec2 = vec2(104.0, 126.0);
/// Points of dragging for the whole range.
const TRAVEL: f32 = 180.0;
const RADIUS: f32 = 44.0;

/// A knob with its name above and its value in the middle: the parameter, its colour, and the tip.
/// A thin arc shows how far the host modulates it.
pub struct Knob<'a, P>(pub &'a P, pub Color32, pub &'a str);

impl<P: Param> Control for Knob<'_, P> {
    fn width(&self, _: &Ui) -> f32 {
        SIZE.x
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str) {
        let param = self.0;
        let (rect, response) = ui.allocate_exact_size(SIZE, Sense::click_and_drag());
        let center = pos2(rect.center().x, rect.top() + 76.0);
        let hot = response.hovered() || response.dragged();
        paint(ui, param, center, self.1, hot);
        let (top, font) = (rect.center_top(), FontId::proportional(14.0));
        let (painter, dim) = (ui.painter(), style::palette(ui).dim);
        painter.text(top, Align2::CENTER_TOP, param.name(), font, dim);
        interaction::focus(ui, &response, rect.expand(2.0), 8.0);
        let delta = response.drag_delta();
        let labels = Labels {
            name: param.name(),
            tip: &format!("{note}{}", self.2),
            value: param.to_string(),
            field: Rect::from_center_size(center, vec2(76.0, style::ROW)),
        };
        interaction::turn(ui, gestures, param, response, &labels, |place, fine| {
            place + fine * (delta.x - delta.y) / TRAVEL
        });
    }
}

fn paint<P: Param>(ui: &Ui, param: &P, center: egui::Pos2, color: Color32, hot: bool) {
    let (painter, colours) = (ui.painter(), style::palette(ui));
    // From seven o'clock to five o'clock.
    let angle = |place: f32| (0.75 + 1.5 * place) * std::f32::consts::PI;
    let at = |place: f32, radius: f32| center + radius * Vec2::angled(angle(place));
    let line = |from: f32, to: f32, radius: f32, stroke: Stroke| {
        let places = (0..=48).map(|i| from + (to - from) * i as f32 / 48.0);
        Shape::line(places.map(|place| at(place, radius)).collect(), stroke)
    };
    let fill = if hot { colours.lit } else { colours.raised };
    painter.circle_filled(center, RADIUS - 7.0, fill);
    let value = param.unmodulated_normalized_value().clamp(0.0, 1.0);
    let modulated = param.modulated_normalized_value().clamp(0.0, 1.0);
    painter.add(line(0.0, 1.0, RADIUS, Stroke::new(6.0, colours.sunk)));
    painter.add(line(0.0, value, RADIUS, Stroke::new(6.0, color)));
    if modulated != value {
        let stroke = Stroke::new(2.5, colours.bright);
        painter.add(line(value, modulated, RADIUS + 5.0, stroke));
    }
    let hand = Stroke::new(3.0, colours.bright);
    painter.line_segment([at(value, RADIUS - 14.0), at(value, RADIUS - 5.0)], hand);
    // `16 beats` as `16` and `beats`.
    let text = param.to_string();
    let (text, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let font = FontId::proportional(if text.len() > 5 { 15.0 } else { 20.0 });
    let lift = if unit.is_empty() { 0.0 } else { 5.0 };
    let place = center - vec2(0.0, lift);
    painter.text(place, Align2::CENTER_CENTER, text, font, colours.bright);
    if !unit.is_empty() {
        let (place, font) = (center + vec2(0.0, 14.0), FontId::proportional(11.0));
        painter.text(place, Align2::CENTER_CENTER, unit, font, colours.text);
    }
}
