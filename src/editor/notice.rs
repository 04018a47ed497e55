//! What there is to say: a line at the foot of the roll, with what to do about it, until it is
//! dismissed.

use egui::{
    Align, Align2, Area, CornerRadius, FontId, Frame, Id, Label, Layout, Margin, Order, Rect,
    RichText, Ui, vec2,
};

use super::shared::Shared;
use super::{dialogs, style};

/// Draws it over the foot of `above`.
pub fn draw(ui: &mut Ui, above: Rect, shared: &Shared<'_>) {
    let message = shared.display.message();
    if message.is_empty() {
        return;
    }
    let missing = shared.params.models.chosen().missing().is_some();
    let colours = style::palette(ui);
    let frame = Frame::NONE
        .fill(style::blend(colours.background, colours.warning, 0.12))
        .corner_radius(CornerRadius::same(4))
        .inner_margin(Margin::symmetric(8, 2));
    // Over the list of models too.
    let place = Area::new(Id::unique("notice"))
        .order(Order::Foreground)
        .pivot(Align2::LEFT_BOTTOM)
        .fixed_pos(above.left_bottom() + vec2(4.0, -4.0));
    let show = |ui: &mut Ui| {
        ui.set_width(above.width() - 24.0);
        let size = vec2(ui.available_width(), style::ROW);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
            let close = ui.button("×").on_hover_text("Dismiss");
            if close.accessible_name("Dismiss the message").clicked() {
                shared.display.set_message("");
            }
            if missing && ui.button("Locate…").on_hover_text(LOCATE).clicked() {
                dialogs::load(shared, "Where is the project's model?");
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = RichText::new(&message).size(13.0).color(colours.warning);
                ui.add(Label::new(text).wrap());
            });
        });
    };
    place.show(ui.ctx(), |ui| frame.show(ui, show));
}

const LOCATE: &str = "Chooses the file that the project's model is in now";

/// A word over the whole window.
pub fn over(ui: &Ui, text: &str) {
    let (painter, colours) = (ui.painter(), style::palette(ui));
    let all = ui.ctx().content_rect();
    painter.rect_filled(all, 0, colours.background.gamma_multiply(0.85));
    let font = FontId::proportional(20.0);
    let center = all.center();
    painter.text(center, Align2::CENTER_CENTER, text, font, colours.bright);
}
