//! One of a few: lists that open, buttons side by side, a box to tick, a button to press.

use egui::{Align, Button, ComboBox, Layout, Response, RichText, Ui, vec2};
use nice_plug::prelude::{BoolParam, Param};

use super::Hand;
use crate::ui::style;

/// Seconds that a trigger stays on: longer than any usual block.
const LONG_ENOUGH: f64 = 0.2;

/// The steps of a parameter by their texts, in a list that opens.
pub fn choice<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, tip: &str) -> Response {
    list(ui, hand, param, usize::MAX, tip)
}

/// The same with the parameter's name before it.
pub fn named_choice<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, tip: &str) -> Response {
    listed_choice(ui, hand, param, usize::MAX, tip)
}

/// The same up to the step `last`.
pub fn listed_choice<P: Param>(
    ui: &mut Ui,
    hand: &Hand<'_>,
    param: &P,
    last: usize,
    tip: &str,
) -> Response {
    ui.horizontal(|ui| {
        label(ui, param.name());
        list(ui, hand, param, last, tip)
    })
    .inner
}

fn list<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, last: usize, tip: &str) -> Response {
    let steps = param.step_count().unwrap_or(0);
    let width = ui.available_width().max(40.0);
    let shown = ComboBox::from_id_salt(param.name())
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
                    // By keyboard it would stay open.
                    ui.close();
                }
            }
        });
    shown
        .response
        .on_hover_text(tip)
        .accessible_name(param.name())
}

/// The steps of a parameter side by side; for the first few that fit.
pub fn segments<P: Param>(ui: &mut Ui, hand: &Hand<'_>, param: &P, tip: &str) {
    let steps = param.step_count().unwrap_or(0);
    let gap = 2.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        let width = (ui.available_width() - gap * steps as f32) / (steps + 1) as f32;
        for step in 0..=steps {
            let normalized = step as f32 / steps.max(1) as f32;
            let chosen = param.preview_plain(normalized) == param.unmodulated_plain_value();
            let text = param.normalized_value_to_string(normalized, true);
            let name = format!("{} {text}", param.name());
            let button = Button::selectable(chosen, text)
                .fill_if_not(chosen, ui)
                .min_size(vec2(width.max(18.0), style::ROW));
            let button = ui.add(button).on_hover_text(tip).accessible_name(name);
            if button.clicked() {
                hand.jump(param, normalized);
            }
        }
    });
}

/// A button that is seen to be one before the mouse is over it.
trait Filled {
    fn fill_if_not(self, chosen: bool, ui: &Ui) -> Self;
}

impl Filled for Button<'_> {
    fn fill_if_not(self, chosen: bool, ui: &Ui) -> Self {
        let button = self.frame_when_inactive(true);
        if chosen {
            button
        } else {
            button.fill(style::palette(ui).raised)
        }
    }
}

/// On or off.
pub fn toggle(ui: &mut Ui, hand: &Hand<'_>, param: &BoolParam, tip: &str) {
    let mut on = param.value();
    let shown = ui.checkbox(&mut on, param.name()).on_hover_text(tip);
    if shown.clicked() {
        hand.jump(param, if on { 1.0 } else { 0.0 });
    }
}

/// A button that switches a parameter on for as long as it is pressed, and a little longer: no block of
/// the host's is to miss it.
pub fn trigger(ui: &mut Ui, hand: &Hand<'_>, param: &BoolParam, tip: &str) -> Response {
    let width = ui.available_width().max(40.0);
    let button = Button::new(param.name()).min_size(vec2(width, style::ROW));
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

/// What a control is called, before it.
pub fn label(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).color(style::palette(ui).dim));
}

/// Something in a row, and its share of the row's width: names and values are of all lengths.
pub type Placed<'a> = (f32, &'a dyn Fn(&mut Ui));

/// Controls side by side.
pub fn row<const N: usize>(ui: &mut Ui, contents: [Placed<'_>; N]) {
    ui.horizontal(|ui| {
        let gaps = (N - 1) as f32 * ui.spacing().item_spacing.x;
        let whole = (ui.available_width() - gaps).max(0.0);
        for (share, contents) in contents {
            let size = vec2(whole * share, style::ROW);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_width(size.x);
                contents(ui);
            });
        }
    });
}
