//! The field over a knob or slider to type its value in: opened by enter, by a digit or by a click
//! with ctrl (on a Mac with command); enter takes the value, escape leaves it as it was.

use egui::{Event, Id, Key, Response, TextEdit, Ui, UiBuilder, text::CCursor, text::CCursorRange};
use nice_plug::prelude::Param;

use super::control::Labels;
use super::gestures::ParamGestures;

/// Draws the field if it is open or is being opened.
pub fn field<P: Param>(
    ui: &mut Ui,
    gestures: &ParamGestures<'_>,
    param: &P,
    response: &Response,
    labels: &Labels<'_>,
) {
    let id = response.id.with("typed");
    let open = ui.data(|data| data.get_temp::<String>(id));
    let found = match open {
        Some(text) => Some((text, None)),
        None => begun(ui, response, &labels.value).map(|(text, whole)| (text, Some(whole))),
    };
    let Some((mut text, selected)) = found else {
        return;
    };
    let mut over = ui.new_child(UiBuilder::new().max_rect(labels.field));
    let edit = TextEdit::singleline(&mut text)
        .id(id.with("field"))
        .desired_width(labels.field.width());
    let output = edit.show(&mut over);
    if let Some(whole) = selected {
        output.response.request_focus();
        select(ui, output.response.id, &text, whole);
    }
    let mut done = output.response.lost_focus();
    if done && !ui.input(|input| input.key_pressed(Key::Escape)) {
        // In half of the world the decimal point is a comma.
        let value = param.string_to_normalized_value(&text.replace(',', "."));
        match value {
            Some(value) => gestures.jump(param, value),
            // What is not a value stays to be corrected.
            None if ui.input(|input| input.key_pressed(Key::Enter)) => {
                output.response.request_focus();
                select(ui, output.response.id, &text, true);
                done = false;
            }
            None => {}
        }
    }
    if done {
        ui.data_mut(|data| data.remove_temp::<String>(id));
        // The focus goes back to the control.
        if ui.input(|input| input.key_pressed(Key::Enter) || input.key_pressed(Key::Escape)) {
            response.request_focus();
        }
    } else {
        ui.data_mut(|data| data.insert_temp(id, text));
    }
}

/// What the field begins with, if it is to open: the whole value (with `true`), or the digit that
/// was typed (with `false`).
fn begun(ui: &Ui, response: &Response, value: &str) -> Option<(String, bool)> {
    if response.clicked() && ui.input(|input| input.modifiers.command) {
        return Some((value.to_owned(), true));
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
            Some(Event::Text(text)) => Some((text, false)),
            _ if input.key_pressed(Key::Enter) => Some((value.to_owned(), true)),
            _ => None,
        }
    })
}

/// Selects the whole value, so that typing replaces it, or puts the cursor after the digit.
fn select(ui: &Ui, field: Id, text: &str, whole: bool) {
    let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    let start = if whole { CCursor::new(0) } else { end };
    let range = CCursorRange::two(start, end);
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), field);
}
