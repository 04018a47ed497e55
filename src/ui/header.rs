//! The top row: the plug-in's name, the model that plays, the size and the theme of the window.

use egui::{Align, Button, ComboBox, Layout, RichText, Theme, Ui, vec2};

use super::browser::Browser;
use super::context::EditorContext;
use super::widgets::{self, Control, Segments};
use super::{style, tips};
use crate::project::window_state::{WindowState, ZOOMS};

pub fn bar(ui: &mut Ui, context: &EditorContext, browser: &mut Browser) {
    ui.horizontal(|ui| {
        let colours = style::palette(ui);
        let title = RichText::new(context.class.title).size(22.0).strong();
        ui.label(title.color(colours.bright));
        ui.add_space(style::GAP);
        model(ui, context, browser);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            theme(ui, context);
            zoom(ui, &context.params.window);
        });
    });
}

/// The model that plays, which opens the list of models, and the four slots.
fn model(ui: &mut Ui, context: &EditorContext, browser: &mut Browser) {
    let mut name = context.params.models.chosen().name();
    if name.is_empty() {
        name = "not loaded yet".to_owned();
    }
    let name = format!("Model: {name}");
    let button = Button::selectable(browser.open, name)
        .frame_when_inactive(true)
        .fill(style::palette(ui).raised)
        .min_size(vec2(60.0, style::ROW))
        .truncate();
    let width = (ui.available_width() - 370.0).clamp(60.0, 260.0);
    let size = vec2(width, style::ROW);
    let tip = "Opens the list of models: what each has learnt from, and how well";
    let button = ui.add_sized(size, button).on_hover_text(tip);
    if button.clicked() {
        browser.toggle(context);
    }
    widgets::label(ui, "Slot");
    let size = vec2(124.0, style::ROW);
    ui.allocate_ui(size, |ui| {
        Segments(&*context.params.style.slot, tips::SLOT).show(ui, &context.gestures());
    });
}

fn zoom(ui: &mut Ui, window: &WindowState) {
    let now = (ui.ctx().zoom_factor() * 100.0).round() as u32;
    let list = ComboBox::from_id_salt("zoom")
        .width(64.0)
        .selected_text(format!("{now} %"))
        .show_ui(ui, |ui| {
            let fits = |zoom: &u32| *zoom <= now || window.fits(*zoom as f32 / 100.0);
            for zoom in ZOOMS.into_iter().filter(fits) {
                let label = ui.selectable_label(zoom == now, format!("{zoom} %"));
                if label.clicked() {
                    ui.ctx().set_zoom_factor(zoom as f32 / 100.0);
                }
            }
        });
    let tip = "The size of the window, up to what fits on the screen; saved in the project. If it \
               is larger than the screen, Ctrl+minus or Ctrl+0 makes it smaller";
    let list = list.response.on_hover_text(tip);
    list.accessible_name("Size of the window");
}

fn theme(ui: &mut Ui, context: &EditorContext) {
    let chosen = &context.params.theme;
    let (text, tip) = match chosen.is_light() {
        true => ("Dark", "Switches to light text on a dark background"),
        false => ("Light", "Switches to dark text on a light background"),
    };
    let button = Button::new(text).min_size(vec2(48.0, style::ROW));
    if ui.add(button).on_hover_text(tip).clicked() {
        chosen.set_light(!chosen.is_light());
    }
    let dark = !chosen.is_light();
    ui.ctx().set_theme(Theme::from_dark_mode(dark));
}
