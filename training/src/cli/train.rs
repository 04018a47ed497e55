//! `training train`: a network learns from the user's music.
//!
//! Reads the corpus, hands it to the trainer and shows how it goes. Ctrl-C stops after the batch
//! under way. Called by `main`; the trainer runs on the main thread.

mod journal;
mod page;
mod samples;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::Card;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::vocabulary::Representation;
use harmonai_core::model::vocabulary::grid::Grid;
use harmonai_core::music::melody::Melody;

use self::journal::{Journal, REPORT};
use super::date::now;
use super::preset::Preset;
use super::progress::Display;
use super::recipe::Recipe;
use super::{list, model, output, stop_on_ctrl_c, tell_remarks};
use crate::data::batches::Streams;
use crate::data::corpus::{Corpus, Split};
use crate::nn::noise::Noise;
use crate::train::files;
use crate::train::finetune;
use crate::train::lock;
use crate::train::options::{DeviceChoice, TrainOptions};
use crate::train::report::{Figures, Outcome, Progress};
use crate::train::run::Run;
use crate::train::trainer;

/// With fewer notes a network learns rhythm, but little of key and melody.
const ENOUGH: usize = 50_000;

/// Arguments of `train`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Music: files and folders (MIDI, ABC, MusicXML, melody JSON Lines); each folder in a folder
    /// is a style
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub data: Vec<PathBuf>,
    /// Go on from this model (.safetensors, or `default` for the bundled one) in place of from
    /// nothing: with few files of your own, and in minutes
    #[arg(long, value_name = "MODEL")]
    pub from: Option<String>,
    /// Whose network: HarmonAI's own, or the textbook's to compare with
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,
    /// lstm, gru or rnn [default: lstm]
    #[arg(long)]
    pub cell: Option<Cell>,
    /// Layers of cells [default: 2, classic 1]
    #[arg(long)]
    pub layers: Option<usize>,
    /// Cells in a layer [default: 384, classic 256]
    #[arg(long)]
    pub hidden: Option<usize>,
    /// Size of the embeddings [default: 192, classic 128]
    #[arg(long)]
    pub embedding: Option<usize>,
    /// Notes (sixteenths of the grid) that are learnt from at once [default: 64]
    #[arg(long)]
    pub seq_len: Option<usize>,
    /// Passes over the music [default: 12, with --from 20]
    #[arg(long)]
    pub epochs: Option<u32>,
    /// Streams of melodies read side by side [default: 32, classic 64]
    #[arg(long)]
    pub batch: Option<usize>,
    /// Highest learning rate [default: 0.003, with --from 0.0002]
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Share of activations dropped, against learning by heart [default: 0.2]
    #[arg(long)]
    pub dropout: Option<f64>,
    /// End the run after so many passes without a better one [default: never: the learning rate
    /// falls to nothing with the last pass, most is gained on the way, and the best pass is kept
    /// anyway. Use it where a run is planned far too long]
    #[arg(long, value_name = "PASSES", value_parser = clap::value_parser!(u32).range(1..))]
    pub patience: Option<u32>,
    /// Keep the mean of the weights over about so many batches, and make that the model [default:
    /// the weights themselves: as the learning rate falls to nothing, they come to rest where
    /// their mean would be]
    #[arg(long, value_name = "BATCHES", value_parser = clap::value_parser!(u32).range(1..))]
    pub average: Option<u32>,
    /// Same seed, same music, same model [default: 1]
    #[arg(long)]
    pub seed: Option<u64>,
    /// auto, cpu, cuda or metal
    #[arg(long, default_value = "auto")]
    pub device: DeviceChoice,
    /// A new folder for the run: model, checkpoints, figures, a report to watch it on
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
    /// Go on with the run in --out where it was stopped
    #[arg(long)]
    pub resume: bool,
    /// List every file, track and line that is left out
    #[arg(long)]
    pub verbose: bool,
}

fn style_name(text: &str) -> Result<(String, String), String> {
    match text.split_once('=').map(|(id, name)| (id, name.trim())) {
        Some((id, name)) if !id.is_empty() && !name.is_empty() => Ok((id.into(), name.into())),
        _ => Err("it is written ID=NAME, such as \"cre=Irish tunes\"".into()),
    }
}

