//! How surprised a model is by one melody, factor by factor, without its memory and with it.
//!
//! Called by the `eval` command, on rayon's threads: the player's own network code, from an empty
//! state.

use std::collections::BTreeMap;

use harmonai_core::model::memory::Memory;
use harmonai_core::model::network::{Network, RecurrentState};
use harmonai_core::model::vocabulary::{END, Factor, NONE, Style, steps, time_spread};
use harmonai_core::play::sampler::log2_softmax;
use serde::Serialize;

use crate::data::corpus::Piece;

/// Bits of one kind added up over melodies.
#[derive(Clone, Copy, Debug, Default)]
struct FactorTotals {
    factors: [f64; Factor::COUNT],
    /// Of the predictions that a melody ends where it does.
    end: f64,
}

/// Bits and notes added up over melodies.
#[derive(Clone, Debug, Default)]
pub struct BitTotals {
    melodies: u64,
    pub notes: u64,
    /// Notes whose velocity is known.
    velocities: u64,
    plain: FactorTotals,
    memory: FactorTotals,
}

impl FactorTotals {
    fn add(&mut self, other: &Self) {
        self.end += other.end;
        for (bits, more) in self.factors.iter_mut().zip(other.factors) {
            *bits += more;
        }
    }

    /// Counts `target`, for which the network has `logits`.
    fn count(&mut self, factor: Factor, target: u16, logits: &mut [f32]) {
        log2_softmax(logits);
        let bits = -f64::from(logits[usize::from(target)]);
        let bits = match factor {
            Factor::Pitch if target == END => {
                self.end += bits;
                return;
            }
            Factor::Interval | Factor::Duration => bits + time_spread(target).log2(),
            Factor::Pitch | Factor::Velocity => bits,
        };
        self.factors[factor.index()] += bits;
    }
}

impl BitTotals {
    /// Adds the melodies of another sum.
    pub fn add(&mut self, other: &Self) {
        self.melodies += other.melodies;
        self.notes += other.notes;
        self.velocities += other.velocities;
        self.plain.add(&other.plain);
        self.memory.add(&other.memory);
    }

    /// The means.
    pub fn figures(&self) -> Measured {
        Measured {
            plain: self.means(&self.plain),
            memory: self.means(&self.memory),
            notes: self.notes,
            melodies: self.melodies,
        }
    }

    fn means(&self, bits: &FactorTotals) -> Means {
        let bits_of = |factor: Factor| bits.factors[factor.index()];
        let of = |factor: &Factor| match factor {
            Factor::Velocity => self.velocities,
            _ => self.notes,
        };
        let factors = Factor::ALL.iter().filter(|factor| of(factor) > 0);
        let total = bits.factors.iter().sum::<f64>() / self.notes as f64;
        Means {
            bits_per_note: factors
                .map(|factor| (factor.name(), bits_of(*factor) / of(factor) as f64))
                .collect(),
            sum: (bits_of(Factor::Pitch) + bits_of(Factor::Interval)) / self.notes as f64,
            total,
            end_bits_per_melody: bits.end / self.melodies as f64,
        }
    }
}

/// Means over melodies: of the network alone, and of the network with its memory.
#[derive(Serialize)]
pub struct Measured {
    #[serde(flatten)]
    pub plain: Means,
    pub memory: Means,
    pub notes: u64,
    pub melodies: u64,
}

impl Measured {
    /// The plain mean of several measurements, whatever their size; melodies and notes are added
    /// up.
    pub fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let all: Vec<&Self> = all.into_iter().collect();
        Self {
            plain: Means::mean(all.iter().map(|one| &one.plain).collect()),
            memory: Means::mean(all.iter().map(|one| &one.memory).collect()),
            notes: all.iter().map(|one| one.notes).sum(),
            melodies: all.iter().map(|one| one.melodies).sum(),
        }
    }
}

impl Means {
    /// Of a factor over those that have it.
    fn mean(all: Vec<&Self>) -> Self {
        let mean = |figures: Vec<f64>| figures.iter().sum::<f64>() / figures.len().max(1) as f64;
        let of = |figure: fn(&Self) -> f64| mean(all.iter().map(|one| figure(one)).collect());
        let mut factors: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
        for (name, bits) in all.iter().flat_map(|one| &one.bits_per_note) {
            factors.entry(name).or_default().push(*bits);
        }
        let factors = factors.into_iter();
        Self {
            bits_per_note: factors.map(|(name, bits)| (name, mean(bits))).collect(),
            sum: of(|one| one.sum),
            total: of(|one| one.total),
            end_bits_per_melody: of(|one| one.end_bits_per_melody),
        }
    }
}

