//! `training benchmark melodic-prediction`: Pearce & Wiggins's protocol, beside the published figures.
//!
//! See [`crate::benchmark`]. It trains its models itself, on each set's own folds; nothing is kept.
//! Called by `main`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use harmonai_core::model::network::Network;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;

use crate::benchmark::data::{self, Set};
use crate::benchmark::experts::Experts;
use crate::benchmark::pretrained;
use crate::benchmark::protocol::{self, Prediction};
use crate::cli::{model, output};

/// Published figures (Pearce 2005, tables 6.4 and 6.6: IDyOM, pitch alone), bits a note: long-term,
/// and long- and short-term adaptive.
const PUBLISHED: [(&str, f64, f64); 4] = [
    ("chorales", 2.444, 2.347),
    ("elsass", 3.115, 2.540),
    ("oesterrh", 3.340, 2.651),
    ("kinder", 2.428, 2.106),
];

/// Arguments of `benchmark melodic-prediction`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Melodies with `set` and `fold` (.jsonl)
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Only these sets
    #[arg(long, value_name = "NAME", num_args = 1..)]
    set: Vec<String>,
    /// Also measure this model (.safetensors), which was trained on other music. Its figures are
    /// outside the protocol
    #[arg(long, value_name = "MODEL")]
    pretrained: Option<PathBuf>,
    /// Of all random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Serialize)]
struct Report {
    sets: BTreeMap<String, Row>,
    mean: Mean,
}

#[derive(Clone, Copy, Serialize)]
struct Row {
    long_term: f64,
    adaptive: f64,
    notes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pretrained: Option<f64>,
}

#[derive(Clone, Copy, Serialize)]
struct Mean {
    long_term: f64,
    adaptive: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pretrained: Option<f64>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let network = match &args.pretrained {
        Some(path) => Some(Network::new(model::load(path)?.0)),
        None => None,
    };
    let sets = data::read(&args.data, &args.set)?;
    let start = Instant::now();
    let mut rows = Vec::with_capacity(sets.len());
    for set in &sets {
        let row = measure(set, network.as_ref(), args.seed);
        output::tell(&format!(
            "{}: long-term {:.3}, adaptive {:.3} bits a note; {:.0} s so far",
            set.name,
            row.long_term,
            row.adaptive,
            start.elapsed().as_secs_f64()
        ));
        rows.push(row);
    }
    let names = sets.iter().map(|set| set.name.clone());
    let report = Report {
        mean: mean(&rows),
        sets: names.zip(rows.iter().copied()).collect(),
    };
    if args.json {
        return output::print_json(&report);
    }
    output::print(&table(&sets, &rows, args.pretrained.as_deref()))
}

/// Tests all folds of a set.
fn measure(set: &Set, network: Option<&Network>, seed: u64) -> Row {
    let folds = set.folds();
    let bar = progress(set, folds.len() as u64);
    let experts = Experts::new(set);
    let predictions: Vec<Prediction> = folds
        .par_iter()
        .flat_map_iter(|fold| {
            let predictions = protocol::test_fold(&experts, *fold, seed);
            bar.inc(1);
            predictions
        })
        .collect();
    bar.finish_and_clear();
    let figures = protocol::figures(&experts, &predictions);
    Row {
        long_term: figures.long_term,
        adaptive: figures.adaptive,
        notes: figures.notes,
        pretrained: network.map(|network| pretrained::bits(network, set)),
    }
}

/// The means over sets, each set counting the same.
fn mean(rows: &[Row]) -> Mean {
    let mean = |figure: &dyn Fn(&Row) -> f64| {
        rows.iter().map(figure).sum::<f64>() / rows.len().max(1) as f64
    };
    let outside = rows.iter().all(|row| row.pretrained.is_some());
    Mean {
        long_term: mean(&|row| row.long_term),
        adaptive: mean(&|row| row.adaptive),
        pretrained: outside.then(|| mean(&|row| row.pretrained.unwrap_or(f64::NAN))),
    }
}

fn progress(set: &Set, folds: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(folds), ProgressDrawTarget::stderr());
    let template = "{msg} {wide_bar} fold {pos} of {len}, {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(set.name.clone());
    bar
}

fn table(sets: &[Set], rows: &[Row], outside: Option<&Path>) -> String {
    let mut text = format!(
        "bits a note, pitch; published: IDyOM (Pearce 2005), pitch alone\n{:16} {:>8} {:>9} \
         {:>9} {:>9} {:>9}{}\n",
        "",
        "notes",
        "long-term",
        "published",
        "adaptive",
        "published",
        outside.map_or("", |_| "  (pretrained)")
    );
    let mut add = |name: &str, notes: usize, row: &Mean, published: Option<(f64, f64)>| {
        let [long, adaptive] = match published {
            Some((long, adaptive)) => [long, adaptive].map(|bits| format!("{bits:.3}")),
            None => ["-", "-"].map(String::from),
        };
        let outside = row.pretrained.map(|bits| format!("  ({bits:.3})"));
        let _ = writeln!(
            text,
            "{name:16} {notes:>8} {:>9.3} {long:>9} {:>9.3} {adaptive:>9}{:>14}",
            row.long_term,
            row.adaptive,
            outside.unwrap_or_default()
        );
    };
    let known = |set: &Set| {
        let found = PUBLISHED.iter().find(|(name, ..)| *name == set.name);
        found.map(|(_, long, adaptive)| (*long, *adaptive))
    };
    for (set, row) in sets.iter().zip(rows) {
        let Row {
            long_term,
            adaptive,
            pretrained,
            ..
        } = *row;
        let figures = Mean {
            long_term,
            adaptive,
            pretrained,
        };
        add(&set.name, row.notes, &figures, known(set));
    }
    let published: Option<Vec<(f64, f64)>> = sets.iter().map(known).collect();
    let published = published.map(|all| {
        let n = all.len() as f64;
        let sum = all.iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        (sum.0 / n, sum.1 / n)
    });
    let notes = rows.iter().map(|row| row.notes).sum();
    add("mean of sets", notes, &mean(rows), published);
    if let Some(path) = outside {
        let _ = writeln!(
            text,
            "(pretrained): {}, trained on other music, with its memory; OUTSIDE THE PROTOCOL, which \
             allows no music but the set's",
            path.display()
        );
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}
