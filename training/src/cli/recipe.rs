//! What a training run is started with. On `--resume` it comes from the run folder, so that nothing
//! need be said again and nobody goes on with other numbers unawares.
//!
//! Called by the `train` command. Main thread.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::{Checkpoint, Header};
use harmonai_core::model::config::Cell;
use harmonai_core::model::vocabulary::Representation;

use super::preset::Preset;
use super::train::Args;
use crate::train::files;
use crate::train::options;
use crate::train::run::Run;

/// Where a run folder keeps the paths of the music.
const MUSIC: &str = "music.json";

/// Every choice that shapes the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Music, by absolute path.
    pub data: Vec<PathBuf>,
    /// What a step of the network stands for.
    pub representation: Representation,
    /// The network's cell.
    pub cell: Cell,
    /// Layers of cells.
    pub layers: usize,
    /// Cells in a layer.
    pub hidden: usize,
    /// Size of the embeddings.
    pub embedding: usize,
    /// Steps that are learnt from at once.
    pub seq_len: usize,
    /// Passes over the music.
    pub epochs: u32,
    /// Streams read side by side, at most.
    pub batch: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Share of activations dropped.
    pub dropout: f64,
    /// Passes without a better one that end the run.
    pub patience: Option<u32>,
    /// Batches whose weights are averaged.
    pub average: Option<u32>,
    /// Of all randomness.
    pub seed: u64,
    /// The model that it begins from, by its name.
    pub from: Option<String>,
    /// The model's name.
    pub name: String,
    /// The model's licence.
    pub licence: String,
    /// What styles are called in lists, by the names of their folders.
    pub style_names: BTreeMap<String, String>,
}

impl Recipe {
    /// What the command line says, with the defaults. `base`: the model that it begins from.
    pub fn new(args: &Args, base: Option<&Checkpoint>) -> Result<Self> {
        if args.data.is_empty() {
            bail!("--data is missing: name the music to learn from, files or folders");
        }
        let sizes = args.preset.unwrap_or_default().sizes();
        let mut recipe = Self {
            data: absolute(&args.data)?,
            representation: sizes.representation,
            cell: args.cell.unwrap_or(Cell::Lstm),
            layers: args.layers.unwrap_or(sizes.layers),
            hidden: args.hidden.unwrap_or(sizes.hidden),
            embedding: args.embedding.unwrap_or(sizes.embedding),
            seq_len: args.seq_len.unwrap_or(sizes.seq_len),
            epochs: args.epochs.unwrap_or(options::EPOCHS),
            batch: args.batch.unwrap_or(sizes.batch),
            learning_rate: args.learning_rate.unwrap_or(options::LEARNING_RATE),
            dropout: args.dropout.unwrap_or(options::DROPOUT),
            patience: args.patience,
            average: args.average,
            seed: args.seed.unwrap_or(1),
            from: args.from.clone(),
            name: args.name.clone().unwrap_or_else(|| folder_name(&args.out)),
            licence: args.licence.clone().unwrap_or_default(),
            style_names: style_names(args)?,
        };
        if let Some(base) = base {
            recipe.begin_from(args, base)?;
        }
        Ok(recipe)
    }

    /// The network is the base's, and what it has learnt is treated gently.
    fn begin_from(&mut self, args: &Args, base: &Checkpoint) -> Result<()> {
        let Header { config, card, .. } = &base.header;
        self.representation = config.representation();
        self.cell = config.cell();
        self.layers = config.layers();
        self.hidden = config.hidden();
        self.embedding = config.embedding();
        self.check_network(args, "the model of --from has")?;
        self.epochs = args.epochs.unwrap_or(options::MORE_EPOCHS);
        self.learning_rate = args.learning_rate.unwrap_or(options::GENTLE_RATE);
        // What it was made of is still in it.
        if args.licence.is_none() {
            self.licence.clone_from(&card.licence);
        }
        let mut names = card.style_names.clone();
        names.append(&mut self.style_names);
        self.style_names = names;
        Ok(())
    }

    /// Refuses flags that ask for another network.
    fn check_network(&self, args: &Args, why: &str) -> Result<()> {
        let preset = Preset::of(self.representation);
        same("--preset", args.preset, preset, why)?;
        same("--cell", args.cell, self.cell, why)?;
        same("--layers", args.layers, self.layers, why)?;
        same("--hidden", args.hidden, self.hidden, why)?;
        same("--embedding", args.embedding, self.embedding, why)
    }

