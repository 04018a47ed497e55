//! `training`: the command line that trains HarmonAI's networks and measures them.
//!
//! Each command is a module of [`training::cli`]. Errors go to standard error in one
//! sentence, with the exit code 1 (2 for wrong arguments, 130 for a run stopped by Ctrl-C).

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use training::cli::output::sentence;
use training::cli::{eval, export, generate, info, inspect, install, key, quantize, speed, train};

/// Trains HarmonAI's networks on your own music, and measures them
#[derive(Parser, Debug)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show what a model would learn from, before it does
    Inspect(inspect::Args),
    /// Train a network on a folder of music
    Train(train::Args),
    /// Let a model answer a phrase
    Generate(generate::Args),
    /// Measure how well a model predicts music, in bits per note
    Eval(eval::Args),
    /// Write music and an untrained network as files that PyTorch trains with
    Export(export::Args),
    /// Measure how fast networks learn on this machine
    Speed(speed::Args),
    /// Show what a model is
    Info(info::Args),
    /// Round a model's weights to bytes: smaller, and faster at play
    Quantize(quantize::Args),
    /// Measure how well the key of a phrase is heard, or learn it again
    Key(key::Args),
    /// Put a model where the plug-in finds it
    Install(install::Args),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("no message");
        // Never a second panic for want of a reader.
        let _ = writeln!(
            std::io::stderr(),
            "error: a fault in this program ({place}: {text})"
        );
    }));
    let result = match &arguments.command {
        Command::Train(args) => train::run(args),
        Command::Generate(args) => generate::run(args).map(|()| true),
        Command::Eval(args) => eval::run(args).map(|()| true),
        Command::Inspect(args) => inspect::run(args).map(|()| true),
        Command::Export(args) => export::run(args).map(|()| true),
        Command::Speed(args) => speed::run(args).map(|()| true),
        Command::Info(args) => info::run(args).map(|()| true),
        Command::Quantize(args) => quantize::run(args).map(|()| true),
        Command::Key(args) => key::run(args).map(|()| true),
        Command::Install(args) => install::run(args).map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(130),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}
