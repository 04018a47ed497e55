//! The textbook's way of writing a melody down, for comparison with ours: a symbol a sixteenth.
//!
//! ```text
//! C4 crotchet, D4 quaver, quaver rest, E4 minim:  60 HOLD HOLD HOLD 62 HOLD REST REST 64 HOLD ...
//! ```
//!
//! A symbol says which note begins, that the last one sounds on, or that nothing sounds. Onsets and
//! ends move to the nearest sixteenth. So the grid cannot write triplets and thirty-seconds as they
//! are, and of notes that fall on one sixteenth it keeps the first; the others are counted. Called
//! by the trainer; any thread; allocates.

use super::{END, Event, Feature, Inputs, NONE, Step, Targets};
use crate::music::melody::Melody;
use crate::music::note::{Note, Pitch};
use crate::music::time::{TICKS_PER_BEAT, Ticks};

/// The note before sounds on.
pub const HOLD: u16 = END + 1;
/// Nothing sounds.
pub const REST: u16 = END + 2;
/// Size of the alphabet. What is read has the same one: [`END`] is read before the first symbol.
pub(super) const SYMBOLS: usize = REST as usize + 1;

/// From one place of the grid to the next.
pub const SIXTEENTH: Ticks = Ticks::new(TICKS_PER_BEAT / 4);

/// A melody on the grid, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    start: Ticks,
    symbols: Vec<u16>,
    dropped: usize,
}

impl Grid {
    /// Notes in the order of their onsets, the first of them on the first place.
    pub fn new(notes: &[Note]) -> Self {
        let start = notes
            .first()
            .map_or(Ticks::ZERO, |note| nearest(note.onset));
        let mut grid = Self::with_symbols(start, Vec::new());
        let mut last = None;
        for note in notes {
            let onset = nearest(note.onset);
            if last == Some(onset) {
                grid.dropped += 1;
                continue;
            }
            grid.extend_to(onset, REST);
            grid.symbols.push(note.pitch.get().into());
            let end = nearest(note.end()).max(onset + SIXTEENTH);
            grid.extend_to(end, HOLD);
            last = Some(onset);
        }
        grid
    }

    /// The grid that these symbols make from `start` on, a place of the grid.
    pub fn with_symbols(start: Ticks, symbols: Vec<u16>) -> Self {
        Self {
            start,
            symbols,
            dropped: 0,
        }
    }

    /// A symbol a sixteenth.
    pub fn symbols(&self) -> &[u16] {
        &self.symbols
    }

    /// How many notes fell on the place of another one and were left out.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether the grid says these notes, but for velocities, just as they are.
    pub fn is_exact(notes: &[Note]) -> bool {
        let time = |note: &Note| (note.onset, note.duration, note.pitch);
        let written = Self::new(notes).notes();
        written.iter().map(time).eq(notes.iter().map(time))
    }

    /// Cuts it off at `end`, or fills it up to there with `symbol`.
    pub fn extend_to(&mut self, end: Ticks, symbol: u16) {
        let places = (end - self.start).get() / SIXTEENTH.get();
        self.symbols.resize(places.max(0) as usize, symbol);
    }

    /// The notes that it says. What sounds on before the first of them belongs to none.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        let mut sounds = false;
        let mut at = self.start;
        for symbol in &self.symbols {
            match (*symbol, notes.last_mut()) {
                (HOLD, Some(last)) if sounds => last.duration += SIXTEENTH,
                (pitch, _) if pitch < END => notes.push(Note {
                    onset: at,
                    duration: SIXTEENTH,
                    pitch: Pitch::clamped(pitch.into()),
                    velocity: None,
                }),
                _ => {}
            }
            sounds = *symbol < END || (sounds && *symbol == HOLD);
            at += SIXTEENTH;
        }
        notes
    }
}

