//! HarmonAI's steps: with floats and with bytes, on every instruction set that the processor has.

use super::bandwidth::read;
use super::times::{StepTimes, Stopwatch};
use super::{EMBEDDING, Size};
use anyhow::ensure;
use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::kernel::Level;
use harmonai_core::model::network::{Network, RecurrentState};
use harmonai_core::model::vocabulary::{Factor, Inputs, NONE};
use std::hint::black_box;

/// Size of the alphabet of the one head that is asked: what the other engines' networks have.
pub const SYMBOLS: usize = Factor::Pitch.symbols();

/// The networks, and the weights to read.
pub struct Ours {
    stopwatch: Stopwatch,
    weights: Vec<f32>,
    steppers: Vec<(String, Stepper)>,
}

impl Ours {
    /// Networks of this size with random weights: their output does not matter here.
    pub fn new(size: Size) -> anyhow::Result<Self> {
        let config = Config::new(Cell::Lstm, size.layers, size.hidden, EMBEDDING, Vec::new())?;
        let checkpoint = Checkpoint::noise(config, 1);
        let specs = checkpoint.header.config.tensors();
        let multiplied = specs.iter().zip(&checkpoint.tensors);
        let multiplied = multiplied.filter(|(spec, _)| {
            let asked = spec.name.starts_with("rnn.") || spec.name == "head.pitch.weight";
            asked && spec.multiplied
        });
        let weights: Vec<f32> = multiplied.flat_map(|(_, values)| values.clone()).collect();
        ensure!(!weights.is_empty(), "the network has no weights");
        let mut steppers = Vec::new();
        for (precision, checkpoint) in [
            ("f32", checkpoint.clone()),
            ("int8", checkpoint.quantized()),
        ] {
            for level in Level::all() {
                // The plug-in plays with the best level; the others bear their names.
                let name = match level == Level::detect() {
                    true => precision.to_owned(),
                    false => format!("{precision}_{}", level.name().to_lowercase()),
                };
                let network = Network::with_level(checkpoint.clone(), level);
                steppers.push((name, Stepper::new(network)));
            }
        }
        Ok(Self {
            stopwatch: Stopwatch::new(),
            weights,
            steppers,
        })
    }

    pub fn round(&mut self) -> Vec<(String, StepTimes)> {
        let mut limit = || {
            black_box(read(&self.weights));
        };
        let mut all = vec![("bandwidth_f32".to_owned(), self.stopwatch.round(&mut limit))];
        for (name, stepper) in &mut self.steppers {
            all.push((name.clone(), self.stopwatch.round(&mut || stepper.step())));
        }
        all
    }
}

struct Stepper {
    network: Network,
    state: RecurrentState,
    logits: Vec<f32>,
}

impl Stepper {
    fn new(network: Network) -> Self {
        Self {
            state: network.state(),
            logits: vec![0.0; SYMBOLS],
            network,
        }
    }

    fn step(&mut self) {
        self.network.step(&mut self.state, &Inputs::default());
        let known = [NONE; Factor::COUNT];
        self.network
            .logits(&self.state, Factor::Pitch, &known, &mut self.logits);
        black_box(&self.logits);
    }
}
