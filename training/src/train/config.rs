//! The configuration of a training run: everything that decides its outcome, next to the music
//! itself.
//!
//! The defaults for a new run, or for one that goes on from a model, with what the command line lays
//! over them; kept whole in the run folder's
//! `run.json`, so that a run is resumed with the same one; read by the trainer. Main thread.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::vocabulary::{Factor, Feature};
use serde::{Deserialize, Serialize};

use crate::train::device::DeviceChoice;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainConfig {
    /// The music, by absolute paths. It may move: that it is the same is checked by its notes.
    pub data: Vec<PathBuf>,
    /// The model that the run begins from, as it was named.
    pub from: Option<String>,
    pub cell: Cell,
    pub layers: usize,
    pub hidden: usize,
    pub embedding: usize,
    /// The styles that the network tells apart: those of the model in `from`, then the music's.
    pub styles: Vec<String>,
    /// What the network reads.
    pub features: Vec<Feature>,
    /// What it predicts; velocities only where the music has them.
    pub factors: Vec<Factor>,
    /// Steps after which gradients are cut; the network's state is carried on.
    pub seq_len: usize,
    /// Streams of tunes that are read side by side, at most.
    pub batch: usize,
    pub epochs: u32,
    /// The highest one, reached after the warm-up.
    pub learning_rate: f64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// Share of activations dropped, 0 to below 1.
    pub dropout: f64,
    /// The run ends after this many epochs without a better one.
    pub patience: Option<u32>,
    /// Checkpoints hold the mean of the weights over about this many batches.
    pub average: Option<u32>,
    /// Every random choice follows from it.
    pub seed: u64,
    pub device: DeviceChoice,
    pub name: String,
    pub licence: String,
    /// What styles are called in lists, by their own names.
    pub style_names: BTreeMap<String, String>,
}

/// A network of HarmonAI's own size, trained from nothing.
impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            data: Vec::new(),
            from: None,
            cell: Cell::Lstm,
            layers: 2,
            hidden: 384,
            embedding: 192,
            styles: Vec::new(),
            features: Feature::ALL.to_vec(),
            factors: Factor::ALL.to_vec(),
            seq_len: 64,
            batch: 32,
            epochs: 12,
            learning_rate: 3e-3,
            weight_decay: 1e-2,
            dropout: 0.2,
            patience: None,
            average: None,
            seed: 1,
            device: DeviceChoice::Auto,
            name: String::new(),
            licence: String::new(),
            style_names: BTreeMap::new(),
        }
    }
}

impl TrainConfig {
    /// A run that goes on from a model: its network, and a rate that is gentle with what it has
    /// learnt (see `training/EXPERIMENTS.md`).
    pub fn finetuning(base: &Checkpoint) -> Self {
        let (network, card) = (&base.header.config, &base.header.card);
        Self {
            cell: network.cell(),
            layers: network.layers(),
            hidden: network.hidden(),
            embedding: network.embedding(),
            styles: network.styles().to_vec(),
            features: network.features().to_vec(),
            factors: network.factors().to_vec(),
            epochs: 20,
            learning_rate: 2e-4,
            // What it was made of is still in it.
            licence: card.licence.clone(),
            style_names: card.style_names.clone(),
            ..Self::default()
        }
    }

    /// The network's shape.
    pub fn network(&self) -> Result<Config> {
        let styles = self.styles.clone();
        let shape = Config::new(self.cell, self.layers, self.hidden, self.embedding, styles)?;
        let shape = shape.with_features(self.features.clone())?;
        Ok(shape.with_factors(self.factors.clone())?)
    }

    /// Refuses what cannot be trained with.
    pub fn check(&self) -> Result<()> {
        self.network()?;
        if self.seq_len == 0 || self.batch == 0 || self.epochs == 0 {
            bail!("sequence length, batch and epochs must be at least 1");
        }
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            bail!("learning rate must be above 0, not {}", self.learning_rate);
        }
        if !(self.weight_decay.is_finite() && self.weight_decay >= 0.0) {
            bail!("weight decay must be at least 0, not {}", self.weight_decay);
        }
        if self.patience == Some(0) || self.average == Some(0) {
            bail!("patience and average must be at least 1; leave them out to have neither");
        }
        if !(0.0..1.0).contains(&self.dropout) {
            let dropout = self.dropout;
            bail!("dropout must be at least 0 and below 1, not {dropout}");
        }
        Ok(())
    }
}
