//! How fast a network learns here: steps of training on made-up music, timed.
//!
//! A step is all that the trainer does for a batch: laying it out, there, back, and moving the
//! weights. Called by the `speed` command, on the main thread.

use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::Device;
use harmonai_core::model::vocabulary::NONE;
use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use rand::RngExt;
use serde::Serialize;

use crate::data::batches::Streams;
use crate::nn::model::{Mode, Model};
use crate::nn::optimizer::AdamW;
use crate::nn::recurrent::RecurrentState;
use crate::random::Noise;
use crate::train::config::TrainConfig;

/// Notes of a made-up tune, about as many as a folk tune has.
const TUNE: u64 = 80;

/// A network that learns.
pub struct Learner {
    model: Model,
    optimizer: AdamW,
    streams: Streams,
    memories: Vec<RecurrentState>,
    config: TrainConfig,
    steps: u64,
}

/// What a round was.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Round {
    /// Steps of the network with something to predict, over all streams.
    pub tokens: u64,
    pub seconds: f64,
    /// The last batch's loss, in nats a token.
    pub loss: f32,
}

impl Learner {
    /// A network that knows nothing, and music for `batches` different batches.
    pub fn new(config: &TrainConfig, device: Device, batches: usize) -> Result<Self> {
        let (network, config) = (config.network()?, config.clone());
        let tokens = (config.batch * config.seq_len * batches) as u64;
        // A tune ends with a token of its own.
        let tunes: Vec<Melody> = (0..tokens / TUNE + 1).map(tune).collect::<Result<_>>()?;
        let (batch, noise) = (config.batch, Noise::new(1, 0));
        let streams = Streams::shuffled(&tunes, &network, batch, config.seq_len, noise);
        let model = Model::new(network, 1, device)?;
        let optimizer = AdamW::new(model.parameters(), config.weight_decay)?;
        Ok(Self {
            memories: model.initial_states(streams.rows()),
            model,
            optimizer,
            streams,
            config,
            steps: 0,
        })
    }

    /// Learns from this many batches in a row.
    pub fn round(&mut self, batches: u64) -> Result<Round> {
        let (begun, mut tokens, mut last) = (Instant::now(), 0, f32::NAN);
        for _ in 0..batches {
            let whole = self.streams.batches() as u64 - 1;
            let batch = self.streams.batch((self.steps % whole.max(1)) as usize);
            let noise = Noise::new(1, 1).branch(self.steps);
            let mode = Mode::Learn(self.config.dropout, noise);
            let (loss, _) = self.model.loss(&batch, &mut self.memories, mode)?;
            self.optimizer
                .step(&loss.backward()?, self.config.learning_rate)?;
            last = loss.to_scalar()?;
            let known = batch.targets.iter().filter(|targets| targets[0] != NONE);
            tokens += known.count() as u64;
            self.steps += 1;
        }
        Ok(Round {
            tokens,
            seconds: begun.elapsed().as_secs_f64(),
            loss: last,
        })
    }
}

/// A tune made up at random.
fn tune(index: u64) -> Result<Melody> {
    let mut rng = Noise::new(7, index).rng();
    let mut onset = 0;
    let notes = (0..TUNE).map(|_| {
        let length = 12 * rng.random_range(1..=4);
        onset += length;
        Note {
            onset: Ticks::new(onset - length),
            duration: Ticks::new(length),
            pitch: Pitch::clamped(rng.random_range(55..79)),
            velocity: Some(Velocity::clamped(rng.random_range(40..100))),
        }
    });
    let notes: Vec<Note> = notes.collect();
    Melody::new(format!("tune {index}"), None, Metre::COMMON, notes).context("a made-up tune")
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::config::Cell;

    use super::*;

    #[test]
    fn it_learns_from_as_many_tokens_as_it_says() {
        let config = TrainConfig {
            cell: Cell::Gru,
            layers: 1,
            hidden: 16,
            embedding: 8,
            batch: 4,
            seq_len: 16,
            ..TrainConfig::default()
        };
        let mut learner = Learner::new(&config, Device::Cpu, 20).unwrap();
        let first = learner.round(1).unwrap();
        assert_eq!(first.tokens, 64);
        let mut last = first;
        for _ in 0..15 {
            last = learner.round(4).unwrap();
        }
        assert_eq!(last.tokens, 256);
        assert!(
            last.loss < 0.9 * first.loss,
            "{} of {}",
            last.loss,
            first.loss
        );
    }
}
