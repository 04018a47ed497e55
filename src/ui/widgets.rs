//! Parameters under the mouse and the keyboard: knob, slider, list, buttons, number.
//!
//! Each tells the host when a gesture begins and ends, exactly once, so that automation is recorded
//! as the user made it. Each has a name for screen readers and a tip that says what it does.

mod choice;
mod gestures;
mod inactive;
mod interaction;
mod knob;
mod slider;
mod value_entry;

use egui::{Align, Layout, RichText, Ui, vec2};

use super::style;
pub use choice::{
    Placed, choice, label, listed_choice, named_choice, row, segments, toggle, trigger,
};
pub use gestures::Hand;
pub use inactive::idle;
pub use interaction::{Named, turn};
pub use knob::knob;
pub use slider::Slider;

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
