//! What a training run tells while it goes on and when it ends.
//!
//! Made by the trainer, shown by the command line, kept as lines of JSON in the run folder.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Bits a note: the network's mean surprise, spread of coarse time symbols included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bits {
    /// The key, or that the phrase ends.
    pub pitch: f64,
    /// Time to the next onset; for the last note its duration.
    pub onset_interval: f64,
    /// How long it sounds.
    pub duration: f64,
    /// How hard, where the music says so.
    pub velocity: Option<f64>,
    /// All symbols of the grid; then there is nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<f64>,
}

impl Bits {
    /// Pitch and onset interval, or all of the grid.
    pub fn sum(&self) -> f64 {
        self.pitch + self.onset_interval + self.grid.unwrap_or(0.0)
    }

    /// All factors.
    pub fn total(&self) -> f64 {
        self.sum() + self.duration + self.velocity.unwrap_or(0.0)
    }

    /// Whether every figure is a number.
    pub fn is_finite(&self) -> bool {
        self.total().is_finite()
    }

    /// Each by its name.
    fn named(&self) -> Vec<(&'static str, f64)> {
        if let Some(grid) = self.grid {
            return vec![("all symbols", grid)];
        }
        let mut named = vec![
            ("pitch", self.pitch),
            ("onset interval", self.onset_interval),
            ("duration", self.duration),
        ];
        named.extend(self.velocity.map(|velocity| ("velocity", velocity)));
        named
    }
}

/// What a network was measured at, without its memory and with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The network alone.
    pub plain: Bits,
    /// The network with its memory.
    pub memory: Bits,
}

impl Figures {
    /// Mean of both sums: what checkpoints are chosen by.
    pub fn sum(&self) -> f64 {
        0.5 * (self.plain.sum() + self.memory.sum())
    }

    /// What is minimised: all factors, mean of both, in bits a note.
    pub fn loss(&self) -> f64 {
        0.5 * (self.plain.total() + self.memory.total())
    }

    /// Whether every figure is a number.
    pub fn is_finite(&self) -> bool {
        self.plain.is_finite() && self.memory.is_finite()
    }

    /// Each by its name on a checkpoint's card, measured on `split`.
    pub fn named(&self, split: &str) -> Vec<(String, f64)> {
        let title = |way: &str, name: &str| format!("{split}{way}: {name}, bits per note");
        let mut named = Vec::new();
        for (name, value) in self.memory.named() {
            named.push((title("", name), value));
        }
        // The grid has no memory to be without.
        if self.plain.grid.is_none() {
            for (name, value) in self.plain.named() {
                named.push((title(" without memory", name), value));
            }
        }
        named
    }
}

impl fmt::Display for Figures {
    /// In a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = &self.memory;
        write!(f, "{:.3} bits a note", bits.sum())?;
        if bits.grid.is_some() {
            return Ok(());
        }
        write!(
            f,
            " (pitch {:.3}, interval {:.3}, duration {:.3}), {:.3} without memory",
            bits.pitch,
            bits.onset_interval,
            bits.duration,
            self.plain.sum()
        )
    }
}

/// A sign of life from the trainer.
#[derive(Clone, Debug)]
pub enum Progress {
    /// The first message of a run, resumed or not.
    Started {
        /// Trainable numbers in the network.
        parameters: usize,
        /// Notes of the training tunes.
        train_notes: u64,
        /// Notes of the validation tunes.
        valid_notes: u64,
        /// Passes in all.
        epochs: u32,
        /// Batches in all passes together, as far as can be told now.
        steps: u64,
        /// Batches done before (by a run that is resumed).
        done: u64,
        /// A report for each pass done before.
        reports: Vec<EpochReport>,
    },
    /// What the model that the run goes on from does on the validation tunes.
    Before(Figures),
    /// A batch was learnt.
    Batch {
        /// The pass, from 1.
        epoch: u32,
        /// Batches done in all passes together.
        step: u64,
        /// Batches in all passes together.
        steps: u64,
        /// Training bits of this pass so far.
        train: Figures,
        /// Speed of this batch.
        notes_per_second: f64,
    },
    /// A pass ended and the network was measured on the validation tunes.
    Epoch(EpochReport),
    /// Something worth knowing that does not stop the run.
    Warning(String),
}

/// A pass over the training tunes, as a line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// The pass, from 1.
    pub epoch: u32,
    /// Batches done in all passes together.
    pub step: u64,
    /// Learning rate at its end.
    pub learning_rate: f64,
    /// Mean over the pass, with dropout and transposition.
    pub train: Figures,
    /// On the validation tunes, without either.
    pub valid: Figures,
    /// Whether it is the best so far.
    pub best: bool,
    /// Time spent learning in it.
    pub seconds: f64,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The checkpoint with the best validation figures, once an epoch was completed.
    pub best: Option<PathBuf>,
    /// The last checkpoint.
    pub last: PathBuf,
    /// False where it was stopped and can be resumed.
    pub finished: bool,
    /// The passes without a better one after which it ended, where that ended it.
    pub patience: Option<u32>,
    /// Whole passes done.
    pub epochs: u32,
    /// The best pass and its validation figures.
    pub best_epoch: Option<(u32, Figures)>,
}
