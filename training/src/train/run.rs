//! The run folder: what a training run leaves behind and what it is resumed from.
//!
//! ```text
//! run.json             options and the music's fingerprint, written once
//! base.safetensors     the model that it began from, if any
//! best.safetensors     the checkpoint with the best validation figures
//! last.safetensors     the newest checkpoint
//! state.safetensors    weights, optimiser, memory, place in the run: all that resuming needs;
//!                      written last of all after a pass
//! metrics.jsonl        a line for each pass
//! ```
//!
//! Every file is written whole or not at all. Used by the trainer, on its thread.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::music::melody::Melody;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};

use crate::evaluate::bits::Score;
use crate::nn::recurrent::Memory;
use crate::train::files::write_whole;
use crate::train::lock::Claim;
use crate::train::options::TrainOptions;
use crate::train::report::{EpochReport, Figures};

const RUN: &str = "run.json";
const BEST: &str = "best.safetensors";
const LAST: &str = "last.safetensors";
const BASE: &str = "base.safetensors";
const STATE: &str = "state.safetensors";
const METRICS: &str = "metrics.jsonl";
/// Where a state's [`Place`] stands in its file's metadata.
const PLACE: &str = "place";

/// A folder of one training run.
pub struct Run {
    folder: PathBuf,
    /// Of a run that is written to.
    claim: Option<Claim>,
}

/// What `run.json` holds.
#[derive(Serialize, Deserialize)]
struct Start {
    options: TrainOptions,
    train: String,
    valid: String,
}

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Whole passes done.
    pub epoch: u32,
    /// Batches done in the pass after them.
    pub batch: usize,
    /// Batches done in all.
    pub step: u64,
    /// Sums of the unfinished pass.
    pub score: Score,
    /// Seconds spent in it.
    pub seconds: f64,
    /// What the model that it began from did on the validation tunes.
    #[serde(default)]
    pub before: Option<Figures>,
    /// A report for each pass done.
    pub reports: Vec<EpochReport>,
}

impl Place {
    /// The best pass so far.
    pub fn best(&self) -> Option<&EpochReport> {
        self.reports.iter().rfind(|report| report.best)
    }
}

/// Everything that a run goes on from.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// How far it has come.
    pub place: Place,
    /// The network's flat parameters.
    pub parameters: Vec<Vec<f32>>,
    /// The optimiser's two moments of each.
    pub moments: Vec<[Vec<f32>; 2]>,
    /// The layers' memory.
    pub memories: Vec<Memory>,
    /// The mean of the weights, where it is kept.
    pub average: Vec<Vec<f32>>,
}

