//! `cargo xtask bench`: how fast the optimised build is.

mod blocks;
#[cfg(target_os = "linux")]
mod load;
mod peer;
mod plan;
mod process;
mod spread;
mod step;
mod training;
#[cfg(target_os = "linux")]
mod window;

use crate::python::environment;
use anyhow::Context;
use clap::Subcommand;
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Ticks;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The virtual environment of PyTorch and the other engines, in the target folder.
const ENVIRONMENT: &str = "bench-pytorch";

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The plug-in's process function beside an empty plug-in's, and how soon the worker answers
    Process(process::Args),
    /// From `dlopen` to the first block
    #[cfg(target_os = "linux")]
    Load(load::Args),
    /// A step of the network beside other engines, and beside the time to read its weights
    Step(step::Args),
    /// The trainer beside PyTorch: tokens a second and memory
    Training(training::Args),
    /// The audio thread's deadlines with the window open and closed
    #[cfg(target_os = "linux")]
    Window(window::Args),
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.bench {
        Bench::Process(args) => process::run(args),
        #[cfg(target_os = "linux")]
        Bench::Load(args) => load::run(args),
        Bench::Step(args) => step::run(args),
        Bench::Training(args) => training::run(args),
        #[cfg(target_os = "linux")]
        Bench::Window(args) => window::run(args),
    }
}

/// The options of the benches that compare HarmonAI with other engines.
#[derive(clap::Args)]
struct Comparison {
    /// Sizes of the network: layers x cells
    #[arg(
        long,
        value_name = "SIZES",
        value_delimiter = ',',
        default_value = "2x256,2x384,2x512"
    )]
    sizes: Vec<Size>,
    /// A Python that has the other engines [default: one is made in target/bench-pytorch]
    #[arg(long, value_name = "FILE", value_parser = crate::path)]
    python: Option<PathBuf>,
}

impl Comparison {
    /// The Python to use, with these packages.
    fn python(&self, packages: &[&str]) -> anyhow::Result<PathBuf> {
        match &self.python {
            Some(python) => Ok(python.clone()),
            None => environment(ENVIRONMENT, packages),
        }
    }
}

/// Layers and cells of a recurrent network, written `2x384`.
#[derive(Clone, Copy)]
struct Size {
    layers: usize,
    hidden: usize,
}

impl FromStr for Size {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let parts = text.split_once('x').and_then(|(layers, hidden)| {
            let (layers, hidden) = (layers.parse().ok()?, hidden.parse().ok()?);
            Some(Self { layers, hidden })
        });
        parts.context("a size is layers x cells, such as 2x384")
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x{}", self.layers, self.hidden))
    }
}

/// A phrase of this many eighths.
fn phrase(notes: i64) -> Vec<Note> {
    // Two bars, repeated a step higher, as tunes do.
    const TUNE: [i64; 16] = [0, 2, 4, 2, 5, 4, 2, 0, 4, 7, 9, 7, 5, 4, 2, 4];
    let eighth = Ticks::new(Ticks::BEAT.get() / 2);
    let tune = TUNE.iter().cycle().zip(0..notes);
    let note = |(step, n): (&i64, i64)| Note {
        onset: Ticks::new(n * eighth.get()),
        duration: eighth,
        pitch: Pitch::clamped(60 + step + n / 16 * 2),
        velocity: None,
    };
    tune.map(note).collect()
}
