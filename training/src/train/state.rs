//! `state.safetensors`: everything that a run goes on from.
//!
//! Saved and loaded by the trainer, on its thread.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};

use crate::evaluate::figures::Figures;
use crate::evaluate::nll::NllTotals;
use crate::files::{read_bytes, write_whole};
use crate::nn::recurrent::RecurrentState;
use crate::train::report::EpochReport;

/// The state in a run folder.
pub const FILE: &str = "state.safetensors";
/// Where the [`Cursor`] stands in the file's metadata.
const CURSOR: &str = "place";
/// No state is larger: three numbers a weight, or four, of the largest model.
const LARGEST: u64 = 32 << 30;

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// Whole epochs done.
    pub epoch: u32,
    /// Batches done in the epoch after them.
    pub batch: usize,
    /// Batches done in all.
    pub step: u64,
    /// Sums of the unfinished epoch.
    #[serde(rename = "score")]
    pub totals: NllTotals,
    /// Seconds spent in it.
    pub seconds: f64,
    /// What the model that it began from did on the validation tunes.
    pub before: Option<Figures>,
    /// A report for each epoch done.
    pub reports: Vec<EpochReport>,
}

impl Cursor {
    /// The best epoch so far.
    pub fn best(&self) -> Option<&EpochReport> {
        self.reports.iter().rfind(|report| report.best)
    }
}

/// Everything that a run goes on from.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub cursor: Cursor,
    /// The network's flat parameters.
    pub parameters: Vec<Vec<f32>>,
    /// The optimiser's two moments of each.
    pub moments: Vec<[Vec<f32>; 2]>,
    /// The layers' memory.
    pub memories: Vec<RecurrentState>,
    /// The mean of the weights, where it is kept.
    pub average: Vec<Vec<f32>>,
}

impl State {
    /// Puts the state in its place in the run folder.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let mut named: Vec<(String, Vec<u8>)> = Vec::new();
        let mut add = |name: &str, k: usize, values: &[f32]| {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            named.push((format!("{name}.{k}"), bytes.collect()));
        };
        for (k, values) in self.parameters.iter().enumerate() {
            add("parameter", k, values);
        }
        for (k, [first, second]) in self.moments.iter().enumerate() {
            add("first", k, first);
            add("second", k, second);
        }
        for (k, memory) in self.memories.iter().enumerate() {
            add("hidden", k, &memory.hidden);
            add("cell", k, &memory.cell);
        }
        for (k, values) in self.average.iter().enumerate() {
            add("average", k, values);
        }
        let views = named.iter().map(|(name, bytes)| {
            let shape = vec![bytes.len() / size_of::<f32>()];
            Ok((name, TensorView::new(Dtype::F32, shape, bytes)?))
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        let cursor = serde_json::to_string(&self.cursor)?;
        let metadata = HashMap::from([(CURSOR.to_owned(), cursor)]);
        write_whole(&folder.join(FILE), &serialize(views, Some(metadata))?)
    }

    /// The state to go on from, or none where the run was stopped before it had one.
    pub fn load(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read_bytes(&path, LARGEST)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let state = parse(&bytes)
            .with_context(|| format!("{} is damaged: it cannot be resumed", path.display()))?;
        Ok(Some(state))
    }
}

fn parse(bytes: &[u8]) -> Result<State> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let cursor = metadata.metadata().as_ref().and_then(|map| map.get(CURSOR));
    let cursor = serde_json::from_str(cursor.context("it does not say where the run was")?)?;
    let file = SafeTensors::deserialize(bytes)?;
    let values = |name: &str, k: usize| -> Option<Vec<f32>> {
        let tensor = file.tensor(&format!("{name}.{k}")).ok()?;
        let (values, _) = tensor.data().as_chunks::<4>();
        let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
        Some(values.collect())
    };
    let moment = |k: usize| Some([values("first", k)?, values("second", k)?]);
    let memory = |k: usize| {
        Some(RecurrentState {
            hidden: values("hidden", k)?,
            cell: values("cell", k)?,
        })
    };
    Ok(State {
        cursor,
        parameters: (0..).map_while(|k| values("parameter", k)).collect(),
        moments: (0..).map_while(moment).collect(),
        memories: (0..).map_while(memory).collect(),
        average: (0..).map_while(|k| values("average", k)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(State::load(folder).unwrap().is_none());
        let state = State {
            cursor: Cursor {
                epoch: 3,
                batch: 7,
                step: 99,
                seconds: 0.1,
                ..Cursor::default()
            },
            parameters: vec![vec![1.0, f32::MIN_POSITIVE], vec![-0.1]],
            moments: vec![[vec![0.5, 0.25], vec![3.0, 4.0]], [vec![1e-30], vec![0.1]]],
            memories: vec![RecurrentState {
                hidden: vec![1.0],
                cell: vec![],
            }],
            average: vec![vec![0.5, 1.5], vec![2.5]],
        };
        state.save(folder).unwrap();
        assert_eq!(State::load(folder).unwrap(), Some(state));
        let path = folder.join(FILE);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let error = format!("{:#}", State::load(folder).unwrap_err());
        assert!(error.contains("state.safetensors is damaged"), "{error}");
    }
}
