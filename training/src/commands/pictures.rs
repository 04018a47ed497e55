//! Charts in SVG: what the pictures of `eval` and of `inspect` are drawn with.
//!
//! Called by those commands. Main thread.

pub mod axis;
pub mod bars;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

/// Lines behind a chart, and what is written on it.
pub const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
pub const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);

/// What is left of a sheet under its title.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A white sheet with a title and a legend at its top; `draw` fills what is left.
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
        let font = ("sans-serif", 17).into_font().color(&INK);
        area.draw_text(title, &font, (LEFT, 12)).map_err(undrawn)?;
        let font = ("sans-serif", 14).into_font().color(&INK);
        let mut x = LEFT;
        for (name, colour) in legend {
            let square = Rectangle::new([(x, 42), (x + 12, 54)], colour.filled());
            area.draw(&square).map_err(undrawn)?;
            area.draw_text(name, &font, (x + 18, 41)).map_err(undrawn)?;
            x += 48 + 7 * name.chars().count() as i32;
        }
        let (_, rest) = area.split_vertically(64);
        draw(&rest)?;
        area.present().map_err(undrawn)?;
    }
    Ok(text)
}

/// The library's errors are no errors of this program's kind; drawing into a string has none.
pub fn undrawn(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("a picture cannot be drawn: {error}")
}
