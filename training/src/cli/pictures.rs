//! Pictures in SVG: sheets, axes and colours that all of them share.
//!
//! Drawn by `eval --plots` and `inspect` into files and by `train` into its report, whose style
//! sheet gives every colour of a picture its counterpart in the dark. Main thread.

mod axis;
pub mod bars;
pub mod lines;
pub mod roll;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

pub const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
pub const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
/// Two colours that stay apart for every kind of colour vision, and in grey: those that the
/// plug-in's window has for the phrase and for the answer.
pub const AMBER: RGBColor = RGBColor(0xc8, 0x6c, 0x00);
pub const BLUE: RGBColor = RGBColor(0x00, 0x5c, 0xb0);

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What a chart's legend calls it, its colour and its values.
pub type Series<'a> = (&'a str, RGBColor, Vec<f64>);

/// A white sheet with a title and a legend at its top, where it has them; `draw` fills what is
/// left.
pub fn sheet(
    (width, height): (u32, u32),
    title: &str,
    legend: &[(&str, RGBColor)],
    draw: impl FnOnce(&Area) -> Result<()>,
) -> Result<String> {
    const LEFT: i32 = 16;
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        area.fill(&WHITE).map_err(undrawn)?;
        let mut top = 12;
        if !title.is_empty() {
            let font = ("sans-serif", 17).into_font().color(&INK);
            area.draw_text(title, &font, (LEFT, top)).map_err(undrawn)?;
            top += 30;
        }
        let font = ("sans-serif", 14).into_font().color(&INK);
        let mut x = LEFT;
        for (name, colour) in legend {
            let square = Rectangle::new([(x, top), (x + 12, top + 12)], colour.filled());
            area.draw(&square).map_err(undrawn)?;
            area.draw_text(name, &font, (x + 18, top - 1))
                .map_err(undrawn)?;
            x += 48 + 7 * name.chars().count() as i32;
        }
        if !legend.is_empty() {
            top += 22;
        }
        let (_, rest) = area.split_vertically(top);
        draw(&rest)?;
        area.present().map_err(undrawn)?;
    }
    Ok(text)
}

/// The library's errors are no errors of this program's kind; drawing into a string has none.
pub fn undrawn(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("a picture cannot be drawn: {error}")
}

/// The beginning of a melody's title, where all of it is too long.
pub fn shortened(title: &str, longest: usize) -> String {
    match title.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => title.to_owned(),
    }
}

/// Two decimals, where there are any.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
