//! The network at play: one step a note, on a plain loop over the weights.
//!
//! ```text
//! x       = sum of the embeddings of what is read
//! h, c    = L recurrent layers, each reading the one below
//! logits  = W h + b + a row for each earlier factor of the same note, where that is known
//! ```
//!
//! [`Network`] is the immutable weights, [`RecurrentState`] what changes from step to step. Neither
//! [`Network::step`] nor [`Network::logits`] allocates. Called by [`crate::play::continuation`] on
//! the worker's thread, and by the trainer's `eval`.

use crate::model::checkpoint::{Checkpoint, Header, Precision};
use crate::model::config::Cell;
use crate::model::kernel::{Level, Matrix, advance};
use crate::model::memory::{self, Memory, Weights};
use crate::model::vocabulary::{Factor, Feature, Inputs, NONE, Targets};

/// The weights, ready to step.
pub struct Network {
    header: Header,
    level: Level,
    /// A table for each feature that is read, rows of the embedding's size.
    embeddings: Vec<(Feature, Vec<f32>)>,
    layers: Vec<Layer>,
    /// One for each factor that is predicted, in the order of prediction.
    heads: Vec<Head>,
}

struct Layer {
    weight_ih: Matrix,
    weight_hh: Matrix,
    bias_ih: Vec<f32>,
    bias_hh: Vec<f32>,
}

struct Head {
    factor: Factor,
    weight: Matrix,
    bias: Vec<f32>,
    /// A table for each earlier factor, rows of this factor's size.
    given: Vec<(Factor, Vec<f32>)>,
    echoes: Weights,
    /// How far the top layer trusts its memory: a row and a bias.
    trust: Matrix,
    trust_bias: Vec<f32>,
}

/// What a network carries from step to step, and room to compute in.
#[derive(Clone)]
pub struct RecurrentState {
    hidden: Vec<Vec<f32>>,
    cell: Vec<Vec<f32>>,
    input: Vec<f32>,
    from_input: Vec<f32>,
    /// By layer.
    from_hidden: Vec<Vec<f32>>,
    /// Whether the next step has an odd number.
    odd: bool,
}

impl RecurrentState {
    /// Forgets everything.
    pub fn clear(&mut self) {
        for values in self.hidden.iter_mut().chain(&mut self.cell) {
            values.fill(0.0);
        }
    }

    /// Goes to where `other`, a state of the same network, is. No allocation.
    pub fn copy_from(&mut self, other: &Self) {
        let layers = self.hidden.iter_mut().chain(&mut self.cell);
        for (mine, theirs) in layers.zip(other.hidden.iter().chain(&other.cell)) {
            mine.copy_from_slice(theirs);
        }
    }
}

impl Network {
    /// Takes the weights of a checkpoint.
    pub fn new(checkpoint: Checkpoint) -> Self {
        Self::with_level(checkpoint, Level::detect())
    }

