//! `cargo xtask bench`: how fast it is, measured on the optimised build.

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

use crate::needs;
use anyhow::{Context, ensure};
use clap::Subcommand;
use harmonai_core::note::{Note, Pitch};
use harmonai_core::time::Ticks;
use harmonai_tests::bundle::cargo;

/// Where PyTorch and other engines are put, in the target folder.
const ENVIRONMENT: &str = "bench-pytorch";

/// What the command is told.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The plug-in's process function beside an empty plug-in's, and the worker's way to an answer
    Process(process::Args),
    /// From `dlopen` to the first block
    #[cfg(target_os = "linux")]
    Load(load::Args),
    /// A step of the network beside other engines, and beside what memory can deliver
    Step(step::Args),
    /// The trainer beside PyTorch: tokens a second and memory
    Training(training::Args),
    /// The audio thread's deadlines with the window open and closed
    #[cfg(target_os = "linux")]
    Window(window::Args),
}

/// The command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    needs::linker()?;
    match &args.bench {
        Bench::Process(_) | Bench::Step(_) if cfg!(debug_assertions) => run_optimised(),
        Bench::Process(args) => process::run(args),
        #[cfg(target_os = "linux")]
        Bench::Load(args) => load::run(args),
        Bench::Step(args) => step::run(args),
        Bench::Training(args) => training::run(args),
        #[cfg(target_os = "linux")]
        Bench::Window(args) => window::run(args),
    }
}

/// Host and network are to be as fast as the plug-in: an optimised build of this program goes on.
fn run_optimised() -> anyhow::Result<()> {
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "--package", "xtask", "--"]);
    command.args(std::env::args_os().skip(1));
    let status = command.status().context("starting cargo")?;
    ensure!(status.success(), "the optimised bench: {status}");
    Ok(())
}

/// A phrase of so many eighths.
fn phrase(notes: i64) -> Vec<Note> {
    // Two bars that are heard again a step higher, as tunes have it.
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
