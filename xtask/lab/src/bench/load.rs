//! How soon the plug-in is ready: from `dlopen` to the first block, and what a host's scan takes.
//!
//! Each load is a process of its own: within one, the bundled model is read only once. The file is in
//! the system's cache, as after the first load since the machine was started.

use super::print;
use super::spread::{Spread, millis};
use anyhow::{Context, ensure};
use harmonai_tests::clap::ClapLibrary;
use harmonai_tests::device::{Block, PluginLibrary};
use harmonai_tests::host::Class;
use harmonai_tests::vst3::Vst3Library;
use harmonai_workspace::{Bundles, Profile};
use serde_json::{Value, json};
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
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
    /// Load this bundle once, and print how long each part took
    #[arg(long, hide = true)]
    once: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(bundle) = &args.once {
        println!("{}", once(bundle)?);
        return Ok(());
    }
    let bundles = Bundles::build(Profile::Release)?;
    let mut figures = serde_json::Map::new();
    for (name, path) in [("clap", &bundles.clap), ("vst3", &bundles.vst3)] {
        let loads = Loads::measure(path, args.rounds)?;
        if !args.json {
            println!("{}", loads.line(name));
        }
        figures.insert(name.to_owned(), loads.json());
    }
    if args.json {
        print(figures);
    }
    Ok(())
}

/// The load times of a format.
struct Loads {
    /// Until an instance exists and has described itself: all that a scan needs.
    scan: Spread,
    /// Until the first block is done.
    whole: Spread,
}

impl Loads {
    fn measure(path: &Path, rounds: u16) -> anyhow::Result<Self> {
        let (mut scan, mut whole) = (Vec::new(), Vec::new());
        // The first load brings the file into the system's cache.
        for round in 0..=rounds {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["bench", "load", "--once"]).arg(path);
            let output = command
                .output()
                .context("starting a process that loads it")?;
            let errors = String::from_utf8_lossy(&output.stderr);
            ensure!(
                output.status.success(),
                "loading {}: {errors}",
                path.display()
            );
            let said: Value = serde_json::from_slice(&output.stdout)?;
            let time = |name: &str| {
                let nanoseconds = said[name].as_u64().with_context(|| format!("no {name}"))?;
                anyhow::Ok(Duration::from_nanos(nanoseconds))
            };
            if round > 0 {
                scan.push(time("scan_ns")?);
                whole.push(time("whole_ns")?);
            }
        }
        Ok(Self {
            scan: Spread::new(scan)?,
            whole: Spread::new(whole)?,
        })
    }

    fn line(&self, name: &str) -> String {
        format!(
            "{name}: dlopen to the first block {:.1} ms (at most {:.1}; to be below {LOAD}), of which a \
             scan {:.1} ms; median of {}",
            millis(self.whole.median()),
            millis(self.whole.max()),
            millis(self.scan.median()),
            self.whole.count()
        )
    }

    fn json(&self) -> Value {
        json!({
            "load_ms": millis(self.whole.median()),
            "load_max_ms": millis(self.whole.max()),
            "scan_ms": millis(self.scan.median()),
        })
    }
}

/// Loads it once, in this process.
fn once(bundle: &Path) -> anyhow::Result<Value> {
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
    Ok(json!({
        "scan_ns": scan.as_nanos() as u64,
        "whole_ns": whole.as_nanos() as u64,
    }))
}
