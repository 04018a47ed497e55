//! How surprised a model is by one melody, factor by factor, without its memory and with it.
//!
//! Called by `eval` and `benchmark`, on rayon's threads: the player's own network, from an empty
//! state.

use std::collections::BTreeMap;

use harmonai_core::model::memory::Memory;
use harmonai_core::model::network::{Network, RecurrentState};
use harmonai_core::model::vocabulary::grid::Grid;
use harmonai_core::model::vocabulary::{END, Factor, NONE, Representation, Style, time_spread};
use harmonai_core::play::sampler::log2_softmax;
use serde::Serialize;

use crate::data::corpus::Piece;

/// Bits of one kind added up over melodies.
#[derive(Clone, Copy, Debug, Default)]
struct Bits {
    factors: [f64; Factor::COUNT],
    /// Of the predictions that a melody ends where it does.
    end: f64,
}

/// Bits and notes added up over melodies, for networks of one representation.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    representation: Representation,
    melodies: u64,
    /// Of the melodies as they are, also those that the grid drops.
    notes: u64,
    dropped: u64,
    /// Notes whose velocity is known.
    velocities: u64,
    plain: Bits,
    memory: Bits,
}

impl Bits {
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
            Factor::Pitch | Factor::Grid if target == END => {
                self.end += bits;
                return;
            }
            Factor::Interval | Factor::Duration => bits + time_spread(target).log2(),
            Factor::Pitch | Factor::Velocity | Factor::Grid => bits,
        };
        self.factors[factor.index()] += bits;
    }
}

impl Sum {
    /// Of nothing yet.
    pub fn new(representation: Representation) -> Self {
        Self {
            representation,
            ..Self::default()
        }
    }

    /// Adds the melodies of another sum.
    pub fn add(&mut self, other: &Self) {
        self.melodies += other.melodies;
        self.notes += other.notes;
        self.dropped += other.dropped;
        self.velocities += other.velocities;
        self.plain.add(&other.plain);
        self.memory.add(&other.memory);
    }

    /// How many notes were counted.
    pub fn notes(&self) -> u64 {
        self.notes
    }

    /// The means.
    pub fn figures(&self) -> Figures {
        let is_grid = self.representation == Representation::Grid;
        let remembers = self.representation.remembers();
        Figures {
            plain: self.means(&self.plain),
            memory: remembers.then(|| self.means(&self.memory)),
            notes: self.notes,
            melodies: self.melodies,
            dropped_notes: is_grid.then_some(self.dropped),
        }
    }

    fn means(&self, bits: &Bits) -> Means {
        let bits_of = |factor: Factor| bits.factors[factor.index()];
        let of = |factor: &Factor| match factor {
            Factor::Velocity => self.velocities,
            _ => self.notes,
        };
        let factors = self.representation.factors().iter();
        let factors = factors.filter(|factor| of(factor) > 0);
        let total = bits.factors.iter().sum::<f64>() / self.notes as f64;
        Means {
            bits_per_note: factors
                .map(|factor| (factor.name(), bits_of(*factor) / of(factor) as f64))
                .collect(),
            sum: match self.representation {
                Representation::Notes => {
                    (bits_of(Factor::Pitch) + bits_of(Factor::Interval)) / self.notes as f64
                }
                Representation::Grid => total,
            },
            total,
            end_bits_per_melody: bits.end / self.melodies as f64,
        }
    }
}

/// Means over melodies: of the network alone, and of the network with its memory.
#[derive(Serialize)]
pub struct Figures {
    #[serde(flatten)]
    pub plain: Means,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Means>,
    pub notes: u64,
    pub melodies: u64,
    /// Of all notes, those that the grid cannot write beside others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_notes: Option<u64>,
}

