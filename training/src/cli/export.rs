//! `training export`: music and an untrained network as files that PyTorch trains with.
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
use harmonai_core::model::config::Config;
use harmonai_core::model::vocabulary::{Factor, NONE};
use harmonai_core::music::melody::Melody;
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::options::{Music, Shape};
use super::output::{self, list, tell_remarks};
use crate::data::batches::Streams;
use crate::data::corpus::{Corpus, Split};
use crate::files::{check_writable, write_whole};
use crate::nn::model::Model;
use crate::random::Noise;
use crate::train::config::TrainConfig;

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pub music: Music,
    /// A new folder for the files
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Epochs, each with the tunes in another order and in other keys
    #[arg(
        long, alias = "passes", default_value_t = 12,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub epochs: u32,
    #[command(flatten)]
    pub shape: Shape,
    /// The same seed and the same music give the same files
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// What the model is called [default: the folder's name]
    #[arg(long)]
    pub name: Option<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let mut shape = TrainConfig::default();
    args.shape.overlay(&mut shape);
    shape.network()?;
    check_writable("--out", &args.out)?;
    if fs::read_dir(&args.out).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!(
            "--out {} is not empty; name a new folder",
            args.out.display()
        );
    }
    let data = &args.music.data;
    let mut corpus = Corpus::read(data)?.without_duplicates();
    corpus.balance();
    tell_remarks(&corpus.remarks, false);
    let [train, valid] = [Split::Train, Split::Valid].map(|part| corpus.melodies(part));
    if train.is_empty() {
        bail!("nothing to learn from in {}", list(data));
    }
    shape.styles = corpus.styles();
    let mut notes = train.iter().flat_map(Melody::notes);
    if !notes.any(|note| note.velocity.is_some()) {
        shape.factors.retain(|factor| *factor != Factor::Velocity);
    }
    let config = shape.network();
    let config = config.context("the folders in --data are the styles")?;
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the folder {}", args.out.display()))?;
    for epoch in 1..=args.epochs {
        let noise = Noise::new(args.seed, 1).branch(u64::from(epoch - 1));
        let streams = Streams::shuffled(&train, &config, 1, 1, noise);
        write_steps(
            &args.out.join(format!("train-{epoch:03}.safetensors")),
            &config,
            &streams,
        )?;
    }
    if !valid.is_empty() {
        let streams = Streams::whole(&valid, &config, 1, 1);
        write_steps(&args.out.join("valid.safetensors"), &config, &streams)?;
    }
    let start = args.out.join("start.safetensors");
    write_start(args, &start, &corpus, config, &train)?;
    output::print(&format!(
        "{} epochs, {} melodies to learn from, {} to validate on\ntrain:  torchrun \
         training/pytorch/train.py {} --out model.safetensors\n",
        args.epochs,
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
    let cadence = Cadence::UNKNOWN.learn(train);
    let folder = args.out.file_name().unwrap_or_default();
    let name = args.name.clone();
    let card = Card {
        name: name.unwrap_or_else(|| folder.to_string_lossy().into_owned()),
        data: corpus.sources(Split::Train),
        notes: train.iter().map(|tune| tune.notes().len() as u64).sum(),
        seed: args.seed,
        ..Card::default()
    };
    let model = Model::new(config, args.seed, Device::Cpu)?;
    write_whole(path, &model.checkpoint(Some(cadence), card)?.write())
}

/// One epoch as tensors: `inputs` (step, feature), `targets` (step, factor; -1 where there is
/// none), in the order of the network's lists, and `starts` (step; 1 where a tune begins).
fn write_steps(path: &Path, config: &Config, streams: &Streams) -> Result<()> {
    let (mut inputs, mut targets, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let (features, factors) = (config.features().len(), config.factors().len());
    for (read, expected, start) in streams.steps() {
        let bytes = read
            .iter()
            .flat_map(|symbol| (*symbol as i16).to_le_bytes());
        inputs.extend(bytes);
        let bytes = config.factors().iter().flat_map(|factor| {
            let symbol = match expected[factor.index()] {
                NONE => -1,
                symbol => symbol as i16,
            };
            symbol.to_le_bytes()
        });
        targets.extend(bytes);
        starts.push(u8::from(start));
    }
    let steps = starts.len();
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
