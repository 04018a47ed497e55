//! The beginning of a melody as the model reads it: on the grid, with its bar lines.
//!
//! Called by [`super::charts`]. Main thread.

use anyhow::Result;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;
use plotters::prelude::*;

use crate::cli::pictures::roll::Roll;
use crate::cli::pictures::{sheet, shortened};
use crate::data::corpus::Piece;

const NOTES: RGBColor = RGBColor(0x2f, 0x6f, 0xb3);
/// Bars that are drawn.
const BARS: i64 = 16;
/// Characters of a title; a longer one is cut off.
const LONGEST_TITLE: usize = 90;

pub fn draw(piece: &Piece) -> Result<String> {
    let melody = &piece.melody;
    let title = shortened(melody.title(), LONGEST_TITLE);
    let part = piece.split.name();
    let title = format!(
        "{title} ({}, {}, {part} part)",
        piece.source,
        melody.metre()
    );
    let (notes, end) = beginning(melody.notes(), melody.metre().bar());
    let roll = Roll::new(melody.metre(), &notes, end);
    let legend = [("as read", NOTES)];
    sheet((960, 320), title.trim_start(), &legend, |area| {
        roll.draw(area, &[(&notes, NOTES)], None)
    })
}

/// The notes of the first bars, the last one cut off at their end, and where they end.
fn beginning(notes: &[Note], bar: Ticks) -> (Vec<Note>, Ticks) {
    let end = notes[0].onset.floor_to(bar) + Ticks::new(bar.get() * BARS);
    let shown = notes.iter().filter(|note| note.onset < end);
    let shown = shown.map(|note| Note {
        duration: note.duration.min(end - note.onset),
        ..*note
    });
    let shown: Vec<Note> = shown.collect();
    let last = shown.iter().map(|note| note.end()).max().unwrap_or(end);
    (shown, last)
}
