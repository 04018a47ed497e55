//! `cargo xtask bench process`: what the audio thread costs, and how soon the worker answers.

use super::blocks::{self, BlockTimes};
use super::plan::{self, Plan};
use super::spread::{Spread, micros, millis};
use harmonai_tests::Pace;
use harmonai_workspace::{Bundles, Profile, build, target_folder};
use serde_json::{Value, json};
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
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let bundles = Bundles::build(Profile::Release)?;
    // Together, so that both are built of the very same crates.
    build(&[
        "--release",
        "--package",
        "harmonai",
        "--package",
        "harmonai-empty",
    ])?;
    let empty = empty(&target_folder().join("release"));
    let report = Report::measure(&bundles.clap, &empty, args.seconds)?;
    if args.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    Ok(())
}

/// The library of the plug-in that does nothing, as cargo calls it.
fn empty(folder: &Path) -> PathBuf {
    folder.join(format!("{DLL_PREFIX}harmonai_empty{DLL_SUFFIX}"))
}

struct Report {
    /// The host sleeps between blocks: caches and branches are cold when it wakes.
    sleeping: BlockTimes,
    /// The host is busy between blocks, as with other tracks to compute.
    busy: BlockTimes,
    /// The cost of reading the clock, which is part of each time.
    clock: Duration,
    plan: Plan,
}

impl Report {
    fn measure(clap: &Path, empty: &Path, seconds: u32) -> anyhow::Result<Self> {
        let look = |_| Instant::now().elapsed();
        Ok(Self {
            sleeping: blocks::measure(clap, empty, Pace::Live, seconds)?,
            busy: blocks::measure(clap, empty, Pace::Busy, seconds)?,
            clock: Spread::new((0..10_000).map(look))?.median(),
            plan: plan::measure(seconds * 10)?,
        })
    }

    fn json(&self) -> Value {
        let Self {
            sleeping,
            busy,
            plan,
            ..
        } = self;
        json!({
            "process_us": sleeping.plugin.json(),
            "sending_us": sleeping.sending.json(),
            "empty_us": sleeping.empty.json(),
            "busy_process_us": busy.plugin.json(),
            "busy_sending_us": busy.sending.json(),
            "busy_empty_us": busy.empty.json(),
            "clock_us": micros(self.clock),
            "notes": sleeping.notes + busy.notes,
            "late_notes": sleeping.late + busy.late,
            "plan_ms": millis(plan.cold.median()),
            "plan_warm_ms": millis(plan.warm.median()),
            "plan_at_once_ms": millis(plan.at_once.median()),
            "step_ms": millis(plan.step_cold.median()),
            "step_warm_ms": millis(plan.step_warm.median()),
        })
    }

    fn text(&self) -> String {
        let [sleeping, busy] = [&self.sleeping, &self.busy].map(table);
        let (notes, late) = (
            self.sleeping.notes + self.busy.notes,
            self.sleeping.late + self.busy.late,
        );
        let clock = micros(self.clock);
        let plan = [
            ("phrase's end to first note", &self.plan.cold),
            ("  with warm caches", &self.plan.warm),
            ("  phrase heard at once", &self.plan.at_once),
            ("a step of the network", &self.plan.step_cold),
            ("  with warm caches", &self.plan.step_warm),
        ];
        let plan = plan.map(|(name, spread)| {
            let (median, p99) = (millis(spread.median()), millis(spread.p99()));
            format!("{name:<28}{median:>9.3}{p99:>9.3}\n")
        });
        format!(
            "process() of 64 samples, µs (target: median {}, 99.9 % {})\n\n\
             the host sleeps between blocks\n{sleeping}\n\
             the host is busy between blocks\n{busy}\n\
             {notes} notes of answers, {late} of them late; {clock:.2} µs of each time is the clock\n\n\
             the worker, ms (target for phrase's end to first note: median {PLAN})\n\n\
             {:<28}{:>9}{:>9}\n{}",
            BLOCK.0,
            BLOCK.1,
            "",
            "median",
            "99 %",
            plan.concat()
        )
    }
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
        format!(
            "{:>9.1}",
            micros(of(&times.plugin)) / micros(of(&times.empty))
        )
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
        let report = Report::measure(&bundles.clap, &empty, 1).unwrap();
        let json = report.json();
        let check = |key: &str| {
            let number = json.pointer(key).and_then(Value::as_f64);
            assert!(number.is_some_and(|n| n > 0.0), "{key} in {json}");
        };
        for times in ["process_us", "empty_us", "busy_process_us", "busy_empty_us"] {
            for key in ["median", "p99", "p999", "max"] {
                check(&format!("/{times}/{key}"));
            }
            assert_eq!(json[times]["count"], 48_000 / 64, "{times}");
        }
        for key in [
            "/plan_ms",
            "/plan_warm_ms",
            "/plan_at_once_ms",
            "/step_ms",
            "/notes",
        ] {
            check(key);
        }
        assert!(report.text().contains("empty plug-in"));
    }
}
