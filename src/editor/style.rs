//! Colours, sizes and fonts of the window.

use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Theme, Vec2, Visuals};

/// Behind everything.
pub const BACKGROUND: Color32 = Color32::from_rgb(22, 24, 30);
/// Behind the roll's notes.
pub const SUNK: Color32 = Color32::from_rgb(15, 17, 21);
/// Of knobs, sliders and buttons.
pub const RAISED: Color32 = Color32::from_rgb(42, 46, 56);
/// The same under the mouse.
pub const LIT: Color32 = Color32::from_rgb(56, 61, 74);
/// Text.
pub const TEXT: Color32 = Color32::from_rgb(214, 218, 226);
/// Text that stands out.
pub const BRIGHT: Color32 = Color32::from_rgb(244, 246, 250);
/// Text that names things.
pub const DIM: Color32 = Color32::from_rgb(139, 147, 163);
/// The musician's notes.
pub const PHRASE: Color32 = Color32::from_rgb(244, 168, 92);
/// HarmonAI's notes.
pub const ANSWER: Color32 = Color32::from_rgb(84, 200, 196);
/// What the user should look at.
pub const WARNING: Color32 = Color32::from_rgb(255, 196, 84);

/// Around the window's contents.
pub const MARGIN: i8 = 14;
/// Between its rows.
pub const GAP: f32 = 8.0;

/// Dresses all standard widgets.
pub fn apply(egui: &egui::Context) {
    egui.set_theme(Theme::Dark);
    egui.all_styles_mut(|style| {
        for (name, size) in [
            (TextStyle::Small, 11.0),
            (TextStyle::Body, 14.0),
            (TextStyle::Button, 14.0),
            (TextStyle::Heading, 22.0),
        ] {
            style
                .text_styles
                .insert(name, FontId::new(size, FontFamily::Proportional));
        }
        style.spacing.item_spacing = Vec2::new(8.0, 6.0);
        style.spacing.button_padding = Vec2::new(8.0, 3.0);
        style.spacing.interact_size.y = 22.0;
        style.interaction.selectable_labels = false;
        let mut visuals = Visuals::dark();
        visuals.panel_fill = BACKGROUND;
        visuals.window_fill = RAISED;
        visuals.extreme_bg_color = SUNK;
        visuals.selection.bg_fill = ANSWER.gamma_multiply(0.45);
        visuals.selection.stroke = Stroke::new(1.0, BRIGHT);
        visuals.warn_fg_color = WARNING;
        let widgets = &mut visuals.widgets;
        for (widget, fill) in [
            (&mut widgets.inactive, RAISED),
            (&mut widgets.hovered, LIT),
            (&mut widgets.active, LIT),
            (&mut widgets.open, LIT),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::NONE;
            widget.fg_stroke = Stroke::new(1.0, TEXT);
            widget.corner_radius = CornerRadius::same(4);
            widget.expansion = 0.0;
        }
        widgets.noninteractive.fg_stroke = Stroke::new(1.0, TEXT);
        style.visuals = visuals;
    });
}

/// `over` laid on `under`, `share` of it showing (0 to 1).
pub fn blend(under: Color32, over: Color32, share: f32) -> Color32 {
    under.lerp_to_gamma(over, share)
}
