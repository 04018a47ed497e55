//! `training benchmark`: comparisons that can be run again, a module each.
//!
//! Called by `main`. Main thread.

mod melodic_prediction;
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
    /// Predict the pitch of every note of sets of melodies, by 10-fold cross-validation
    MelodicPrediction(melodic_prediction::Args),
    /// The textbook's melody network beside HarmonAI's, at one size and on the same music
    Presets(presets::Args),
}

/// Runs the command. `false` where it was stopped before its end.
pub fn run(args: &Args) -> Result<bool> {
    match &args.benchmark {
        Benchmark::MelodicPrediction(args) => melodic_prediction::run(args).map(|()| true),
        Benchmark::Presets(args) => presets::run(args),
    }
}
