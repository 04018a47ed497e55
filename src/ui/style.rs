//! Colours, sizes and fonts, for the dark theme and the light one.
//!
//! The musician is amber and HarmonAI is blue in both: the pair that stays apart for every kind of
//! colour vision (tested below). Planned notes differ by shape too: they are outlines.

use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Theme, Ui, Vec2, Visuals,
};

/// The colours of a theme.
pub struct Palette {
    pub background: Color32,
    /// Behind the notes of the roll.
    pub sunk: Color32,
    /// The rows of the roll that belong to the scale.
    pub scale: Color32,
    /// Knobs, sliders and buttons.
    pub raised: Color32,
    /// The same under the mouse.
    pub lit: Color32,
    pub text: Color32,
    /// Text that stands out.
    pub bright: Color32,
    /// Text that names things.
    pub dim: Color32,
    /// The musician's notes.
    pub phrase: Color32,
    /// HarmonAI's notes.
    pub answer: Color32,
    /// What the user should look at.
    pub warning: Color32,
    /// What went well.
    pub good: Color32,
}

const DARK: Palette = Palette {
    background: Color32::from_rgb(22, 24, 30),
    sunk: Color32::from_rgb(15, 17, 21),
    scale: Color32::from_rgb(27, 30, 36),
    raised: Color32::from_rgb(42, 46, 56),
    lit: Color32::from_rgb(56, 61, 74),
    text: Color32::from_rgb(214, 218, 226),
    bright: Color32::from_rgb(244, 246, 250),
    dim: Color32::from_rgb(150, 158, 174),
    phrase: Color32::from_rgb(240, 168, 64),
    answer: Color32::from_rgb(86, 180, 240),
    warning: Color32::from_rgb(255, 214, 102),
    good: Color32::from_rgb(110, 220, 200),
};

const LIGHT: Palette = Palette {
    background: Color32::from_rgb(229, 231, 236),
    sunk: Color32::from_rgb(242, 243, 246),
    scale: Color32::from_rgb(255, 255, 255),
    raised: Color32::from_rgb(208, 212, 220),
    lit: Color32::from_rgb(194, 199, 210),
    text: Color32::from_rgb(44, 48, 58),
    bright: Color32::from_rgb(12, 14, 20),
    dim: Color32::from_rgb(88, 94, 108),
    phrase: Color32::from_rgb(200, 108, 0),
    answer: Color32::from_rgb(0, 92, 176),
    warning: Color32::from_rgb(140, 70, 0),
    good: Color32::from_rgb(0, 84, 84),
};

/// Around the contents of the window.
pub const MARGIN: i8 = 14;
/// Between the rows of the window.
pub const GAP: f32 = 8.0;
/// Height of small controls.
pub const ROW: f32 = 24.0;

/// The colours of the current theme.
pub fn palette(ui: &Ui) -> &'static Palette {
    if ui.visuals().dark_mode {
        &DARK
    } else {
        &LIGHT
    }
}

/// Sets fonts, spacing and colours of egui's own widgets, for both themes.
pub fn apply(egui: &egui::Context) {
    for (theme, colours) in [(Theme::Dark, &DARK), (Theme::Light, &LIGHT)] {
        egui.style_mut_of(theme, |style| {
            for (name, size) in [
                (TextStyle::Small, 11.0),
                (TextStyle::Body, 14.0),
                (TextStyle::Button, 14.0),
                (TextStyle::Heading, 22.0),
            ] {
                let font = FontId::new(size, FontFamily::Proportional);
                style.text_styles.insert(name, font);
            }
            style.spacing.item_spacing = Vec2::new(8.0, 6.0);
            style.spacing.button_padding = Vec2::new(8.0, 3.0);
            style.spacing.interact_size.y = 22.0;
            style.interaction.selectable_labels = false;
            style.visuals = visuals(theme, colours);
        });
    }
}

