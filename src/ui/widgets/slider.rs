//! The slider: a bar with a short name and the value on it, to drag, to click, to type.

use egui::{Align2, CornerRadius, FontId, Rect, Sense, Ui, vec2};
use nice_plug::prelude::Param;

use super::control::{Control, Labels};
use super::gestures::ParamGestures;
use super::interaction;
use super::layout::{text_width, value_width};
use crate::ui::style;

/// Points of dragging for a step of a [`Kind::Number`].
const STEP: f32 = 2.0;
/// Between the edge and the texts.
const PADDING: f32 = 7.0;

/// What is shown, and how the mouse turns it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A bar shows how much.
    Amount,
    /// The values are names, of which a bar would say nothing.
    Names,
    /// There are more values than points to click at: turned by how far it is dragged.
    Number,
}

/// A slider. The full name of the parameter is in the tip and for screen readers. A line shows how
/// far the host modulates it.
pub struct Slider<'a, P> {
    param: &'a P,
    short: &'a str,
    tip: &'a str,
    kind: Kind,
    /// Shown in place of the parameter's own text.
    value: Option<String>,
}

impl<'a, P: Param> Slider<'a, P> {
    /// Of an amount, with the name `short` on it.
    pub fn new(param: &'a P, short: &'a str, tip: &'a str) -> Self {
        Self {
            param,
            short,
            tip,
            kind: Kind::Amount,
            value: None,
        }
    }

    pub fn names(mut self) -> Self {
        self.kind = Kind::Names;
        self
    }

    pub fn number(mut self) -> Self {
        self.kind = Kind::Number;
        self
    }

    pub fn reading(mut self, value: String) -> Self {
        self.value = Some(value);
        self
    }
}

impl<P: Param> Control for Slider<'_, P> {
    fn width(&self, ui: &Ui) -> f32 {
        let texts = text_width(ui, self.short) + value_width(ui, self.param);
        texts + ui.spacing().item_spacing.x + 2.0 * PADDING
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str) {
        let (param, kind) = (self.param, self.kind);
        let size = vec2(ui.available_width().max(40.0), style::ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let pointer = response.interact_pointer_pos();
        let under = |x: f32| (x - rect.left()) / rect.width();
        let typed = ui.input(|input| input.modifiers.command);
        if let Some(pointer) = pointer
            && response.clicked()
            && !typed
            && kind != Kind::Number
        {
            gestures.jump(param, under(pointer.x));
        }
        let value = self.value.clone().unwrap_or_else(|| param.to_string());
        let hot = response.hovered() || response.dragged();
        bar(ui, param, rect, hot, kind == Kind::Amount);
        texts(ui, rect, self.short, &value);
        interaction::focus(ui, &response, rect, 4.0);
        let delta = response.drag_delta();
        let labels = Labels {
            name: param.name(),
            tip: &format!("{note}{}", self.tip),
            value,
            field: rect,
        };
        let moved = |place: f32, fine: f32| match pointer {
            _ if kind == Kind::Number => {
                let steps = param.step_count().unwrap_or(1).max(1) as f32;
                place + fine * (delta.x - delta.y) / (STEP * steps)
            }
            Some(pointer) if fine == 1.0 => under(pointer.x),
            _ => place + fine * delta.x / rect.width(),
        };
        interaction::turn(ui, gestures, param, response, &labels, moved);
    }
}

fn bar<P: Param>(ui: &Ui, param: &P, rect: Rect, hot: bool, amount: bool) {
    let (painter, colours) = (ui.painter(), style::palette(ui));
    let round = CornerRadius::same(4);
    let fill = if hot { colours.lit } else { colours.raised };
    painter.rect_filled(rect, round, fill);
    let value = param.unmodulated_normalized_value().clamp(0.0, 1.0);
    let modulated = param.modulated_normalized_value().clamp(0.0, 1.0);
    let to = |place: f32| rect.left() + place * rect.width();
    let filled = Rect::from_x_y_ranges(rect.left()..=to(value), rect.y_range());
    let color = style::blend(colours.raised, colours.answer, 0.35);
    if amount {
        painter.rect_filled(filled, round, color);
    }
    if modulated != value {
        let (from, to) = (to(value.min(modulated)), to(value.max(modulated)));
        let line = Rect::from_x_y_ranges(from..=to, rect.bottom() - 3.0..=rect.bottom());
        painter.rect_filled(line, 0, colours.bright);
    }
}

fn texts(ui: &Ui, rect: Rect, short: &str, value: &str) {
    let (painter, colours) = (ui.painter(), style::palette(ui));
    let font = FontId::proportional(13.0);
    let inner = rect.shrink2(vec2(PADDING, 0.0));
    let (left, right) = (inner.left_center(), inner.right_center());
    painter.text(left, Align2::LEFT_CENTER, short, font.clone(), colours.text);
    painter.text(right, Align2::RIGHT_CENTER, value, font, colours.bright);
}