    /// The recipe of the run in `args.out`, where the command line does not say otherwise.
    pub fn resumed(args: &Args) -> Result<Self> {
        let options = Run::options(&args.out)?;
        let recipe = Self {
            // Where the music lies may change; that it is the same is checked by its notes.
            data: if args.data.is_empty() {
                kept_music(&args.out)?
            } else {
                absolute(&args.data)?
            },
            representation: options.config.representation(),
            cell: options.config.cell(),
            layers: options.config.layers(),
            hidden: options.config.hidden(),
            embedding: options.config.embedding(),
            seq_len: options.sequence,
            epochs: options.epochs,
            batch: options.batch,
            learning_rate: options.learning_rate,
            dropout: options.dropout,
            patience: options.patience,
            average: options.average,
            seed: options.seed,
            from: options.from,
            name: options.card.name,
            licence: options.card.licence,
            style_names: options.card.style_names,
        };
        let why = "the run was started with";
        recipe.check_network(args, why)?;
        same("--seq-len", args.seq_len, recipe.seq_len, why)?;
        same("--epochs", args.epochs, recipe.epochs, why)?;
        same("--batch", args.batch, recipe.batch, why)?;
        same(
            "--learning-rate",
            args.learning_rate,
            recipe.learning_rate,
            why,
        )?;
        same("--dropout", args.dropout, recipe.dropout, why)?;
        same_if_any("--patience", args.patience, recipe.patience, why)?;
        same_if_any("--average", args.average, recipe.average, why)?;
        same("--seed", args.seed, recipe.seed, why)?;
        let from = recipe.from.as_deref().unwrap_or("nothing");
        same("--from", args.from.as_deref(), from, why)?;
        same("--name", args.name.as_ref(), &recipe.name, why)?;
        same("--licence", args.licence.as_ref(), &recipe.licence, why)?;
        if !args.style_name.is_empty() && style_names(args)? != recipe.style_names {
            bail!(
                "--style-name: the run was started with other names; leave it out to go on, \
                 or start anew in another folder"
            );
        }
        Ok(recipe)
    }

    /// Refuses names for styles that the music does not have.
    pub fn check_styles(&self, styles: &[String]) -> Result<()> {
        match self.style_names.keys().find(|id| !styles.contains(id)) {
            Some(id) if styles.is_empty() => {
                bail!("--style-name {id}: the music has no styles, for it lies in no folders")
            }
            Some(id) => bail!("--style-name {id}: the music has {}", styles.join(", ")),
            None => Ok(()),
        }
    }

    /// Keeps in the run folder what it does not hold by itself: where the music is.
    pub fn keep_music(&self, out: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(&self.data).context("--data is not UTF-8")?;
        files::write_whole(&out.join(MUSIC), &json)
    }

    /// The command that leads to the same model, with the music by its bare names: a model is
    /// given away, where it was made is nobody's concern.
    pub fn command(&self) -> String {
        let mut words = vec!["training train --data".to_owned()];
        words.extend(self.data.iter().map(|path| quoted(&folder_name(path))));
        let Self {
            cell,
            layers,
            hidden,
            embedding,
            seq_len,
            ..
        } = self;
        let Self {
            epochs,
            batch,
            learning_rate,
            dropout,
            seed,
            ..
        } = self;
        if let Some(from) = &self.from {
            words.push(format!("--from {}", quoted(&folder_name(Path::new(from)))));
        }
        if self.representation == Representation::Grid {
            words.push(format!("--preset {}", Preset::Classic));
        }
        words.push(format!("--cell {cell} --layers {layers} --hidden {hidden}"));
        words.push(format!(
            "--embedding {embedding} --seq-len {seq_len} --epochs {epochs}"
        ));
        words.push(format!("--batch {batch} --learning-rate {learning_rate}"));
        words.push(format!("--dropout {dropout} --seed {seed}"));
        words.extend(self.patience.map(|passes| format!("--patience {passes}")));
        words.extend(self.average.map(|batches| format!("--average {batches}")));
        let named = self.style_names.iter();
        words.extend(named.map(|(id, name)| {
            let name = quoted(&format!("{id}={name}"));
            format!("--style-name {name}")
        }));
        words.join(" ")
    }
}

/// What the command line calls the styles.
fn style_names(args: &Args) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for (id, name) in &args.style_name {
        if names.values().any(|known| known == name) {
            bail!("--style-name: two styles cannot both be called {name}");
        }
        if names.insert(id.clone(), name.clone()).is_some() {
            bail!("--style-name {id}: it has a name already");
        }
    }
    Ok(names)
}

fn kept_music(out: &Path) -> Result<Vec<PathBuf>> {
    let path = out.join(MUSIC);
    let kept = fs::read(&path)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok());
    kept.with_context(|| {
        format!(
            "{} does not say where the music is; name it with --data",
            path.display()
        )
    })
}

fn absolute(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let absolute = paths.iter().map(std::path::absolute);
    absolute
        .collect::<Result<_, _>>()
        .context("--data has an empty path")
}

fn same<T: PartialEq + Display>(flag: &str, given: Option<T>, kept: T, why: &str) -> Result<()> {
    match given {
        Some(given) if given != kept => bail!(
            "{flag} {given}: {why} {kept}; leave it out to go on, \
             or start anew in another folder"
        ),
        _ => Ok(()),
    }
}

/// The same of a choice that may not have been made.
fn same_if_any(flag: &str, given: Option<u32>, kept: Option<u32>, why: &str) -> Result<()> {
    match (given, kept) {
        (Some(given), None) => bail!(
            "{flag} {given}: {why} none; leave it out to go on, or start anew in another folder"
        ),
        (given, Some(kept)) => same(flag, given, kept, why),
        (None, None) => Ok(()),
    }
}

/// The last part of a path.
fn folder_name(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.+,=@%/".contains(c);
    if name.chars().all(plain) {
        name.into()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}
