//! `cargo xtask bench window`: does the window cost the audio thread its deadlines?
//!
//! One CLAP host plays at a sound card's pace, with the window closed and open in turns, in one
//! run; on a virtual screen the window is drawn by software. The host is this program once more, on
//! that screen.

use super::spread::millis;
use crate::needs::INSTALL;
use anyhow::{Context, ensure};
use harmonai_tests::Class;
use harmonai_tests::clap::ShownClap;
use harmonai_tests::screen::show::{Pace, Report, Shown, look};
use harmonai_tests::screen::{Frame, Screen};
use harmonai_workspace::{Bundles, FOLDER, Profile};
use std::process::Command;
use std::time::Duration;

/// Marks the process that is the host.
const HOST: &str = "HARMONAI_BENCH_WINDOW";

#[derive(clap::Args)]
pub struct Args {
    /// Seconds of each round
    #[arg(long, value_name = "N", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Rounds with the window closed and open
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Samples in a block, at 48 kHz
    #[arg(long, value_name = "N", default_value_t = 128)]
    #[arg(value_parser = clap::value_parser!(u32).range(16..=4096))]
    frames: u32,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    if std::env::var_os(HOST).is_some() {
        return host(args);
    }
    let bundles = Bundles::build(Profile::Release)?;
    let screen = Screen::find()?.with_context(|| {
        format!("there is no screen; {INSTALL} xvfb libgl1-mesa-dri libgl1 libegl1")
    })?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(std::env::args_os().skip(1));
    command.env(HOST, "1").env("DISPLAY", &screen.name);
    let folder = bundles.clap.parent().context("a bundle lies in a folder")?;
    let status = command.env(FOLDER, folder).status()?;
    ensure!(status.success(), "the host: {status}");
    Ok(())
}

fn host(args: &Args) -> anyhow::Result<()> {
    let plugin = ShownClap::load(&Bundles::find()?.clap, Class::Instrument)?;
    let pace = Pace {
        rate: 48_000.0,
        frames: args.frames,
        real_time: true,
        turns: 1,
        until_heard: false,
    };
    let time = Duration::from_secs(args.seconds);
    let (mut closed, mut open) = (Report::default(), Report::default());
    for _ in 0..args.rounds {
        let without = |window: &mut dyn Shown| {
            look(window, time);
            Ok(())
        };
        add(&mut closed, plugin.play(pace, without)?);
        let with = |window: &mut dyn Shown| {
            let frame = Frame::open(1200, 1000)?;
            window.open(&frame)?;
            look(window, time);
            window.close()
        };
        add(&mut open, plugin.play(pace, with)?);
    }
    println!(
        "blocks of {} samples at 48 kHz ({:.2} ms), while it plays and a knob turns\n\n\
         {:<8}{:>10}{:>10}{:>14}",
        args.frames,
        f64::from(args.frames) / 48.0,
        "window",
        "blocks",
        "overran",
        "longest, ms"
    );
    for (name, report) in [("closed", closed), ("open", open)] {
        println!(
            "{name:<8}{:>10}{:>10}{:>14.3}",
            report.blocks,
            report.overruns,
            millis(report.longest)
        );
    }
    Ok(())
}

fn add(sum: &mut Report, turn: Report) {
    sum.blocks += turn.blocks;
    sum.events += turn.events;
    sum.overruns += turn.overruns;
    sum.longest = sum.longest.max(turn.longest);
}
