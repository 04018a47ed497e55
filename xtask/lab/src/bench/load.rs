//! How soon the plug-in is ready: from `dlopen` to the first block, and what a host's scan takes.
//!
//! Each load is a process of its own: within one, the bundled model is read only once. The file is in
//! the system's cache, as after the first load since the machine was started.

use super::spread::{Spread, millis};
use anyhow::{Context, ensure};
use harmonai_tests::clap::ClapLibrary;
use harmonai_tests::device::{Block, PluginLibrary};
use harmonai_tests::host::Class;
use harmonai_tests::vst3::Vst3Library;
use harmonai_workspace::{Bundles, Profile};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Target from `dlopen` to the end of the first block, in milliseconds.
const LOAD: f64 = 50.0;

#[derive(clap::Args)]
pub struct Args {
    /// How often each format is loaded
    #[arg(long, value_name = "N", default_value_t = 21)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Load this bundle once, and print the nanoseconds that a scan and the whole took
    #[arg(long, hide = true)]
    once: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(bundle) = &args.once {
        let [scan, whole] = once(bundle)?.map(|time| time.as_nanos());
        println!("{scan} {whole}");
        return Ok(());
    }
    let bundles = Bundles::build(Profile::Release)?;
    for (name, path) in [("clap", &bundles.clap), ("vst3", &bundles.vst3)] {
        let [scan, whole] = measure(path, args.rounds)?;
        println!(
            "{name}: dlopen to the first block {:.1} ms (at most {:.1}; to be below {LOAD}), of which a \
             scan {:.1} ms; median of {}",
            millis(whole.median()),
            millis(whole.max()),
            millis(scan.median()),
            whole.count()
        );
    }
    Ok(())
}

/// The times of [`once`] in this many processes.
fn measure(path: &Path, rounds: u16) -> anyhow::Result<[Spread; 2]> {
    let mut all = [Vec::new(), Vec::new()];
    // The first load brings the file into the system's cache.
    for round in 0..=rounds {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "load", "--once"]).arg(path);
        let output = command.output();
        let output = output.context("starting a process that loads it")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {errors}", path.display());
        let said = String::from_utf8(output.stdout)?;
        for (times, nanoseconds) in all.iter_mut().zip(said.split_whitespace()) {
            let time = Duration::from_nanos(nanoseconds.parse()?);
            times.extend((round > 0).then_some(time));
        }
    }
    let [scan, whole] = all.map(Spread::new);
    Ok([scan?, whole?])
}

/// Loads it in this process: how long until an instance exists and has described itself, which is
/// all that a scan needs, and until the first block is done.
fn once(bundle: &Path) -> anyhow::Result<[Duration; 2]> {
    let started = Instant::now();
    let library: Box<dyn PluginLibrary> = match bundle.extension() {
        Some(name) if name == "vst3" => Box::new(Vst3Library::load(bundle)?),
        _ => Box::new(ClapLibrary::load(bundle)?),
    };
    let mut device = library.open(Class::Instrument)?;
    ensure!(!device.params().is_empty(), "it has no parameters");
    let scan = started.elapsed();
    device.activate(48_000.0, 512, false)?;
    let block = Block {
        frames: 512,
        ..Block::default()
    };
    device.process(0, &block)?;
    let whole = started.elapsed();
    device.deactivate()?;
    Ok([scan, whole])
}
