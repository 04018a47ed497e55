//! Parameters that are on or off: a box to tick, a button to press.

use egui::{Button, Ui, vec2};
use nice_plug::prelude::{BoolParam, Param};

use super::control::Control;
use super::gestures::ParamGestures;
use super::layout::text_width;
use crate::ui::style;

/// Seconds that a trigger stays on: longer than any usual block.
const LONG_ENOUGH: f64 = 0.2;

/// A box to tick: the parameter, and the tip.
pub struct Toggle<'a>(pub &'a BoolParam, pub &'a str);

impl Control for Toggle<'_> {
    fn width(&self, ui: &Ui) -> f32 {
        let spacing = ui.spacing();
        spacing.icon_width + spacing.icon_spacing + text_width(ui, self.0.name())
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str) {
        let mut on = self.0.value();
        let shown = ui.checkbox(&mut on, self.0.name());
        let shown = shown.on_hover_text(format!("{note}{}", self.1));
        if shown.clicked() {
            gestures.jump(self.0, if on { 1.0 } else { 0.0 });
        }
    }
}

/// A button that switches a parameter on for as long as it is pressed, and a little longer, so that
/// no block of the host misses it.
pub struct Trigger<'a>(pub &'a BoolParam, pub &'a str);

impl Control for Trigger<'_> {
    fn width(&self, ui: &Ui) -> f32 {
        text_width(ui, self.0.name()) + 2.0 * ui.spacing().button_padding.x
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str) {
        let param = self.0;
        let width = ui.available_width().max(40.0);
        let button = Button::new(param.name()).min_size(vec2(width, style::ROW));
        let tip = format!("{note}{}", self.1);
        let response = ui.add(button).on_hover_text(tip);
        let now = ui.input(|input| input.time);
        let pressed = response.is_pointer_button_down_on() || response.clicked();
        // Only what was pressed here is released here: the host may hold it on too.
        let last: Option<f64> = ui.data(|data| data.get_temp(response.id));
        if pressed {
            ui.data_mut(|data| data.insert_temp(response.id, now));
            if last.is_none() {
                gestures.jump(param, 1.0);
            }
        } else if last.is_some_and(|last| now >= last + LONG_ENOUGH) {
            ui.data_mut(|data| data.remove_temp::<f64>(response.id));
            gestures.jump(param, 0.0);
        }
        if pressed || last.is_some() {
            ui.ctx().request_repaint();
        }
    }
}
