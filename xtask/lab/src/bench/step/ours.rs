//! HarmonAI's steps: with floats and with bytes, on every set of instructions that the processor has.

use super::bandwidth::read;
use super::times::{Clock, Times};
use super::{EMBEDDING, Size};
use anyhow::ensure;
use harmonai_core::checkpoint::Checkpoint;
use harmonai_core::config::{Cell, Config};
use harmonai_core::kernel::Level;
use harmonai_core::network::{Network, State};
use harmonai_core::vocabulary::{Factor, NONE, Representation, grid};
use std::hint::black_box;

/// Size of the head's alphabet: the network with one embedding and one head is the one that the
/// other engines can do just as it is.
pub const SYMBOLS: usize = Factor::Grid.symbols();

/// The networks, and the weights to read.
pub struct Ours {
    clock: Clock,
    weights: Vec<f32>,
    players: Vec<(String, Player)>,
}

impl Ours {
    /// Untaught networks of this size: what they say does not matter here.
    pub fn new(size: Size) -> anyhow::Result<Self> {
        let config = Config::new(Cell::Lstm, size.layers, size.hidden, EMBEDDING, Vec::new())?;
        let checkpoint = Checkpoint::noise(config.speaking(Representation::Grid), 1);
        let specs = checkpoint.header.config.tensors();
        let multiplied = specs.iter().zip(&checkpoint.tensors);
        let multiplied = multiplied.filter(|(spec, _)| spec.multiplied);
        let weights: Vec<f32> = multiplied.flat_map(|(_, values)| values.clone()).collect();
        ensure!(!weights.is_empty(), "the network has no weights");
        let mut players = Vec::new();
        for (precision, checkpoint) in [
            ("f32", checkpoint.clone()),
            ("int8", checkpoint.quantized()),
        ] {
            for level in Level::all() {
                // The best level is what plays; the others are told apart by their names.
                let name = match level == Level::detect() {
                    true => precision.to_owned(),
                    false => format!("{precision}_{}", level.name().to_lowercase()),
                };
                let network = Network::with_level(checkpoint.clone(), level);
                players.push((name, Player::new(network)));
            }
        }
        Ok(Self {
            clock: Clock::new(),
            weights,
            players,
        })
    }

    /// A round of each.
    pub fn round(&mut self) -> Vec<(String, Times)> {
        let mut limit = || {
            black_box(read(&self.weights));
        };
        let mut all = vec![("bandwidth_f32".to_owned(), self.clock.round(&mut limit))];
        for (name, player) in &mut self.players {
            all.push((name.clone(), self.clock.round(&mut || player.step())));
        }
        all
    }
}

/// A network and where it is.
struct Player {
    network: Network,
    state: State,
    logits: Vec<f32>,
}

impl Player {
    fn new(network: Network) -> Self {
        Self {
            state: network.state(),
            logits: vec![0.0; SYMBOLS],
            network,
        }
    }

    fn step(&mut self) {
        self.network
            .step(&mut self.state, &grid::inputs(grid::HOLD));
        let known = [NONE; Factor::COUNT];
        self.network
            .logits(&self.state, Factor::Grid, &known, &mut self.logits);
        black_box(&self.logits);
    }
}
