//! `training speed`: how fast a network learns on this machine.
//!
//! Called by `main`; also by `cargo xtask bench training`, which has it take turns with PyTorch.
//! Main thread.

use std::io::BufRead;

use anyhow::{Context, Result};
use harmonai_core::model::config::Cell;
use harmonai_core::model::vocabulary::Factor;
use serde::Serialize;

use super::options::{Shape, set};
use super::output;
use crate::train::config::TrainConfig;
use crate::train::device::DeviceChoice;
use crate::train::speed::Learner;

/// Different batches; then the first comes again.
const BATCHES: usize = 20;
/// Rounds that are shown.
const ROUNDS: usize = 5;

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pub shape: Shape,
    /// Streams read side by side [default: 32]
    #[arg(long)]
    pub batch: Option<usize>,
    /// Notes that are learnt from at once [default: 64]
    #[arg(long)]
    pub seq_len: Option<usize>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t)]
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

pub fn run(args: &Args) -> Result<()> {
    let mut config = TrainConfig::default();
    args.shape.overlay(&mut config);
    set(&mut config.batch, &args.batch);
    set(&mut config.seq_len, &args.seq_len);
    config.check()?;
    let device = args.device.open()?;
    let mut learner = Learner::new(&config, device, BATCHES)?;
    if args.paced {
        return paced(args, &config, &mut learner);
    }
    // The first round pays for pages and caches.
    learner.round(2)?;
    // Tokens a second.
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let round = learner.round(args.batches)?;
        rounds.push(round.tokens as f64 / round.seconds.max(1e-9));
    }
    rounds.sort_by(f64::total_cmp);
    let (cell, layers, hidden) = (config.cell, config.layers, config.hidden);
    let (embedding, batch, seq_len) = (config.embedding, config.batch, config.seq_len);
    output::print(&format!(
        "{cell} {layers}x{hidden}, embedding {embedding}, batch {batch}, sequence {seq_len}: {:.0} \
         tokens a second (median of {ROUNDS} rounds, {:.0} to {:.0})\n",
        rounds[ROUNDS / 2],
        rounds[0],
        rounds[ROUNDS - 1],
    ))
}

/// Rounds when told to.
fn paced(args: &Args, config: &TrainConfig, learner: &mut Learner) -> Result<()> {
    print_line(&describe(args, config)?)?;
    for line in std::io::stdin().lock().lines() {
        line.context("standard input cannot be read")?;
        print_line(&learner.round(args.batches)?)?;
    }
    Ok(())
}

fn describe(args: &Args, config: &TrainConfig) -> Result<Described> {
    let network = config.network()?;
    let symbols = |factors: &[Factor]| factors.iter().map(|factor| factor.symbols()).collect();
    let heads = network.factors().iter().map(|factor| Head {
        symbols: factor.symbols(),
        given: symbols(network.earlier(*factor)),
    });
    let features = network.features().iter();
    Ok(Described {
        cell: config.cell,
        layers: config.layers,
        hidden: config.hidden,
        embedding: config.embedding,
        features: features.map(|feature| network.symbols(*feature)).collect(),
        heads: heads.collect(),
        batch: config.batch,
        sequence: config.seq_len,
        batches: args.batches,
        dropout: config.dropout,
        learning_rate: config.learning_rate,
        threads: rayon::current_num_threads(),
        parameters: network.parameters(),
    })
}

fn print_line(object: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(object).context("the figures make no JSON")?;
    output::print(&format!("{text}\n"))
}
