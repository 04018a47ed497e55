//! `training eval`: how well a model predicts music, in bits per note.
//!
//! Every note of every melody is counted, none is left out. Measured with the player's own network
//! code, melody by melody from an empty state, several at a time. Called by `main`.
//! With `--statistics` the model also plays, and that is compared with what was written.

mod answers;
mod bits;
mod comparison;
mod plots;
mod table;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Representation, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;

pub(super) use self::bits::Figures;
use self::bits::{Sum, measure, style};
use self::table::table;
use super::{model, output};
use crate::data::corpus::{Corpus, Piece, Split};

/// Arguments of `eval`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors), or `default` for the bundled one
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// Music: files and folders (MIDI, ABC, MusicXML, melody JSON Lines)
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub data: Vec<PathBuf>,
    /// Which part of it
    #[arg(long, value_enum, default_value_t = Part::Test)]
    pub split: Part,
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

/// What is measured.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is learnt from.
    Train,
    /// What the best checkpoint is chosen by.
    Valid,
    /// What is kept for measuring.
    Test,
    /// Everything.
    All,
}

impl Part {
    fn name(self) -> &'static str {
        self.split().map_or("all", Split::name)
    }

    fn split(self) -> Option<Split> {
        match self {
            Self::Train => Some(Split::Train),
            Self::Valid => Some(Split::Valid),
            Self::Test => Some(Split::Test),
            Self::All => None,
        }
    }
}

#[derive(Serialize)]
struct Evaluation {
    #[serde(flatten)]
    all: Figures,
    by_source: BTreeMap<String, Figures>,
    model: String,
    split: &'static str,
    /// Melodies, of all counted ones, whose source the model was not trained on by name.
    melodies_of_other_styles: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<answers::Report>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let (checkpoint, _) = model::load(&args.model)?;
    let mut corpus = Corpus::read(&args.data)?;
    super::tell_remarks(&corpus.remarks, args.verbose);
    // The same parts as in training.
    corpus.balance();
    let of_part = |piece: &&Piece| args.split.split().is_none_or(|part| piece.split == part);
    let pieces: Vec<&Piece> = corpus.pieces.iter().filter(of_part).collect();
    if pieces.is_empty() {
        let [train, valid, test] =
            [Split::Train, Split::Valid, Split::Test].map(|part| corpus.count(part));
        bail!(
            "{} has no melody of the {} part (train {train}, valid {valid}, test {test}); \
             there are too few for it; --split valid are those that a run chooses its best pass by, \
             --split all has those too that it learns from",
            super::list(&args.data),
            args.split.name()
        );
    }
    if pieces.len() < corpus.pieces.len() {
        super::output::tell(&format!(
            "measuring the {} part, {} of {}; --split all measures everything",
            args.split.name(),
            pieces.len(),
            super::melodies(corpus.pieces.len())
        ));
    }
    let representation = checkpoint.header.config.representation();
    if args.answers.statistics && representation == Representation::Grid {
        bail!(
            "--statistics: {} is a network of the grid, which is for bits per note alone; name \
             another --model",
            args.model.display()
        );
    }
    let plan = answers::Plan::new(&args.answers, &pieces, args.split.name())?;
    let network = Arc::new(Network::new(checkpoint));
    let start = Instant::now();
    let sums = sums(&network, &pieces);
    let mut by_source: BTreeMap<String, Sum> = BTreeMap::new();
    for (piece, sum) in pieces.iter().zip(&sums) {
        let source = by_source.entry(piece.source.clone());
        source.or_insert_with(|| Sum::new(representation)).add(sum);
    }
    let styles = network.header().config.styles();
    let is_other = |piece: &&&Piece| {
        representation == Representation::Notes && style(styles, piece) == Style::ANY
    };
    let mut evaluation = Evaluation {
        all: together(representation, &sums),
        by_source: by_source
            .iter()
            .map(|(name, sum)| (name.clone(), sum.figures()))
            .collect(),
        model: args.model.display().to_string(),
        split: args.split.name(),
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

/// The figures of these melodies together.
pub(super) fn together<'a>(
    representation: Representation,
    sums: impl IntoIterator<Item = &'a Sum>,
) -> Figures {
    let mut all = Sum::new(representation);
    for sum in sums {
        all.add(sum);
    }
    all.figures()
}

/// Bits of each melody, in their order.
pub(super) fn sums(network: &Network, pieces: &[&Piece]) -> Vec<Sum> {
    let notes = pieces.iter().map(|piece| piece.melody.notes().len() as u64);
    let bar = progress(notes.sum());
    let sums = pieces.par_iter().map_init(
        || network.state(),
        |state, piece| {
            let sum = measure(network, state, piece);
            bar.inc(sum.notes());
            sum
        },
    );
    let sums = sums.collect();
    bar.finish_and_clear();
    sums
}

fn progress(notes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(Some(notes), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(notes);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} notes, {eta} left") {
        bar.set_style(style);
    }
    bar
}
