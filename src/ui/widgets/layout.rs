//! Where controls lie: titled columns, and rows laid out by one rule.
//!
//! The rule: each control of a row is as wide as its texts need, and all of them share the rest of
//! the row equally.

use egui::{Align, Layout, RichText, TextStyle, Ui, Vec2, vec2};
use nice_plug::prelude::Param;

use super::control::Control;
use super::gestures::ParamGestures;
use crate::ui::style;

/// How many places of a parameter's range are tried for its widest value.
const PLACES: usize = 16;

/// Controls side by side.
pub fn row(ui: &mut Ui, gestures: &ParamGestures<'_>, controls: &[&dyn Control]) {
    ui.horizontal(|ui| {
        let widths: Vec<f32> = controls.iter().map(|control| control.width(ui)).collect();
        let gaps = (controls.len() as f32 - 1.0) * ui.spacing().item_spacing.x;
        let spare = ui.available_width() - gaps - widths.iter().sum::<f32>();
        for (control, width) in controls.iter().zip(widths) {
            // However small a host makes the window.
            let width = (width + spare / controls.len() as f32).max(0.0);
            let size = vec2(width, style::ROW);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_width(width);
                control.show(ui, gestures);
            });
        }
    });
}

/// A titled column of controls.
pub fn group(ui: &mut Ui, size: Vec2, title: &str, contents: impl FnOnce(&mut Ui)) {
    // However small a host makes the window.
    let size = size.max(vec2(60.0, 0.0));
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::LEFT), |ui| {
        ui.set_width(size.x);
        let title = RichText::new(title.to_uppercase());
        ui.label(title.small().color(style::palette(ui).dim));
        contents(ui);
    });
}

pub fn text_width(ui: &Ui, text: &str) -> f32 {
    let font = TextStyle::Button.resolve(ui.style());
    let color = style::palette(ui).text;
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, color);
    galley.size().x
}

/// The width of the widest text that the parameter's value can have, as far as `PLACES` show it.
pub fn value_width<P: Param>(ui: &Ui, param: &P) -> f32 {
    let steps = param.step_count().unwrap_or(PLACES).clamp(1, PLACES);
    let widths = (0..=steps).map(|step| {
        let place = step as f32 / steps as f32;
        text_width(ui, &param.normalized_value_to_string(place, true))
    });
    widths.fold(0.0, f32::max)
}
