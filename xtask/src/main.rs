//! HarmonAI's chores: `cargo xtask bundle | demo | test | soak | valgrind | bench | daw | cuda | seeds | install | package`.
//!
//! Each command is a file of its own. Builds run in the workspace's folder, whatever folder it is
//! called from.

mod bench;
mod bundle;
mod cuda;
#[cfg(target_os = "linux")]
mod daw;
mod demo;
mod install;
mod needs;
mod package;
mod python;
mod seed_files;
mod seeds;
mod soak;
mod test;
mod valgrind;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "HarmonAI's chores", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the plug-in and puts the .clap and the .vst3 into target/bundled (release)
    Bundle(bundle::Args),
    /// Plays a phrase to the built plug-in in both formats and writes down its answer
    Demo(demo::Args),
    /// Format, clippy, every unit and system test
    Test(test::Args),
    /// Plays sessions in wild hosts to the plug-in for as long as there is time
    Soak(soak::Args),
    /// Measures how fast it is
    Bench(bench::Args),
    /// Visits hosts that others wrote: Ardour, Qtractor and the like
    #[cfg(target_os = "linux")]
    Daw(daw::Args),
    /// Builds the trainer for NVIDIA cards
    Cuda(cuda::Args),
    /// Data races and memory, by valgrind (slow)
    Valgrind(valgrind::Args),
    /// Turns the seed phrases' texts into MIDI files, or checks that they are up to date
    Seeds(seed_files::Args),
    /// Builds the plug-in and copies it to where DAWs look for plug-ins
    Install(install::Args),
    /// Makes the archive that is given away
    Package(package::Args),
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    std::env::set_current_dir(harmonai_tests::bundle::workspace())?;
    match &cli.command {
        Command::Bundle(args) => bundle::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Test(args) => test::run(args),
        Command::Soak(args) => soak::run(args),
        Command::Bench(args) => bench::run(args),
        #[cfg(target_os = "linux")]
        Command::Daw(args) => daw::run(args),
        Command::Cuda(args) => cuda::run(args),
        Command::Valgrind(args) => valgrind::run(args),
        Command::Seeds(args) => seed_files::run(args),
        Command::Install(args) => install::run(args),
        Command::Package(args) => package::run(args),
    }
}

/// A path in an argument: meant from where the command is given, not from the workspace's folder.
fn path(text: &str) -> std::io::Result<std::path::PathBuf> {
    std::path::absolute(text)
}
