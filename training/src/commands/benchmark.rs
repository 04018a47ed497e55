//! `training benchmark`: comparisons that can be run again, a module each.
//!
//! Called by `main`. Main thread.

mod presets;

use anyhow::Result;

/// Arguments of `benchmark`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(clap::Subcommand, Debug)]
enum Benchmark {
    /// The textbook's melody network beside HarmonAI's, at one size and on the same music
    Presets(presets::Args),
}

/// Runs the command. `false` where it was stopped before its end.
pub fn run(args: &Args) -> Result<bool> {
    match &args.benchmark {
        Benchmark::Presets(args) => presets::run(args),
    }
}
