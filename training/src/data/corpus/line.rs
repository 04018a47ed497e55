//! A line of melody in notes that may sound together, and figures that tell a line that sings from
//! one that does not.
//!
//! Called by the readers and by [`super::voice`]. Pure; any thread.

use std::collections::HashSet;

use harmonai_core::music::melody::skyline;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;

/// Ticks for which a note may sound on under the next, lower one of its line.
const LONGEST_LEGATO: i64 = 12;
/// Semitones below its surroundings at which a top note is the left hand's, heard in a rest.
const LEFT_HAND: u8 = 9;
/// Notes before and after that are a top note's surroundings.
const AROUND: usize = 12;

/// The melody notes of a track: of notes that sound together the highest, each cut off where the
/// next one begins.
pub fn top_line(notes: &[Note]) -> Vec<Note> {
    let mut line: Vec<Note> = Vec::with_capacity(notes.len());
    for note in skyline(notes) {
        // A note that begins under a higher one that goes on sounding is an inner voice; where
        // the higher one is about to end, it is the next note of a legato line.
        let inner = line.last().is_some_and(|top| {
            let overlap = (top.end() - note.onset).get();
            top.pitch > note.pitch && overlap > (top.duration.get() / 2).min(LONGEST_LEGATO)
        });
        if !inner {
            line.push(note);
        }
    }
    cut_overlaps(&mut line);
    line
}

/// Cuts each note off where the next one begins. Onsets must rise strictly.
pub fn cut_overlaps(line: &mut [Note]) {
    for i in 1..line.len() {
        let next = line[i].onset;
        let note = &mut line[i - 1];
        note.duration = note.duration.min(next - note.onset).max(Ticks::new(1));
    }
}

/// The top notes without those far below the ones around them.
pub fn without_left_hand(line: &[Note]) -> Vec<Note> {
    let is_top = |i: &usize| {
        let around = &line[i.saturating_sub(AROUND)..(i + AROUND + 1).min(line.len())];
        line[*i].pitch.get() + LEFT_HAND >= median_pitch(around)
    };
    (0..line.len()).filter(is_top).map(|i| line[i]).collect()
}

/// How many notes begin while another one sounds that is not just about to end.
pub fn together(notes: &[Note]) -> usize {
    let mut sorted = notes.to_vec();
    sorted.sort_by_key(|note| (note.onset, note.pitch));
    let mut sounding: Vec<Note> = Vec::new();
    let mut count = 0;
    for note in sorted {
        sounding.retain(|earlier| earlier.end() > note.onset);
        let meets = |earlier: &Note| {
            let overlap = (earlier.end() - note.onset).get();
            overlap * 4 > earlier.duration.get().min(note.duration.get())
        };
        count += usize::from(sounding.iter().any(meets));
        sounding.push(note);
    }
    count
}

/// How many different pitches there are.
pub fn pitches(line: &[Note]) -> usize {
    let keys: HashSet<u8> = line.iter().map(|note| note.pitch.get()).collect();
    keys.len()
}

/// The share of notes that repeat the one before.
pub fn repeats(line: &[Note]) -> f64 {
    let pairs = line.windows(2);
    let repeats = pairs.filter(|pair| pair[0].pitch == pair[1].pitch).count();
    repeats as f64 / (line.len().max(2) - 1) as f64
}

/// The mean interval between neighbours, in semitones.
pub fn mean_leap(line: &[Note]) -> f64 {
    let leaps = line
        .windows(2)
        .map(|pair| pair[0].pitch.get().abs_diff(pair[1].pitch.get()));
    leaps.map(f64::from).sum::<f64>() / (line.len().max(2) - 1) as f64
}

/// The middle one of the pitches; 0 of none.
pub fn median_pitch(line: &[Note]) -> u8 {
    let mut keys: Vec<u8> = line.iter().map(|note| note.pitch.get()).collect();
    keys.sort_unstable();
    keys.get(keys.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::Pitch;

    use super::*;

    fn note(onset: i64, duration: i64, key: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::clamped(key),
            velocity: None,
        }
    }

    fn keys(line: &[Note]) -> Vec<u8> {
        line.iter().map(|note| note.pitch.get()).collect()
    }

    #[test]
    fn the_line_is_legato_at_most() {
        let scale = |i: i64| note(i * 12, 14, 60 + i);
        let line = top_line(&(0..6).map(scale).collect::<Vec<_>>());
        assert_eq!(line.len(), 6);
        assert!(line.windows(2).all(|pair| pair[0].end() == pair[1].onset));
        assert_eq!(line[5].duration, Ticks::new(14));
    }

    #[test]
    fn inner_voices_are_not_the_line() {
        // A long note over a moving one, then a step down that is a little too long.
        let notes = [
            note(0, 96, 72),
            note(24, 24, 64),
            note(72, 24, 65),
            note(96, 30, 71),
            note(120, 24, 69),
        ];
        assert_eq!(keys(&top_line(&notes)), [72, 71, 69]);
    }

    #[test]
    fn what_sounds_together_is_counted_and_legato_is_not() {
        let legato = [note(0, 26, 60), note(24, 26, 62), note(48, 24, 60)];
        assert_eq!(together(&legato), 0);
        let chords = [note(0, 24, 60), note(0, 24, 64), note(12, 24, 67)];
        assert_eq!(together(&chords), 2);
    }

    #[test]
    fn figures_of_a_line() {
        let line = [
            note(0, 6, 60),
            note(6, 6, 60),
            note(12, 6, 67),
            note(18, 6, 64),
        ];
        assert_eq!((pitches(&line), median_pitch(&line)), (3, 64));
        assert!((repeats(&line) - 1.0 / 3.0).abs() < 1e-12);
        assert!((mean_leap(&line) - 10.0 / 3.0).abs() < 1e-12);
        assert_eq!(
            (repeats(&[]), mean_leap(&line[..1]), median_pitch(&[])),
            (0.0, 0.0, 0)
        );
    }
}