/// Runs the command. `false` where it was stopped before its end.
pub fn run(args: &Args) -> Result<bool> {
    let (recipe, base) = if args.resume {
        (Recipe::resumed(args)?, Run::base(&args.out)?)
    } else {
        check_new(&args.out)?;
        let base = args.from.as_ref().map(|from| model::load(Path::new(from)));
        let base = base.transpose()?.map(|(base, _)| base);
        (Recipe::new(args, base.as_ref())?, base)
    };
    // Wrong numbers are told before a large corpus is read.
    let known = base
        .as_ref()
        .map_or(&[][..], |base| base.header.config.styles());
    let Recipe {
        cell,
        layers,
        hidden,
        embedding,
        ..
    } = recipe;
    let shape = Config::new(cell, layers, hidden, embedding, Vec::new())?;
    let shape = shape.speaking(recipe.representation);
    let config = |styles: Vec<String>| base::config(&shape, base::styles(known, &styles));
    let mut options = TrainOptions {
        sequence: recipe.seq_len,
        batch: recipe.batch,
        epochs: recipe.epochs,
        learning_rate: recipe.learning_rate,
        dropout: recipe.dropout,
        patience: recipe.patience,
        average: recipe.average,
        seed: recipe.seed,
        device: args.device,
        resume: args.resume,
        ..TrainOptions::new(config(Vec::new())?, args.out.clone())
    };
    options.check()?;
    args.device.open()?;

    let (corpus, mut train, mut valid) = music(&recipe, args.verbose)?;
    if base.as_ref().is_some_and(|base| !base.header.velocity) {
        // It has never read one: to learn them from a few tunes would spoil what it knows.
        for melody in train.iter_mut().chain(&mut valid) {
            *melody = melody.without_velocities();
        }
    }
    options.config = config(corpus.styles()).context("the folders in --data are the styles")?;
    recipe.check_styles(options.config.styles())?;
    tell_streams(&options, &train);
    if base.is_none() {
        tell_amount(&train);
    }
    tell_dropped(recipe.representation, &train);
    let mut data = base
        .as_ref()
        .map_or(Vec::new(), |base| base.header.card.data.clone());
    data.extend(corpus.sources(Split::Train));
    options.card = Card {
        name: recipe.name.clone(),
        created: now(),
        data,
        licence: recipe.licence.clone(),
        command: recipe.command(),
        style_names: recipe.style_names.clone(),
        ..Card::default()
    };
    (options.from, options.base) = (recipe.from.clone(), base.clone());

    let stop = stop_on_ctrl_c();
    let mut display = Display::new();
    let mut journal = Journal::new(&args.out, &recipe, &corpus)?;
    let mut unkept = None;
    let outcome = trainer::train(
        options,
        &train,
        &valid,
        &mut |progress| {
            // The run folder is there, and is ours, from the first message on.
            if let Err(error) = journal.heed(&progress) {
                unkept = Some(error);
                // Relaxed: a flag alone, nothing is read after it on the strength of it.
                stop.store(true, Ordering::Relaxed);
            }
            if let Progress::Started { steps, done, .. } = progress {
                welcome(&args.out, done > 0 && done >= steps);
            }
            display.show(progress);
        },
        &stop,
    );
    display.finish();
    if let Some(error) = unkept {
        return Err(error);
    }
    let closed = journal.close(&outcome);
    // What ended the run is told, whatever became of the report.
    let outcome = outcome?;
    closed?;
    output::print(&farewell(&outcome, &args.out))?;
    Ok(outcome.finished)
}

/// What is told first of a run that begins, or goes on.
fn welcome(out: &Path, finished: bool) {
    let report = out.join(REPORT);
    output::tell(&if finished {
        "the run had finished already; to learn more, go on from its model with --from".to_owned()
    } else {
        let report = report.display();
        format!("to watch, open {report} and reload it after each pass")
    });
}

/// A folder with anything in it is not trained into.
fn check_new(out: &Path) -> Result<()> {
    let Ok(found) = fs::metadata(out) else {
        return Ok(());
    };
    if !found.is_dir() {
        bail!(
            "--out {} is a file; name a new folder for the run",
            out.display()
        );
    }
    let mut entries = fs::read_dir(out).with_context(|| format!("--out {}", out.display()))?;
    if Run::options(out).is_ok() {
        bail!(
            "{} holds a run already; go on with it by --resume, or name another folder",
            out.display()
        );
    }
    // What a run that was killed at its very beginning left is no run, and goes.
    let is_left = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name == claim::FILE || files::is_part(&name.to_string_lossy())
    };
    if entries.any(|entry| !entry.as_ref().is_ok_and(is_left)) {
        bail!(
            "--out {} is not empty; name a new folder for the run",
            out.display()
        );
    }
    Ok(())
}