/// A whole melody as steps, one a sixteenth and one for its end. All that is read at a step is the
/// symbol before.
pub(super) fn steps(melody: &Melody) -> Vec<Step> {
    let grid = Grid::new(melody.notes());
    let mut at = grid.start;
    let mut before = END;
    let symbols = grid.symbols.iter().copied().chain([END]);
    let steps = symbols.map(|symbol| {
        let step = Step {
            inputs: inputs(before),
            event: Event {
                onset: at,
                targets: targets(symbol),
            },
        };
        (at, before) = (at + SIXTEENTH, symbol);
        step
    });
    steps.collect()
}

/// What a network of the grid reads after the symbol `before`; [`END`] at the beginning.
pub fn inputs(before: u16) -> Inputs {
    let mut inputs = [0; Feature::COUNT];
    inputs[Feature::Grid.index()] = before;
    inputs
}

fn targets(symbol: u16) -> Targets {
    [symbol, NONE, NONE, NONE]
}

/// The nearest place; halfway is the later one.
fn nearest(at: Ticks) -> Ticks {
    (at + Ticks::new(SIXTEENTH.get() / 2)).floor_to(SIXTEENTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::vocabulary::Factor;
    use crate::music::time::Metre;

    fn notes(notes: &[(i64, i64, i64)]) -> Vec<Note> {
        let note = |(onset, duration, key): &(i64, i64, i64)| Note {
            onset: Ticks::new(*onset),
            duration: Ticks::new(*duration),
            pitch: Pitch::clamped(*key),
            velocity: None,
        };
        notes.iter().map(note).collect()
    }

    #[test]
    fn what_lies_on_the_grid_survives_the_round_trip() {
        let tune = notes(&[(-18, 18, 0), (0, 6, 60), (12, 24, 60), (36, 60, 127)]);
        let grid = Grid::new(&tune);
        let written = [0, HOLD, HOLD, 60, REST, 60, HOLD, HOLD, HOLD, 127];
        assert_eq!(grid.symbols[..10], written);
        assert_eq!((grid.symbols.len(), grid.dropped()), (3 + 6 + 10, 0));
        assert_eq!(grid.notes(), tune);
        assert!(Grid::is_exact(&tune));
    }

    #[test]
    fn what_lies_beside_it_moves_to_the_nearest_place_and_the_later_note_is_dropped() {
        // Triplet semiquavers, then a note that ends before its place does.
        let tune = notes(&[(0, 4, 60), (4, 4, 62), (8, 4, 64), (12, 1, 65), (26, 8, 67)]);
        let grid = Grid::new(&tune);
        // 4 and 8 are both nearest to 6.
        assert_eq!(grid.symbols(), [60, 62, 65, REST, 67, HOLD]);
        assert_eq!(grid.dropped(), 1);
        let moved = notes(&[(0, 6, 60), (6, 6, 62), (12, 6, 65), (24, 12, 67)]);
        assert_eq!(grid.notes(), moved);
        assert!(!Grid::is_exact(&tune));
    }

    #[test]
    fn a_hold_with_nothing_to_hold_is_no_note() {
        let grid = Grid::with_symbols(Ticks::new(96), vec![HOLD, 60, REST, HOLD, 62]);
        assert_eq!(grid.notes(), notes(&[(102, 6, 60), (120, 6, 62)]));
    }

    #[test]
    fn every_symbol_is_inside_its_alphabet_and_the_end_comes_last() {
        let tune = notes(&[(-500, 1, 127), (0, 9000, 0), (3, 1, 60), (100_000, 7, 127)]);
        let melody = Melody::new(String::new(), None, Metre::COMMON, tune).unwrap();
        let steps = steps(&melody);
        assert_eq!(steps[0].inputs[0], END);
        for (step, next) in steps.iter().zip(&steps[1..]) {
            assert!(usize::from(step.inputs[0]) < Feature::Grid.symbols(0));
            assert!(usize::from(step.event.targets[0]) < Factor::Grid.symbols());
            assert_eq!(step.event.targets[0], next.inputs[0]);
            assert_eq!(step.event.onset + SIXTEENTH, next.event.onset);
        }
        let last = steps.last().unwrap();
        assert_eq!(last.event.targets, [END, NONE, NONE, NONE]);
        let ends = steps.iter().filter(|step| step.event.targets[0] == END);
        assert_eq!(ends.count(), 1);
    }
}
