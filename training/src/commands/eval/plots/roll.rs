//! A phrase with the model's answer over the same phrase as it really goes on: two piano rolls.
//!
//! Called by [`super::write`]. Main thread.

use anyhow::Result;
use harmonai_core::note::{Note, Pitch};
use harmonai_core::time::Ticks;
use plotters::prelude::*;

use super::{GENERATED, HELD_OUT, PHRASE};
use crate::commands::pictures::axis::Axis;
use crate::commands::pictures::{Area, GRID, INK, sheet, undrawn};
use crate::statistics::Answered;

/// Characters of a melody's title; a longer one is cut off.
const LONGEST_TITLE: usize = 100;

/// Where both rolls begin and end, so that they can be compared by eye.
struct Frame {
    /// In bars, from the melody's first bar line on.
    bars: std::ops::Range<f64>,
    /// In keys.
    pitches: std::ops::Range<f64>,
}

/// Both rolls as SVG.
pub fn draw(answered: &Answered) -> Result<String> {
    let excerpt = &answered.excerpt;
    let mut title = excerpt.title.clone();
    if title.chars().count() > LONGEST_TITLE {
        title = title.chars().take(LONGEST_TITLE).collect();
        title.push('…');
    }
    let title = format!("{title} ({}, {})", excerpt.source, excerpt.metre);
    let title = title.trim_start();
    let legend = [
        ("phrase", PHRASE),
        ("generated", GENERATED),
        ("held-out", HELD_OUT),
    ];
    sheet((1200, 640), title, &legend, |area| {
        let rolls = area.split_evenly((2, 1));
        let frame = Frame::new(answered);
        roll(&rolls[0], answered, &frame, &answered.generated, GENERATED)?;
        roll(&rolls[1], answered, &frame, &excerpt.held_out, HELD_OUT)
    })
}

impl Frame {
    fn new(answered: &Answered) -> Self {
        let excerpt = &answered.excerpt;
        let all = excerpt.phrase.iter().chain(&excerpt.held_out);
        let pitches = all.chain(&answered.generated).map(|note| note.pitch.get());
        let (low, high) = pitches.fold((127, 0), |(low, high), pitch| {
            (pitch.min(low), pitch.max(high))
        });
        Self {
            bars: bar(answered, first(&excerpt.phrase)).floor()
                ..bar(answered, excerpt.span.end).ceil(),
            pitches: f64::from(low) - 1.5..f64::from(high) + 1.5,
        }
    }
}

fn first(notes: &[Note]) -> Ticks {
    notes.first().map_or(Ticks::ZERO, |note| note.onset)
}

/// In bars; the melody's first whole bar is 1.
fn bar(answered: &Answered, at: Ticks) -> f64 {
    let length = answered.excerpt.metre.bar();
    let line = first(&answered.excerpt.phrase).ceil_to(length);
    (at - line).get() as f64 / length.get() as f64 + 1.0
}

fn roll(
    area: &Area,
    answered: &Answered,
    frame: &Frame,
    notes: &[Note],
    colour: RGBColor,
) -> Result<()> {
    let lines = frame.bars.start as i64..=frame.bars.end as i64;
    let lines = lines.map(|bar| (bar as f64, bar.to_string()));
    // The octaves and the fifths in them; every key would be too many names.
    let keys = (0..128).map(Pitch::clamped);
    let keys = keys.filter(|key| matches!(key.get() % 12, 0 | 7));
    let named = keys.map(|key| (f64::from(key.get()), key.to_string()));
    let named = named.filter(|(key, _)| frame.pitches.contains(key));
    let mut chart = ChartBuilder::on(area)
        .margin_left(16)
        .margin_right(16)
        .margin_bottom(8)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(
            Axis::new(frame.bars.clone(), lines),
            Axis::new(frame.pitches.clone(), named),
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
    // Two notes of one pitch are seen to be two.
    let gap = (frame.bars.end - frame.bars.start) / 500.0;
    for (notes, colour) in [(&answered.excerpt.phrase[..], PHRASE), (notes, colour)] {
        let notes = notes.iter().map(|note| {
            let key = f64::from(note.pitch.get());
            let (start, end) = (bar(answered, note.onset), bar(answered, note.end()));
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
