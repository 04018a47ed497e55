//! The run folder: what a training run leaves behind and what it is resumed from.
//!
//! ```text
//! run.json             configuration, card and the music's fingerprints (`record.rs`)
//! base.safetensors     the model that it began from, if any
//! best.safetensors     the checkpoint of the epoch with the best validation figures
//! last.safetensors     the newest checkpoint
//! state.safetensors    weights, optimiser, place in the run: all that resuming needs (`state.rs`);
//!                      written last of all after an epoch
//! metrics.jsonl        a line for each epoch
//! ```
//!
//! Every file is written whole or not at all. Used by the trainer, on its thread.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::{Card, Checkpoint};
use harmonai_core::music::melody::Melody;

use crate::data::fingerprint;
use crate::files::{read_bytes, write_whole};
use crate::train::config::TrainConfig;
use crate::train::lock::lock;
use crate::train::record::{self, Record};
use crate::train::report::EpochReport;
use crate::train::state;

const BEST: &str = "best.safetensors";
const LAST: &str = "last.safetensors";
const BASE: &str = "base.safetensors";
const METRICS: &str = "metrics.jsonl";
/// No checkpoint is larger.
pub const LARGEST_MODEL: u64 = 4 << 30;

/// A run to begin or to go on with.
#[derive(Clone, Debug)]
pub struct Job {
    pub config: TrainConfig,
    /// What the checkpoints say of themselves; `seed`, `epochs`, `notes` and `metrics` are filled
    /// in by the trainer.
    pub card: Card,
    /// The model that the run begins from.
    pub base: Option<Checkpoint>,
    pub out: PathBuf,
    /// Whether it goes on from the run folder's state.
    pub resume: bool,
}

impl Job {
    /// The run in a folder, to go on with.
    pub fn resume(out: &Path) -> Result<Self> {
        let Record { config, card, .. } = Record::read(out)?;
        let path = out.join(BASE);
        let base = match path.exists() {
            false => None,
            true => Some(read_checkpoint(&path).with_context(|| {
                format!("{} is damaged: the run cannot be resumed", path.display())
            })?),
        };
        Ok(Self {
            config,
            card,
            base,
            out: out.to_owned(),
            resume: true,
        })
    }
}

fn read_checkpoint(path: &Path) -> Result<Checkpoint> {
    Ok(Checkpoint::read(&read_bytes(path, LARGEST_MODEL)?)?)
}

/// The folder of one training run, while it is written to.
pub struct Run {
    pub folder: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

impl Run {
    /// The folder of a new run, or of an earlier one with the same music.
    pub fn open(job: &Job, train: &[Melody], valid: &[Melody]) -> Result<Self> {
        let record = Record {
            config: job.config.clone(),
            card: job.card.clone(),
            train: fingerprint::of_music(train),
            valid: fingerprint::of_music(valid),
        };
        match job.resume {
            true => Self::resume(&job.out, &record),
            false => Self::create(job, &record),
        }
    }

    /// Makes the folder for a new run. One that holds a run already is left alone.
    fn create(job: &Job, record: &Record) -> Result<Self> {
        let folder = &job.out;
        for name in [record::FILE, state::FILE, BEST, LAST] {
            if folder.join(name).exists() {
                bail!(
                    "{} holds a training run already: go on with --resume, or name another folder",
                    folder.display()
                );
            }
        }
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let run = Self {
            folder: folder.clone(),
            _lock: lock(folder)?,
        };
        if let Some(base) = &job.base {
            write_whole(&folder.join(BASE), &base.write())?;
        }
        record.write(folder)?;
        Ok(run)
    }

    /// Opens the folder of an earlier run. Where its music lies and where it is computed may have
    /// changed since; the music itself may not.
    fn resume(folder: &Path, record: &Record) -> Result<Self> {
        let earlier = Record::read(folder)?;
        let run = Self {
            folder: folder.to_owned(),
            _lock: lock(folder)?,
        };
        let config = TrainConfig {
            data: record.config.data.clone(),
            device: record.config.device,
            ..earlier.config.clone()
        };
        if config != record.config {
            let folder = folder.display();
            bail!("{folder} was begun with another configuration: it cannot be resumed");
        }
        if (&record.train, &record.valid) != (&earlier.train, &earlier.valid) {
            let folder = folder.display();
            bail!("{folder} was begun with other music: it cannot be resumed");
        }
        if *record != earlier {
            record.write(folder)?;
        }
        Ok(run)
    }

    /// Where the newest checkpoint of the run in `folder` is.
    pub fn newest(folder: &Path) -> PathBuf {
        folder.join(LAST)
    }

    /// Whether a checkpoint holds the network as it was right after an epoch.
    pub fn is_of_epoch(checkpoint: &Path, epoch: u32) -> bool {
        // A device in its place may go on for ever.
        checkpoint.is_file()
            && read_checkpoint(checkpoint).is_ok_and(|checkpoint| {
                // A run that is stopped within an epoch has no figures for what it learnt there.
                let card = &checkpoint.header.card;
                card.epochs == epoch && !card.metrics.is_empty()
            })
    }

    /// Where the checkpoint with the best figures is.
    pub fn best(&self) -> PathBuf {
        self.folder.join(BEST)
    }

    /// Puts the reports of all epochs in their place.
    pub fn save_reports(&self, reports: &[EpochReport]) -> Result<()> {
        let mut lines = Vec::new();
        for report in reports {
            serde_json::to_writer(&mut lines, report)?;
            lines.push(b'\n');
        }
        write_whole(&self.folder.join(METRICS), &lines)
    }
}