    /// The same, on given instructions; all give the same bits.
    pub fn with_level(checkpoint: Checkpoint, level: Level) -> Self {
        let Checkpoint { header, tensors } = checkpoint;
        // The order is that of Config::tensors, which a checkpoint keeps by its own invariant.
        let mut tensors = tensors.into_iter();
        let mut next = || {
            tensors
                .next()
                .expect("PANIC: a checkpoint has all its tensors")
        };
        let config = &header.config;
        let features = config.features().iter();
        let embeddings = features.map(|feature| (*feature, next())).collect();
        let hidden = config.hidden();
        let matrix = |values: Vec<f32>, columns| match header.weights {
            Precision::F32 => Matrix::floats(&values, columns),
            Precision::Int8 => Matrix::bytes(&values, columns),
        };
        let layers = (0..config.layers())
            .map(|k| Layer {
                weight_ih: matrix(next(), config.input_size(k)),
                weight_hh: matrix(next(), hidden),
                bias_ih: next(),
                bias_hh: next(),
            })
            .collect();
        let heads = config
            .factors()
            .iter()
            .map(|&factor| Head {
                factor,
                weight: matrix(next(), hidden),
                bias: next(),
                given: config
                    .earlier(factor)
                    .iter()
                    .map(|it| (*it, next()))
                    .collect(),
                echoes: {
                    let tables = memory::TABLES.iter().flat_map(|_| next());
                    Weights::new(&tables.collect::<Vec<_>>())
                },
                trust: Matrix::floats(&next(), hidden),
                trust_bias: next(),
            })
            .collect();
        Self {
            header,
            level,
            embeddings,
            layers,
            heads,
        }
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The state before anything is read. The one place that allocates.
    pub fn state(&self) -> RecurrentState {
        let config = &self.header.config;
        let rows = config.cell().gates() * config.hidden();
        let layers = vec![vec![0.0; config.hidden()]; config.layers()];
        RecurrentState {
            // Only an LSTM has cells that remember.
            cell: match config.cell() {
                Cell::Lstm => layers.clone(),
                Cell::Gru | Cell::Rnn => vec![Vec::new(); config.layers()],
            },
            hidden: layers,
            input: vec![0.0; config.embedding()],
            from_input: vec![0.0; rows],
            from_hidden: vec![vec![0.0; rows]; config.layers()],
            odd: false,
        }
    }

    /// Reads one step's symbols. Panics on a symbol outside its feature's alphabet.
    pub fn step(&self, state: &mut RecurrentState, inputs: &Inputs) {
        let size = self.header.config.embedding();
        state.input.fill(0.0);
        for (feature, table) in &self.embeddings {
            add_row(table, inputs[*feature], size, &mut state.input);
        }
        // What was read last is still in the processor's caches: every other step begins with the
        // matrix that the one before has ended with. Each sum is by itself; their order is free.
        let last = self.layers.len() - 1;
        let odd = state.odd;
        state.odd = !odd;
        if odd {
            self.read_past(last, state);
        }
        for k in 0..self.layers.len() {
            if odd && k < last {
                self.read_past(k, state);
            }
            self.read_input(k, state);
            if !odd {
                self.read_past(k, state);
            }
            let gates = (&state.from_input[..], &state.from_hidden[k][..]);
            let cell = self.header.config.cell();
            let (memory, hidden) = (&mut state.cell[k], &mut state.hidden[k]);
            advance(self.level, cell, gates, memory, hidden);
        }
    }

    /// What layer `k`'s input contributes to its gates.
    fn read_input(&self, k: usize, state: &mut RecurrentState) {
        let (layer, gates) = (&self.layers[k], &mut state.from_input);
        let input = match k {
            0 => &state.input,
            _ => &state.hidden[k - 1],
        };
        gates.copy_from_slice(&layer.bias_ih);
        layer.weight_ih.add_product(self.level, input, gates);
    }

    /// What layer `k`'s own past contributes to its gates.
    fn read_past(&self, k: usize, state: &mut RecurrentState) {
        let (layer, gates) = (&self.layers[k], &mut state.from_hidden[k]);
        gates.copy_from_slice(&layer.bias_hh);
        layer
            .weight_hh
            .add_product(self.level, &state.hidden[k], gates);
    }

    /// The head of a factor that is predicted.
    fn head(&self, factor: Factor) -> &Head {
        let mut heads = self.heads.iter();
        heads
            .find(|head| head.factor == factor)
            .expect("PANIC: callers ask for factors of the configuration's list alone")
    }

    /// Logits of `factor`, one of the configuration's, given the earlier factors of the same note
    /// in `known`. `out` has [`Factor::symbols`] places.
    pub fn logits(&self, state: &RecurrentState, factor: Factor, known: &Targets, out: &mut [f32]) {
        let head = self.head(factor);
        out.copy_from_slice(&head.bias);
        let top = state
            .hidden
            .last()
            .expect("PANIC: a network has at least one layer");
        head.weight.add_product(self.level, top, out);
        for (earlier, table) in &head.given {
            let symbol = known[earlier.index()];
            if symbol != NONE {
                add_row(table, symbol, factor.symbols(), out);
            }
        }
    }

    /// Raises the logits of `factor` by what `memory` has of it: `share` 0 not at all, 1 as learnt.
    pub fn add_memory_logits(
        &self,
        state: &RecurrentState,
        factor: Factor,
        known: &Targets,
        (memory, share): (&mut Memory, f32),
        logits: &mut [f32],
    ) {
        let head = self.head(factor);
        let top = state
            .hidden
            .last()
            .expect("PANIC: a network has at least one layer");
        let mut trust = [head.trust_bias[0]];
        head.trust.add_product(self.level, top, &mut trust);
        memory.weigh(factor, known, &head.echoes, trust[0]);
        memory.raise(logits, share);
    }
}

fn add_row(table: &[f32], symbol: u16, size: usize, out: &mut [f32]) {
    let row = usize::from(symbol);
    for (out, value) in out.iter_mut().zip(&table[row * size..(row + 1) * size]) {
        *out += value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::Config;

    /// These symbols wherever an alphabet has them.
    fn inputs(pitch: u16, others: u16) -> Inputs {
        let mut inputs = Inputs::default();
        for feature in Feature::ALL {
            if usize::from(others) < feature.symbols(0) {
                inputs[feature] = others;
            }
        }
        inputs[Feature::Pitch] = pitch;
        inputs
    }

    /// Logits of a pitch after a few steps, as bits.
    fn bits(network: &Network) -> [u32; 129] {
        let mut state = network.state();
        let mut logits = [0.0; 129];
        for pitch in [129, 60, 62, 64] {
            network.step(&mut state, &inputs(pitch, 3));
        }
        network.logits(&state, Factor::Pitch, &[NONE; 4], &mut logits);
        logits.map(f32::to_bits)
    }

    #[test]
    fn the_order_of_the_list_is_the_order_of_summation() {
        let standard = Config::new(Cell::Gru, 1, 8, 8, vec![]).unwrap();
        let mut features = standard.features().to_vec();
        features.reverse();
        let turned = standard.clone().with_features(features).unwrap();
        let checkpoint = Checkpoint::noise(standard.clone(), 3);
        let tensors = turned.tensors().into_iter().map(|spec| {
            let specs = standard.tensors();
            let place = specs.iter().position(|other| other.name == spec.name);
            checkpoint.tensors[place.unwrap()].clone()
        });
        let mut other = Checkpoint {
            tensors: tensors.collect(),
            ..Checkpoint::noise(turned, 3)
        };
        let [one, turned] = [&checkpoint, &other].map(|it| bits(&Network::new(it.clone())));
        assert_ne!(one, turned, "floats added up the other way round");
        // The same sums to within their rounding.
        for (a, b) in one.iter().zip(turned) {
            assert!((f32::from_bits(*a) - f32::from_bits(b)).abs() < 1e-5);
        }
        // Without an embedding that reads nothing, the others' sums are the same.
        let last = other.tensors.len();
        let style = Feature::Style;
        let fewer: Vec<_> = other.header.config.features().to_vec();
        let at = fewer.iter().position(|feature| *feature == style).unwrap();
        other.tensors[at].fill(0.0);
        let silent = bits(&Network::new(other.clone()));
        let kept = fewer.into_iter().filter(|feature| *feature != style);
        let config = other.header.config.clone();
        other.header.config = config.with_features(kept.collect()).unwrap();
        other.tensors.remove(at);
        assert_eq!(other.tensors.len(), last - 1);
        assert_eq!(bits(&Network::new(other)), silent);
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        for cell in Cell::ALL {
            let config = Config::new(cell, 2, 20, 12, vec![]).unwrap();
            let checkpoint = Checkpoint::noise(config, 3);
            let run = |level| bits(&Network::with_level(checkpoint.clone(), level));
            assert_eq!(run(Level::BASELINE), run(Level::detect()), "{cell}");
        }
    }

    #[test]
    fn a_cleared_state_is_a_new_one() {
        let config = Config::new(Cell::Lstm, 1, 8, 8, vec!["folk".into()]).unwrap();
        let network = Network::new(Checkpoint::noise(config, 3));
        let (mut used, mut new) = (network.state(), network.state());
        network.step(&mut used, &inputs(1, 1));
        used.clear();
        let logits = |state: &mut RecurrentState| {
            let mut logits = [0.0; 224];
            network.step(state, &inputs(0, 0));
            network.logits(state, Factor::Interval, &[60, 0, 0, 0], &mut logits);
            logits
        };
        assert_eq!(logits(&mut used), logits(&mut new));
    }
}
