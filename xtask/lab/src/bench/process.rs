//! `cargo xtask bench process`: what the audio thread costs, and how soon the worker answers.

use super::blocks::{self, BlockTimes};
use super::plan;
use super::spread::{Spread, micros, millis};
use harmonai_tests::Pace;
use harmonai_workspace::{Bundles, Profile, build, target_folder};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Targets for a block, in microseconds: the median, and 99.9 %.
const BLOCK: (f64, f64) = (3.0, 30.0);

/// Target for the plan, in milliseconds.
const PLAN: f64 = 2.0;

#[derive(clap::Args)]
pub struct Args {
    /// Seconds of each answer to measure; the plan is measured ten times as often
    #[arg(long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let bundles = Bundles::build(Profile::Release)?;
    // Together, so that both are built of the very same crates.
    let packages = ["--package", "harmonai", "--package", "harmonai-empty"];
    build(&[&["--release"], &packages[..]].concat())?;
    let empty = empty(&target_folder().join("release"));
    print!("{}", report(&bundles.clap, &empty, args.seconds)?);
    Ok(())
}

/// The library of the plug-in that does nothing, as cargo calls it.
fn empty(folder: &Path) -> PathBuf {
    folder.join(format!("{DLL_PREFIX}harmonai_empty{DLL_SUFFIX}"))
}

/// Measures, and says what it found.
fn report(clap: &Path, empty: &Path, seconds: u32) -> anyhow::Result<String> {
    // Caches and branches are cold when a host wakes, and less so where it has other tracks to compute.
    let sleeping = blocks::measure(clap, empty, Pace::Live, seconds)?;
    let busy = blocks::measure(clap, empty, Pace::Busy, seconds)?;
    let clock = Spread::new((0..10_000).map(|_| Instant::now().elapsed()))?;
    let plan = plan::measure(seconds * 10)?.map(|(name, spread)| {
        let (median, p99) = (millis(spread.median()), millis(spread.p99()));
        format!("{name:<28}{median:>9.3}{p99:>9.3}\n")
    });
    Ok(format!(
        "process() of 64 samples, µs (target: median {}, 99.9 % {})\n\n\
         the host sleeps between blocks\n{}\n\
         the host is busy between blocks\n{}\n\
         {} notes of answers, {} of them late; {:.2} µs of each time is the clock\n\n\
         the worker, ms (target for phrase's end to first note: median {PLAN})\n\n\
         {:<28}{:>9}{:>9}\n{}",
        BLOCK.0,
        BLOCK.1,
        table(&sleeping),
        table(&busy),
        sleeping.notes + busy.notes,
        sleeping.late + busy.late,
        micros(clock.median()),
        "",
        "median",
        "99 %",
        plan.concat()
    ))
}

fn table(times: &BlockTimes) -> String {
    let head = format!(
        "{:<28}{:>9}{:>9}{:>9}{:>9}{:>9}\n",
        "", "median", "99 %", "99.9 %", "longest", "blocks"
    );
    let row = |(name, spread): (&str, &Spread)| {
        let times = [spread.median(), spread.p99(), spread.p999(), spread.max()];
        let times = times.map(|time| format!("{:>9.2}", micros(time))).concat();
        format!("{name:<28}{times}{:>9}\n", spread.count())
    };
    let rows = [
        ("HarmonAI answering", &times.plugin),
        ("  blocks with its notes", &times.sending),
        ("empty plug-in", &times.empty),
    ];
    let ratio = |of: fn(&Spread) -> Duration| {
        let ratio = micros(of(&times.plugin)) / micros(of(&times.empty));
        format!("{ratio:>9.1}")
    };
    let ratios = [Spread::median, Spread::p99, Spread::p999, Spread::max].map(ratio);
    let ratios = format!("{:<28}{}\n", "  HarmonAI / empty plug-in", ratios.concat());
    [head, rows.map(row).concat(), ratios].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_fills_the_whole_report() {
        let bundles = Bundles::find().expect("the plug-in is built");
        // Cargo has built it beside this test.
        let test = std::env::current_exe().unwrap();
        let empty = empty(test.parent().unwrap());
        let text = report(&bundles.clap, &empty, 1).unwrap();
        let rows = |name: &str| -> Vec<Vec<f64>> {
            let rows = text.lines().filter_map(|line| line.strip_prefix(name));
            let numbers = |row: &str| row.split_whitespace().map(|n| n.parse().unwrap()).collect();
            rows.map(numbers).collect()
        };
        for name in ["HarmonAI answering", "empty plug-in"] {
            let [sleeping, busy] = &rows(name)[..] else {
                panic!("{text}");
            };
            for row in [sleeping, busy] {
                assert!(row.iter().all(|time| *time > 0.0), "{text}");
                assert_eq!(row[4], 48_000.0 / 64.0, "{text}");
            }
        }
        for name in ["phrase's end to first note", "a step of the network"] {
            assert!(rows(name)[0].iter().all(|time| *time > 0.0), "{text}");
        }
        assert!(!text.contains("\n0 notes of answers"), "{text}");
    }
}
