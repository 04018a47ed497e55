//! The network at play: one step a note, on a plain loop over the weights.
//!
//! ```text
//! x       = sum of the embeddings of what is read
//! h, c    = L recurrent layers, each reading the one below
//! logits  = W h + b + a row for each earlier factor of the same note
//! ```
//!
//! [`Network`] is the immutable weights, [`State`] what changes from step to step. Neither
//! [`Network::step`] nor [`Network::logits`] allocates. Called by [`crate::continuation`] on the
//! worker's thread, and by the trainer's `eval`.

use crate::checkpoint::{Checkpoint, Header};
use crate::config::Cell;
use crate::kernel::{Level, sigmoid, tanh};
use crate::memory::{self, Memory, Weights};
use crate::vocabulary::{Factor, Inputs, Targets};

/// The weights, ready to step.
pub struct Network {
    header: Header,
    level: Level,
    /// A table a feature, rows of the embedding's size.
    embeddings: Vec<Vec<f32>>,
    layers: Vec<Layer>,
    heads: Vec<Head>,
}

struct Layer {
    weight_ih: Vec<f32>,
    weight_hh: Vec<f32>,
    bias_ih: Vec<f32>,
    bias_hh: Vec<f32>,
}

struct Head {
    weight: Vec<f32>,
    bias: Vec<f32>,
    /// A table for each earlier factor, rows of this factor's size.
    given: Vec<Vec<f32>>,
    /// What memory is to it, where it has one.
    trust: Option<Trust>,
}

