//! Controls that do nothing as things stand.

use egui::{Response, Ui};

/// How much of such a control is to be seen.
const DIM: f32 = 0.45;

/// A control that does nothing where there is a `why`: it is dim, and its tip begins with that. It
/// turns all the same: one may set it before it counts, and the host may automate it.
pub fn idle(
    ui: &mut Ui,
    why: Option<&str>,
    tip: &str,
    control: impl FnOnce(&mut Ui, &str),
) -> Response {
    // A scope either way: what is in it stays the same control.
    let scope = ui.scope(|ui| match why {
        None => control(ui, tip),
        Some(why) => {
            ui.multiply_opacity(DIM);
            control(ui, &format!("Does nothing now: {why}.\n{tip}"));
        }
    });
    scope.response
}
