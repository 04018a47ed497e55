//! `cargo xtask soak`: sessions in misbehaving hosts until time is up, with a summary.
//!
//! They are those of `tests/tests/wild.rs` with other seeds, in both formats, played in a process of
//! their own, by this same command. A session that fails is shrunk and printed, one that crashes
//! or hangs is named by its seed, and the soak goes on.

use anyhow::{Context, ensure};
use harmonai_tests::clap::ClapLibrary;
use harmonai_tests::vst3::Vst3Library;
use harmonai_tests::wild::SessionPlayer;
use harmonai_tests::wild::isolated::{perform, supervise};
use harmonai_workspace::{Bundles, FOLDER, Profile, target_folder};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A session takes milliseconds: one that is silent for this long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(clap::Args)]
pub struct Args {
    /// How long to go on
    #[arg(long, value_name = "N", default_value_t = 5.0)]
    minutes: f64,
    /// Seed of the first session [default: the current time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How the plug-in is built: dev, which aborts when its audio thread allocates, or release
    #[arg(long, default_value_t = Profile::Dev)]
    profile: Profile,
    /// Play the sessions in this process
    #[arg(long, hide = true)]
    play: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let seed = args.seed.unwrap_or(now.as_secs());
    let until = Instant::now() + Duration::from_secs_f64(args.minutes * 60.0);
    if args.play {
        perform(&players()?, seed..u64::MAX, Some(until));
        return Ok(());
    }
    let bundles = Bundles::build(args.profile)?;
    let folder = bundles.clap.parent().context("a bundle lies in a folder")?;
    let this = std::env::current_exe()?;
    println!("{} minutes from seed {seed} on", args.minutes);
    let until = Instant::now() + Duration::from_secs_f64(args.minutes * 60.0);
    let report = supervise(seed..u64::MAX, Some(until), Some(PATIENCE), |seeds| {
        let left = until.saturating_duration_since(Instant::now());
        let mut command = Command::new(&this);
        command.args(["soak", "--play", "--seed", &seeds.start.to_string()]);
        command.args(["--minutes", &(left.as_secs_f64() / 60.0).to_string()]);
        command.env(FOLDER, folder);
        command
    })?;
    println!("{report}");
    ensure!(report.is_clean(), "the plug-in failed in some sessions");
    Ok(())
}

/// The plug-in in each format.
fn players() -> anyhow::Result<Vec<SessionPlayer>> {
    let bundles = Bundles::find()?;
    let folder = target_folder().join("soak");
    std::fs::create_dir_all(&folder)?;
    Ok(vec![
        SessionPlayer::new(Box::new(ClapLibrary::load(&bundles.clap)?), &folder)?,
        SessionPlayer::new(Box::new(Vst3Library::load(&bundles.vst3)?), &folder)?,
    ])
}
