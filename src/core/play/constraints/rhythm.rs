//! The answer's rhythm, as the player sets it.
//!
//! Grid and density act on the logits of the next onset, so that the network chooses among what is
//! left in its own proportions. Gate and swing shape the notes that are sent out; the network goes
//! on from the notes as they were drawn. Called by the continuation on the worker's thread.

use crate::model::vocabulary;
use crate::music::note::Note;
use crate::music::time::{Metre, Ticks};

/// What the player asks of the answer's rhythm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RhythmConstraints {
    /// Onsets fall on multiples of this, counted in each bar from its line; `None` anywhere.
    pub grid: Option<Ticks>,
    /// -1 to 1: below 0 fewer and longer notes, above it more and shorter ones.
    pub density: f32,
    /// How much of its length a note sounds; 1 as drawn, above 1 longer, up to the next onset.
    pub gate: f32,
    /// Where in a quarter note its second eighth begins, 0.5 to 0.75 of it; 0.5 is straight. Metres
    /// in eighths do not swing.
    pub swing: f32,
}

impl Default for RhythmConstraints {
    fn default() -> Self {
        Self {
            grid: None,
            density: 0.0,
            gate: 1.0,
            swing: 0.5,
        }
    }
}

/// How much the logit of a halved interval moves with `density` at its end.
const TASTE: f32 = 1.5;

impl RhythmConstraints {
    /// Forbids onset intervals off the grid and favours short or long ones; `onset` is the note's.
    pub fn mask_onsets(&self, onset: Ticks, metre: Metre, logits: &mut [f32]) {
        let density = self.density.clamp(-1.0, 1.0);
        if density != 0.0 {
            for (symbol, logit) in (0..).zip(logits.iter_mut()) {
                let beats = vocabulary::time_of(symbol).beats().get() as f32;
                *logit -= density * TASTE * log2(beats.max(1.0 / 64.0));
            }
        }
        let Some(grid) = self.grid.filter(|grid| grid.get() > 1) else {
            return;
        };
        let on_grid = |symbol: u16| {
            let next = metre.position(onset + vocabulary::time_of(symbol));
            next.get() % grid.get() == 0
        };
        let symbols = logits.len() as u16;
        if (0..symbols).any(on_grid) {
            for (symbol, logit) in (0..).zip(logits) {
                if !on_grid(symbol) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
    }

    /// The note as it sounds; the next one begins `interval` after it.
    pub fn shape(&self, note: Note, interval: Ticks, metre: Metre) -> Note {
        let gated = (note.duration.get() as f32 * self.gate.clamp(0.05, 4.0)).round() as i64;
        let duration = Ticks::new(gated.clamp(1, interval.get().max(1)));
        let onset = self.swung(note.onset, metre);
        let end = self.swung(note.onset + duration, metre);
        Note {
            onset,
            duration: (end - onset).max(Ticks::new(1)),
            ..note
        }
    }

    /// Where a tick falls when the quarters swing: their halves are stretched and shortened.
    fn swung(&self, at: Ticks, metre: Metre) -> Ticks {
        let beat = Ticks::BEAT.get();
        if metre.beat() < Ticks::BEAT || self.swing <= 0.5 {
            return at;
        }
        let place = metre.position(at).get() % beat;
        let (half, share) = (beat as f32 / 2.0, self.swing.clamp(0.5, 0.75));
        let turn = share * beat as f32;
        let from = place as f32;
        let to = if from <= half {
            from * turn / half
        } else {
            turn + (from - half) * (beat as f32 - turn) / half
        };
        at + Ticks::new(to.round() as i64 - place)
    }
}

/// Base 2, by the kernel, so that it is the same everywhere.
fn log2(x: f32) -> f32 {
    crate::model::kernel::ln(x) * std::f32::consts::LOG2_E
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::note::Pitch;

    fn allowed(rhythm: RhythmConstraints, onset: i64, metre: Metre) -> Vec<i64> {
        let mut logits = [0.0; 224];
        rhythm.mask_onsets(Ticks::new(onset), metre, &mut logits);
        let free = (0..224).filter(|symbol| logits[usize::from(*symbol)].is_finite());
        free.map(|symbol| vocabulary::time_of(symbol).get())
            .take(4)
            .collect()
    }

    fn note(onset: i64, duration: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::MIDDLE_C,
            velocity: None,
        }
    }

    #[test]
    fn the_next_onset_falls_on_the_grid_of_its_bar() {
        let grid = |ticks: i64| RhythmConstraints {
            grid: Some(Ticks::new(ticks)),
            ..RhythmConstraints::default()
        };
        assert_eq!(
            allowed(RhythmConstraints::default(), 5, Metre::COMMON),
            [1, 2, 3, 4]
        );
        assert_eq!(allowed(grid(12), 0, Metre::COMMON), [12, 24, 36, 48]);
        assert_eq!(allowed(grid(12), 5, Metre::COMMON), [7, 19, 31, 43]);
        assert_eq!(allowed(grid(8), -8, Metre::COMMON), [8, 16, 24, 32]);
        // A bar of 7/8 is no multiple of a quarter: the next bar starts again.
        let seven = Metre::parse("7/8").unwrap();
        assert_eq!(allowed(grid(24), 72, seven), [12, 36, 60, 84]);
    }

    #[test]
    fn density_makes_short_intervals_likelier_or_less_likely() {
        let of = |density: f32| {
            let mut logits = [0.0; 224];
            let rhythm = RhythmConstraints {
                density,
                ..RhythmConstraints::default()
            };
            rhythm.mask_onsets(Ticks::ZERO, Metre::COMMON, &mut logits);
            [logits[11], logits[23], logits[47]]
        };
        let near = |a: [f32; 3], b: [f32; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near(of(1.0), [1.5, 0.0, -1.5]));
        assert!(near(of(-0.5), [-0.75, 0.0, 0.75]));
    }

    #[test]
    fn the_gate_shortens_and_lengthens_up_to_the_next_onset() {
        let of = |gate: f32| {
            let rhythm = RhythmConstraints {
                gate,
                ..RhythmConstraints::default()
            };
            rhythm.shape(note(24, 18), Ticks::BEAT, Metre::COMMON)
        };
        assert_eq!(of(1.0), note(24, 18));
        assert_eq!(of(0.5), note(24, 9));
        assert_eq!(of(2.0), note(24, 24));
        assert_eq!(of(0.0).duration, Ticks::new(1));
    }

    #[test]
    fn swing_moves_the_offbeat_and_nothing_else_out_of_order() {
        let rhythm = RhythmConstraints {
            swing: 2.0 / 3.0,
            ..RhythmConstraints::default()
        };
        let of = |onset: i64, metre| rhythm.shape(note(onset, 12), Ticks::new(12), metre);
        assert_eq!(of(0, Metre::COMMON), note(0, 16));
        assert_eq!(of(12, Metre::COMMON), note(16, 8));
        assert_eq!(of(-12, Metre::COMMON), note(-8, 8));
        let jig = Metre::parse("6/8").unwrap();
        assert_eq!(of(12, jig), note(12, 12));
        let swung = |at: i64| rhythm.swung(Ticks::new(at), Metre::COMMON);
        assert!((0..200).all(|at| swung(at) <= swung(at + 1)));
    }
}