#[derive(Serialize)]
pub struct Means {
    /// By factor; velocities over the notes that have one.
    pub bits_per_note: BTreeMap<&'static str, f64>,
    /// Pitch and onset interval.
    pub sum: f64,
    /// All factors.
    pub total: f64,
    pub end_bits_per_melody: f64,
}

/// The style that the model is told: the melody's own where it knows it.
pub fn style(styles: &[String], piece: &Piece) -> Style {
    Style::find(styles, piece.melody.style())
}

/// Bits of one melody, from an empty state.
pub fn measure(network: &Network, state: &mut RecurrentState, piece: &Piece) -> BitTotals {
    let (header, melody) = (network.header(), &piece.melody);
    let mut sum = BitTotals {
        melodies: 1,
        notes: melody.notes().len() as u64,
        ..BitTotals::default()
    };
    let (mut events, mut memory) = (Vec::new(), Memory::default());
    let (mut room, mut more_room) = ([0.0f32; 256], [0.0f32; 256]);
    state.clear();
    for step in steps(melody, style(header.config.styles(), piece), None) {
        let targets = &step.event.targets;
        network.step(state, &step.inputs);
        memory.listen(&events, step.event.onset, melody.metre());
        for &factor in header.config.factors() {
            let target = targets[factor.index()];
            if target == NONE {
                continue;
            }
            let logits = &mut room[..factor.symbols()];
            network.logits(state, factor, targets, logits);
            let raised = &mut more_room[..factor.symbols()];
            raised.copy_from_slice(logits);
            network.add_memory_logits(state, factor, targets, (&mut memory, 1.0), raised);
            sum.memory.count(factor, target, raised);
            sum.plain.count(factor, target, logits);
            sum.velocities += u64::from(factor == Factor::Velocity);
        }
        events.push(step.event);
    }
    sum
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::checkpoint::Checkpoint;
    use harmonai_core::model::config::{Cell, Config};

    use super::*;
    use crate::data::corpus::Corpus;

    /// A network whose weights are all zero but for the heads' biases, which are zero too, predicts
    /// every symbol alike.
    #[test]
    fn a_network_that_knows_nothing_needs_the_alphabets_bits() {
        let config = Config::new(Cell::Gru, 1, 8, 4, vec![]).unwrap();
        let config = config.with_factors(Factor::ALL.to_vec()).unwrap();
        let mut checkpoint = Checkpoint::noise(config, 1);
        checkpoint
            .tensors
            .iter_mut()
            .for_each(|tensor| tensor.fill(0.0));
        let network = Network::new(checkpoint);
        let line = r#"{"notes":[[0,60,12],[12,62,480]],"coll":"x","split":"test"}"#;
        let sum = measure(&network, &mut network.state(), &piece(line));
        assert_eq!((sum.melodies, sum.notes, sum.velocities), (1, 2, 0));
        let near = |found: f64, expect: f64| {
            assert!((found - expect).abs() < 1e-4, "{found} is not {expect}");
        };
        near(sum.plain.factors[0], 2.0 * 129f64.log2());
        near(sum.plain.end, 129f64.log2());
        // 480 ticks share a symbol with the others of the same quarter.
        near(sum.plain.factors[1], 2.0 * 224f64.log2() + 24f64.log2());
        near(sum.plain.factors[2], 2.0 * 224f64.log2() + 24f64.log2());
        let Measured { plain, memory, .. } = sum.figures();
        near(
            plain.sum,
            (sum.plain.factors[0] + sum.plain.factors[1]) / 2.0,
        );
        assert!(!plain.bits_per_note.contains_key("velocity"));
        near(plain.total, plain.sum + plain.bits_per_note["duration"]);
        // With tables of zero, what has been is worth e^0 beside e^0 for every symbol: the only
        // echo is the first note, to be heard again at the end.
        near(memory.bits_per_note["pitch"], plain.bits_per_note["pitch"]);
        near(memory.end_bits_per_melody, 131f64.log2());
    }

    fn piece(line: &str) -> Piece {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, line).unwrap();
        Corpus::read(&[path]).unwrap().pieces.remove(0)
    }
}
