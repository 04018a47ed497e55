//! What a training run tells while it goes on and when it ends.
//!
//! Made by the trainer, shown by the command line, kept as lines of JSON in the run folder.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::evaluate::figures::Figures;

/// A sign of life from the trainer.
#[derive(Clone, Debug)]
pub enum Progress {
    /// The first message of a run, resumed or not.
    Started {
        /// Trainable numbers in the network.
        parameters: usize,
        train_notes: u64,
        valid_notes: u64,
        /// In all.
        epochs: u32,
        /// Batches in all epochs together, as far as can be told now.
        steps: u64,
        /// Batches done before (by a run that is resumed).
        done: u64,
        /// Whether that was all of them.
        finished: bool,
        /// A report for each epoch done before.
        reports: Vec<EpochReport>,
    },
    /// What the model that the run goes on from does on the validation tunes.
    Before(Figures),
    Batch {
        /// Counted from 1.
        epoch: u32,
        /// Batches done in all epochs together.
        step: u64,
        /// Batches in all epochs together.
        steps: u64,
        /// Training bits of this epoch so far.
        train: Figures,
        notes_per_second: f64,
    },
    /// An epoch ended and the network was measured on the validation tunes.
    Epoch(EpochReport),
    /// Something worth knowing that does not stop the run.
    Warning(String),
}

/// An epoch: once through the training tunes, as a line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// Counted from 1.
    pub epoch: u32,
    /// Batches done in all epochs together.
    pub step: u64,
    /// Learning rate at its end.
    pub learning_rate: f64,
    /// Mean over the epoch, with dropout and transposition.
    pub train: Figures,
    /// On the validation tunes, without either.
    pub valid: Figures,
    pub best: bool,
    /// Time spent learning in it.
    pub seconds: f64,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The checkpoint with the best validation figures, once an epoch was completed.
    pub best: Option<PathBuf>,
    pub last: PathBuf,
    /// False where it was stopped and can be resumed.
    pub finished: bool,
    /// The epochs without a better one after which it ended, where that ended it.
    pub patience: Option<u32>,
    /// Whole epochs done.
    pub epochs: u32,
    /// The best epoch and its validation figures.
    pub best_epoch: Option<(u32, Figures)>,
}
