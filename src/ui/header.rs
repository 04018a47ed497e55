//! The window's head: what it is, which model plays, how large and how bright the window is.

use egui::{Align, Button, ComboBox, Layout, RichText, Theme, Ui, vec2};

use super::browser::Browser;
use super::shared::Shared;
use super::{style, tips, widgets};
use crate::window::{WindowState, ZOOMS};

/// Draws it.
pub fn bar(ui: &mut Ui, title: &str, shared: &Shared<'_>, browser: &mut Browser) {
    ui.horizontal(|ui| {
        let colours = style::palette(ui);
        let title = RichText::new(title).size(22.0).strong();
        ui.label(title.color(colours.bright));
        ui.add_space(style::GAP);
        model(ui, shared, browser);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            brightness(ui, shared);
            zoom(ui, &shared.params.window);
        });
    });
}

/// The model that plays, the way to the others, and the four slots.
fn model(ui: &mut Ui, shared: &Shared<'_>, browser: &mut Browser) {
    let name = shared.params.models.chosen().name();
    let name = if name.is_empty() {
        "Model: not loaded yet".to_owned()
    } else {
        format!("Model: {name}")
    };
    let button = Button::selectable(browser.open, name)
        .frame_when_inactive(true)
        .fill(style::palette(ui).raised)
        .min_size(vec2(60.0, style::ROW))
        .truncate();
    let size = vec2(
        (ui.available_width() - 370.0).clamp(60.0, 260.0),
        style::ROW,
    );
    let tip = "The models that can be played: what they learnt from, and how well";
    let button = ui.add_sized(size, button).on_hover_text(tip);
    if button.clicked() {
        browser.toggle(shared);
    }
    widgets::label(ui, "Slot");
    let size = vec2(124.0, style::ROW);
    ui.allocate_ui(size, |ui| {
        widgets::segments(ui, &shared.hand, &shared.params.style.slot, tips::SLOT);
    });
}

fn zoom(ui: &mut Ui, window: &WindowState) {
    let now = (ui.ctx().zoom_factor() * 100.0).round() as u32;
    let list = ComboBox::from_id_salt("zoom")
        .width(64.0)
        .selected_text(format!("{now} %"))
        .show_ui(ui, |ui| {
            let roomy = |zoom: &u32| *zoom <= now || window.fits(*zoom as f32 / 100.0);
            for zoom in ZOOMS.into_iter().filter(roomy) {
                if ui
                    .selectable_label(zoom == now, format!("{zoom} %"))
                    .clicked()
                {
                    ui.ctx().set_zoom_factor(zoom as f32 / 100.0);
                }
            }
        });
    let tip = "How large the window is, as far as the screen has room; the project keeps it. Ctrl and minus, or ctrl and 0, make it smaller where it is larger than the screen";
    list.response
        .on_hover_text(tip)
        .accessible_name("Size of the window");
}

fn brightness(ui: &mut Ui, shared: &Shared<'_>) {
    let look = &shared.params.look;
    let (text, tip) = if look.is_light() {
        ("Dark", "Light letters on a dark ground")
    } else {
        ("Light", "Dark letters on a light ground")
    };
    let button = Button::new(text).min_size(vec2(48.0, style::ROW));
    if ui.add(button).on_hover_text(tip).clicked() {
        look.set_light(!look.is_light());
    }
    let theme = if look.is_light() {
        Theme::Light
    } else {
        Theme::Dark
    };
    ui.ctx().set_theme(theme);
}
