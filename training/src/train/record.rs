//! `run.json`: what a run was begun with.
//!
//! Written by the run folder, read where a run is resumed and by the run's report. Main thread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::Card;
use harmonai_core::model::config::{Cell, first_lists};
use serde::{Deserialize, Serialize};

use crate::files::{read_bytes, write_whole};
use crate::train::config::TrainConfig;
use crate::train::device::DeviceChoice;

/// The record in a run folder.
pub const FILE: &str = "run.json";
/// No record is larger: the list of the music's paths is all that can grow.
const LARGEST: u64 = 64 << 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub config: TrainConfig,
    /// What the checkpoints say of themselves, but for what the trainer fills in.
    pub card: Card,
    /// Fingerprints of the music to learn from and to choose by.
    pub train: String,
    pub valid: String,
}

impl Record {
    /// Of the run in `folder`.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let bytes = read_bytes(&path, LARGEST).with_context(|| {
            format!("there is no run to resume: cannot read {}", path.display())
        })?;
        let unusable = || format!("{} is no record of a run", path.display());
        // What is neither is told as the present form has it.
        match serde_json::from_slice(&bytes) {
            Ok(record) => Ok(record),
            Err(error) => match serde_json::from_slice::<Earlier>(&bytes) {
                Ok(earlier) => earlier.record(folder).with_context(unusable),
                Err(_) => Err(error).with_context(unusable),
            },
        }
    }

    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).context("--data is not UTF-8")?;
        write_whole(&folder.join(FILE), &json)
    }
}

/// The record as it was written before the configuration was one: the music's paths had a file of
/// their own, and the card some of the choices.
#[derive(Deserialize)]
struct Earlier {
    options: EarlierOptions,
    train: String,
    valid: String,
}

#[derive(Deserialize)]
struct EarlierOptions {
    config: EarlierNetwork,
    sequence: usize,
    batch: usize,
    epochs: u32,
    learning_rate: f64,
    weight_decay: f64,
    dropout: f64,
    patience: Option<u32>,
    average: Option<u32>,
    seed: u64,
    device: DeviceChoice,
    card: Card,
    from: Option<String>,
}

#[derive(Deserialize)]
struct EarlierNetwork {
    cell: Cell,
    layers: usize,
    hidden: usize,
    embedding: usize,
    #[serde(default)]
    styles: Vec<String>,
    /// Named where a step was a sixteenth, not a note.
    representation: Option<String>,
}

/// Where the music's paths were.
const MUSIC: &str = "music.json";

impl Earlier {
    fn record(self, folder: &Path) -> Result<Record> {
        let options = self.options;
        let network = options.config;
        if network.representation.is_some() {
            bail!("it is of a network of the grid (--preset classic), which is no longer trained");
        }
        let music = read_bytes(&folder.join(MUSIC), LARGEST).ok();
        // Where they are missing, --data has to name the music.
        let data: Vec<PathBuf> = music
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default();
        // Whatever the music had.
        let (features, factors) = first_lists();
        let names: BTreeMap<String, String> = options.card.style_names.clone();
        let config = TrainConfig {
            data,
            from: options.from,
            cell: network.cell,
            layers: network.layers,
            hidden: network.hidden,
            embedding: network.embedding,
            styles: network.styles,
            features,
            factors,
            seq_len: options.sequence,
            batch: options.batch,
            epochs: options.epochs,
            learning_rate: options.learning_rate,
            weight_decay: options.weight_decay,
            dropout: options.dropout,
            patience: options.patience,
            average: options.average,
            seed: options.seed,
            device: options.device,
            name: options.card.name.clone(),
            licence: options.card.licence.clone(),
            style_names: names,
        };
        Ok(Record {
            config,
            card: options.card,
            train: self.train,
            valid: self.valid,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `training train --cell gru --hidden 16 ... --from default` wrote it.
    const EARLIER: &str = r#"{
      "options": {
        "config": {
          "cell": "gru", "layers": 1, "hidden": 16, "embedding": 8, "styles": ["jigs", "reels"]
        },
        "sequence": 32,
        "batch": 4,
        "epochs": 3,
        "learning_rate": 0.0002,
        "weight_decay": 0.01,
        "dropout": 0.2,
        "patience": null,
        "average": 3,
        "seed": 7,
        "device": "cpu",
        "card": {
          "name": "Small",
          "created": "2025-11-02T09:31:12Z",
          "data": ["jigs: 6 melodies, 192 notes"],
          "licence": "CC0",
          "command": "training train --data music --seed 7",
          "seed": 0, "epochs": 0, "notes": 0,
          "metrics": {},
          "style_names": { "jigs": "Jigs from Kerry" }
        },
        "from": "default"
      },
      "train": "11 tunes, 00c0ffee00c0ffee",
      "valid": "1 tunes, 0123456789abcdef"
    }"#;

    #[test]
    fn a_record_of_before_is_one_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join(FILE), EARLIER).unwrap();
        assert_eq!(
            Record::read(folder).unwrap().config.data,
            [""; 0].map(PathBuf::from)
        );
        std::fs::write(folder.join(MUSIC), r#"["/home/me/music"]"#).unwrap();
        let record = Record::read(folder).unwrap();
        let expect = TrainConfig {
            data: vec!["/home/me/music".into()],
            from: Some("default".to_owned()),
            cell: Cell::Gru,
            layers: 1,
            hidden: 16,
            embedding: 8,
            styles: vec!["jigs".to_owned(), "reels".to_owned()],
            features: first_lists().0,
            factors: first_lists().1,
            seq_len: 32,
            batch: 4,
            epochs: 3,
            learning_rate: 2e-4,
            weight_decay: 1e-2,
            dropout: 0.2,
            patience: None,
            average: Some(3),
            seed: 7,
            device: DeviceChoice::Cpu,
            name: "Small".to_owned(),
            licence: "CC0".to_owned(),
            style_names: BTreeMap::from([("jigs".to_owned(), "Jigs from Kerry".to_owned())]),
        };
        assert_eq!(record.config, expect);
        assert_eq!(record.card.created, "2025-11-02T09:31:12Z");
        assert_eq!(record.train, "11 tunes, 00c0ffee00c0ffee");
        record.write(folder).unwrap();
        assert_eq!(Record::read(folder).unwrap(), record);
    }

    #[test]
    fn a_run_of_the_grid_and_what_is_no_record_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let check = |json: &str, expect: &str| {
            std::fs::write(folder.path().join(FILE), json).unwrap();
            let error = format!("{:#}", Record::read(folder.path()).unwrap_err());
            assert!(
                error.contains("run.json") && error.contains(expect),
                "{error}"
            );
        };
        let grid = EARLIER.replace(
            r#""cell": "gru""#,
            r#""cell": "gru", "representation": "grid""#,
        );
        check(&grid, "--preset classic");
        check("{}", "no record of a run");
    }
}
