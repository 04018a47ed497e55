//! Negative log likelihoods added up: from nats of single steps to bits a note.
//!
//! Called by the trainer for what it learns from and for what it is measured on. Every note
//! counts, the first one too; ends of melodies are learnt but not counted.

use std::sync::OnceLock;

use anyhow::Result;
use harmonai_core::model::vocabulary::{END, Factor, NONE, Targets, time_spread};
use harmonai_core::music::melody::Melody;
use serde::{Deserialize, Serialize};

use crate::data::batches::Streams;
use crate::evaluate::figures::{Bits, Figures};
use crate::nn::heads::Nll;
use crate::nn::model::{Mode, Model};

/// Sums over steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NllTotals {
    /// By factor, without memory and with it.
    plain: [f64; Factor::COUNT],
    memory: [f64; Factor::COUNT],
    notes: [u64; Factor::COUNT],
}

impl NllTotals {
    /// Adds the notes among these steps.
    pub fn add(&mut self, nll: &Nll, targets: &[Targets]) {
        for (i, targets) in targets.iter().enumerate() {
            for factor in Factor::ALL {
                let (k, symbol) = (factor.index(), targets[factor.index()]);
                let predicted = !nll.plain[k].is_empty();
                if !predicted || symbol == NONE || (factor == Factor::Pitch && symbol == END) {
                    continue;
                }
                self.plain[k] += f64::from(nll.plain[k][i]);
                self.memory[k] += f64::from(nll.with_memory[k][i]);
                if matches!(factor, Factor::Interval | Factor::Duration) {
                    self.plain[k] += spread_nats(symbol);
                    self.memory[k] += spread_nats(symbol);
                }
                self.notes[k] += 1;
            }
        }
    }

    /// How many notes were counted.
    pub fn notes(&self) -> u64 {
        self.notes[0]
    }

    /// The means.
    pub fn figures(&self) -> Figures {
        Figures {
            plain: self.bits(&self.plain),
            memory: self.bits(&self.memory),
        }
    }

    fn bits(&self, nats: &[f64; Factor::COUNT]) -> Bits {
        let mean = |factor: Factor| {
            let k = factor.index();
            nats[k] / std::f64::consts::LN_2 / self.notes[k].max(1) as f64
        };
        let velocity = self.notes[Factor::Velocity.index()] > 0;
        Bits {
            pitch: mean(Factor::Pitch),
            onset_interval: mean(Factor::Interval),
            duration: mean(Factor::Duration),
            velocity: velocity.then(|| mean(Factor::Velocity)),
        }
    }
}

/// Bits a note of `model` on whole tunes, each heard from its beginning.
pub fn measure(model: &Model, tunes: &[Melody], batch: usize, sequence: usize) -> Result<Figures> {
    let streams = Streams::whole(tunes, model.config(), batch, sequence);
    let mut memories = model.initial_states(streams.rows());
    let mut totals = NllTotals::default();
    for index in 0..streams.batches() {
        let batch = streams.batch(index);
        let (_, nll) = model.loss(&batch, &mut memories, Mode::Measure)?;
        totals.add(&nll, &batch.targets);
    }
    Ok(totals.figures())
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
        let mut with_memory = plain.clone();
        with_memory[0] = vec![bit, bit, 9.0, 9.0];
        let nll = Nll { plain, with_memory };
        // Symbol 200 stands for twelve ticks.
        let targets = [
            [60, 5, 200, 3],
            [61, 5, 5, NONE],
            [END, NONE, NONE, NONE],
            [NONE; 4],
        ];
        let mut score = NllTotals::default();
        score.add(&nll, &targets);
        let figures = score.figures();
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
        let mut silent = nll;
        silent.plain[3].clear();
        let mut score = NllTotals::default();
        score.add(&silent, &targets);
        assert_eq!(score.figures().plain.velocity, None);
    }
}
