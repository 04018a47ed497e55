//! What every control has: the width that it needs, a tip, and that it may have no effect.

use egui::Ui;

use super::gestures::ParamGestures;

/// The opacity of a control that has no effect.
const DIM: f32 = 0.45;

/// A control for one parameter.
pub trait Control {
    /// What it does, in the player's words.
    fn tip(&self) -> &str;

    /// The width that its texts need.
    fn width(&self, ui: &Ui) -> f32;

    /// Draws it with this tip, as wide as there is room, and turns the parameter.
    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, tip: &str);

    fn show(&self, ui: &mut Ui, gestures: &ParamGestures<'_>) {
        self.draw(ui, gestures, self.tip());
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
    fn tip(&self) -> &str {
        self.control.tip()
    }

    fn width(&self, ui: &Ui) -> f32 {
        self.control.width(ui)
    }

    fn draw(&self, ui: &mut Ui, gestures: &ParamGestures<'_>, tip: &str) {
        // A scope either way: what is in it stays the same control.
        ui.scope(|ui| match self.why {
            None => self.control.draw(ui, gestures, tip),
            Some(why) => {
                ui.multiply_opacity(DIM);
                let tip = format!("No effect now: {why}.\n{tip}");
                self.control.draw(ui, gestures, &tip);
            }
        });
    }
}
