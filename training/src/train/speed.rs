//! How fast a network learns here: steps of training on made-up music, timed.
//!
//! A step is all that the trainer does for a batch: laying it out, there, back, and moving the
//! weights. Called by the `speed` command, on the main thread.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use candle_core::Device;
use harmonai_core::model::config::Config;
use harmonai_core::model::vocabulary::NONE;
use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};

use crate::data::batches::Streams;
use crate::nn::model::{Mode, Model};
use crate::nn::noise::Noise;
use crate::nn::optimizer::AdamW;
use crate::nn::recurrent::Memory;
use crate::train::options::{DROPOUT, LEARNING_RATE};

/// Notes of a made-up tune, about as many as a folk tune has.
const TUNE: u64 = 80;

/// What is timed.
#[derive(Clone, Debug)]
pub struct Task {
    /// The network.
    pub config: Config,
    /// Streams side by side.
    pub batch: usize,
    /// Steps of a batch.
    pub sequence: usize,
    /// Where to compute.
    pub device: Device,
}

/// A network that learns.
pub struct Learner {
    model: Model,
    optimizer: AdamW,
    streams: Streams,
    memories: Vec<Memory>,
    steps: u64,
}

/// What a round was.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Steps of the network with something to predict, over all streams.
    pub tokens: u64,
    /// How long they took.
    pub time: Duration,
    /// The last batch's loss, in nats a token.
    pub loss: f32,
}

impl Learner {
    /// A network that knows nothing, and music for `batches` different batches.
    pub fn new(task: &Task, batches: usize) -> Result<Self> {
        let tokens = (task.batch * task.sequence * batches) as u64;
        // A tune ends with a token of its own, and is as many sixteenths as notes at the least.
        let tunes: Vec<Melody> = (0..tokens / TUNE + 1).map(tune).collect::<Result<_>>()?;
        let noise = Noise::new(1, 0);
        let streams = Streams::shuffled(&tunes, &task.config, task.batch, task.sequence, noise);
        let model = Model::new(task.config.clone(), true, 1, task.device.clone())?;
        let optimizer = AdamW::new(model.parameters(), 1e-2)?;
        Ok(Self {
            memories: model.memories(streams.rows()),
            model,
            optimizer,
            streams,
            steps: 0,
        })
    }

    /// Learns from so many batches in a row.
    pub fn round(&mut self, batches: u64) -> Result<Round> {
        let (begun, mut tokens, mut last) = (Instant::now(), 0, f32::NAN);
        for _ in 0..batches {
            let whole = self.streams.batches() as u64 - 1;
            let batch = self.streams.batch((self.steps % whole.max(1)) as usize);
            let noise = Noise::new(1, 1).branch(self.steps);
            let mode = Mode::Learn(DROPOUT, noise);
            let (loss, _) = self.model.loss(&batch, &mut self.memories, mode)?;
            self.optimizer.step(&loss.backward()?, LEARNING_RATE)?;
            last = loss.to_scalar()?;
            let known = batch.targets.iter().filter(|targets| targets[0] != NONE);
            tokens += known.count() as u64;
            self.steps += 1;
        }
        Ok(Round {
            tokens,
            time: begun.elapsed(),
            loss: last,
        })
    }
}

/// A tune out of the hat.
fn tune(index: u64) -> Result<Melody> {
    let noise = Noise::new(7, index);
    let mut onset = 0;
    let notes = (0..TUNE).map(|i| {
        let length = 12 * (1 + noise.below(3 * i, 4) as i64);
        onset += length;
        Note {
            onset: Ticks::new(onset - length),
            duration: Ticks::new(length),
            pitch: Pitch::clamped(55 + noise.below(3 * i + 1, 24) as i64),
            velocity: Some(Velocity::clamped(40 + noise.below(3 * i + 2, 60) as i64)),
        }
    });
    let notes: Vec<Note> = notes.collect();
    Melody::new(format!("tune {index}"), None, Metre::COMMON, notes)
        .context("a tune out of the hat")
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::config::Cell;

    use super::*;

    #[test]
    fn it_learns_from_as_many_tokens_as_it_says() {
        let task = Task {
            config: Config::new(Cell::Gru, 1, 16, 8, Vec::new()).unwrap(),
            batch: 4,
            sequence: 16,
            device: Device::Cpu,
        };
        let mut learner = Learner::new(&task, 20).unwrap();
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
