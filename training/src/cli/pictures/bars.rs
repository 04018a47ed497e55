//! Bars side by side: a group for each label, a bar for each series.
//!
//! Drawn by `eval --plots` and by the `train` command's report. Main thread.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::{GRID, INK, Series, sheet, short, undrawn};

pub struct Bars<'a> {
    pub title: &'a str,
    pub size: (u32, u32),
    /// What the labels are, with their unit.
    pub x: &'a str,
    /// What the values are, with their unit.
    pub y: &'a str,
    /// A group of bars each.
    pub labels: Vec<String>,
    /// Whether each bar has its value written over it.
    pub figures: bool,
    /// A bar for every label each.
    pub series: Vec<Series<'a>>,
}

impl Bars<'_> {
    pub fn draw(&self) -> Result<String> {
        let series = self.series.iter();
        let legend: Vec<_> = series.map(|(name, colour, _)| (*name, *colour)).collect();
        sheet(self.size, self.title, &legend, |area| self.fill(area))
    }

    fn fill(&self, area: &super::Area) -> Result<()> {
        let count = self.labels.len();
        let values = self.series.iter().flat_map(|(.., values)| values);
        let top = values.fold(0.0, |top: f64, value| top.max(*value)) * 1.08;
        let places = (0..count).map(|place| place as f64);
        let across = Axis::new(
            -0.5..count as f64 - 0.5,
            places.zip(self.labels.iter().cloned()),
        );
        let mut chart = ChartBuilder::on(area)
            .margin_left(16)
            .margin_right(16)
            .x_label_area_size(52)
            .y_label_area_size(60)
            .build_cartesian_2d(across, 0.0..top.max(f64::MIN_POSITIVE))
            .map_err(undrawn)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .y_label_formatter(&|value| short(*value))
            .x_desc(self.x)
            .y_desc(self.y)
            .label_style(("sans-serif", 14).into_font().color(&INK))
            .axis_desc_style(("sans-serif", 15).into_font().color(&INK))
            .draw()
            .map_err(undrawn)?;
        // Each group fills four fifths of its place.
        let width = 0.8 / self.series.len().max(1) as f64;
        for ((_, colour, values), nth) in self.series.iter().zip(0..) {
            let left = |place: usize| place as f64 - 0.4 + f64::from(nth) * width;
            let bars = values.iter().enumerate().map(|(place, value)| {
                let corners = [(left(place), 0.0), (left(place) + width, *value)];
                Rectangle::new(corners, colour.filled())
            });
            chart.draw_series(bars).map_err(undrawn)?;
            if self.figures {
                let font = ("sans-serif", 13).into_font().color(&INK);
                let font = font.pos(Pos::new(HPos::Center, VPos::Bottom));
                let figures = values.iter().enumerate().map(|(place, value)| {
                    let middle = (left(place) + width / 2.0, *value);
                    Text::new(format!("{value:.2}"), middle, font.clone())
                });
                chart.draw_series(figures).map_err(undrawn)?;
            }
        }
        Ok(())
    }
}
