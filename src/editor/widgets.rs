//! Parameters under the mouse: knob, slider, number, choice, list, toggle.
//!
//! Each tells the host when a gesture begins and ends, exactly once, so that automation is recorded
//! as the user made it. A double click goes back to the default; the wheel turns step by step; shift
//! makes dragging finer.

use egui::{
    Align2, Color32, ComboBox, CornerRadius, DragValue, FontId, Layout, Rect, Response, RichText,
    Sense, Shape, Stroke, Ui, Vec2, pos2, vec2,
};
use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug::prelude::{BoolParam, Enum, EnumParam, IntParam, Param};

use super::style;

/// Pixels of dragging for a knob's whole range.
const KNOB_TRAVEL: f32 = 180.0;
/// How much slower with shift.
const FINE: f32 = 0.1;
/// Wheel pixels that make a step.
const WHEEL_STEP: f32 = 20.0;

/// The way to the host's parameters. Without a host nothing can be set.
pub struct Hand<'a>(Option<ParamSetter<'a>>);

impl<'a> Hand<'a> {
    /// Through the window's context, once there is one.
    pub fn new(gui: Option<&'a GuiContext>) -> Self {
        Self(gui.map(GuiContext::param_setter))
    }

    fn begin<P: Param>(&self, param: &P) {
        if let Some(setter) = &self.0 {
            setter.begin_set_parameter(param);
        }
    }

    /// Inside a gesture; the value snaps to the parameter's steps.
    fn set<P: Param>(&self, param: &P, normalized: f32) {
        let value = param.preview_plain(normalized.clamp(0.0, 1.0));
        if let Some(setter) = &self.0
            && value != param.unmodulated_plain_value()
        {
            setter.set_parameter(param, value);
        }
    }

    fn end<P: Param>(&self, param: &P) {
        if let Some(setter) = &self.0 {
            setter.end_set_parameter(param);
        }
    }

    /// A whole gesture.
    fn jump<P: Param>(&self, param: &P, normalized: f32) {
        self.begin(param);
        self.set(param, normalized);
        self.end(param);
    }
}

/// A titled column of controls.
pub fn group(ui: &mut Ui, width: f32, title: &str, contents: impl FnOnce(&mut Ui)) {
    // However small a host makes the window.
    let width = width.max(60.0);
    let size = vec2(width, KNOB.y);
    ui.allocate_ui_with_layout(size, Layout::top_down(egui::Align::LEFT), |ui| {
        ui.set_width(width);
        ui.label(
            RichText::new(title.to_uppercase())
                .small()
                .color(style::DIM),
        );
        contents(ui);
    });
}

/// Size of a knob with its name and value.
const KNOB: Vec2 = vec2(104.0, 126.0);

/// A large knob with its name above and its value in the middle.
pub fn knob<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, color: Color32) {
    let (rect, response) = ui.allocate_exact_size(KNOB, Sense::click_and_drag());
    gestures(ui, hand, param, &response, |place, fine| {
        place + fine * (response.drag_delta().x - response.drag_delta().y) / KNOB_TRAVEL
    });
    let painter = ui.painter();
    let name = FontId::proportional(14.0);
    painter.text(
        rect.center_top(),
        Align2::CENTER_TOP,
        param.name(),
        name,
        style::DIM,
    );
    let center = pos2(rect.center().x, rect.top() + 76.0);
    let radius = 44.0;
    // From seven o'clock to five o'clock.
    let angle = |place: f32| (0.75 + 1.5 * place) * std::f32::consts::PI;
    let at = |place: f32, radius: f32| center + radius * Vec2::angled(angle(place));
    let arc = |from: f32, to: f32| (0..=48).map(move |i| from + (to - from) * i as f32 / 48.0);
    let line = |from: f32, to: f32, color: Color32| {
        let points = arc(from, to).map(|place| at(place, radius)).collect();
        Shape::line(points, Stroke::new(6.0, color))
    };
    let value = param.modulated_normalized_value().clamp(0.0, 1.0);
    let hot = response.hovered() || response.dragged();
    painter.circle_filled(
        center,
        radius - 7.0,
        if hot { style::LIT } else { style::RAISED },
    );
    painter.add(line(0.0, 1.0, style::SUNK));
    painter.add(line(0.0, value, color));
    let hand_stroke = Stroke::new(3.0, style::BRIGHT);
    painter.line_segment(
        [at(value, radius - 14.0), at(value, radius - 5.0)],
        hand_stroke,
    );
    let (text, unit) = split_unit(param.to_string());
    let value_font = FontId::proportional(if text.len() > 5 { 15.0 } else { 20.0 });
    let lift = if unit.is_empty() { 0.0 } else { 5.0 };
    painter.text(
        center - vec2(0.0, lift),
        Align2::CENTER_CENTER,
        text,
        value_font,
        style::BRIGHT,
    );
    if !unit.is_empty() {
        let small = FontId::proportional(11.0);
        painter.text(
            center + vec2(0.0, 14.0),
            Align2::CENTER_CENTER,
            unit,
            small,
            style::DIM,
        );
    }
}

