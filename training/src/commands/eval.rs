//! `training eval`: how well a model predicts music, in bits per note.
//!
//! Every note of every melody is counted, none is left out. Measured with the player's own network
//! code, melody by melody from an empty state, several at a time. Called by `main`.
//! With `--statistics` the model also plays, and that is compared with what was written.

mod answers;
mod plots;
mod table;

mod bits;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use harmonai_core::network::Network;
use harmonai_core::vocabulary::Style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;

use self::bits::{Figures, Means, Sum, measure, style};
use super::{model, output};
use crate::corpus::{Corpus, Piece, Split};

/// Arguments of `eval`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors)
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// Music: files and folders (.mid, .midi, .jsonl, .jsonl.zst)
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
             choose another --split, or all",
            super::list(&args.data),
            args.split.name()
        );
    }
    let plan = answers::Plan::new(&args.answers, &pieces, args.split.name())?;
    let network = Arc::new(Network::new(checkpoint));
    let start = Instant::now();
    let bar = progress(
        pieces
            .iter()
            .map(|piece| piece.melody.notes().len() as u64)
            .sum(),
    );
    let sums: Vec<Sum> = pieces
        .par_iter()
        .map_init(
            || network.state(),
            |state, piece| {
                let sum = measure(&network, state, piece);
                bar.inc(sum.notes());
                sum
            },
        )
        .collect();
    bar.finish_and_clear();

    let mut all = Sum::default();
    let mut by_source: BTreeMap<String, Sum> = BTreeMap::new();
    for (piece, sum) in pieces.iter().zip(&sums) {
        all.add(sum);
        by_source.entry(piece.source.clone()).or_default().add(sum);
    }
    let styles = network.header().config.styles();
    let is_other = |piece: &&&Piece| style(styles, piece) == Style::ANY;
    let mut evaluation = Evaluation {
        all: all.figures(),
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

fn table(evaluation: &Evaluation, seconds: f64) -> String {
    let mut text = format!(
        "{}, {} part, bits per note\n{:24} {:>8} {:>9} {:>8} {:>9} {:>8} {:>9} {:>9} | {:>11} {:>9} {:>8}\n",
        evaluation.model,
        evaluation.split,
        "",
        "melodies",
        "notes",
        "pitch",
        "interval",
        "sum",
        "duration",
        "velocity",
        "with memory",
        "interval",
        "sum"
    );
    let mut row = |name: &str, figures: &Figures| {
        let Means {
            bits_per_note: bits,
            sum,
            ..
        } = &figures.plain;
        let memory = &figures.memory;
        let velocity = bits
            .velocity
            .map_or("-".into(), |bits| format!("{bits:.3}"));
        let _ = writeln!(
            text,
            "{name:24} {:>8} {:>9} {:>8.3} {:>9.3} {sum:>8.3} {:>9.3} {velocity:>9} | {:>11.3} {:>9.3} {:>8.3}",
            figures.melodies,
            figures.notes,
            bits.pitch,
            bits.onset_interval,
            bits.duration,
            memory.bits_per_note.pitch,
            memory.bits_per_note.onset_interval,
            memory.sum,
        );
    };
    for (name, figures) in &evaluation.by_source {
        row(name, figures);
    }
    row("all", &evaluation.all);
    let (plain, memory) = (&evaluation.all.plain, &evaluation.all.memory);
    let _ = writeln!(
        text,
        "sum = pitch + interval; each melody's end: {:.2} bits more (with memory {:.2}); duration \
         with memory: {:.3}",
        plain.end_bits_per_melody, memory.end_bits_per_melody, memory.bits_per_note.duration
    );
    if evaluation.melodies_of_other_styles > 0 {
        let others = super::melodies(evaluation.melodies_of_other_styles);
        let _ = writeln!(text, "{others} of no style that the model knows");
    }
    if let Some(report) = &evaluation.statistics {
        text += &table::statistics(report);
    }
    let _ = writeln!(text, "{seconds:.1} s");
    text
}
