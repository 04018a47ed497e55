//! The message line at the foot of the roll. Trouble, with what to do about it, stays until it is
//! dismissed; good news disappears by itself. They differ by sign and colour.

use egui::{
    Align, Align2, Area, Color32, CornerRadius, Frame, Id, Label, Layout, Margin, Order, Rect,
    RichText, Role, Sense, Shape, Stroke, Ui, WidgetInfo, vec2,
};

use super::context::EditorContext;
use super::{dialogs, style};
use crate::link::view::GoodNews;

/// Seconds that good news stays, from when it is first drawn.
const STAY: f64 = 6.0;

#[derive(Default)]
pub struct Notice {
    /// The number of the good news that is shown, and since when.
    shown: Option<(u64, f64)>,
}

/// What the user did with the line in this frame.
#[derive(Default)]
struct Actions {
    dismiss: bool,
    locate: bool,
    hovered: bool,
}

impl Notice {
    /// Draws the line over the foot of `roll`.
    pub fn draw(&mut self, ui: &mut Ui, roll: Rect, context: &EditorContext) {
        let messages = context.engine.messages();
        if let Some(news) = messages.good() {
            let now = ui.input(|input| input.time);
            let actions = show(ui, roll, &news.text, true, false);
            // Whoever points at it is still reading.
            if actions.dismiss || self.is_over(&news, now, actions.hovered) {
                messages.forget(&news);
            }
            return;
        }
        let trouble = messages.trouble();
        if trouble.is_empty() {
            return;
        }
        let missing = context.params.models.chosen().missing().is_some();
        let actions = show(ui, roll, &trouble, false, missing);
        if actions.dismiss {
            messages.set_trouble("");
        }
        if actions.locate {
            dialogs::load(context, "Where is the project's model?");
        }
    }

    /// Whether it has been there for long enough.
    fn is_over(&mut self, news: &GoodNews, now: f64, hovered: bool) -> bool {
        let known = self.shown.filter(|(number, since)| {
            // Time starts again in a window that is opened again.
            !hovered && *number == news.number && *since <= now
        });
        let (_, since) = *self.shown.insert(known.unwrap_or((news.number, now)));
        now - since >= STAY
    }
}

/// Draws the text of news, `good` or not, and with a button where the project's model is `missing`.
fn show(ui: &Ui, roll: Rect, text: &str, good: bool, missing: bool) -> Actions {
    let colours = style::palette(ui);
    let color = if good { colours.good } else { colours.warning };
    let frame = Frame::NONE
        .fill(style::blend(colours.background, color, 0.12))
        .corner_radius(CornerRadius::same(4))
        .inner_margin(Margin::symmetric(8, 2));
    // Above the list of models too.
    let place = Area::new(Id::unique("notice"))
        .order(Order::Foreground)
        .pivot(Align2::LEFT_BOTTOM)
        .fixed_pos(roll.left_bottom() + vec2(4.0, -4.0));
    let mut actions = Actions::default();
    let contents = |ui: &mut Ui| {
        ui.set_width(roll.width() - 24.0);
        let size = vec2(ui.available_width(), style::ROW);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
            let close = ui.button("×").on_hover_text("Dismiss");
            actions.dismiss = close.accessible_name("Dismiss the message").clicked();
            actions.locate = missing && ui.button("Locate…").on_hover_text(LOCATE).clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                sign(ui, good, color);
                let text = RichText::new(text).size(13.0).color(color);
                ui.add(Label::new(text).wrap());
            });
        });
    };
    let shown = place.show(ui.ctx(), |ui| frame.show(ui, contents));
    actions.hovered = shown.response.contains_pointer();
    actions
}

/// What a message begins with, so that it does not depend on colour alone: a tick, or a triangle
/// with an exclamation mark. Painted, because not every font has these characters.
fn sign(ui: &mut Ui, good: bool, color: Color32) {
    let (rect, response) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
    let (painter, stroke) = (ui.painter(), Stroke::new(2.0, color));
    let at = |x: f32, y: f32| rect.min + vec2(x, y);
    let name = match good {
        true => {
            let points = vec![at(2.0, 8.5), at(6.0, 12.5), at(14.0, 3.5)];
            painter.add(Shape::line(points, stroke));
            "Done"
        }
        false => {
            let points = vec![at(8.0, 1.5), at(15.0, 14.5), at(1.0, 14.5)];
            painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
            let mark = Stroke::new(2.0, style::palette(ui).background);
            painter.line_segment([at(8.0, 5.5), at(8.0, 10.0)], mark);
            painter.line_segment([at(8.0, 11.2), at(8.0, 13.2)], mark);
            "Trouble"
        }
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
}

const LOCATE: &str = "Choose the file that holds the project's model now";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_news_stays_for_some_seconds_from_when_it_is_seen() {
        let mut notice = Notice::default();
        let news = |number| GoodNews {
            text: "Saved.".to_owned(),
            number,
        };
        let mut check = |number, now, hovered, expect| {
            let over = notice.is_over(&news(number), now, hovered);
            assert_eq!(over, expect, "{number} at {now}");
        };
        check(1, 100.0, false, false);
        check(1, 105.9, false, false);
        check(1, 106.0, false, true);
        check(2, 106.1, false, false);
        check(2, 111.0, true, false);
        check(2, 116.9, false, false);
        check(2, 117.0, false, true);
        // The window was closed and opened again.
        check(2, 0.1, false, false);
        check(2, 6.1, false, true);
    }
}
