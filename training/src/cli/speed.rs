//! `training speed`: how fast a network learns on this machine.
//!
//! Called by `main`; also by `cargo xtask bench training`, which has it take turns with PyTorch.
//! Main thread.

use std::io::BufRead;

use anyhow::{Context, Result};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::vocabulary::Factor;
use serde::Serialize;

use super::output;
use super::preset::Preset;
use crate::train::options::{DROPOUT, DeviceChoice, LEARNING_RATE};
use crate::train::speed::{Learner, Round, Task};

/// Different batches; then the first comes again.
const BATCHES: usize = 20;
/// Rounds that are shown.
const ROUNDS: usize = 5;

/// Arguments of `speed`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What a step stands for, and all sizes that are not given
    #[arg(long, value_enum, default_value_t)]
    pub preset: Preset,
    /// Kind of cell: lstm, gru or rnn
    #[arg(long, default_value = "lstm")]
    pub cell: Cell,
    /// Recurrent layers
    #[arg(long)]
    pub layers: Option<usize>,
    /// Cells in a layer
    #[arg(long)]
    pub hidden: Option<usize>,
    /// Size of the embeddings
    #[arg(long)]
    pub embedding: Option<usize>,
    /// Streams read side by side
    #[arg(long)]
    pub batch: Option<usize>,
    /// Steps that are learnt from at once
    #[arg(long)]
    pub seq_len: Option<usize>,
    /// Where to compute: auto, cpu, cuda or metal
    #[arg(long, default_value = "auto")]
    pub device: DeviceChoice,
    /// Batches in a round
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..))]
    pub batches: u64,
    /// One JSON object a line: first the task, then a round for every line on standard input
    #[arg(long)]
    pub paced: bool,
}

/// The task as another program needs it to do the same.
#[derive(Serialize)]
struct Described {
    cell: Cell,
    layers: usize,
    hidden: usize,
    embedding: usize,
    /// Symbols of each feature that is read.
    features: Vec<usize>,
    heads: Vec<Head>,
    batch: usize,
    sequence: usize,
    batches: u64,
    dropout: f64,
    learning_rate: f64,
    threads: usize,
    parameters: usize,
}

/// Symbols of a factor, and of those before it that it is given.
#[derive(Serialize)]
struct Head {
    symbols: usize,
    given: Vec<usize>,
}

#[derive(Serialize)]
struct Timed {
    tokens: u64,
    seconds: f64,
    loss: f32,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let sizes = args.preset.sizes();
    let config = Config::new(
        args.cell,
        args.layers.unwrap_or(sizes.layers),
        args.hidden.unwrap_or(sizes.hidden),
        args.embedding.unwrap_or(sizes.embedding),
        Vec::new(),
    )?;
    let task = Task {
        config: config.speaking(sizes.representation),
        batch: args.batch.unwrap_or(sizes.batch),
        sequence: args.seq_len.unwrap_or(sizes.seq_len),
        device: args.device.open()?,
    };
    anyhow::ensure!(
        task.batch > 0 && task.sequence > 0,
        "batch and sequence length must be at least 1"
    );
    let mut learner = Learner::new(&task, BATCHES)?;
    if args.paced {
        return paced(args, &task, &mut learner);
    }
    // The first round pays for pages and caches.
    learner.round(2)?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let round = learner.round(args.batches)?;
        rounds.push(speed(&round));
    }
    rounds.sort_by(f64::total_cmp);
    output::print(&format!(
        "{} {}x{}, embedding {}, batch {}, sequence {}: {:.0} tokens a second (median of {ROUNDS} \
         rounds, {:.0} to {:.0})\n",
        args.cell,
        task.config.layers(),
        task.config.hidden(),
        task.config.embedding(),
        task.batch,
        task.sequence,
        rounds[ROUNDS / 2],
        rounds[0],
        rounds[ROUNDS - 1],
    ))
}

/// Rounds when told to.
fn paced(args: &Args, task: &Task, learner: &mut Learner) -> Result<()> {
    print_line(&describe(args, task))?;
    for line in std::io::stdin().lock().lines() {
        line.context("standard input cannot be read")?;
        let round = learner.round(args.batches)?;
        print_line(&Timed {
            tokens: round.tokens,
            seconds: round.time.as_secs_f64(),
            loss: round.loss,
        })?;
    }
    Ok(())
}

fn describe(args: &Args, task: &Task) -> Described {
    let (config, representation) = (&task.config, task.config.representation());
    let features = representation.features().iter();
    let heads = representation.factors().iter().map(|factor| Head {
        symbols: factor.symbols(),
        given: factor
            .earlier()
            .iter()
            .copied()
            .map(Factor::symbols)
            .collect(),
    });
    Described {
        cell: config.cell(),
        layers: config.layers(),
        hidden: config.hidden(),
        embedding: config.embedding(),
        features: features.map(|feature| feature.symbols(0)).collect(),
        heads: heads.collect(),
        batch: task.batch,
        sequence: task.sequence,
        batches: args.batches,
        dropout: DROPOUT,
        learning_rate: LEARNING_RATE,
        threads: rayon::current_num_threads(),
        parameters: config.parameters(),
    }
}

fn print_line(object: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(object).context("the figures make no JSON")?;
    output::print(&format!("{text}\n"))
}

/// Tokens a second.
fn speed(round: &Round) -> f64 {
    round.tokens as f64 / round.time.as_secs_f64().max(1e-9)
}
