//! How much a melody takes up again what it had before, and how much it hammers on one note.
//!
//! Called by [`super::compare`]. Any thread.

use std::collections::{HashMap, HashSet};

use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;

use super::step;

/// Notes of a figure.
pub const FIGURE: usize = 4;
/// Notes of what is no mere figure any more.
pub const LINE: usize = 8;
/// Notes of a quotation: two bars of eighths and more.
pub const QUOTATION: usize = 16;
/// So many notes of one pitch in a row are hammering.
const HAMMER: usize = 4;

/// From each note to the next.
fn steps(notes: &[Note]) -> Vec<(i64, Ticks)> {
    let pairs = notes.windows(2);
    pairs.map(|pair| step(pair[0], pair[1])).collect()
}

/// How many of the notes from `from` on end a pattern of `pattern` notes that has occurred before
/// in the melody: the same melodic intervals and the same onset intervals.
pub fn repeated(notes: &[Note], from: usize, pattern: usize) -> usize {
    let steps = steps(notes);
    let mut seen = HashSet::new();
    let mut count = 0;
    for (first, pattern_steps) in steps.windows(pattern - 1).enumerate() {
        let known = !seen.insert(pattern_steps);
        count += usize::from(known && first + pattern > from);
    }
    count
}

/// How many of them had that pattern before at other heights only.
pub fn moved(notes: &[Note], from: usize, pattern: usize) -> usize {
    let mut seen = HashSet::new();
    let mut literal = 0;
    for (first, window) in notes.windows(pattern).enumerate() {
        let known = !seen.insert((window[0].pitch, steps(window)));
        literal += usize::from(known && first + pattern > from);
    }
    repeated(notes, from, pattern) - literal
}

/// How many of the notes from `from` on end a pattern that has come at least twice before, at the
/// same height.
pub fn thrice(notes: &[Note], from: usize, pattern: usize) -> usize {
    let mut times = HashMap::new();
    let mut count = 0;
    for (first, window) in notes.windows(pattern).enumerate() {
        let before = times.entry((window[0].pitch, steps(window))).or_insert(0);
        count += usize::from(*before >= 2 && first + pattern > from);
        *before += 1;
    }
    count
}

/// How many of the notes from `from` on are in a run of four or more notes of one pitch.
pub fn hammered(notes: &[Note], from: usize) -> usize {
    let mut count = 0;
    let mut start = 0;
    for run in notes.chunk_by(|one, other| one.pitch == other.pitch) {
        let end = start + run.len();
        if run.len() >= HAMMER {
            count += end - start.max(from).min(end);
        }
        start = end;
    }
    count
}

/// How many of the notes from `from` on have the pitch of the note before.
pub fn repeated_pitches(notes: &[Note], from: usize) -> usize {
    let pairs = notes.windows(2).skip(from.saturating_sub(1));
    pairs.filter(|pair| pair[0].pitch == pair[1].pitch).count()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{line, notes};
    use super::*;

    #[test]
    fn a_pattern_counts_when_it_comes_again_in_any_key() {
        // Up, up, down; then the same a fifth higher. The eighth note ends the pattern again.
        let tune = line(&[60, 62, 64, 60, 67, 69, 71, 67]);
        assert_eq!(repeated(&tune, 0, 4), 1);
        assert_eq!(repeated(&tune, 7, 4), 1);
        assert_eq!(repeated(&tune, 8, 4), 0);
        // In another rhythm it is another pattern.
        let other = notes(&[
            (0, 60),
            (12, 62),
            (24, 64),
            (36, 60),
            (48, 67),
            (72, 69),
            (84, 71),
            (96, 67),
        ]);
        assert_eq!(repeated(&other, 0, 4), 0);
    }

    #[test]
    fn only_what_was_before_counts() {
        // A scale repeats itself from its second pattern on.
        assert_eq!(repeated(&line(&[60, 61, 62, 63, 64, 65]), 0, 4), 2);
        assert_eq!(repeated(&line(&[60, 61, 62]), 0, 4), 0);
        assert_eq!(repeated(&[], 0, 4), 0);
    }

    #[test]
    fn what_comes_again_at_the_same_height_has_not_moved() {
        let tune = line(&[60, 62, 64, 60, 67, 69, 71, 67, 48, 60, 62, 64, 60]);
        assert_eq!((repeated(&tune, 0, 4), moved(&tune, 0, 4)), (2, 1));
        assert_eq!(moved(&tune, 8, 4), 0);
    }

    #[test]
    fn the_third_time_counts_and_every_time_after_it() {
        let tune = line(&[
            60, 62, 65, 61, 60, 62, 65, 61, 60, 62, 65, 61, 60, 62, 65, 61,
        ]);
        assert_eq!(thrice(&tune[..11], 0, 4), 0);
        assert_eq!(thrice(&tune[..12], 0, 4), 1);
        assert_eq!(thrice(&tune, 0, 4), 5);
        assert_eq!(thrice(&tune, 14, 4), 2);
    }

    #[test]
    fn a_quotation_is_longer_than_a_figure() {
        // Five notes, and the same five again: the figure comes back with the fourth of them.
        let tune = line(&[60, 64, 62, 67, 65, 60, 64, 62, 67, 65]);
        assert_eq!(repeated(&tune, 5, 4), 2);
        assert_eq!(repeated(&tune, 5, 5), 1);
        assert_eq!(repeated(&tune, 5, 6), 0);
    }

    #[test]
    fn four_of_one_pitch_hammer_and_three_do_not() {
        assert_eq!(hammered(&line(&[60, 60, 60, 62, 62]), 0), 0);
        assert_eq!(hammered(&line(&[60, 62, 62, 62, 62, 62, 64]), 0), 5);
        // A run that the phrase began: only the answer's own notes count.
        assert_eq!(hammered(&line(&[60, 60, 60, 60, 60, 62]), 3), 2);
        assert_eq!(hammered(&line(&[60, 60, 60, 60, 62, 62]), 5), 0);
    }

    #[test]
    fn a_pitch_that_the_phrase_ended_on_is_repeated_too() {
        let tune = line(&[60, 62, 62, 62, 64, 64]);
        assert_eq!(repeated_pitches(&tune, 0), 3);
        assert_eq!(repeated_pitches(&tune, 3), 2);
        assert_eq!(repeated_pitches(&tune, 4), 1);
        assert_eq!(repeated_pitches(&tune, 6), 0);
    }
}
