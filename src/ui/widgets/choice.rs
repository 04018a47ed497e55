//! One of a few: a list that opens, or buttons side by side.

use egui::{Button, ComboBox, RichText, Ui, vec2};
use nice_plug::prelude::Param;

use super::control::Control;
use super::gestures::ParamGestures;
use super::layout::{text_width, value_width};
use crate::ui::style;

/// The steps of a parameter, in a list that opens.
pub struct Choice<'a, P> {
    param: &'a P,
    tip: &'a str,
    named: bool,
    last: usize,
}

impl<'a, P: Param> Choice<'a, P> {
    pub fn new(param: &'a P, tip: &'a str) -> Self {
        Self {
            param,
            tip,
            named: false,
            last: param.step_count().unwrap_or(0),
        }
    }

    /// With the name of the parameter before the list.
    pub fn named(mut self) -> Self {
        self.named = true;
        self
    }

    /// With the steps up to `last` alone.
    pub fn up_to(mut self, last: usize) -> Self {
        self.last = last.min(self.last);
        self
    }
}

impl<P: Param> Control for Choice<'_, P> {
    fn width(&self, ui: &Ui) -> f32 {
        let spacing = ui.spacing();
        let name = if self.named {
            text_width(ui, self.param.name()) + spacing.item_spacing.x
        } else {
            0.0
        };
        let arrow = spacing.icon_spacing + spacing.icon_width;
        name + 2.0 * spacing.button_padding.x + value_width(ui, self.param) + arrow
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str) {
        let param = self.param;
        ui.horizontal(|ui| {
            if self.named {
                label(ui, param.name());
            }
            let list = ComboBox::from_id_salt(param.name())
                .width(ui.available_width().max(40.0))
                .truncate()
                .selected_text(param.to_string())
                .show_ui(ui, |ui| {
                    for (place, text, chosen) in steps(param).take(self.last + 1) {
                        if ui.selectable_label(chosen, text).clicked() {
                            gestures.jump(param, place);
                            // Chosen by keyboard, the list would stay open.
                            ui.close();
                        }
                    }
                });
            let tip = format!("{note}{}", self.tip);
            let list = list.response.on_hover_text(tip);
            list.accessible_name(param.name());
        });
    }
}

/// Between buttons side by side.
const GAP: f32 = 2.0;

/// The steps of a parameter as buttons side by side: the parameter, and the tip.
pub struct Segments<'a, P>(pub &'a P, pub &'a str);

impl<P: Param> Control for Segments<'_, P> {
    fn width(&self, ui: &Ui) -> f32 {
        let button = value_width(ui, self.0) + 2.0 * ui.spacing().button_padding.x;
        let count = steps(self.0).count() as f32;
        count * (button + GAP) - GAP
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str) {
        let (param, tip) = (self.0, format!("{note}{}", self.1));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            let count = steps(param).count() as f32;
            let width = (ui.available_width() - GAP * (count - 1.0)) / count;
            for (place, text, chosen) in steps(param) {
                let name = format!("{} {text}", param.name());
                // It looks like a button before the mouse is over it.
                let mut button = Button::selectable(chosen, text).frame_when_inactive(true);
                if !chosen {
                    button = button.fill(style::palette(ui).raised);
                }
                let button = button.min_size(vec2(width.max(18.0), style::ROW));
                let button = ui.add(button).on_hover_text(&tip).accessible_name(name);
                if button.clicked() {
                    gestures.jump(param, place);
                }
            }
        });
    }
}

/// Of each step its place in the range, its text, and whether it is the value.
fn steps<P: Param>(param: &P) -> impl Iterator<Item = (f32, String, bool)> {
    let last = param.step_count().unwrap_or(0);
    (0..=last).map(move |step| {
        let place = step as f32 / last.max(1) as f32;
        let text = param.normalized_value_to_string(place, true);
        let chosen = param.preview_plain(place) == param.unmodulated_plain_value();
        (place, text, chosen)
    })
}

/// The name of a control, before it.
pub fn label(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).color(style::palette(ui).dim));
}