type Music = (Corpus, Vec<Melody>, Vec<Melody>);

/// The corpus with its training and validation melodies.
fn music(recipe: &Recipe, verbose: bool) -> Result<Music> {
    let mut corpus = Corpus::read(&recipe.data)?.without_duplicates();
    let note = corpus.balance();
    tell_remarks(&corpus.remarks, verbose);
    if let Some(note) = note {
        output::tell(&note);
    }
    let train = corpus.melodies(Split::Train);
    let mut valid = corpus.melodies(Split::Valid);
    if train.is_empty() {
        bail!(
            "nothing to learn from in {}: all {} melodies are marked valid or test",
            list(&recipe.data),
            corpus.pieces.len()
        );
    }
    if valid.is_empty() {
        output::tell("the only melody there is serves for choosing the best checkpoint too");
        valid.clone_from(&train);
    }
    let count = |melodies: &[Melody]| {
        let notes: usize = melodies.iter().map(|melody| melody.notes().len()).sum();
        format!("{} ({notes} notes)", melodies.len())
    };
    output::tell(&format!(
        "files: {}; melodies to learn from: {}, to choose by: {}, kept for eval: {}",
        corpus.remarks.files,
        count(&train),
        count(&valid),
        count(&corpus.melodies(Split::Test))
    ));
    Ok((corpus, train, valid))
}

/// Tells where there is too little music for so many streams.
fn tell_streams(options: &TrainOptions, train: &[Melody]) {
    let TrainOptions {
        config,
        batch,
        sequence,
        seed,
        ..
    } = options;
    let noise = Noise::new(*seed, 0);
    let streams = Streams::shuffled(train, config, *batch, *sequence, noise).rows();
    if streams < *batch {
        output::tell(&format!(
            "batch {streams} instead of {batch}: the music is not enough for more"
        ));
    }
}

/// Tells where there is too little music to learn melody from.
fn tell_amount(train: &[Melody]) {
    let notes: usize = train.iter().map(|melody| melody.notes().len()).sum();
    if notes < ENOUGH {
        output::tell(&format!(
            "{notes} notes are few to learn melody from: expect it to stray from the key. \
             {ENOUGH} or more are better, such as 200 songs"
        ));
    }
}

/// Tells how much of the music the grid cannot write.
fn tell_dropped(representation: Representation, train: &[Melody]) {
    if representation == Representation::Grid {
        let dropped = |melody: &Melody| Grid::new(melody.notes()).dropped();
        let dropped: usize = train.iter().map(dropped).sum();
        output::tell(&format!(
            "the grid of sixteenths drops {dropped} notes and moves triplets and thirty-seconds"
        ));
    }
}

fn farewell(outcome: &Outcome, out: &Path) -> String {
    let mut text = String::new();
    // As it was called, so that the next commands can be pasted.
    let program = std::env::args().next().unwrap_or("training".into());
    if let (Some((epoch, bits)), Some(best)) = (outcome.best_epoch, &outcome.best) {
        text += &format!("best model: {}\n  epoch {epoch}: {bits}\n", best.display());
    }
    if let Some(patience) = outcome.patience {
        text += &format!(
            "ended after epoch {}: {patience} passes without a better one\n",
            outcome.epochs
        );
    }
    text += &format!("look at it:  {}\n", out.join(REPORT).display());
    if !outcome.finished {
        let out = out.display();
        text += &format!("stopped; go on with:  {program} train --resume --out {out}\n");
    } else if let Some(best) = &outcome.best {
        let best = best.display();
        text += &format!(
            "hear it:     {program} generate --model {best} --phrase in.mid --out out.mid\n"
        );
        text += &format!("measure it:  {program} eval --model {best} --data MUSIC\n");
        let grid = |(_, bits): (u32, Figures)| bits.plain.grid.is_some();
        if !outcome.best_epoch.is_some_and(grid) {
            text += &format!("play it:     {program} install --model {best}\n");
        }
    }
    text
}
