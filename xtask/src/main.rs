//! HarmonAI's chores, `cargo xtask …`: a file each for what builds, checks and ships. What measures
//! the plug-in or visits hosts is passed on to the [`lab`].
//!
//! Builds run in the workspace's folder, whatever folder the command is given in.

mod bundle;
mod cuda;
mod install;
mod lab;
mod package;
mod test;

use clap::{Parser, Subcommand};
use harmonai_workspace::{Profile, exit, workspace};
use std::process::ExitCode;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "HarmonAI's chores", version)]
#[command(disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the plug-in and puts the .clap and the .vst3 into target/bundled
    Bundle(bundle::Args),
    /// Builds the plug-in and copies it to where DAWs look for plug-ins
    Install(install::Args),
    /// Makes the archive that users download
    Package,
    /// Checks format, clippy, and every unit and system test
    Test(test::Args),
    /// Builds the trainer for NVIDIA cards
    Cuda(cuda::Args),
    /// Plays a phrase to the built plug-in in both formats and writes its answer to files
    Demo(lab::Args),
    /// Plays sessions in misbehaving hosts to the plug-in until time is up
    Soak(lab::Args),
    /// Measures how fast it is
    Bench(lab::Args),
    /// Tries the plug-in in other people's hosts: Ardour, Qtractor and others
    #[cfg(target_os = "linux")]
    Daw(lab::Args),
    /// Looks for data races and memory errors with valgrind (slow)
    Valgrind(lab::Args),
    /// Turns the seed phrases' texts into MIDI files, or checks that they are up to date
    Seeds(lab::Args),
}

fn main() -> ExitCode {
    exit(run(&Cli::parse().command))
}

fn run(command: &Command) -> anyhow::Result<()> {
    let caller = std::env::current_dir()?;
    std::env::set_current_dir(workspace())?;
    match command {
        Command::Bundle(args) => bundle::run(args),
        Command::Install(args) => install::run(args),
        Command::Package => package::run(),
        Command::Test(args) => test::run(args),
        Command::Cuda(args) => cuda::run(args),
        // Its times are those of an optimised host.
        Command::Bench(args) if !args.ask_for_help() => lab::run(Profile::Release, &caller),
        #[cfg(target_os = "linux")]
        Command::Daw(_) => lab::run(Profile::Dev, &caller),
        Command::Bench(_)
        | Command::Demo(_)
        | Command::Soak(_)
        | Command::Valgrind(_)
        | Command::Seeds(_) => lab::run(Profile::Dev, &caller),
    }
}
