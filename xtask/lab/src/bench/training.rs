//! The trainer beside PyTorch: the same network, batches and optimiser, taking turns in one run.
//!
//! Two programs are started for each size, `training speed --paced` and `training.py`, and told in
//! turns to learn for a round, so that both meet the same noise. PyTorch comes from a virtual
//! environment made for it, or from a Python that is named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::peer::Peer;
use super::{Comparison, Size};
use anyhow::{Context, ensure};
use harmonai_workspace::{build, target_folder};
use serde_json::Value;

/// The network and its batches, apart from its size.
const SHAPE: [&str; 6] = ["--embedding", "256", "--batch", "64", "--seq-len", "128"];
/// What PyTorch's side needs: about 6 GB, with its CUDA libraries.
const PACKAGES: [&str; 3] = ["torch", "numpy", "safetensors"];
/// PyTorch's side.
const SCRIPT: &str = "xtask/lab/src/bench/training.py";

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Comparison,
    /// The recurrent cell
    #[arg(long, default_value = "lstm", value_parser = ["lstm", "gru", "rnn"])]
    cell: String,
    /// Rounds of each side, after one that does not count
    #[arg(long, value_name = "N", default_value_t = 7)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Batches in a round
    #[arg(long, value_name = "N", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    batches: u16,
    /// Where both sides learn; cuda needs an NVIDIA card
    #[arg(long, default_value = "cpu", value_parser = ["cpu", "cuda"])]
    device: String,
}

/// The figures of one side.
struct Side {
    /// Tokens a second: median, least, most.
    speed: [f64; 3],
    /// Peak memory, where the system reports it.
    peak_mib: Option<f64>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let trainer = trainer(&args.device)?;
    let python = args.common.python(&PACKAGES)?;
    println!(
        "HarmonAI's network (ours with its memory, PyTorch without)\n\
         {}, embedding 256, batch 64, sequence 128, AdamW, on {}: tokens a second, \
         median of {} rounds (least to most), and peak memory",
        args.cell.to_uppercase(),
        args.device,
        args.rounds
    );
    for size in &args.common.sizes {
        let (ours, theirs) = compare(args, &trainer, &python, *size)?;
        println!("{}", line(*size, &ours, &theirs));
    }
    Ok(())
}

fn line(size: Size, ours: &Side, theirs: &Side) -> String {
    let side = |side: &Side| {
        let [median, least, most] = side.speed;
        let peak = side
            .peak_mib
            .map_or("?".to_owned(), |mib| format!("{mib:.0}"));
        format!("{median:>8.0} ({least:.0} to {most:.0}), {peak} MiB")
    };
    format!(
        "  {size:<7} ours {}   PyTorch {}   ratio {:.2}",
        side(ours),
        side(theirs),
        ours.speed[0] / theirs.speed[0]
    )
}

/// Both sides learn in turns.
fn compare(args: &Args, trainer: &Path, python: &Path, size: Size) -> anyhow::Result<(Side, Side)> {
    let (layers, hidden) = (size.layers.to_string(), size.hidden.to_string());
    let mut command = Command::new(trainer);
    command.args(["speed", "--paced", "--device", &args.device]);
    command.args([
        "--cell", &args.cell, "--layers", &layers, "--hidden", &hidden,
    ]);
    command.args(SHAPE);
    command.args(["--batches", &args.batches.to_string()]);
    let mut ours = Peer::start(command)?;
    let mut command = Command::new(python);
    command.args([SCRIPT, &ours.greeting, &args.device]);
    let mut theirs = Peer::start(command)?;
    let mut speeds = [Vec::new(), Vec::new()];
    for round in 0..=args.rounds {
        for (runner, speeds) in [&mut ours, &mut theirs].into_iter().zip(&mut speeds) {
            let speed = speed(&runner.round()?)?;
            // The first round pays for pages, caches and threads.
            if round > 0 {
                speeds.push(speed);
            }
        }
    }
    let [a, b] = speeds;
    Ok((side(ours, a)?, side(theirs, b)?))
}

fn speed(round: &Value) -> anyhow::Result<f64> {
    let figure = |name: &str| round[name].as_f64().with_context(|| format!("no {name}"));
    let loss = figure("loss")?;
    ensure!(loss.is_finite(), "the loss is no number");
    Ok(figure("tokens")? / figure("seconds")?)
}

/// Ends a side, of whose rounds these are the speeds.
fn side(peer: Peer, mut speeds: Vec<f64>) -> anyhow::Result<Side> {
    let peak_mib = peak_mib(peer.id());
    peer.end()?;
    speeds.sort_by(f64::total_cmp);
    let speed = [
        speeds[speeds.len() / 2],
        speeds[0],
        speeds[speeds.len() - 1],
    ];
    Ok(Side { speed, peak_mib })
}

/// Peak memory of a process, which only Linux reports.
fn peak_mib(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// Builds the trainer.
fn trainer(device: &str) -> anyhow::Result<PathBuf> {
    let features = if device == "cuda" { "cuda" } else { "" };
    build(&["--release", "--package", "training", "--features", features])?;
    let file = format!("training{}", std::env::consts::EXE_SUFFIX);
    Ok(target_folder().join("release").join(file))
}