fn visuals(theme: Theme, colours: &Palette) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.panel_fill = colours.background;
    visuals.window_fill = blend(colours.background, colours.raised, 0.6);
    visuals.extreme_bg_color = colours.sunk;
    visuals.selection.bg_fill = blend(colours.raised, colours.answer, 0.4);
    visuals.selection.stroke = Stroke::new(1.5, colours.bright);
    visuals.warn_fg_color = colours.warning;
    let widgets = &mut visuals.widgets;
    for (widget, fill) in [
        (&mut widgets.inactive, colours.raised),
        (&mut widgets.hovered, colours.lit),
        (&mut widgets.active, colours.lit),
        (&mut widgets.open, colours.lit),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::NONE;
        widget.fg_stroke = Stroke::new(1.0, colours.text);
        widget.corner_radius = CornerRadius::same(4);
        widget.expansion = 0.0;
    }
    // The focused widget is drawn as active: it must stand out.
    widgets.active.bg_stroke = Stroke::new(1.5, colours.answer);
    widgets.noninteractive.fg_stroke = Stroke::new(1.0, colours.text);
    visuals
}

/// A text over the whole window.
pub fn overlay(ui: &Ui, text: &str) {
    let (painter, colours) = (ui.painter(), palette(ui));
    let window = ui.ctx().content_rect();
    painter.rect_filled(window, 0, colours.background.gamma_multiply(0.85));
    let font = FontId::proportional(20.0);
    let center = window.center();
    painter.text(center, Align2::CENTER_CENTER, text, font, colours.bright);
}

/// `over` mixed into `under`: 0 is all `under`, 1 all `over`.
pub fn blend(under: Color32, over: Color32, share: f32) -> Color32 {
    under.lerp_to_gamma(over, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linear red, green, blue.
    type Light = [f32; 3];

    fn linear(colour: Color32) -> Light {
        let rgba = egui::Rgba::from(colour);
        [rgba.r(), rgba.g(), rgba.b()]
    }

    /// Relative luminance as WCAG 2 defines it.
    fn luminance([r, g, b]: Light) -> f32 {
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(linear(a)), luminance(linear(b)));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Machado, Oliveira and Fernandes (2009): what a dichromat sees, severity 1.
    const SIGHTS: [[[f32; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        // Protanopia.
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        // Deuteranopia.
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        // Tritanopia.
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ];

    /// Difference of two colours in CIE L*a*b* (CIE 1976).
    fn difference(a: Light, b: Light) -> f32 {
        let lab = |[r, g, b]: Light| {
            let xyz = [
                (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
                0.2126 * r + 0.7152 * g + 0.0722 * b,
                (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
            ];
            let f = |t: f32| {
                if t > 0.008856 {
                    t.cbrt()
                } else {
                    7.787 * t + 16.0 / 116.0
                }
            };
            let [x, y, z] = xyz.map(f);
            [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
        };
        let (a, b) = (lab(a), lab(b));
        (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f32>().sqrt()
    }

    #[test]
    fn players_and_messages_stay_apart_for_every_kind_of_colour_vision() {
        for colours in [&DARK, &LIGHT] {
            for sight in SIGHTS {
                let seen = |colour| {
                    let light = linear(colour);
                    sight.map(|row| {
                        let sum: f32 = row.iter().zip(light).map(|(a, b)| a * b).sum();
                        sum.clamp(0.0, 1.0)
                    })
                };
                // Ten is a clear difference at a glance.
                let apart = difference(seen(colours.phrase), seen(colours.answer));
                assert!(apart > 30.0, "{apart}");
                let apart = difference(seen(colours.good), seen(colours.warning));
                assert!(apart > 30.0, "{apart}");
                for note in [colours.phrase, colours.answer] {
                    let apart = difference(seen(note), seen(colours.sunk));
                    assert!(apart > 30.0, "{note:?} {apart}");
                }
            }
        }
    }

    #[test]
    fn text_can_be_read_on_what_it_stands_on() {
        for colours in [&DARK, &LIGHT] {
            let grounds = [
                colours.background,
                colours.raised,
                colours.lit,
                colours.sunk,
            ];
            for ground in grounds {
                assert!(contrast(colours.text, ground) > 4.5);
                assert!(contrast(colours.bright, ground) > 4.5);
            }
            for ground in [colours.background, colours.sunk] {
                assert!(contrast(colours.dim, ground) > 4.5);
                assert!(contrast(colours.warning, ground) > 4.5);
            }
            for message in [colours.warning, colours.good] {
                let ground = blend(colours.background, message, 0.12);
                assert!(contrast(message, ground) > 4.5);
            }
        }
    }
}
