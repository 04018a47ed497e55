//! `training export`: music and an untaught network as files that PyTorch trains with.
//!
//! What a network reads and predicts is worked out here once, so that a training program elsewhere
//! needs to know nothing of music: `training/pytorch` has one. Called by `main`. Main thread.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candle_core::Device;
use harmonai_core::model::cadence::Cadence;
use harmonai_core::model::checkpoint::Card;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::vocabulary::NONE;
use harmonai_core::music::melody::Melody;
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::preset::Preset;
use super::{list, output, tell_remarks};
use crate::data::batches::Streams;
use crate::data::corpus::{Corpus, Split};
use crate::nn::model::Model;
use crate::nn::noise::Noise;
use crate::train::files::write_whole;

/// Arguments of `export`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Music: files and folders; each folder in a folder is a style
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub data: Vec<PathBuf>,
    /// A new folder for the files
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Passes, each with the tunes in another order and other keys
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..))]
    pub passes: u32,
    /// lstm, gru or rnn
    #[arg(long, default_value = "lstm")]
    pub cell: Cell,
    /// Layers of cells
    #[arg(long, default_value_t = Preset::Default.sizes().layers)]
    pub layers: usize,
    /// Cells in a layer
    #[arg(long, default_value_t = Preset::Default.sizes().hidden)]
    pub hidden: usize,
    /// Size of the embeddings
    #[arg(long, default_value_t = Preset::Default.sizes().embedding)]
    pub embedding: usize,
    /// Of all randomness
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// What the model is called [default: the folder's name]
    #[arg(long)]
    pub name: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let new = |styles| Config::new(args.cell, args.layers, args.hidden, args.embedding, styles);
    new(Vec::new())?;
    if fs::read_dir(&args.out).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!(
            "--out {} is not empty; name a new folder",
            args.out.display()
        );
    }
    let mut corpus = Corpus::read(&args.data)?.without_duplicates();
    corpus.balance();
    tell_remarks(&corpus.remarks, false);
    let [train, valid] = [Split::Train, Split::Valid].map(|part| corpus.melodies(part));
    if train.is_empty() {
        bail!("nothing to learn from in {}", list(&args.data));
    }
    let config = new(corpus.styles()).context("the folders in --data are the styles")?;
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    for pass in 1..=args.passes {
        let noise = Noise::new(args.seed, 1).branch(u64::from(pass - 1));
        let streams = Streams::shuffled(&train, &config, 1, 1, noise);
        write_steps(
            &args.out.join(format!("train-{pass:03}.safetensors")),
            &streams,
        )?;
    }
    if !valid.is_empty() {
        let streams = Streams::whole(&valid, &config, 1, 1);
        write_steps(&args.out.join("valid.safetensors"), &streams)?;
    }
    let start = args.out.join("start.safetensors");
    write_start(args, &start, &corpus, config, &train)?;
    output::print(&format!(
        "{} passes, {} melodies to learn from, {} to validate on\ntrain:  torchrun \
         training/pytorch/train.py {} --out model.safetensors\n",
        args.passes,
        train.len(),
        valid.len(),
        args.out.display()
    ))
}

/// A network that knows nothing yet, with all that its checkpoint says of the music.
fn write_start(
    args: &Args,
    path: &Path,
    corpus: &Corpus,
    config: Config,
    train: &[Melody],
) -> Result<()> {
    let mut notes = train.iter().flat_map(Melody::notes);
    let velocity = notes.any(|note| note.velocity.is_some());
    let cadence = Cadence::UNKNOWN.learn(train.iter().map(Melody::notes));
    let folder = args.out.file_name().unwrap_or_default();
    let name = args.name.clone();
    let card = Card {
        name: name.unwrap_or_else(|| folder.to_string_lossy().into_owned()),
        data: corpus.sources(Split::Train),
        notes: train.iter().map(|tune| tune.notes().len() as u64).sum(),
        seed: args.seed,
        ..Card::default()
    };
    let model = Model::new(config, velocity, args.seed, Device::Cpu)?;
    write_whole(path, &model.checkpoint(Some(cadence), card)?.write())
}

/// One pass as tensors: `inputs` (step, feature), `targets` (step, factor; -1 where there is none)
/// and `starts` (step; 1 where a tune begins).
fn write_steps(path: &Path, streams: &Streams) -> Result<()> {
    let (mut inputs, mut targets, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let (mut steps, mut features, mut factors) = (0, 0, 0);
    for (read, expected, start) in streams.steps() {
        (features, factors) = (read.len(), expected.len());
        let bytes = read
            .iter()
            .flat_map(|symbol| (*symbol as i16).to_le_bytes());
        inputs.extend(bytes);
        let symbol = |symbol: &u16| if *symbol == NONE { -1 } else { *symbol as i16 };
        targets.extend(expected.iter().flat_map(|s| symbol(s).to_le_bytes()));
        starts.push(u8::from(start));
        steps += 1;
    }
    let views = [
        (
            "inputs",
            TensorView::new(Dtype::I16, vec![steps, features], &inputs)?,
        ),
        (
            "targets",
            TensorView::new(Dtype::I16, vec![steps, factors], &targets)?,
        ),
        ("starts", TensorView::new(Dtype::U8, vec![steps], &starts)?),
    ];
    let none: Option<HashMap<String, String>> = None;
    write_whole(path, &serialize(views, none)?)
}