struct Trust {
    /// What echoes are worth.
    echoes: Weights,
    /// How far the top layer trusts its memory: a row and a bias.
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// What a network remembers of the notes so far, and room to compute in.
#[derive(Clone)]
pub struct State {
    hidden: Vec<Vec<f32>>,
    cell: Vec<Vec<f32>>,
    input: Vec<f32>,
    from_input: Vec<f32>,
    from_hidden: Vec<f32>,
}

impl State {
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
        let representation = header.config.representation();
        let features = representation.features().iter();
        let embeddings = features.map(|_| next()).collect();
        let layers = (0..header.config.layers())
            .map(|_| Layer {
                weight_ih: next(),
                weight_hh: next(),
                bias_ih: next(),
                bias_hh: next(),
            })
            .collect();
        let heads = representation
            .factors()
            .iter()
            .map(|factor| Head {
                weight: next(),
                bias: next(),
                given: factor.earlier().iter().map(|_| next()).collect(),
                trust: representation.remembers().then(|| Trust {
                    echoes: {
                        let tables = memory::TABLES.iter().flat_map(|_| next());
                        Weights::new(&tables.collect::<Vec<_>>())
                    },
                    weight: next(),
                    bias: next(),
                }),
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

    /// Shape and card.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// A state that remembers nothing. The one place that allocates.
    pub fn state(&self) -> State {
        let config = &self.header.config;
        let rows = config.cell().gates() * config.hidden();
        let layers = vec![vec![0.0; config.hidden()]; config.layers()];
        State {
            cell: if config.cell() == Cell::Lstm {
                layers.clone()
            } else {
                Vec::new()
            },
            hidden: layers,
            input: vec![0.0; config.embedding()],
            from_input: vec![0.0; rows],
            from_hidden: vec![0.0; rows],
        }
    }

    /// Reads one step's symbols. Panics on a symbol outside its feature's alphabet.
    pub fn step(&self, state: &mut State, inputs: &Inputs) {
        let size = self.header.config.embedding();
        state.input.fill(0.0);
        for (table, symbol) in self.embeddings.iter().zip(inputs) {
            add_row(table, usize::from(*symbol), size, &mut state.input);
        }
        for (k, layer) in self.layers.iter().enumerate() {
            let (below, hidden) = state.hidden.split_at_mut(k);
            let input = below.last().unwrap_or(&state.input);
            let hidden = &mut hidden[0];
            state.from_input.copy_from_slice(&layer.bias_ih);
            state.from_hidden.copy_from_slice(&layer.bias_hh);
            self.level
                .add_product(&layer.weight_ih, input, &mut state.from_input);
            self.level
                .add_product(&layer.weight_hh, hidden, &mut state.from_hidden);
            let gates = (&state.from_input[..], &state.from_hidden[..]);
            match self.header.config.cell() {
                Cell::Lstm => lstm(gates, &mut state.cell[k], hidden),
                Cell::Gru => gru(gates, hidden),
                Cell::Rnn => rnn(gates, hidden),
            }
        }
    }

    /// Logits of `factor`, given the earlier factors of the same note in `known`. `out` has
    /// [`Factor::symbols`] places.
    pub fn logits(&self, state: &State, factor: Factor, known: &Targets, out: &mut [f32]) {
        let head = &self.heads[factor.index()];
        out.copy_from_slice(&head.bias);
        let top = state
            .hidden
            .last()
            .expect("PANIC: a network has at least one layer");
        self.level.add_product(&head.weight, top, out);
        for (table, symbol) in head.given.iter().zip(known) {
            add_row(table, usize::from(*symbol), factor.symbols(), out);
        }
    }

    /// Raises the logits of `factor` by what `memory` offers: `share` 0 not at all, 1 as learnt.
    /// A network without memory leaves them as they are.
    pub fn remember(
        &self,
        state: &State,
        factor: Factor,
        known: &Targets,
        (memory, share): (&mut Memory, f32),
        logits: &mut [f32],
    ) {
        let Some(Trust {
            echoes,
            weight,
            bias,
        }) = &self.heads[factor.index()].trust
        else {
            return;
        };
        let top = state
            .hidden
            .last()
            .expect("PANIC: a network has at least one layer");
        let mut trust = [bias[0]];
        self.level.add_product(weight, top, &mut trust);
        memory.weigh(factor, known, echoes, trust[0]);
        memory.raise(logits, share);
    }
}

fn add_row(table: &[f32], row: usize, size: usize, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(&table[row * size..(row + 1) * size]) {
        *out += value;
    }
}

/// Contributions to the gates from the layer's input and from its own past.
type Gates<'a> = (&'a [f32], &'a [f32]);

/// c' = f c + i g; h = o tanh(c'). Gates in torch's order i, f, g, o.
fn lstm((x, h): Gates, cell: &mut [f32], hidden: &mut [f32]) {
    let n = hidden.len();
    for j in 0..n {
        let gate = |k: usize| x[k * n + j] + h[k * n + j];
        cell[j] = sigmoid(gate(1)) * cell[j] + sigmoid(gate(0)) * tanh(gate(2));
        hidden[j] = sigmoid(gate(3)) * tanh(cell[j]);
    }
}

/// h' = (1 - z) n + z h, where n = tanh(x_n + r h_n). Gates in torch's order r, z, n.
fn gru((x, h): Gates, hidden: &mut [f32]) {
    let n = hidden.len();
    for j in 0..n {
        let reset = sigmoid(x[j] + h[j]);
        let update = sigmoid(x[n + j] + h[n + j]);
        let new = tanh(x[2 * n + j] + reset * h[2 * n + j]);
        hidden[j] = (1.0 - update) * new + update * hidden[j];
    }
}

/// h' = tanh(x + h).
fn rnn((x, h): Gates, hidden: &mut [f32]) {
    for (j, hidden) in hidden.iter_mut().enumerate() {
        *hidden = tanh(x[j] + h[j]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::vocabulary::Feature;

    #[test]
    fn every_level_gives_the_same_bits() {
        for cell in Cell::ALL {
            let config = Config::new(cell, 2, 20, 12, vec![]).unwrap();
            let checkpoint = Checkpoint::noise(config, 3);
            let run = |level| {
                let network = Network::with_level(checkpoint.clone(), level);
                let mut state = network.state();
                let mut logits = [0.0; 129];
                for pitch in [129, 60, 62, 64] {
                    let mut inputs = [3; Feature::COUNT];
                    (inputs[0], inputs[7]) = (pitch, 0);
                    network.step(&mut state, &inputs);
                }
                network.logits(&state, Factor::Pitch, &[0; 4], &mut logits);
                logits.map(f32::to_bits)
            };
            assert_eq!(run(Level::Baseline), run(Level::detect()), "{cell}");
        }
    }

    #[test]
    fn a_cleared_state_is_a_new_one() {
        let config = Config::new(Cell::Lstm, 1, 8, 8, vec!["folk".into()]).unwrap();
        let network = Network::new(Checkpoint::noise(config, 3));
        let (mut used, mut new) = (network.state(), network.state());
        network.step(&mut used, &[1; Feature::COUNT]);
        used.clear();
        let logits = |state: &mut State| {
            let mut logits = [0.0; 224];
            network.step(state, &[0; Feature::COUNT]);
            network.logits(state, Factor::Interval, &[60, 0, 0, 0], &mut logits);
            logits
        };
        assert_eq!(logits(&mut used), logits(&mut new));
    }
}
