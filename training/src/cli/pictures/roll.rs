//! A piano roll: notes over bars, each voice in a colour of its own.
//!
//! Drawn by `eval --plots` and by the `train` command's report. Main thread.

use std::ops::Range;

use anyhow::Result;
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::{Metre, Ticks};
use plotters::prelude::*;

use super::axis::Axis;
use super::{Area, GRID, INK, undrawn};

/// What a roll shows.
#[derive(Clone, Debug)]
pub struct Roll {
    metre: Metre,
    /// The first whole bar's line.
    line: Ticks,
    /// In bars, the first whole one being 1.
    bars: Range<f64>,
    /// In keys.
    pitches: Range<f64>,
}

impl Roll {
    /// Room for all these notes, from the bar in which the first of them begins up to `end`.
    pub fn new<'a>(metre: Metre, notes: impl IntoIterator<Item = &'a Note>, end: Ticks) -> Self {
        let (mut low, mut high, mut start) = (127, 0, end);
        for note in notes {
            (low, high) = (low.min(note.pitch.get()), high.max(note.pitch.get()));
            start = start.min(note.onset);
        }
        let mut roll = Self {
            metre,
            line: start.ceil_to(metre.bar()),
            bars: 0.0..1.0,
            pitches: f64::from(low.min(high)) - 1.5..f64::from(high.max(low)) + 1.5,
        };
        roll.bars = roll.bar(start).floor()..roll.bar(end).ceil();
        roll
    }

    fn bar(&self, at: Ticks) -> f64 {
        (at - self.line).get() as f64 / self.metre.bar().get() as f64 + 1.0
    }

    /// Draws the voices, and a line at `turn`, where one of them hands over to the other.
    pub fn draw(
        &self,
        area: &Area,
        voices: &[(&[Note], RGBColor)],
        turn: Option<Ticks>,
    ) -> Result<()> {
        let lines = self.bars.start as i64..=self.bars.end as i64;
        let lines = lines.map(|bar| (bar as f64, bar.to_string()));
        // The octaves and the fifths in them; every key would be too many names.
        let keys = (0..128).map(Pitch::clamped);
        let keys = keys.filter(|key| matches!(key.get() % 12, 0 | 7));
        let named = keys.map(|key| (f64::from(key.get()), key.to_string()));
        let named = named.filter(|(key, _)| self.pitches.contains(key));
        let mut chart = ChartBuilder::on(area)
            .margin_left(16)
            .margin_right(16)
            .margin_bottom(8)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(
                Axis::new(self.bars.clone(), lines),
                Axis::new(self.pitches.clone(), named),
            )
            .map_err(undrawn)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .x_desc("bar")
            .y_desc("pitch")
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .axis_desc_style(("sans-serif", 14).into_font().color(&INK))
            .draw()
            .map_err(undrawn)?;
        if let Some(turn) = turn.map(|turn| self.bar(turn)) {
            let line = vec![(turn, self.pitches.start), (turn, self.pitches.end)];
            let line = PathElement::new(line, INK);
            chart.draw_series([line]).map_err(undrawn)?;
        }
        // Two notes of one pitch are seen to be two.
        let gap = (self.bars.end - self.bars.start) / 500.0;
        for (notes, colour) in voices {
            let notes = notes.iter().map(|note| {
                let key = f64::from(note.pitch.get());
                let (start, end) = (self.bar(note.onset), self.bar(note.end()));
                let corners = [
                    (start, key - 0.45),
                    (end - gap.min((end - start) / 3.0), key + 0.45),
                ];
                Rectangle::new(corners, colour.filled())
            });
            chart.draw_series(notes).map_err(undrawn)?;
        }
        Ok(())
    }
}
