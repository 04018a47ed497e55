//! Parameters under the mouse and the keyboard: knob, slider, list, buttons, number.
//!
//! Each tells the host when a gesture begins and ends, exactly once, so that automation is recorded
//! as the user made it. Each has a name for screen readers and a tip that says what it does.

mod choice;
mod hand;
mod idle;
mod knob;
mod slider;
mod turning;
mod typing;

use egui::{Align, Layout, RichText, Ui, vec2};

use super::style;
pub use choice::{
    Placed, choice, label, listed_choice, named_choice, row, segments, toggle, trigger,
};
pub use hand::Hand;
pub use idle::idle;
pub use knob::knob;
pub use slider::Slider;
pub use turning::{Named, turn};

/// A titled column of controls.
pub fn group(ui: &mut Ui, width: f32, title: &str, contents: impl FnOnce(&mut Ui)) {
    // However small a host makes the window.
    let width = width.max(60.0);
    let size = vec2(width, knob::SIZE.y);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::LEFT), |ui| {
        ui.set_width(width);
        let title = RichText::new(title.to_uppercase());
        ui.label(title.small().color(style::palette(ui).dim));
        contents(ui);
    });
}
