//! How surprised a model is by one melody, factor by factor, without its memory and with it.
//!
//! Called by `eval`, on rayon's threads: the player's own network, from an empty state.

use harmonai_core::memory::Memory;
use harmonai_core::network::{Network, State};
use harmonai_core::sampler::log2_softmax;
use harmonai_core::vocabulary::{END, Factor, NONE, Style, steps, time_spread};
use serde::Serialize;

use crate::corpus::Piece;

/// Bits of one kind added up over melodies.
#[derive(Clone, Copy, Debug, Default)]
struct Bits {
    factors: [f64; Factor::COUNT],
    /// Of the predictions that a melody ends where it does.
    end: f64,
}

/// Bits and notes added up over melodies.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    melodies: u64,
    notes: u64,
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

impl Sum {
    /// Adds the melodies of another sum.
    pub fn add(&mut self, other: &Self) {
        self.melodies += other.melodies;
        self.notes += other.notes;
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
        Figures {
            plain: self.means(&self.plain),
            memory: self.means(&self.memory),
            notes: self.notes,
            melodies: self.melodies,
        }
    }

    fn means(&self, bits: &Bits) -> Means {
        let mean = |factor: Factor| bits.factors[factor.index()] / self.notes as f64;
        let velocity = bits.factors[Factor::Velocity.index()] / self.velocities.max(1) as f64;
        Means {
            bits_per_note: BitsPerNote {
                pitch: mean(Factor::Pitch),
                onset_interval: mean(Factor::Interval),
                duration: mean(Factor::Duration),
                velocity: (self.velocities > 0).then_some(velocity),
            },
            sum: mean(Factor::Pitch) + mean(Factor::Interval),
            end_bits_per_melody: bits.end / self.melodies as f64,
        }
    }
}

/// Means over melodies: of the network alone, and of the network with its memory.
#[derive(Serialize)]
pub struct Figures {
    #[serde(flatten)]
    pub plain: Means,
    pub memory: Means,
    pub notes: u64,
    pub melodies: u64,
}

#[derive(Serialize)]
pub struct Means {
    pub bits_per_note: BitsPerNote,
    /// Pitch and onset interval.
    pub sum: f64,
    pub end_bits_per_melody: f64,
}

#[derive(Serialize)]
pub struct BitsPerNote {
    pub pitch: f64,
    pub onset_interval: f64,
    pub duration: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub velocity: Option<f64>,
}

/// The style that the model is told: the melody's own where it knows it.
pub fn style(styles: &[String], piece: &Piece) -> Style {
    Style::find(styles, piece.melody.style())
}

/// Bits of one melody, from an empty state.
pub fn measure(network: &Network, state: &mut State, piece: &Piece) -> Sum {
    let header = network.header();
    let mut sum = Sum {
        melodies: 1,
        ..Sum::default()
    };
    let (mut events, mut memory) = (Vec::new(), Memory::default());
    let mut room = [0.0f32; 256];
    state.clear();
    for step in steps(&piece.melody, style(header.config.styles(), piece), None) {
        let targets = &step.event.targets;
        network.step(state, &step.inputs);
        memory.listen(&events, step.event.onset, piece.melody.metre());
        for factor in Factor::ALL {
            let target = targets[factor.index()];
            if target == NONE || (factor == Factor::Velocity && !header.velocity) {
                continue;
            }
            let logits = &mut room[..factor.symbols()];
            network.logits(state, factor, targets, logits);
            sum.plain.count(factor, target, logits);
            network.logits(state, factor, targets, logits);
            network.remember(state, factor, targets, (&mut memory, 1.0), logits);
            sum.memory.count(factor, target, logits);
            match factor {
                Factor::Pitch => sum.notes += u64::from(target != END),
                Factor::Velocity => sum.velocities += 1,
                Factor::Interval | Factor::Duration => {}
            }
        }
        events.push(step.event);
    }
    sum
}

#[cfg(test)]
mod tests {
    use harmonai_core::checkpoint::Checkpoint;
    use harmonai_core::config::{Cell, Config};

    use super::*;
    use crate::corpus::Corpus;

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
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let line = r#"{"notes":[[0,60,12],[12,62,480]],"coll":"x","split":"test"}"#;
        std::fs::write(&path, line).unwrap();
        let corpus = Corpus::read(&[path]).unwrap();
        let sum = measure(&network, &mut network.state(), &corpus.pieces[0]);
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
        assert_eq!(plain.bits_per_note.velocity, None);
        // With tables of zero, what has been is worth e^0 beside e^0 for every symbol: the only
        // echo is the first note, to be heard again at the end.
        near(memory.bits_per_note.pitch, plain.bits_per_note.pitch);
        near(memory.end_bits_per_melody, 131f64.log2());
    }
}
