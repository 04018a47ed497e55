//! `training eval`: how well a model predicts music, in bits per note.
//!
//! Every note of every melody is counted, none is left out. Measured with the player's own network
//! code, melody by melody from an empty state, several at a time. Called by `main`.
//! With `--statistics` the model also plays, and that is compared with what was written.

mod answers;
mod plots;
mod table;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use harmonai_core::network::{Network, State};
use harmonai_core::sampler::log2_softmax;
use harmonai_core::vocabulary::{END, Factor, NONE, Style, steps, time_spread};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;

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

/// Bits and notes added up over melodies.
#[derive(Clone, Debug, Default)]
struct Sum {
    melodies: u64,
    notes: u64,
    bits: [f64; Factor::COUNT],
    /// Notes whose velocity is known.
    velocities: u64,
    /// Of the predictions that a melody ends where it does.
    end: f64,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.melodies += other.melodies;
        self.notes += other.notes;
        self.velocities += other.velocities;
        self.end += other.end;
        for (bits, more) in self.bits.iter_mut().zip(other.bits) {
            *bits += more;
        }
    }

    fn figures(&self) -> Figures {
        let mean = |factor: Factor| self.bits[factor.index()] / self.notes as f64;
        let velocity = self.bits[Factor::Velocity.index()] / self.velocities.max(1) as f64;
        Figures {
            bits_per_note: BitsPerNote {
                pitch: mean(Factor::Pitch),
                onset_interval: mean(Factor::Interval),
                duration: mean(Factor::Duration),
                velocity: (self.velocities > 0).then_some(velocity),
            },
            sum: mean(Factor::Pitch) + mean(Factor::Interval),
            notes: self.notes,
            melodies: self.melodies,
            end_bits_per_melody: self.end / self.melodies as f64,
        }
    }
}

#[derive(Serialize)]
struct Figures {
    bits_per_note: BitsPerNote,
    /// Pitch and onset interval.
    sum: f64,
    notes: u64,
    melodies: u64,
    end_bits_per_melody: f64,
}

#[derive(Serialize)]
struct BitsPerNote {
    pitch: f64,
    onset_interval: f64,
    duration: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    velocity: Option<f64>,
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
                bar.inc(sum.notes);
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

/// The style that the model is told: the melody's own where it knows it.
fn style(styles: &[String], piece: &Piece) -> Style {
    Style::find(styles, piece.melody.style())
}

/// Bits of one melody, from an empty state.
fn measure(network: &Network, state: &mut State, piece: &Piece) -> Sum {
    let header = network.header();
    let mut sum = Sum {
        melodies: 1,
        ..Sum::default()
    };
    let mut room = [0.0f32; 256];
    state.clear();
    for step in steps(&piece.melody, style(header.config.styles(), piece)) {
        network.step(state, &step.inputs);
        for factor in Factor::ALL {
            let target = step.targets[factor.index()];
            if target == NONE || (factor == Factor::Velocity && !header.velocity) {
                continue;
            }
            let logits = &mut room[..factor.symbols()];
            network.logits(state, factor, &step.targets, logits);
            log2_softmax(logits);
            let mut bits = -f64::from(logits[usize::from(target)]);
            match factor {
                Factor::Pitch if target == END => {
                    sum.end += bits;
                    continue;
                }
                Factor::Pitch => sum.notes += 1,
                Factor::Interval | Factor::Duration => bits += time_spread(target).log2(),
                Factor::Velocity => sum.velocities += 1,
            }
            sum.bits[factor.index()] += bits;
        }
    }
    sum
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
        "{}, {} part, bits per note\n{:24} {:>8} {:>9} {:>8} {:>9} {:>8} {:>9} {:>9}\n",
        evaluation.model,
        evaluation.split,
        "",
        "melodies",
        "notes",
        "pitch",
        "interval",
        "sum",
        "duration",
        "velocity"
    );
    let mut row = |name: &str, figures: &Figures| {
        let bits = &figures.bits_per_note;
        let velocity = bits
            .velocity
            .map_or("-".into(), |bits| format!("{bits:.3}"));
        let _ = writeln!(
            text,
            "{name:24} {:>8} {:>9} {:>8.3} {:>9.3} {:>8.3} {:>9.3} {velocity:>9}",
            figures.melodies,
            figures.notes,
            bits.pitch,
            bits.onset_interval,
            figures.sum,
            bits.duration
        );
    };
    for (name, figures) in &evaluation.by_source {
        row(name, figures);
    }
    row("all", &evaluation.all);
    let end = evaluation.all.end_bits_per_melody;
    let _ = writeln!(
        text,
        "sum = pitch + interval; each melody's end: {end:.2} bits more"
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

#[cfg(test)]
mod tests {
    use harmonai_core::checkpoint::Checkpoint;
    use harmonai_core::config::{Cell, Config};

    use super::*;

    /// A network whose weights are all zero but for the heads' biases, which are zero too, predicts
    /// every symbol alike.
    #[test]
    fn a_network_that_knows_nothing_needs_the_alphabets_bits() {
        let config = Config::new(Cell::Gru, 1, 8, 4, vec![]).unwrap();
        let mut checkpoint = Checkpoint::noise(config, 1);
        checkpoint.header.velocity = true;
        checkpoint
            .tensors
            .iter_mut()
            .for_each(|tensor| tensor.fill(0.0));
        let network = Network::new(checkpoint);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let line = r#"{"notes":[[0,60,12],[12,62,480]],"coll":"x","split":"test"}"#;
        std::fs::write(&path, line).unwrap();
        let corpus = Corpus::read(&[path]).unwrap();
        let sum = measure(&network, &mut network.state(), &corpus.pieces[0]);
        assert_eq!((sum.melodies, sum.notes, sum.velocities), (1, 2, 0));
        let near = |found: f64, expect: f64| {
            assert!((found - expect).abs() < 1e-4, "{found} is not {expect}");
        };
        near(sum.bits[0], 2.0 * 129f64.log2());
        near(sum.end, 129f64.log2());
        // 480 ticks share a symbol with the others of the same quarter.
        near(sum.bits[1], 2.0 * 224f64.log2() + 24f64.log2());
        near(sum.bits[2], 2.0 * 224f64.log2() + 24f64.log2());
        let figures = sum.figures();
        near(figures.sum, (sum.bits[0] + sum.bits[1]) / 2.0);
        assert_eq!(figures.bits_per_note.velocity, None);
    }
}