impl Run {
    fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            claim: None,
        }
    }

    /// Makes the folder for a new run. One that holds a run already is left alone.
    pub fn create(options: &TrainOptions, train: &[Melody], valid: &[Melody]) -> Result<Self> {
        let mut run = Self::at(&options.out);
        for name in [RUN, STATE, BEST, LAST] {
            if run.path(name).exists() {
                bail!(
                    "{} holds a training run already: go on with --resume, or name another folder",
                    run.folder.display()
                );
            }
        }
        fs::create_dir_all(&run.folder)
            .with_context(|| format!("cannot make the folder {}", run.folder.display()))?;
        run.claim = Some(Claim::new(&run.folder)?);
        if let Some(base) = &options.base {
            run.save_checkpoint(&run.path(BASE), base)?;
        }
        let start = Start {
            options: options.clone(),
            train: fingerprint(train),
            valid: fingerprint(valid),
        };
        write_whole(&run.path(RUN), &serde_json::to_vec_pretty(&start)?)?;
        Ok(run)
    }

    /// Opens the folder of an earlier run with the same options and music, and gives the card of
    /// its first start back.
    pub fn resume(options: &mut TrainOptions, train: &[Melody], valid: &[Melody]) -> Result<Self> {
        let mut run = Self::at(&options.out);
        let start = run.start()?;
        run.claim = Some(Claim::new(&run.folder)?);
        options.card = start.options.card.clone();
        options.base = Self::base(&run.folder)?;
        let place = run.folder.display();
        let (old, new) = (
            serde_json::to_value(&start.options)?,
            serde_json::to_value(&*options)?,
        );
        if let (Some(old), Some(new)) = (old.as_object(), new.as_object()) {
            for (name, value) in old {
                if name != "device" && new.get(name) != Some(value) {
                    let new = new.get(name).unwrap_or(&serde_json::Value::Null);
                    bail!(
                        "{place} was begun with {name} = {value}, not {new}: it cannot be resumed"
                    );
                }
            }
        }
        if (fingerprint(train), fingerprint(valid)) != (start.train, start.valid) {
            bail!("{place} was begun with other music: it cannot be resumed");
        }
        Ok(run)
    }

    /// The options that the run in `folder` was begun with.
    pub fn options(folder: &Path) -> Result<TrainOptions> {
        let run = Self::at(folder);
        Ok(TrainOptions {
            out: folder.to_owned(),
            ..run.start()?.options
        })
    }

    /// Where the newest checkpoint of the run in `folder` is.
    pub fn newest(folder: &Path) -> PathBuf {
        folder.join(LAST)
    }

    /// Whether a checkpoint holds the network as it was right after a pass.
    pub fn is_of_pass(checkpoint: &Path, epoch: u32) -> bool {
        // A device in its place may go on for ever.
        if !checkpoint.is_file() {
            return false;
        }
        let bytes = fs::read(checkpoint).unwrap_or_default();
        Checkpoint::read(&bytes).is_ok_and(|checkpoint| {
            // A run that is stopped within a pass has no figures for what it learnt there.
            let card = &checkpoint.header.card;
            card.epochs == epoch && !card.metrics.is_empty()
        })
    }

    /// The model that the run in `folder` began from, if it did.
    pub fn base(folder: &Path) -> Result<Option<Checkpoint>> {
        let path = folder.join(BASE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let base = Checkpoint::read(&bytes);
        Ok(Some(base.with_context(|| {
            format!("{} is damaged: the run cannot be resumed", path.display())
        })?))
    }

    fn start(&self) -> Result<Start> {
        let path = self.path(RUN);
        let text = fs::read(&path).with_context(|| {
            format!("there is no run to resume: cannot read {}", path.display())
        })?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{} is no record of a run", path.display()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where the checkpoint with the best figures is.
    pub fn best(&self) -> PathBuf {
        self.path(BEST)
    }

    /// Where the newest checkpoint is.
    pub fn last(&self) -> PathBuf {
        self.path(LAST)
    }

    /// Puts a checkpoint in its place.
    pub fn save_checkpoint(&self, path: &Path, checkpoint: &Checkpoint) -> Result<()> {
        write_whole(path, &checkpoint.write())
    }

    /// Puts the reports of all passes in their place.
    pub fn save_reports(&self, reports: &[EpochReport]) -> Result<()> {
        let mut lines = Vec::new();
        for report in reports {
            serde_json::to_writer(&mut lines, report)?;
            lines.push(b'\n');
        }
        write_whole(&self.path(METRICS), &lines)
    }

    /// Puts the state in its place.
    pub fn save_state(&self, state: &State) -> Result<()> {
        let mut named: Vec<(String, &[f32])> = Vec::new();
        for (k, values) in state.parameters.iter().enumerate() {
            named.push((format!("parameter.{k}"), values));
        }
        for (k, [first, second]) in state.moments.iter().enumerate() {
            named.push((format!("first.{k}"), first));
            named.push((format!("second.{k}"), second));
        }
        for (k, memory) in state.memories.iter().enumerate() {
            named.push((format!("hidden.{k}"), &memory.hidden));
            named.push((format!("cell.{k}"), &memory.cell));
        }
        for (k, values) in state.average.iter().enumerate() {
            named.push((format!("average.{k}"), values));
        }
        let bytes: Vec<(String, usize, Vec<u8>)> = named
            .into_iter()
            .map(|(name, values)| {
                let bytes = values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
                (name, values.len(), bytes)
            })
            .collect();
        let views = bytes
            .iter()
            .map(|(name, n, bytes)| Ok((name, TensorView::new(Dtype::F32, vec![*n], bytes)?)));
        let views = views.collect::<Result<Vec<_>>>()?;
        let place = serde_json::to_string(&state.place)?;
        let metadata = HashMap::from([(PLACE.to_owned(), place)]);
        write_whole(&self.path(STATE), &serialize(views, Some(metadata))?)
    }

    /// The state to go on from, or none where the run was stopped before it had one.
    pub fn load_state(&self) -> Result<Option<State>> {
        let path = self.path(STATE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let state = parse_state(&bytes)
            .with_context(|| format!("{} is damaged: it cannot be resumed", path.display()))?;
        Ok(Some(state))
    }
}

fn parse_state(bytes: &[u8]) -> Result<State> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let place = metadata.metadata().as_ref().and_then(|map| map.get(PLACE));
    let place = serde_json::from_str(place.context("it does not say where the run was")?)?;
    let file = SafeTensors::deserialize(bytes)?;
    let values = |name: &str, k: usize| -> Option<Vec<f32>> {
        let tensor = file.tensor(&format!("{name}.{k}")).ok()?;
        let (values, _) = tensor.data().as_chunks::<4>();
        Some(
            values
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes))
                .collect(),
        )
    };
    let moment = |k: usize| Some([values("first", k)?, values("second", k)?]);
    let memory = |k: usize| {
        Some(Memory {
            hidden: values("hidden", k)?,
            cell: values("cell", k)?,
        })
    };
    Ok(State {
        place,
        parameters: (0..).map_while(|k| values("parameter", k)).collect(),
        moments: (0..).map_while(moment).collect(),
        memories: (0..).map_while(memory).collect(),
        average: (0..).map_while(|k| values("average", k)).collect(),
    })
}

/// Tells one collection of tunes from another.
fn fingerprint(tunes: &[Melody]) -> String {
    // FNV-1a over everything that is learnt from.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for tune in tunes {
        add(tune.style().unwrap_or("").as_bytes());
        add(&[0, tune.metre().numerator(), tune.metre().denominator()]);
        for note in tune.notes() {
            add(&note.onset.get().to_le_bytes());
            add(&note.duration.get().to_le_bytes());
            add(&[
                note.pitch.get(),
                note.velocity.map_or(0, |velocity| velocity.get()),
            ]);
        }
    }
    format!("{} tunes, {hash:016x}", tunes.len())
}

#[cfg(test)]
mod tests;
