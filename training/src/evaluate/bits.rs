//! Counting up how surprised a network was: from nats of single steps to bits a note.
//!
//! Called by the trainer for what it learns from and for what it is measured on. Every note
//! counts, the first one too; ends of melodies are learnt but not counted. On the grid the bits of
//! all symbols count, and the steps on which a note begins are the notes.

use std::sync::OnceLock;

use harmonai_core::model::vocabulary::{END, Factor, NONE, Representation, Targets, time_spread};
use serde::{Deserialize, Serialize};

use crate::nn::heads::Surprise;
use crate::train::report::{Bits, Figures};

/// Sums over steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// By factor, without memory and with it.
    plain: [f64; Factor::COUNT],
    memory: [f64; Factor::COUNT],
    notes: [u64; Factor::COUNT],
}

impl Score {
    /// Adds the notes among these steps.
    pub fn add(&mut self, surprise: &Surprise, targets: &[Targets]) {
        for (i, targets) in targets.iter().enumerate() {
            for factor in Factor::ALL {
                let (k, symbol) = (factor.index(), targets[factor.index()]);
                if symbol == NONE || (factor == Factor::Pitch && symbol == END) {
                    continue;
                }
                self.plain[k] += f64::from(surprise.plain[k][i]);
                self.memory[k] += f64::from(surprise.remembering[k][i]);
                if matches!(factor, Factor::Interval | Factor::Duration) {
                    self.plain[k] += spread_nats(symbol);
                    self.memory[k] += spread_nats(symbol);
                }
                // Of the grid, which has its symbols in the pitch's place, these go past the end.
                let is_note = factor != Factor::Pitch || symbol < END;
                self.notes[k] += u64::from(is_note);
            }
        }
    }

    /// How many notes were counted.
    pub fn notes(&self) -> u64 {
        self.notes[0]
    }

    /// The means. `velocity` says whether velocities were predicted.
    pub fn figures(&self, representation: Representation, velocity: bool) -> Figures {
        let bits = |nats| match representation {
            Representation::Notes => self.bits(nats, velocity),
            Representation::Grid => Bits {
                grid: Some(self.bits(nats, false).pitch),
                ..Bits::default()
            },
        };
        Figures {
            plain: bits(&self.plain),
            memory: bits(&self.memory),
        }
    }

    fn bits(&self, nats: &[f64; Factor::COUNT], velocity: bool) -> Bits {
        let mean = |factor: Factor| {
            let k = factor.index();
            nats[k] / std::f64::consts::LN_2 / self.notes[k].max(1) as f64
        };
        let velocity = velocity && self.notes[Factor::Velocity.index()] > 0;
        Bits {
            pitch: mean(Factor::Pitch),
            onset_interval: mean(Factor::Interval),
            duration: mean(Factor::Duration),
            velocity: velocity.then(|| mean(Factor::Velocity)),
            grid: None,
        }
    }
}

/// What naming the very tick costs on top of a time symbol.
fn spread_nats(symbol: u16) -> f64 {
    static SPREADS: OnceLock<Vec<f64>> = OnceLock::new();
    let spreads = SPREADS.get_or_init(|| {
        let symbols = 0..Factor::Interval.symbols() as u16;
        symbols.map(|symbol| time_spread(symbol).ln()).collect()
    });
    spreads[usize::from(symbol)]
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::vocabulary::grid::{HOLD, REST};

    use super::*;

    #[test]
    fn a_bit_is_a_bit_and_ends_do_not_count() {
        let bit = std::f32::consts::LN_2;
        let plain = [
            vec![bit, 3.0 * bit, 9.0, 9.0],
            vec![bit, bit, 9.0, 9.0],
            vec![0.0, 0.0, 9.0, 9.0],
            vec![4.0 * bit, 9.0, 9.0, 9.0],
        ];
        let mut remembering = plain.clone();
        remembering[0] = vec![bit, bit, 9.0, 9.0];
        let surprise = Surprise { plain, remembering };
        // Symbol 200 stands for twelve ticks.
        let targets = [
            [60, 5, 200, 3],
            [61, 5, 5, NONE],
            [END, NONE, NONE, NONE],
            [NONE; 4],
        ];
        let mut score = Score::default();
        score.add(&surprise, &targets);
        let figures = score.figures(Representation::Notes, true);
        let bits = figures.plain;
        let check = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        };
        check(bits.pitch, 2.0);
        check(figures.memory.pitch, 1.0);
        check(figures.sum(), 2.5);
        check(bits.onset_interval, 1.0);
        check(bits.duration, 12f64.log2() / 2.0);
        check(bits.velocity.unwrap(), 4.0);
        assert_eq!(score.notes(), 2);
        let figures = score.figures(Representation::Notes, false);
        assert_eq!(figures.plain.velocity, None);
    }

    #[test]
    fn on_the_grid_all_symbols_bits_are_shared_out_among_the_notes() {
        let bit = std::f32::consts::LN_2;
        let nats = || {
            [
                vec![3.0 * bit, bit, 2.0 * bit, 4.0 * bit, 9.0],
                vec![],
                vec![],
                vec![],
            ]
        };
        let surprise = Surprise {
            plain: nats(),
            remembering: nats(),
        };
        let targets = [60, HOLD, REST, 62, END].map(|symbol| [symbol, NONE, NONE, NONE]);
        let mut score = Score::default();
        score.add(&surprise, &targets);
        let figures = score.figures(Representation::Grid, false);
        assert_eq!(score.notes(), 2);
        for bits in [figures.plain, figures.memory] {
            assert!((bits.sum() - 5.0).abs() < 1e-6, "{bits:?}");
            assert!((bits.total() - 5.0).abs() < 1e-6, "{bits:?}");
        }
    }
}