#[derive(Serialize)]
pub struct Means {
    /// By factor; velocities over the notes that have one.
    pub bits_per_note: BTreeMap<&'static str, f64>,
    /// Pitch and onset interval; of the grid everything.
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
pub fn measure(network: &Network, state: &mut RecurrentState, piece: &Piece) -> Sum {
    let (header, melody) = (network.header(), &piece.melody);
    let representation = header.config.representation();
    let mut sum = Sum {
        melodies: 1,
        notes: melody.notes().len() as u64,
        dropped: match representation {
            Representation::Notes => 0,
            Representation::Grid => Grid::new(melody.notes()).dropped() as u64,
        },
        ..Sum::new(representation)
    };
    let (mut events, mut memory) = (Vec::new(), Memory::default());
    let (mut room, mut more_room) = ([0.0f32; 256], [0.0f32; 256]);
    state.clear();
    for step in representation.steps(melody, style(header.config.styles(), piece), None) {
        let targets = &step.event.targets;
        network.step(state, &step.inputs);
        if representation.remembers() {
            memory.listen(&events, step.event.onset, melody.metre());
        }
        for factor in representation.factors() {
            let (factor, target) = (*factor, targets[factor.index()]);
            if target == NONE || (factor == Factor::Velocity && !header.velocity) {
                continue;
            }
            let logits = &mut room[..factor.symbols()];
            network.logits(state, factor, targets, logits);
            if representation.remembers() {
                let raised = &mut more_room[..factor.symbols()];
                raised.copy_from_slice(logits);
                network.remember(state, factor, targets, (&mut memory, 1.0), raised);
                sum.memory.count(factor, target, raised);
            }
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
    use harmonai_core::model::vocabulary::grid::HOLD;

    use super::*;
    use crate::data::corpus::Corpus;

    /// A network whose weights are all zero but for the heads' biases, which are zero too, predicts
    /// every symbol alike.
    #[test]
    fn a_network_that_knows_nothing_needs_the_alphabets_bits() {
        let config = Config::new(Cell::Gru, 1, 8, 4, vec![]).unwrap();
        let mut checkpoint = Checkpoint::noise(config, 1);
        checkpoint.header.velocity = true;
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
        let Figures { plain, memory, .. } = sum.figures();
        near(
            plain.sum,
            (sum.plain.factors[0] + sum.plain.factors[1]) / 2.0,
        );
        assert!(!plain.bits_per_note.contains_key("velocity"));
        near(plain.total, plain.sum + plain.bits_per_note["duration"]);
        // With tables of zero, what has been is worth e^0 beside e^0 for every symbol: the only
        // echo is the first note, to be heard again at the end.
        let memory = memory.unwrap();
        near(memory.bits_per_note["pitch"], plain.bits_per_note["pitch"]);
        near(memory.end_bits_per_melody, 131f64.log2());
    }

    /// As above, but that the bias of holding on makes it as likely as all else together.
    #[test]
    fn the_grids_symbols_all_count_and_its_dropped_notes_cost_nothing() {
        let config = Config::new(Cell::Lstm, 1, 8, 4, vec![]).unwrap();
        let mut checkpoint = Checkpoint::noise(config.speaking(Representation::Grid), 1);
        checkpoint
            .tensors
            .iter_mut()
            .for_each(|tensor| tensor.fill(0.0));
        let bias = checkpoint.tensors.last_mut().unwrap();
        bias[usize::from(HOLD)] = 130f32.ln();
        let network = Network::new(checkpoint);
        // Two quavers, a quaver rest, a semiquaver and one too close to it.
        let line =
            r#"{"notes":[[0,60,12],[12,62,12],[36,64,6],[38,65,4]],"coll":"x","split":"test"}"#;
        let sum = measure(&network, &mut network.state(), &piece(line));
        let Figures {
            plain,
            memory,
            notes,
            dropped_notes,
            ..
        } = sum.figures();
        // 60 HOLD 62 HOLD REST REST 64: two of a bit, five of a 260th.
        let bits = 2.0 + 5.0 * 260f64.log2();
        assert_eq!((notes, dropped_notes), (4, Some(1)));
        assert!((plain.total - bits / 4.0).abs() < 1e-4, "{}", plain.total);
        assert_eq!(
            (plain.sum, plain.bits_per_note["grid"]),
            (plain.total, plain.total)
        );
        assert!((plain.end_bits_per_melody - 260f64.log2()).abs() < 1e-4);
        assert!(memory.is_none());
    }

    fn piece(line: &str) -> Piece {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, line).unwrap();
        Corpus::read(&[path]).unwrap().pieces.remove(0)
    }
}
