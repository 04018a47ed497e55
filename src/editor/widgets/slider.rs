//! A slider with a name on it, short enough for it, and its value.

use egui::{Align2, CornerRadius, FontId, Rect, Response, Sense, Ui, vec2};
use nice_plug::prelude::Param;

use super::Hand;
use super::turning::{self, Named};
use crate::editor::style;

/// The slider. Its whole name is in the tip and for screen readers. Where the host modulates it, a
/// line shows how far.
pub fn slider<P: Param>(
    ui: &mut Ui,
    hand: &Hand<'_>,
    param: &P,
    short: &str,
    tip: &str,
) -> Response {
    any(ui, hand, param, short, tip, true)
}

/// The same for names rather than amounts: with no bar on it.
pub fn names<P: Param>(
    ui: &mut Ui,
    hand: &Hand<'_>,
    param: &P,
    short: &str,
    tip: &str,
) -> Response {
    any(ui, hand, param, short, tip, false)
}

fn any<P: Param>(
    ui: &mut Ui,
    hand: &Hand<'_>,
    param: &P,
    short: &str,
    tip: &str,
    amount: bool,
) -> Response {
    let size = vec2(ui.available_width().max(40.0), style::ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let pointer = response.interact_pointer_pos();
    let under = |x: f32| (x - rect.left()) / rect.width();
    let typed = ui.input(|input| input.modifiers.command);
    if let Some(pointer) = pointer
        && response.clicked()
        && !typed
    {
        hand.jump(param, under(pointer.x));
    }
    let hot = response.hovered() || response.dragged();
    draw(ui, param, short, rect, hot, amount);
    turning::focus(ui, &response, rect, 4.0);
    let delta = response.drag_delta().x;
    let named = Named {
        name: param.name(),
        tip,
        field: rect,
    };
    turning::turn(
        ui,
        hand,
        param,
        response,
        &named,
        |place, fine| match pointer {
            Some(pointer) if fine == 1.0 => under(pointer.x),
            _ => place + fine * delta / rect.width(),
        },
    )
}

fn draw<P: Param>(ui: &Ui, param: &P, short: &str, rect: Rect, hot: bool, amount: bool) {
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
    let font = FontId::proportional(13.0);
    let inner = rect.shrink2(vec2(7.0, 0.0));
    let (left, right) = (inner.left_center(), inner.right_center());
    painter.text(left, Align2::LEFT_CENTER, short, font.clone(), colours.text);
    let value = param.to_string();
    painter.text(right, Align2::RIGHT_CENTER, value, font, colours.bright);
}
