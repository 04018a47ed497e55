//! What knobs, sliders and handles have in common: how they are turned, by mouse, keyboard and screen
//! reader.
//!
//! Dragging, finer with shift; the wheel, step by step; a double click for the default. With the
//! keyboard: arrows step by step (with shift finer), page up and down in tenths, home and end, delete
//! for the default; a digit or enter opens a field to type the value in.

use egui::accesskit::{Action, ActionData};
use egui::{
    Event, EventFilter, Key, Modifiers, MouseWheelUnit, Rect, Response, Role, Stroke, StrokeKind,
    Ui, WidgetInfo,
};
use nice_plug::prelude::Param;

use super::{Hand, typing};
use crate::ui::style;

/// How much slower with shift.
const FINE: f32 = 0.1;
/// Points of a touchpad that make a step, as a notch of a wheel does.
const WHEEL_STEP: f32 = 40.0;
/// What page up and page down turn.
const PAGE: f32 = 0.1;

/// What the control is called, for those who cannot see it, and where its value is typed.
pub struct Named<'a> {
    /// What screen readers call it.
    pub name: &'a str,
    /// What it does musically.
    pub tip: &'a str,
    /// Its value in words.
    pub value: String,
    /// Where the field to type in opens.
    pub field: Rect,
}

/// Turns the parameter as the response says. `moved` says where a drag leads from a place, given
/// how fine it is to be.
pub fn turn<P: Param>(
    ui: &mut Ui,
    hand: &Hand<'_>,
    param: &P,
    response: Response,
    named: &Named<'_>,
    moved: impl FnOnce(f32, f32) -> f32,
) -> Response {
    drag(ui, hand, param, &response, moved);
    keys(ui, hand, param, &response);
    requests(ui, hand, param, &response);
    typing::field(ui, hand, param, &response, named);
    tell(ui, param, &response, named);
    explained(response, param.name(), named.tip)
}

/// With a tip that says what it is called and what it does.
pub fn explained(response: Response, name: &str, tip: &str) -> Response {
    response.on_hover_ui(|ui| {
        ui.set_max_width(320.0);
        ui.label(egui::RichText::new(name).strong());
        ui.label(tip);
    })
}

/// A frame around what has the keyboard.
pub fn focus(ui: &Ui, response: &Response, place: Rect, round: f32) {
    if response.has_focus() {
        let edge = Stroke::new(1.5, style::palette(ui).answer);
        ui.painter()
            .rect_stroke(place, round, edge, StrokeKind::Outside);
    }
}

fn drag<P: Param>(
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

/// A step for each notch; what a touchpad says in points is gathered into steps.
fn wheel<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, response: &Response) {
    let (scrolled, finer) = ui.input(|input| {
        let turns = input.events.iter().map(|event| match event {
            Event::MouseWheel { unit, delta, .. } => {
                // With shift some systems turn the wheel sideways.
                let delta = if delta.y == 0.0 { delta.x } else { delta.y };
                let points = if *unit == MouseWheelUnit::Point {
                    WHEEL_STEP
                } else {
                    1.0
                };
                delta / points
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
    step(hand, param, steps as i32, finer);
}

/// So many steps up, or down.
fn step<P: Param>(hand: &Hand<'_>, param: &P, steps: i32, finer: bool) {
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
    hand.jump(param, new);
}

fn keys<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, response: &Response) {
    if !response.has_focus() {
        return;
    }
    // Here arrows turn; tab goes on to the next control.
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
    step(hand, param, steps, ui.input(|input| input.modifiers.shift));
    if pages != 0 {
        let place = param.unmodulated_normalized_value() + pages as f32 * PAGE;
        hand.jump(param, place.clamp(0.0, 1.0));
    }
    if home || end {
        hand.jump(param, if end { 1.0 } else { 0.0 });
    }
    if reset {
        hand.jump(param, param.default_normalized_value());
    }
}

/// What a screen reader's user asks for.
fn requests<P: Param>(ui: &Ui, hand: &Hand<'_>, param: &P, response: &Response) {
    let count = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action));
    let steps = count(Action::Increment) as i32 - count(Action::Decrement) as i32;
    step(hand, param, steps, false);
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
        hand.jump(param, place);
    }
}

/// What screen readers read out: the name, the value with its unit, what it does.
fn tell<P: Param>(ui: &Ui, param: &P, response: &Response, named: &Named<'_>) {
    let place = param.unmodulated_normalized_value();
    response.widget_info(|| WidgetInfo {
        label: Some(named.name.to_owned()),
        current_text_value: Some(named.value.clone()),
        value: Some(place.into()),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1.0);
        node.set_description(named.tip);
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}
