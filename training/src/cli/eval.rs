//! `training eval`: how well a model predicts music, in bits per note.
//!
//! Every note of every melody is counted, none is left out. Measured with the player's own network
//! code, melody by melody from an empty state, several at a time. Called by `main`.
//! With `--statistics` the model also plays, and that is compared with what was written.

mod answers;
mod comparison;
mod plots;
mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::Style;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;

use self::table::table;
use super::model;
use super::options::Music;
use super::output::{self, list, melodies};
use crate::data::corpus::{Corpus, Piece, Split};
use crate::evaluate::player::{BitTotals, Measured, measure, style};

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors), or `default` for the bundled one
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    #[command(flatten)]
    pub music: Music,
    /// Which part of it
    #[arg(long, default_value = "test", value_parser = ["train", "valid", "test", "all"])]
    pub split: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// List every file, track and line that is left out
    #[arg(long)]
    pub verbose: bool,
    /// What is played and compared, where it is wanted.
    #[command(flatten)]
    pub answers: answers::Args,
}

/// The figures of all melodies and of each source.
#[derive(Serialize)]
pub struct Evaluation {
    #[serde(flatten)]
    pub all: Measured,
    pub by_source: BTreeMap<String, Measured>,
    /// The plain mean of the sources' figures, whatever their size.
    pub mean_of_sources: Measured,
    pub model: String,
    pub split: String,
    /// Melodies, of all counted ones, whose source the model was not trained on by name.
    pub melodies_of_other_styles: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<answers::Report>,
}

pub fn run(args: &Args) -> Result<()> {
    args.answers.check()?;
    let (checkpoint, _) = model::load(&args.model)?;
    let mut corpus = Corpus::read(&args.music.data)?;
    output::tell_remarks(&corpus.remarks, args.verbose);
    // The same parts as in training.
    corpus.balance();
    let part = args.split.as_str();
    let of_part = |piece: &&Piece| part == "all" || piece.split.name() == part;
    let pieces: Vec<&Piece> = corpus.pieces.iter().filter(of_part).collect();
    if pieces.is_empty() {
        bail!(
            "{} has no melody of the {part} part ({}): {}",
            list(&args.music.data),
            parts(&corpus),
            instead(&corpus)
        );
    }
    if pieces.len() < corpus.pieces.len() {
        output::tell(&format!(
            "measuring the {part} part, {} of {}; --split all measures everything",
            pieces.len(),
            melodies(corpus.pieces.len())
        ));
    }
    let plan = answers::Plan::new(&args.answers, &pieces, part)?;
    let network = Arc::new(Network::new(checkpoint));
    let start = Instant::now();
    let mut all = BitTotals::default();
    let mut by_source: BTreeMap<String, BitTotals> = BTreeMap::new();
    for (piece, sum) in pieces.iter().zip(sums(&network, &pieces)) {
        all.add(&sum);
        by_source.entry(piece.source.clone()).or_default().add(&sum);
    }
    let styles = network.header().config.styles();
    let is_other = |piece: &&&Piece| style(styles, piece) == Style::ANY;
    let by_source = by_source.into_iter();
    let by_source: BTreeMap<_, _> = by_source.map(|(name, sum)| (name, sum.figures())).collect();
    let mut evaluation = Evaluation {
        all: all.figures(),
        mean_of_sources: Measured::mean(by_source.values()),
        by_source,
        model: args.model.display().to_string(),
        split: args.split.clone(),
        melodies_of_other_styles: pieces.iter().filter(is_other).count(),
        statistics: None,
    };
    if let Some(plan) = plan {
        let answers = plan.play(&network, &corpus);
        if let Some(folder) = &args.answers.plots {
            plots::write(folder, &evaluation, &answers)?;
        }
        evaluation.statistics = Some(answers.report);
    }
    if args.json {
        output::print_json(&evaluation)
    } else {
        output::print(&table(&evaluation, start.elapsed().as_secs_f64()))
    }
}

/// How many melodies there are of each part.
fn parts(corpus: &Corpus) -> String {
    let parts = [Split::Train, Split::Valid, Split::Test];
    let counts = parts.map(|part| format!("{} {}", part.name(), corpus.count(part)));
    counts.join(", ")
}

/// What can be measured where the part that was asked for is empty.
fn instead(corpus: &Corpus) -> &'static str {
    match corpus.count(Split::Valid) {
        0 => "--split all measures everything, with what a run of this music learns from",
        _ => {
            "there are too few melodies for it. --split valid measures those that a run chooses \
             its best epoch by, --split all those too that it learns from"
        }
    }
}

/// Bits of each melody, in their order.
fn sums(network: &Network, pieces: &[&Piece]) -> Vec<BitTotals> {
    let notes = pieces.iter().map(|piece| piece.melody.notes().len() as u64);
    // Where standard error is no terminal, it is hidden.
    let bar = ProgressBar::new(notes.sum());
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} notes, {eta} left") {
        bar.set_style(style);
    }
    let sums = pieces.par_iter().map_init(
        || network.state(),
        |state, piece| {
            let sum = measure(network, state, piece);
            bar.inc(sum.notes);
            sum
        },
    );
    let sums = sums.collect();
    bar.finish_and_clear();
    sums
}
