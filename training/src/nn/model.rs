//! The network as it is trained: embeddings, recurrent layers and heads on Candle's tensors.
//!
//! The same network as [`harmonai_core::model::network`], for many streams of tunes at once. Its
//! parameters lie in a few flat tensors (all embeddings; each layer; all heads) which, end to
//! end, hold the tensors of [`Config::tensors`] in that order. Used by the trainer.

use anyhow::{Context, Result};
use candle_core::{Device, Tensor, Var};
use harmonai_core::model::cadence::Cadence;
use harmonai_core::model::checkpoint::{Card, Checkpoint, Header, Precision};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::memory;

use crate::data::batches::Batch;
use crate::nn::dropout::Dropout;
use crate::nn::embedding::Embedding;
use crate::nn::heads::{Heads, Nll};
use crate::nn::recurrent::{BatchShape, Layer, LayerShape, RecurrentState};
use crate::random::Noise;

/// Standard deviation of the first embeddings. With smaller ones the network needs several epochs
/// to begin to listen.
const EMBEDDING_DEVIATION: f32 = 0.35;

/// Reach of the first weights, in units of one over the root of the hidden size. At 1, as torch has
/// it, signals die away on their way up, and the pitches are not learnt for the first 300 steps.
const REACH: f32 = 2.0;

/// A network in training.
pub struct Model {
    config: Config,
    device: Device,
    embedding: Embedding,
    layers: Vec<Layer>,
    heads: Heads,
    parameters: Vec<Var>,
}

/// What differs between learning and measuring.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// Measure.
    Measure,
    /// Learn: drop this share of the activations, chosen by this noise.
    Learn(f64, Noise),
}

impl Model {
    /// A network that knows nothing yet.
    pub fn new(config: Config, seed: u64, device: Device) -> Result<Self> {
        let noise = Noise::new(seed, 0x1417);
        let hidden = config.hidden();
        let reach = REACH / (hidden as f32).sqrt();
        let specs = config.tensors();
        let values = specs.iter().enumerate().flat_map(|(i, spec)| {
            let (noise, n) = (noise.branch(i as u64), spec.len());
            match spec.name.split_once('.') {
                Some(("embed", _)) => noise.normal(n, EMBEDDING_DEVIATION),
                Some(("rnn", _)) => {
                    let mut values = noise.uniform(n, reach);
                    if config.cell() == Cell::Lstm && spec.name.contains("bias_ih") {
                        // The forget gates begin open.
                        values[hidden..2 * hidden]
                            .iter_mut()
                            .for_each(|bias| *bias += 1.0);
                    }
                    values
                }
                Some(("memory", _)) if spec.name.ends_with(".agreement.weight") => {
                    memory::initial_log_weights()[..n].to_vec()
                }
                Some(("head", _)) if spec.shape.len() == 2 => noise.uniform(n, reach),
                _ => vec![0.0; n],
            }
        });
        let values: Vec<f32> = values.collect();
        Self::with_values(config, &values, device)
    }

    /// The network of a checkpoint.
    pub fn from_checkpoint(checkpoint: &Checkpoint, device: Device) -> Result<Self> {
        let config = checkpoint.header.config.clone();
        Self::with_values(config, &checkpoint.tensors.concat(), device)
    }

    fn with_values(config: Config, mut values: &[f32], device: Device) -> Result<Self> {
        let embedding = Embedding::new(&config);
        let heads = Heads::new(&config);
        let layers: Vec<Layer> = (0..config.layers())
            .map(|k| LayerShape {
                cell: config.cell(),
                input: config.input_size(k),
                hidden: config.hidden(),
            })
            .map(Layer::new)
            .collect();
        let mut sizes = vec![embedding.parameters()];
        sizes.extend(layers.iter().map(|layer| layer.shape().parameters()));
        sizes.push(heads.parameters());
        let mut parameters = Vec::new();
        for size in sizes {
            let (own, rest) = values
                .split_at_checked(size)
                .context("too few parameters")?;
            parameters.push(Var::from_slice(own, size, &device)?);
            values = rest;
        }
        anyhow::ensure!(values.is_empty(), "{} parameters too many", values.len());
        Ok(Self {
            config,
            device,
            embedding,
            layers,
            heads,
            parameters,
        })
    }

    /// Its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the optimiser moves.
    pub fn parameters(&self) -> &[Var] {
        &self.parameters
    }

    /// The layers' states before anything is read, for `rows` streams.
    pub fn initial_states(&self, rows: usize) -> Vec<RecurrentState> {
        self.layers
            .iter()
            .map(|layer| RecurrentState::new(layer.shape(), rows))
            .collect()
    }

    /// The mean loss of a batch in nats a step, and the likelihoods of every step and factor.
    /// `states` go on from what they were to what they are after the batch.
    pub fn loss(
        &self,
        batch: &Batch,
        states: &mut [RecurrentState],
        mode: Mode,
    ) -> Result<(Tensor, Nll)> {
        let dropout = |place: u64| match mode {
            Mode::Measure => Dropout::NONE,
            Mode::Learn(rate, noise) => Dropout::new(rate, noise.branch(place)),
        };
        let part = |k: usize| match mode {
            // Nothing is recorded for a backward pass.
            Mode::Measure => self.parameters[k].as_detached_tensor(),
            Mode::Learn(..) => self.parameters[k].as_tensor().clone(),
        };
        let shape = BatchShape {
            time: batch.time,
            rows: batch.rows,
            resets: batch.resets.clone(),
        };
        let mut x = self
            .embedding
            .run(&part(0), &batch.inputs, batch.rows, dropout(0))?;
        for (k, (layer, state)) in self.layers.iter().zip(states).enumerate() {
            x = layer.run(&x, &part(k + 1), state, &shape, dropout(k as u64 + 1))?;
        }
        let learn = matches!(mode, Mode::Learn(..));
        let weights = part(self.layers.len() + 1);
        Ok(self.heads.run(&x, &weights, batch, learn)?)
    }

    /// The flat parameters' values.
    pub fn values(&self) -> Result<Vec<Vec<f32>>> {
        let values = self
            .parameters
            .iter()
            .map(|parameter| Ok(parameter.to_vec1::<f32>()?));
        values.collect()
    }

    /// Puts back what [`Model::values`] gave.
    pub fn set_values(&self, values: &[Vec<f32>]) -> Result<()> {
        anyhow::ensure!(
            values.len() == self.parameters.len(),
            "the state is of another network"
        );
        for (parameter, values) in self.parameters.iter().zip(values) {
            let n = parameter.elem_count();
            anyhow::ensure!(
                values.len() == n,
                "the state is of a network of another size"
            );
            parameter.set(&Tensor::from_slice(values, n, &self.device)?)?;
        }
        Ok(())
    }

    /// The weights as a checkpoint, with how the music's tunes ended.
    pub fn checkpoint(&self, cadence: Option<Cadence>, card: Card) -> Result<Checkpoint> {
        let values = self.values()?.concat();
        let mut rest = &values[..];
        let specs = self.config.tensors();
        let tensors = specs.iter().map(|spec| {
            let (own, others) = rest.split_at(spec.len());
            rest = others;
            own.to_vec()
        });
        let tensors = tensors.collect();
        let header = Header {
            config: self.config.clone(),
            cadence,
            weights: Precision::F32,
            card,
        };
        Ok(Checkpoint { header, tensors })
    }
}
