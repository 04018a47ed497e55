//! HarmonAI's lab: what measures the plug-in, visits hosts with it or needs the network. A file for
//! each command; `cargo xtask` builds this program and passes its arguments on.
//!
//! Everything runs in the workspace's folder; paths in arguments are relative to the caller's.

mod bench;
#[cfg(target_os = "linux")]
mod daw;
mod demo;
mod needs;
mod python;
mod seeds;
mod soak;
mod valgrind;

use clap::{Parser, Subcommand};
use harmonai_workspace::{exit, workspace};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays a phrase to the built plug-in in both formats and writes its answer to files
    Demo(demo::Args),
    /// Plays sessions in misbehaving hosts to the plug-in until time is up
    Soak(soak::Args),
    /// Measures how fast the optimised build is
    Bench(bench::Args),
    /// Tries the plug-in in other people's hosts, without a screen or a sound card
    #[cfg(target_os = "linux")]
    Daw(daw::Args),
    /// Looks for data races and memory errors with valgrind (slow)
    Valgrind,
    /// Turns the seed phrases' texts into MIDI files, or checks that they are up to date
    Seeds(seeds::Args),
}

fn main() -> ExitCode {
    exit(run(&Cli::parse().command))
}

fn run(command: &Command) -> anyhow::Result<()> {
    std::env::set_current_dir(workspace())?;
    match command {
        Command::Demo(args) => demo::run(args),
        Command::Soak(args) => soak::run(args),
        Command::Bench(args) => bench::run(args),
        #[cfg(target_os = "linux")]
        Command::Daw(args) => daw::run(args),
        Command::Valgrind => valgrind::run(),
        Command::Seeds(args) => seeds::run(args),
    }
}

/// A path in an argument, relative to the caller's folder.
fn path(text: &str) -> std::io::Result<PathBuf> {
    std::path::absolute(text)
}
