//! The beginning of a melody as the model reads it: on the grid, with its bar lines.
//!
//! Called by [`super::charts`]. Main thread.

use anyhow::Result;
use harmonai_core::note::Pitch;
use harmonai_core::time::Ticks;
use plotters::prelude::*;

use crate::commands::pictures::axis::Axis;
use crate::commands::pictures::{Area, GRID, INK, sheet, undrawn};
use crate::corpus::Piece;

const NOTES: RGBColor = RGBColor(0x2f, 0x6f, 0xb3);
/// Bars that are drawn.
const BARS: i64 = 16;
/// Characters of a title; a longer one is cut off.
const LONGEST_TITLE: usize = 90;

/// The roll as SVG.
pub fn draw(piece: &Piece) -> Result<String> {
    let melody = &piece.melody;
    let mut title = melody.title().to_owned();
    if title.chars().count() > LONGEST_TITLE {
        title = title.chars().take(LONGEST_TITLE).collect();
        title.push('…');
    }
    let part = piece.split.name();
    let title = format!(
        "{title} ({}, {}, {part} part)",
        piece.source,
        melody.metre()
    );
    sheet(
        (960, 320),
        title.trim_start(),
        &[("as read", NOTES)],
        |area| roll(area, piece),
    )
}

fn roll(area: &Area, piece: &Piece) -> Result<()> {
    let melody = &piece.melody;
    let bar = melody.metre().bar();
    let notes = melody.notes();
    let start = notes[0].onset.floor_to(bar);
    let end = start + Ticks::new(bar.get() * BARS);
    let shown: Vec<_> = notes.iter().filter(|note| note.onset < end).collect();
    let last = shown.iter().map(|note| note.end()).max().unwrap_or(end);
    let bars = |at: Ticks| (at - start).get() as f64 / bar.get() as f64;
    let width = bars(last.min(end)).ceil().max(1.0);
    let keys = shown.iter().map(|note| note.pitch.get());
    let (low, high) = keys.fold((127, 0), |(low, high), key| (key.min(low), key.max(high)));
    let pitches = f64::from(low) - 1.5..f64::from(high) + 1.5;
    // An upbeat stands in bar 0.
    let first = i64::from(notes[0].onset == start);
    let lines = (0..=width as i64).map(|line| (line as f64, (line + first).to_string()));
    let named = (0..128).map(Pitch::clamped);
    let named = named.filter(|key| matches!(key.get() % 12, 0 | 7));
    let named = named.map(|key| (f64::from(key.get()), key.to_string()));
    let named: Vec<_> = named.filter(|(key, _)| pitches.contains(key)).collect();
    let mut chart = ChartBuilder::on(area)
        .margin_left(16)
        .margin_right(16)
        .margin_bottom(8)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(Axis::new(0.0..width, lines), Axis::new(pitches, named))
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
    // Two notes of one pitch are seen to be two.
    let gap = width / 500.0;
    let blocks = shown.iter().map(|note| {
        let key = f64::from(note.pitch.get());
        let (from, to) = (bars(note.onset), bars(note.end()).min(width));
        let corners = [
            (from, key - 0.45),
            (to - gap.min((to - from) / 3.0), key + 0.45),
        ];
        Rectangle::new(corners, NOTES.filled())
    });
    chart.draw_series(blocks).map_err(undrawn)?;
    Ok(())
}
