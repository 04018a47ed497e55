//! The command line of `train`: a layer over the configuration of a run, and the command that leads
//! to the same configuration again.
//!
//! Called by the `train` command. Main thread.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cli::options::{Shape, music, set};
use crate::cli::output::{last_part, quoted};
use crate::train::config::TrainConfig;
use crate::train::device::DeviceChoice;

/// Arguments of `train`. What is left out keeps its default, or its value in the earlier run.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(long, value_name = "PATH", num_args = 1.., help = music())]
    pub data: Vec<PathBuf>,
    /// Go on from this model (.safetensors, or `default` for the bundled one) instead of from
    /// nothing: works with few files of your own, and takes a minute or so
    #[arg(long, value_name = "MODEL")]
    pub from: Option<String>,
    #[command(flatten)]
    pub shape: Shape,
    /// Notes that are learnt from at once [default: 64]
    #[arg(long)]
    pub seq_len: Option<usize>,
    /// How often the music is gone through [default: 12, with --from 20]
    #[arg(long)]
    pub epochs: Option<u32>,
    /// Streams of melodies that are read side by side, at most [default: 32]
    #[arg(long)]
    pub batch: Option<usize>,
    /// Highest learning rate [default: 0.003, with --from 0.0002]
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Share of activations dropped, against learning by heart [default: 0.2]
    #[arg(long)]
    pub dropout: Option<f64>,
    /// End the run after this many epochs without a better one [default: never. The learning rate
    /// falls to nothing towards the last epoch, most is gained on the way, and the best epoch is
    /// kept in any case; useful where far too many epochs are planned]
    #[arg(long, value_name = "EPOCHS", value_parser = clap::value_parser!(u32).range(1..))]
    pub patience: Option<u32>,
    /// Make the model of the mean of the weights over about this many batches [default: of the
    /// weights themselves: as the learning rate falls to nothing, they settle near their mean]
    #[arg(long, value_name = "BATCHES", value_parser = clap::value_parser!(u32).range(1..))]
    pub average: Option<u32>,
    /// The same seed and the same music give the same model [default: 1]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Where to compute [default: auto]
    #[arg(long, value_enum)]
    pub device: Option<DeviceChoice>,
    /// A new folder for the run: model, checkpoints, figures, and a report to follow it by
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What the model is called [default: the run folder's name]
    #[arg(long)]
    pub name: Option<String>,
    /// What may be done with the model, for its card
    #[arg(long)]
    pub licence: Option<String>,
    /// What a style is called in lists, such as "cre=Irish tunes"; once for each style [default:
    /// its folder's name]
    #[arg(long, value_name = "ID=NAME", value_parser = style_name)]
    pub style_name: Vec<(String, String)>,
    /// Go on with the run in --out where it stopped
    #[arg(long)]
    pub resume: bool,
    /// List every file, track and line that is left out
    #[arg(long)]
    pub verbose: bool,
}

fn style_name(text: &str) -> Result<(String, String), String> {
    match text.split_once('=').map(|(id, name)| (id, name.trim())) {
        Some((id, name)) if !id.is_empty() && !name.is_empty() => Ok((id.into(), name.into())),
        _ => Err("write it as ID=NAME, such as \"cre=Irish tunes\"".into()),
    }
}

impl Args {
    /// Lays what the command line says over a configuration.
    pub fn overlay(&self, config: &mut TrainConfig) -> Result<()> {
        if !self.data.is_empty() {
            let absolute = self.data.iter().map(std::path::absolute);
            let absolute = absolute.collect::<Result<_, _>>();
            config.data = absolute.context("--data has an empty path")?;
        }
        config.from = self.from.clone().or(config.from.take());
        self.shape.overlay(config);
        set(&mut config.seq_len, &self.seq_len);
        set(&mut config.batch, &self.batch);
        set(&mut config.epochs, &self.epochs);
        set(&mut config.learning_rate, &self.learning_rate);
        set(&mut config.dropout, &self.dropout);
        config.patience = self.patience.or(config.patience);
        config.average = self.average.or(config.average);
        set(&mut config.seed, &self.seed);
        set(&mut config.device, &self.device);
        set(&mut config.name, &self.name);
        set(&mut config.licence, &self.licence);
        config.style_names.extend(self.style_names()?);
        Ok(())
    }

    fn style_names(&self) -> Result<BTreeMap<String, String>> {
        let mut names = BTreeMap::new();
        for (id, name) in &self.style_name {
            if names.values().any(|known| known == name) {
                bail!("--style-name: two styles cannot both be called {name}");
            }
            if names.insert(id.clone(), name.clone()).is_some() {
                bail!("--style-name {id}: it has a name already");
            }
        }
        Ok(names)
    }
}

/// What must be as the model of `--from` has it.
pub const NETWORK: [&str; 4] = ["cell", "layers", "hidden", "embedding"];
/// What must be as the run was started with. Where the music lies and where the network is computed
/// may change.
pub const RUN: [&str; 16] = [
    "from",
    "cell",
    "layers",
    "hidden",
    "embedding",
    "seq_len",
    "batch",
    "epochs",
    "learning_rate",
    "dropout",
    "patience",
    "average",
    "seed",
    "name",
    "licence",
    "style_names",
];

/// Refuses the first of `fields` that the command line would change from what it is in `kept`.
pub fn check_same(
    kept: &TrainConfig,
    asked: &TrainConfig,
    fields: &[&str],
    why: &str,
) -> Result<()> {
    let (kept, asked) = (serde_json::to_value(kept)?, serde_json::to_value(asked)?);
    for field in fields {
        let (kept, asked) = (&kept[field], &asked[field]);
        if kept != asked {
            let flag = match *field {
                "style_names" => "--style-name".to_owned(),
                field => format!("--{}", field.replace('_', "-")),
            };
            bail!(
                "{flag} {}: {why} {}; leave it out to go on, or start again in another folder",
                shown(asked),
                shown(kept)
            );
        }
    }
    Ok(())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(names) => {
            let pairs = names
                .iter()
                .map(|(id, name)| format!("{id}={}", shown(name)));
            pairs.collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}

/// The command that leads to the same model, with the music by its bare names: a model is
/// given away, and the folders that it was made from are private.
pub fn command(config: &TrainConfig) -> String {
    let mut words = vec!["training train --data".to_owned()];
    words.extend(config.data.iter().map(|path| quoted(&last_part(path))));
    if let Some(from) = &config.from {
        words.push(format!("--from {}", quoted(&last_part(Path::new(from)))));
    }
    let mut option = |name: &str, value: &dyn Display| words.push(format!("--{name} {value}"));
    option("cell", &config.cell);
    option("layers", &config.layers);
    option("hidden", &config.hidden);
    option("embedding", &config.embedding);
    option("seq-len", &config.seq_len);
    option("epochs", &config.epochs);
    option("batch", &config.batch);
    option("learning-rate", &config.learning_rate);
    option("dropout", &config.dropout);
    option("seed", &config.seed);
    for (name, value) in [("patience", config.patience), ("average", config.average)] {
        if let Some(value) = value {
            option(name, &value);
        }
    }
    let named = config.style_names.iter();
    words.extend(named.map(|(id, name)| {
        let name = quoted(&format!("{id}={name}"));
        format!("--style-name {name}")
    }));
    words.join(" ")
}
