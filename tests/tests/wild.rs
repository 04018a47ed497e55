//! Thousands of sessions in hosts that do anything at all, and those of them that once found a fault.
//!
//! `HARMONAI_WILD_SEED=N` plays one session alone. The sessions are played in processes of their
//! own, which run this same test.

mod common;

use common::song_blocks::{RATE, SongBlocks, call_project, end};
use common::{BAR, at, libraries};
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Ticks;
use harmonai_tests::bundle::FOLDER;
use harmonai_tests::wild::isolated::{perform, supervise};
use harmonai_tests::wild::{Session, SessionPlayer, Step};
use harmonai_tests::{Bundles, Class};
use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Sessions in each format.
const SESSIONS: u64 = 2000;
/// Tells a process that it is to play: the first seed and the one after the last.
const PLAY: &str = "HARMONAI_WILD_PLAY";

/// What plays in the format with this number.
fn player(format: usize) -> SessionPlayer {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    SessionPlayer::new(libraries().remove(format), folder)
        .expect("the target folder can be written to")
}

fn seeds(text: &str) -> Option<Range<u64>> {
    let (first, end) = text.split_once("..")?;
    Some(first.parse().ok()?..end.parse().ok()?)
}

/// Plays the sessions in the format of this number; `test` is the caller's name.
fn check(format: usize, test: &str) {
    if let Ok(text) = std::env::var(PLAY) {
        perform(&[player(format)], seeds(&text).expect("two numbers"), None);
        return;
    }
    let one = std::env::var("HARMONAI_WILD_SEED").ok();
    let one = one.map(|seed| seed.parse::<u64>().expect("a number"));
    let seeds = one.map_or(0..SESSIONS, |seed| seed..seed + 1);
    let this = std::env::current_exe().expect("it runs");
    // Built once, here: each process would replace it while another one loads it.
    let bundles = Bundles::find().expect("the plug-in is built");
    let folder = bundles.clap.parent().expect("it lies in a folder");
    let report = supervise(seeds, None, None, |seeds| {
        let mut command = Command::new(&this);
        command.args(["--exact", test, "--nocapture"]);
        command.env(PLAY, format!("{}..{}", seeds.start, seeds.end));
        command.env(FOLDER, folder);
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

#[test]
fn vst3_stands_wild_hosts() {
    check(1, "vst3_stands_wild_hosts");
}

/// More requests than the queue holds: the plug-in has to wait for its worker in between.
#[test]
fn a_storm_in_one_block_gets_the_answer_that_it_gets_in_many() {
    // Two bars of a dozen keys at once on every tick, in the time of one large block.
    let storm: Vec<_> = (0..2 * BAR)
        .flat_map(|tick| (40..52).map(move |key| (tick, key)))
        .map(|(tick, key)| Note {
            onset: at(tick),
            duration: at(1),
            pitch: Pitch::clamped(key),
            velocity: None,
        })
        .collect();
    let library = &libraries()[0];
    let answer = |frames: u32, breath: Duration| {
        let mut device = library.open(Class::Instrument).unwrap();
        assert!(device.load(&library.state_from_json(&call_project(8, 3))));
        device.activate(RATE, frames, true).unwrap();
        let song = SongBlocks::new(Ticks::ZERO, end(), &[frames], false, |_| 2800.0);
        let play = |(first, block)| {
            std::thread::sleep(breath);
            device.process(first, &block).unwrap().events
        };
        let events: Vec<_> = song.blocks(&storm).into_iter().flat_map(play).collect();
        song.notes(&events)
    };
    let expect = answer(64, Duration::from_millis(5));
    assert!(!expect.is_empty());
    assert_eq!(answer(8192, Duration::ZERO), expect);
}

/// The notes of an offline render depend on nothing but what the host says and does.
#[test]
fn offline_renders_in_wild_hosts_are_the_same_every_time() {
    let player = player(0);
    let mut notes = 0;
    for seed in 0..150 {
        let mut session = Session::of(seed);
        let mut first = true;
        // A state that is loaded on the way takes over when it has been read.
        session
            .steps
            .retain(|step| std::mem::take(&mut first) || !matches!(step, Step::Load(_)));
        for step in &mut session.steps {
            if let Step::Activate { offline, .. } = step {
                *offline = true;
            }
        }
        let (tally, events) = player.record(&session).unwrap();
        let (_, again) = player.record(&session).unwrap();
        assert_eq!(again, events, "{seed}");
        notes += tally.own;
    }
    assert!(notes > 1000, "{notes}");
}
