//! What every control has: the width that it needs, a tip, and that it may have no effect.

use egui::{Rect, Ui};

use super::gestures::ParamGestures;

/// The opacity of a control that has no effect.
const DIM: f32 = 0.45;

/// A control for one parameter.
pub trait Control {
    /// The width that its texts need.
    fn width(&self, ui: &Ui) -> f32;

    /// Draws it as wide as there is room, its tip after this `note`, and turns the parameter.
    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str);

    fn show(&self, ui: &mut Ui, gestures: &ParamGestures<'_>) {
        self.draw(ui, gestures, "");
    }

    /// The same control, which has no effect if there is a `why`.
    fn inactive(self, why: Option<&str>) -> Inactive<'_, Self>
    where
        Self: Sized,
    {
        Inactive { control: self, why }
    }
}

/// A control that may have no effect with the settings as they are. Then it is dim, and its tip
/// begins with the reason. It can be turned all the same: one may set it beforehand, and the host
/// may automate it.
pub struct Inactive<'a, C> {
    control: C,
    why: Option<&'a str>,
}

impl<C: Control> Control for Inactive<'_, C> {
    fn width(&self, ui: &Ui) -> f32 {
        self.control.width(ui)
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, note: &str) {
        // A scope either way: what is in it stays the same control.
        ui.scope(|ui| match self.why {
            None => self.control.draw(ui, gestures, note),
            Some(why) => {
                ui.multiply_opacity(DIM);
                let note = format!("No effect now: {why}.\n{note}");
                self.control.draw(ui, gestures, &note);
            }
        });
    }
}

/// The texts of a control, and where its value is typed.
pub struct Labels<'a> {
    /// For screen readers.
    pub name: &'a str,
    pub tip: &'a str,
    pub value: String,
    /// Where the field to type the value in opens.
    pub field: Rect,
}
