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

use anyhow::Context;
use clap::Subcommand;
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Ticks;
use std::fmt;
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
