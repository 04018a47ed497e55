//! A step of the network: the kernel's, Candle's, ONNX Runtime's and PyTorch's, one thread each, beside
//! the time that it takes to read the weights.
//!
//! *Hot* is a step right after others. *Cold* is one after 96 MB of other memory were written: a
//! plug-in plays about ten notes a second, and between two of them the host uses the caches for
//! everything else. All take turns in one run.

mod bandwidth;
mod ours;
mod times;

use super::peer::Peer;
use super::{Comparison, Size};
use anyhow::ensure;
use harmonai_workspace::{build, target_folder};
use ours::Ours;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use times::{Series, StepTimes};

/// The other engines.
const PACKAGES: [&str; 4] = ["torch", "numpy", "onnx", "onnxruntime"];
/// The program that runs three of them.
const SCRIPT: &str = "xtask/lab/src/bench/step.py";
/// Width of the first layer's input.
const EMBEDDING: usize = 256;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Comparison,
    /// Rounds, in each of which every engine steps eleven times hot and once cold
    #[arg(long, value_name = "N", default_value_t = 41)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Measure HarmonAI alone
    #[arg(long)]
    alone: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let others = match args.alone {
        true => Vec::new(),
        false => vec![
            (candle()?, None),
            (args.common.python(&PACKAGES)?, Some(SCRIPT)),
        ],
    };
    for &size in &args.common.sizes {
        let peers = others
            .iter()
            .map(|(program, script)| start(program, *script, size));
        let series = compare(args.rounds, size, peers.collect::<anyhow::Result<_>>()?)?;
        print!("{}", table(size, &series));
    }
    Ok(())
}

/// Starts another engine's program for networks of this size.
fn start(program: &Path, script: Option<&str>, size: Size) -> anyhow::Result<Peer> {
    let task = json!({
        "layers": size.layers,
        "hidden": size.hidden,
        "embedding": EMBEDDING,
        "symbols": ours::SYMBOLS,
    });
    let mut command = Command::new(program);
    command.args(script).arg(task.to_string());
    // One thread, as the plug-in's worker has.
    let one = ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"];
    command.envs(one.map(|name| (name, "1")));
    Peer::start(command)
}

/// By engine.
type All = BTreeMap<String, Series>;

fn compare(rounds: u16, size: Size, mut peers: Vec<Peer>) -> anyhow::Result<All> {
    let mut ours = Ours::new(size)?;
    let mut all = All::new();
    // The first round pays for pages and caches.
    for round in 0..=rounds {
        let mut enter = |name: String, times: StepTimes| {
            if round > 0 {
                all.entry(name).or_default().add(times);
            }
        };
        for (name, times) in ours.round() {
            enter(name, times);
        }
        for peer in &mut peers {
            let round: BTreeMap<String, StepTimes> = serde_json::from_value(peer.round()?)?;
            ensure!(!round.is_empty(), "it measured nothing");
            for (name, times) in round {
                enter(name, times);
            }
        }
    }
    for peer in peers {
        peer.end()?;
    }
    Ok(all)
}

fn table(size: Size, all: &All) -> String {
    let mut text = format!("LSTM {size}, microseconds a step, median\n");
    text += &format!("  {:<28} {:>8} {:>8}\n", "", "hot", "cold");
    let mut line = |name: &str, series: &Series| {
        let (hot, cold) = (series.hot(), series.cold());
        text += &format!("  {name:<28} {hot:>8.0} {cold:>8.0}\n");
    };
    for (name, series) in all {
        line(&name.replace('_', " "), series);
    }
    let ratio = |a: &str, b: &str, of: fn(&Series) -> f64| Some(of(all.get(a)?) / of(all.get(b)?));
    let mut ratios = |name: &str, a: &str, b: &str| {
        let both = ratio(a, b, Series::hot).zip(ratio(a, b, Series::cold));
        if let Some((hot, cold)) = both {
            text += &format!("  {name:<28} {hot:>8.2} {cold:>8.2}\n");
        }
    };
    ratios("f32 / its bandwidth limit", "f32", "bandwidth_f32");
    ratios("int8 / ONNX Runtime's int8", "int8", "onnxruntime_int8");
    text
}

/// Builds Candle's side: the trainer's package has Candle, this one does not.
fn candle() -> anyhow::Result<PathBuf> {
    build(&["--release", "--package", "training", "--example", "step"])?;
    let file = format!("step{}", std::env::consts::EXE_SUFFIX);
    Ok(target_folder().join("release/examples").join(file))
}
