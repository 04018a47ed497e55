//! `eval --statistics`: the model plays on from held-out melodies, as the plug-in would.
//!
//! Called by [`super::run`]. Main thread; the answers are drawn several at a time, each from a seed
//! of its own, so that their number and order change none of them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use harmonai_core::model::network::Network;
use harmonai_core::play::continuation::{Continuation, Settings};
use rayon::prelude::*;
use serde::Serialize;

use crate::cli::options::Knobs;
use crate::data::corpus::{Corpus, Piece, Split};
use crate::evaluate::answer::reply;
use crate::evaluate::statistics::copied::Index;
use crate::evaluate::statistics::excerpt::{Excerpt, choose};
use crate::evaluate::statistics::{Answered, Statistics, compare};
use crate::files::check_writable;
use crate::random::Noise;

/// What the answers' seeds are drawn for.
const ANSWERS: u64 = 0xa115;

/// The arguments that `--statistics` has.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub struct Args {
    /// Let the model play on from the beginnings of melodies, and compare that with how they go on
    #[arg(long)]
    pub statistics: bool,
    /// From how many melodies, evenly of all sources [default: all that are long enough]
    #[arg(
        long, value_name = "N", requires = "statistics",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub phrases: Option<u32>,
    /// How many answers to each of them
    #[arg(
        long, value_name = "N", default_value_t = 5, requires = "statistics",
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    pub answers: u32,
    #[command(flatten)]
    pub knobs: Knobs,
    /// Another seed gives other melodies and other answers
    #[arg(
        long,
        default_value_t = 1,
        requires = "statistics",
        allow_negative_numbers = true
    )]
    pub seed: u64,
    /// Draw the figures and some of the answers into this folder (.svg)
    #[arg(long, value_name = "DIR", requires = "statistics")]
    pub plots: Option<PathBuf>,
}

impl Args {
    /// Refuses before any music is read what could not be done after it.
    pub fn check(&self) -> Result<()> {
        if let Some(knob) = self.knobs.given().filter(|_| !self.statistics) {
            bail!("{knob} is for what the model plays with --statistics; bits need no knobs");
        }
        self.knobs.settings()?;
        if let Some(folder) = &self.plots {
            check_writable("--plots", folder)?;
            fs::create_dir_all(folder).with_context(|| {
                let folder = folder.display();
                format!("--plots {folder} cannot be made a folder; name another one")
            })?;
        }
        Ok(())
    }
}

/// What is to be played.
pub struct Plan {
    excerpts: Vec<Excerpt>,
    answers: u32,
    settings: Settings,
    seed: u64,
    learnt: bool,
}

/// What was played.
pub struct Answers {
    pub report: Report,
    pub answered: Vec<Answered>,
}

/// The figures, and how they came about.
#[derive(Serialize)]
pub struct Report {
    pub melodies: usize,
    /// To each of them.
    pub answers: u32,
    /// Whether the training part is among what is compared: then of course it is found there.
    pub of_training_part: bool,
    pub temperature: f32,
    pub rhythm_temperature: f32,
    pub top_p: f32,
    pub memory: f32,
    pub seed: u64,
    #[serde(flatten)]
    pub statistics: Statistics,
}

impl Plan {
    /// Chooses melodies, so that what is wrong with them is told before anything is measured.
    /// `None` where no statistics are wanted.
    pub fn new(args: &Args, pieces: &[&Piece], part: &str) -> Result<Option<Self>> {
        if !args.statistics {
            return Ok(None);
        }
        let settings = args.knobs.settings()?;
        let phrases = args.phrases.map_or(usize::MAX, |phrases| phrases as usize);
        let excerpts = choose(pieces, phrases, args.seed);
        if excerpts.is_empty() {
            bail!(
                "no melody of the {part} part is long enough for --statistics: a bar of four notes \
                 to hear, and as much again to compare; choose another --split, or more music"
            );
        }
        Ok(Some(Self {
            excerpts,
            answers: args.answers,
            settings,
            seed: args.seed,
            learnt: pieces.iter().any(|piece| piece.split == Split::Train),
        }))
    }

    /// Lets the network answer every phrase and compares.
    pub fn play(self, network: &Arc<Network>, corpus: &Corpus) -> Answers {
        let settings = self.settings;
        let seeds = Noise::new(self.seed, ANSWERS);
        let excerpts = self.excerpts.into_par_iter().enumerate();
        let answered = excerpts.map_init(
            || Continuation::new(network.clone()),
            |continuation, (i, excerpt)| {
                let seeds = seeds.branch(i as u64);
                let seeds = (0..u64::from(self.answers)).map(|nth| seeds.branch(nth).seed());
                // What style it is of, the model is not told, as in a new plug-in.
                let answers = seeds.map(|seed| {
                    let Excerpt {
                        phrase,
                        metre,
                        span,
                        ends,
                        ..
                    } = &excerpt;
                    reply(
                        continuation,
                        phrase,
                        *metre,
                        span.clone(),
                        *ends,
                        seed,
                        &settings,
                    )
                });
                Answered {
                    answers: answers.collect(),
                    excerpt,
                }
            },
        );
        let answered: Vec<Answered> = answered.collect();
        // As in training: what is held out is not learnt, even where it stands there once more.
        let corpus = corpus.clone().without_duplicates();
        let training = Index::new(corpus.of(Split::Train).map(|piece| &piece.melody));
        let report = Report {
            melodies: answered.len(),
            answers: self.answers,
            of_training_part: self.learnt,
            temperature: settings.temperature,
            rhythm_temperature: settings.rhythm_temperature,
            top_p: settings.top_p,
            memory: settings.memory,
            seed: self.seed,
            statistics: compare(&answered, training.as_ref()),
        };
        Answers { report, answered }
    }
}
