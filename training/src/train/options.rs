//! What a training run is asked to do.
//!
//! Filled in by the command line, kept in the run folder so that a run can be resumed, read by
//! the trainer. Main thread.

use std::path::PathBuf;

use anyhow::{Result, bail};
use candle_core::Device;
use harmonai_core::model::checkpoint::{Card, Checkpoint};
use harmonai_core::model::config::Config;
use serde::{Deserialize, Serialize};

/// Passes over the music where no other number is given.
pub const EPOCHS: u32 = 12;
/// Highest learning rate where no other is given: what the batches of the default preset bear.
pub const LEARNING_RATE: f64 = 3e-3;
/// The same where a run goes on from a model.
pub const MORE_EPOCHS: u32 = 20;
/// Highest learning rate where a run goes on from a model: see `training/EXPERIMENTS.md`.
pub const GENTLE_RATE: f64 = 2e-4;
/// Share of activations dropped where no other is given.
pub const DROPOUT: f64 = 0.2;

/// Everything that decides how a network is trained, next to the music itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainOptions {
    /// The network's shape.
    pub config: Config,
    /// Steps after which gradients are cut; the network's state is carried on.
    pub sequence: usize,
    /// Streams of tunes that are read side by side.
    pub batch: usize,
    /// Passes over the training tunes.
    pub epochs: u32,
    /// Highest learning rate, reached after the warm-up.
    pub learning_rate: f64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// Share of activations dropped, 0 to below 1.
    pub dropout: f64,
    /// The run ends after so many passes without a better one, if ever.
    #[serde(default)]
    pub patience: Option<u32>,
    /// Checkpoints hold the mean of the weights over about so many batches, where it is wanted.
    #[serde(default)]
    pub average: Option<u32>,
    /// Every random choice follows from it.
    pub seed: u64,
    /// Where to compute.
    pub device: DeviceChoice,
    /// What the checkpoints say of themselves; `seed`, `epochs`, `notes` and `metrics` are filled
    /// in by the trainer.
    pub card: Card,
    /// The model that it begins from, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// That model, with all styles of `config`; in a run that is resumed the run folder has it.
    #[serde(skip)]
    pub base: Option<Checkpoint>,
    /// The run folder.
    #[serde(skip)]
    pub out: PathBuf,
    /// Goes on from the run folder's state. Options and music must be those of the first start.
    #[serde(skip)]
    pub resume: bool,
}

impl TrainOptions {
    /// The defaults for a network of this shape, written to `out`.
    pub fn new(config: Config, out: PathBuf) -> Self {
        Self {
            config,
            sequence: 64,
            batch: 32,
            epochs: EPOCHS,
            learning_rate: LEARNING_RATE,
            weight_decay: 1e-2,
            dropout: DROPOUT,
            patience: None,
            average: None,
            seed: 1,
            device: DeviceChoice::Auto,
            card: Card::default(),
            from: None,
            base: None,
            out,
            resume: false,
        }
    }

    /// Refuses what cannot be trained with.
    pub fn check(&self) -> Result<()> {
        if self.sequence == 0 || self.batch == 0 || self.epochs == 0 {
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
            bail!(
                "dropout must be at least 0 and below 1, not {}",
                self.dropout
            );
        }
        Ok(())
    }
}

/// Where a network is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// The graphics card this program was built for, if there is one, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The first NVIDIA card.
    Cuda,
    /// The first Apple card.
    Metal,
}

impl DeviceChoice {
    /// The device, or why it cannot be used.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda if !candle_core::utils::cuda_is_available() => {
                bail!("this program was built without CUDA: build it with `--features cuda`")
            }
            Self::Metal if !candle_core::utils::metal_is_available() => {
                bail!("this program was built without Metal: build it with `--features metal`")
            }
            Self::Cuda => Ok(Device::new_cuda(0)?),
            Self::Metal => Ok(Device::new_metal(0)?),
            Self::Auto if candle_core::utils::cuda_is_available() => Ok(Device::new_cuda(0)?),
            Self::Auto if candle_core::utils::metal_is_available() => Ok(Device::new_metal(0)?),
            Self::Auto => Ok(Device::Cpu),
        }
    }
}

impl std::str::FromStr for DeviceChoice {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            "metal" => Ok(Self::Metal),
            _ => bail!("`{text}` is no device: auto, cpu, cuda or metal"),
        }
    }
}