/// `16 beats` as `16` and `beats`.
fn split_unit(text: String) -> (String, String) {
    match text.split_once(' ') {
        Some((value, unit)) => (value.to_owned(), unit.to_owned()),
        None => (text, String::new()),
    }
}

/// A slider with a name, short enough for it, and its value on it.
pub fn slider<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, name: &str) -> Response {
    let size = vec2(ui.available_width().max(40.0), 24.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    gestures(ui, hand, param, &response, |place, fine| {
        match response.interact_pointer_pos() {
            Some(pointer) if fine == 1.0 => (pointer.x - rect.left()) / rect.width(),
            _ => place + fine * response.drag_delta().x / rect.width(),
        }
    });
    if response.clicked()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        hand.jump(param, (pointer.x - rect.left()) / rect.width());
    }
    let hot = response.hovered() || response.dragged();
    let painter = ui.painter();
    let round = CornerRadius::same(4);
    painter.rect_filled(rect, round, if hot { style::LIT } else { style::RAISED });
    let value = param.modulated_normalized_value().clamp(0.0, 1.0);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width() * value, rect.height()));
    painter.rect_filled(
        filled,
        round,
        style::blend(style::RAISED, style::ANSWER, 0.35),
    );
    let font = FontId::proportional(13.0);
    let inner = rect.shrink2(vec2(7.0, 0.0));
    let value = param.to_string();
    painter.text(
        inner.left_center(),
        Align2::LEFT_CENTER,
        name,
        font.clone(),
        style::TEXT,
    );
    painter.text(
        inner.right_center(),
        Align2::RIGHT_CENTER,
        value,
        font,
        style::BRIGHT,
    );
    if name == param.name() {
        response
    } else {
        response.on_hover_text(param.name())
    }
}

/// A number to drag or to type.
pub fn number(ui: &mut Ui, hand: &Hand<'_>, param: &IntParam) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(param.name()).color(style::DIM));
        let before = param.unmodulated_plain_value();
        let mut value = before;
        let range = param.preview_plain(0.0)..=param.preview_plain(1.0);
        let response = ui.add(DragValue::new(&mut value).range(range).speed(0.5));
        if response.drag_started() {
            hand.begin(param);
        }
        if value != before {
            let normalized = param.preview_normalized(value);
            // Typed, or dragged.
            if response.dragged() {
                hand.set(param, normalized);
            } else {
                hand.jump(param, normalized);
            }
        }
        if response.drag_stopped() {
            hand.end(param);
        }
    });
}

/// One of a few, which tell by themselves what they are about; `tip` tells more.
pub fn choice<E: Enum + PartialEq>(ui: &mut Ui, hand: &Hand<'_>, param: &EnumParam<E>, tip: &str) {
    list(ui, hand, param, usize::MAX).on_hover_text(tip);
}

/// A number that stands for one of a list, up to `last`, with the parameter's name before it.
pub fn listed_choice(ui: &mut Ui, hand: &Hand<'_>, param: &IntParam, last: usize) -> Response {
    ui.horizontal(|ui| {
        ui.label(RichText::new(param.name()).color(style::DIM));
        list(ui, hand, param, last)
    })
    .inner
}

