//! How knobs, sliders and handles are turned: by mouse, keyboard and screen reader.
//!
//! Mouse: dragging, finer with shift; the wheel, step by step; a double click for the default.
//! Keyboard: arrows step by step (with shift finer), page up and down in tenths, home and end,
//! delete for the default; a digit or enter opens a field to type the value in.

use egui::accesskit::{Action, ActionData};
use egui::{
    Event, EventFilter, Key, Modifiers, MouseWheelUnit, Rect, Response, Role, Stroke, StrokeKind,
    Ui, WidgetInfo,
};
use nice_plug::prelude::Param;

use super::control::Labels;
use super::gestures::ParamGestures;
use super::value_entry;
use crate::ui::style;

/// How much slower with shift.
const FINE: f32 = 0.1;
/// Points of a touchpad that make a step, as a notch of a wheel does.
const WHEEL_STEP: f32 = 40.0;
/// What page up and page down turn.
const PAGE: f32 = 0.1;

/// Turns the parameter as the user does. `moved` gives the place to which a drag leads, from the
/// place before and how fine the drag is.
pub fn turn<P: Param>(
    ui: &mut Ui,
    gestures: &ParamGestures<'_>,
    param: &P,
    response: Response,
    labels: &Labels<'_>,
    moved: impl FnOnce(f32, f32) -> f32,
) {
    drag(ui, gestures, param, &response, moved);
    keys(ui, gestures, param, &response);
    requests(ui, gestures, param, &response);
    value_entry::field(ui, gestures, param, &response, labels);
    tell(ui, param, &response, labels);
    response.on_hover_ui(|ui| {
        ui.set_max_width(320.0);
        ui.label(egui::RichText::new(param.name()).strong());
        ui.label(labels.tip);
    });
}

/// Draws a frame around the focused control.
pub fn focus(ui: &Ui, response: &Response, place: Rect, round: f32) {
    if response.has_focus() {
        let (painter, edge) = (ui.painter(), Stroke::new(1.5, style::palette(ui).answer));
        painter.rect_stroke(place, round, edge, StrokeKind::Outside);
    }
}

fn drag<P: Param>(
    ui: &mut Ui,
    gestures: &ParamGestures<'_>,
    param: &P,
    response: &Response,
    moved: impl FnOnce(f32, f32) -> f32,
) {
    // The exact place is kept apart from the value, which may move in steps.
    let keep = |place: f32| ui.data_mut(|data| data.insert_temp(response.id, place));
    if response.drag_started() {
        gestures.begin(param);
        keep(param.unmodulated_normalized_value());
    }
    if response.dragged() {
        let place = ui.data(|data| data.get_temp(response.id));
        let place = place.unwrap_or_else(|| param.unmodulated_normalized_value());
        let fine = ui.input(|input| if input.modifiers.shift { FINE } else { 1.0 });
        let place = moved(place, fine).clamp(0.0, 1.0);
        keep(place);
        gestures.set(param, place);
    }
    if response.drag_stopped() {
        gestures.end(param);
    }
    if response.double_clicked() {
        gestures.jump(param, param.default_normalized_value());
    } else if response.hovered() && !response.dragged() {
        wheel(ui, gestures, param, response);
    }
}

/// A step for each notch; the points that a touchpad sends are gathered into steps.
fn wheel<P: Param>(ui: &mut Ui, gestures: &ParamGestures<'_>, param: &P, response: &Response) {
    let (scrolled, finer) = ui.input(|input| {
        let turns = input.events.iter().map(|event| match event {
            Event::MouseWheel { unit, delta, .. } => {
                // With shift some systems scroll sideways.
                let delta = if delta.y == 0.0 { delta.x } else { delta.y };
                match unit {
                    MouseWheelUnit::Point => delta / WHEEL_STEP,
                    _ => delta,
                }
            }
            _ => 0.0,
        });
        (turns.sum::<f32>(), input.modifiers.shift)
    });
    if scrolled == 0.0 {
        return;
    }
    let id = response.id.with("wheel");
    let gathered = ui.data(|data| data.get_temp(id)).unwrap_or(0.0) + scrolled;
    let steps = gathered.trunc();
    ui.data_mut(|data| data.insert_temp(id, gathered - steps));
    step(gestures, param, steps as i32, finer);
}

/// Turns by `steps`, up or down.
fn step<P: Param>(gestures: &ParamGestures<'_>, param: &P, steps: i32, finer: bool) {
    if steps == 0 {
        return;
    }
    let old = param.unmodulated_normalized_value();
    let new = (0..steps.unsigned_abs()).fold(old, |value, _| {
        if steps > 0 {
            param.next_normalized_step(value, finer)
        } else {
            param.previous_normalized_step(value, finer)
        }
    });
    gestures.jump(param, new);
}

fn keys<P: Param>(ui: &mut Ui, gestures: &ParamGestures<'_>, param: &P, response: &Response) {
    if !response.has_focus() {
        return;
    }
    // The arrows turn the control; tab goes on to the next one.
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |keys: [Key; 2]| -> i32 {
        let count = |key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
        keys.map(count).iter().sum::<usize>() as i32
    };
    let steps =
        pressed([Key::ArrowUp, Key::ArrowRight]) - pressed([Key::ArrowDown, Key::ArrowLeft]);
    let pages = pressed([Key::PageUp; 2]) - pressed([Key::PageDown; 2]);
    let (home, end) = (pressed([Key::Home; 2]) > 0, pressed([Key::End; 2]) > 0);
    let reset = pressed([Key::Delete, Key::Backspace]) > 0;
    let finer = ui.input(|input| input.modifiers.shift);
    step(gestures, param, steps, finer);
    if pages != 0 {
        let place = param.unmodulated_normalized_value() + pages as f32 * PAGE;
        gestures.jump(param, place.clamp(0.0, 1.0));
    }
    if home || end {
        gestures.jump(param, if end { 1.0 } else { 0.0 });
    }
    if reset {
        gestures.jump(param, param.default_normalized_value());
    }
}

/// Does what is asked for through a screen reader.
fn requests<P: Param>(ui: &Ui, gestures: &ParamGestures<'_>, param: &P, response: &Response) {
    let count = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action));
    let steps = count(Action::Increment) as i32 - count(Action::Decrement) as i32;
    step(gestures, param, steps, false);
    let set = ui.input(|input| {
        let all = input.accesskit_action_requests(response.id, Action::SetValue);
        all.last().and_then(|request| request.data.clone())
    });
    let place = match set {
        Some(ActionData::NumericValue(place)) => Some(place as f32),
        Some(ActionData::Value(text)) => param.string_to_normalized_value(&text),
        _ => None,
    };
    if let Some(place) = place {
        gestures.jump(param, place);
    }
}

/// Describes the control to screen readers: its name, its value with the unit, what it does.
fn tell<P: Param>(ui: &Ui, param: &P, response: &Response, labels: &Labels<'_>) {
    let place = param.unmodulated_normalized_value();
    response.widget_info(|| WidgetInfo {
        label: Some(labels.name.to_owned()),
        current_text_value: Some(labels.value.clone()),
        value: Some(place.into()),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1.0);
        node.set_description(labels.tip);
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}
