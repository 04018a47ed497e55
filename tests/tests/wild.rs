//! Thousands of sessions in hosts that do whatever comes into their heads, and those of them that
//! once found a fault.
//!
//! `HARMONAI_WILD_SEED=N` plays one session alone. The sessions are played in processes of their
//! own, which are this test once more.

mod common;

use common::racks;
use harmonai_tests::wild::Stage;
use harmonai_tests::wild::crew::{attend, perform};
use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// Sessions in each format.
const SESSIONS: u64 = 2000;
/// Tells a process that it is to play: the first seed and the one after the last.
const PLAY: &str = "HARMONAI_WILD_PLAY";

/// The stage of the format with this number.
fn stage(format: usize) -> Stage {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    Stage::new(racks().remove(format), folder).expect("the target folder can be written to")
}

fn seeds(text: &str) -> Option<Range<u64>> {
    let (first, end) = text.split_once("..")?;
    Some(first.parse().ok()?..end.parse().ok()?)
}

/// Plays the sessions in the format of this number; `test` is the caller's name.
fn check(format: usize, test: &str) {
    if let Ok(text) = std::env::var(PLAY) {
        perform(&[stage(format)], seeds(&text).expect("two numbers"), None);
        return;
    }
    let one = std::env::var("HARMONAI_WILD_SEED").ok();
    let one = one.map(|seed| seed.parse::<u64>().expect("a number"));
    let seeds = one.map_or(0..SESSIONS, |seed| seed..seed + 1);
    let this = std::env::current_exe().expect("it runs");
    let report = attend(seeds, None, None, |seeds| {
        let mut command = Command::new(&this);
        command.args(["--exact", test, "--nocapture"]);
        command.env(PLAY, format!("{}..{}", seeds.start, seeds.end));
        command
    });
    let report = report.unwrap_or_else(|error| panic!("{error:#}"));
    println!("{test}\n{report}");
    assert!(report.is_clean(), "{report}");
    if one.is_none() {
        // Sessions in which nobody answers would find no fault.
        assert_eq!(report.tally.sessions, SESSIONS);
        assert!(report.tally.own > SESSIONS, "{report}");
    }
}

#[test]
fn clap_stands_wild_hosts() {
    check(0, "clap_stands_wild_hosts");
}

#[cfg(target_os = "linux")]
#[test]
fn vst3_stands_wild_hosts() {
    check(1, "vst3_stands_wild_hosts");
}
