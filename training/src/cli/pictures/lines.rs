//! Curves over the epochs of a run.
//!
//! Called by the `train` command's report. Main thread.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::{GRID, INK, Series, sheet, short, undrawn};

/// Names on the axis of epochs, at the most.
const NAMES: usize = 12;

pub struct Lines<'a> {
    /// What the values are, with their unit.
    pub y: &'a str,
    /// The epoch that is marked as the best, from 1.
    pub best: Option<u32>,
    /// A value for every epoch each.
    pub series: Vec<Series<'a>>,
}

impl Lines<'_> {
    pub fn draw(&self) -> Result<String> {
        let series = self.series.iter();
        let legend: Vec<_> = series.map(|(name, colour, _)| (*name, *colour)).collect();
        sheet((420, 290), "", &legend, |area| self.fill(area))
    }

    fn fill(&self, area: &super::Area) -> Result<()> {
        let epochs = self.series.iter().map(|(.., values)| values.len()).max();
        let epochs = epochs.unwrap_or(0).max(1);
        let (bottom, top) = self.span();
        let every = epochs.div_ceil(NAMES);
        let marks = (1..=epochs).filter(|epoch| epoch % every == 0 || every == 1);
        let marks = marks.map(|epoch| (epoch as f64, epoch.to_string()));
        let mut chart = ChartBuilder::on(area)
            .margin_top(10)
            .margin_left(8)
            .margin_right(16)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(Axis::new(0.5..epochs as f64 + 0.5, marks), bottom..top)
            .map_err(undrawn)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .y_labels(6)
            .y_label_formatter(&|value| match top < 0.1 {
                true if *value > 0.0 => format!("{value:.1e}"),
                true => "0".into(),
                false => short(*value),
            })
            .x_desc("epoch")
            .y_desc(self.y)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .axis_desc_style(("sans-serif", 14).into_font().color(&INK))
            .draw()
            .map_err(undrawn)?;
        if let Some(best) = self.best.map(f64::from) {
            let line = PathElement::new(vec![(best, bottom), (best, top)], INK);
            chart.draw_series([line]).map_err(undrawn)?;
            // On the side where there is room.
            let side = if best > 0.5 * epochs as f64 {
                HPos::Right
            } else {
                HPos::Left
            };
            let font = ("sans-serif", 13).into_font().color(&INK);
            let font = font.pos(Pos::new(side, VPos::Top));
            let name = Text::new(" best epoch ", (best, top), font);
            chart.draw_series([name]).map_err(undrawn)?;
        }
        for ((_, colour, values), nth) in self.series.iter().zip(0..) {
            let points = || (1..).map(f64::from).zip(values.iter().copied());
            let style = colour.stroke_width(2);
            let curve = PathElement::new(points().collect::<Vec<_>>(), style);
            chart.draw_series([curve]).map_err(undrawn)?;
            // Told apart by their shape too.
            if nth == 0 {
                let dots = points().map(|point| Circle::new(point, 4, colour.filled()));
                chart.draw_series(dots).map_err(undrawn)?;
            } else {
                let dots = points().map(|point| TriangleMarker::new(point, 6, colour.filled()));
                chart.draw_series(dots).map_err(undrawn)?;
            }
        }
        Ok(())
    }

    /// From below the lowest value to above the highest one.
    fn span(&self) -> (f64, f64) {
        let values = || self.series.iter().flat_map(|(.., values)| values);
        let low = values().copied().fold(f64::INFINITY, f64::min);
        let high = values().copied().fold(f64::NEG_INFINITY, f64::max);
        if !(low.is_finite() && high.is_finite()) {
            return (0.0, 1.0);
        }
        let room = (0.08 * (high - low)).max(0.02 * high.abs()).max(1e-9);
        ((low - room).max(0.0), high + room)
    }
}