/// The steps of a parameter by their texts, up to the step `last`.
fn list<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, last: usize) -> Response {
    let steps = param.step_count().unwrap_or(0);
    let width = ui.available_width().max(40.0);
    ComboBox::from_id_salt(param.name())
        .width(width)
        .truncate()
        .selected_text(param.to_string())
        .show_ui(ui, |ui| {
            for step in 0..=steps.min(last) {
                let normalized = step as f32 / steps.max(1) as f32;
                let chosen = param.preview_plain(normalized) == param.unmodulated_plain_value();
                let text = param.normalized_value_to_string(normalized, true);
                if ui.selectable_label(chosen, text).clicked() {
                    hand.jump(param, normalized);
                }
            }
        })
        .response
}

/// One of a few, with the parameter's name before it.
pub fn named_choice<E: Enum + PartialEq>(ui: &mut Ui, hand: &Hand<'_>, param: &EnumParam<E>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(param.name()).color(style::DIM));
        choice(ui, hand, param, param.name());
    });
}

/// On or off.
pub fn toggle(ui: &mut Ui, hand: &Hand<'_>, param: &BoolParam) {
    let mut on = param.value();
    if ui.checkbox(&mut on, param.name()).clicked() {
        hand.jump(param, if on { 1.0 } else { 0.0 });
    }
}

/// A button that switches a parameter on for as long as it is pressed, and a little longer: no block of
/// the host's is to miss it.
pub fn trigger(ui: &mut Ui, hand: &Hand<'_>, param: &BoolParam, tip: &str) -> Response {
    let width = ui.available_width().max(40.0);
    let button = egui::Button::new(param.name()).min_size(vec2(width, 24.0));
    let response = ui.add(button).on_hover_text(tip);
    let now = ui.input(|input| input.time);
    let pressed = response.is_pointer_button_down_on() || response.clicked();
    // Only what was pressed here is let go here: the host may hold it on too.
    let last: Option<f64> = ui.data(|data| data.get_temp(response.id));
    if pressed {
        ui.data_mut(|data| data.insert_temp(response.id, now));
        if last.is_none() {
            hand.jump(param, 1.0);
        }
    } else if last.is_some_and(|last| now >= last + LONG_ENOUGH) {
        ui.data_mut(|data| data.remove_temp::<f64>(response.id));
        hand.jump(param, 0.0);
    }
    if pressed || last.is_some() {
        ui.ctx().request_repaint();
    }
    response
}

/// Seconds that a trigger stays on: longer than any usual block.
const LONG_ENOUGH: f64 = 0.2;

/// What knob and slider have in common. `moved` says where a drag leads from a place, given how
/// fine it is to be.
fn gestures<P: Param>(
    ui: &mut Ui,
    hand: &Hand<'_>,
    param: &P,
    response: &Response,
    moved: impl FnOnce(f32, f32) -> f32,
) {
    // The exact place is kept apart from the value, which may move in steps.
    let keep = |place: f32| ui.data_mut(|data| data.insert_temp(response.id, place));
    if response.drag_started() {
        hand.begin(param);
        keep(param.unmodulated_normalized_value());
    }
    if response.dragged() {
        let place = ui.data(|data| data.get_temp(response.id));
        let place = place.unwrap_or_else(|| param.unmodulated_normalized_value());
        let fine = ui.input(|input| if input.modifiers.shift { FINE } else { 1.0 });
        let place = moved(place, fine).clamp(0.0, 1.0);
        keep(place);
        hand.set(param, place);
    }
    if response.drag_stopped() {
        hand.end(param);
    }
    if response.double_clicked() {
        hand.jump(param, param.default_normalized_value());
    } else if response.hovered() && !response.dragged() {
        wheel(ui, hand, param, response);
    }
}

/// Gathers the wheel's pixels into steps.
fn wheel<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, response: &Response) {
    let (scrolled, finer) =
        ui.input(|input| (input.smooth_scroll_delta().y, input.modifiers.shift));
    if scrolled == 0.0 {
        return;
    }
    let id = response.id.with("wheel");
    let gathered = ui.data(|data| data.get_temp(id)).unwrap_or(0.0) + scrolled;
    let steps = (gathered / WHEEL_STEP).trunc();
    ui.data_mut(|data| data.insert_temp(id, gathered - steps * WHEEL_STEP));
    if steps != 0.0 {
        let old = param.unmodulated_normalized_value();
        let new = (0..steps.abs() as usize).fold(old, |value, _| {
            if steps > 0.0 {
                param.next_normalized_step(value, finer)
            } else {
                param.previous_normalized_step(value, finer)
            }
        });
        hand.jump(param, new);
    }
}
