//! A field over a knob or slider, to type its value in: opened by enter, by a digit or by a click
//! with ctrl (on a Mac with command); enter takes the value, escape leaves it.

use egui::{
    Event, Id, Key, Rect, Response, TextEdit, Ui, UiBuilder, text::CCursor, text::CCursorRange,
};
use nice_plug::prelude::Param;

use super::Hand;

/// The field, if it is open or is being opened.
pub fn field<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, response: &Response, place: Rect) {
    let id = response.id.with("typed");
    let open = ui.data(|data| data.get_temp::<String>(id));
    let fresh = open.is_none();
    let Some(mut text) = open.or_else(|| begun(ui, param, response)) else {
        return;
    };
    let mut over = ui.new_child(UiBuilder::new().max_rect(place));
    let edit = TextEdit::singleline(&mut text)
        .id(id.with("field"))
        .desired_width(place.width());
    let output = edit.show(&mut over);
    if fresh {
        output.response.request_focus();
        select(ui, output.response.id, &text);
    }
    let done = output.response.lost_focus();
    let kept = done && !ui.input(|input| input.key_pressed(Key::Escape));
    if kept && let Some(value) = param.string_to_normalized_value(&text) {
        hand.jump(param, value);
    }
    if done {
        ui.data_mut(|data| data.remove_temp::<String>(id));
        // The keyboard stays with the control.
        if ui.input(|input| input.key_pressed(Key::Enter) || input.key_pressed(Key::Escape)) {
            response.request_focus();
        }
    } else {
        ui.data_mut(|data| data.insert_temp(id, text));
    }
}

/// What the field begins with, if it is to open: the value, or the digit that was typed.
fn begun<P: Param>(ui: &Ui, param: &P, response: &Response) -> Option<String> {
    if response.clicked() && ui.input(|input| input.modifiers.command) {
        return Some(param.to_string());
    }
    if !response.has_focus() {
        return None;
    }
    ui.input_mut(|input| {
        let first = input.events.iter().position(|event| match event {
            Event::Text(text) => text.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
            _ => false,
        });
        match first.map(|first| input.events.remove(first)) {
            Some(Event::Text(text)) => Some(text),
            _ => input.key_pressed(Key::Enter).then(|| param.to_string()),
        }
    })
}

/// Marks the whole value, so that typing replaces it; after a digit there is only its end to go to.
fn select(ui: &Ui, field: Id, text: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    let start = if text.chars().count() == 1 {
        end
    } else {
        CCursor::new(0)
    };
    state
        .cursor
        .set_char_range(Some(CCursorRange::two(start, end)));
    state.store(ui.ctx(), field);
}
