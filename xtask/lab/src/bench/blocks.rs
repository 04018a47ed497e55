//! What blocks of 64 samples at 48 kHz cost while an answer plays, and what they cost an empty
//! plug-in in the same session.
//!
//! Both run in one CLAP host, in real time: in a host that is ahead of the wall clock, the plug-in
//! waits for its worker. The time of a block is that of the host's call of `process`, from before it to
//! after it. Blocks count from the answer's second bar on, in the mode Call & response with an
//! endless answer.

use super::phrase;
use super::spread::Spread;
use anyhow::{Context, bail};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_tests::host::Class;
use harmonai_tests::recording::{Call, late};
use harmonai_tests::session::play_together;
use harmonai_tests::{Blocks, ClapHost, Pace, Recording, Script};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// The id of the empty plug-in.
const EMPTY: &str = "org.harmonai.empty";

/// Samples in a block.
const BLOCK: u32 = 64;

/// Where blocks begin to count: after a bar of call and one of answer, which warm the caches.
const FROM: Ticks = Ticks::new(8 * Ticks::BEAT.get());

/// The times of one session's blocks.
pub struct BlockTimes {
    pub plugin: Spread,
    /// The plug-in's, in blocks in which a note begins or ends.
    pub sending: Spread,
    pub empty: Spread,
    pub notes: usize,
    /// Notes that began late.
    pub late: usize,
}

/// Plays an answer of this many `seconds`.
pub fn measure(clap: &Path, empty: &Path, pace: Pace, seconds: u32) -> anyhow::Result<BlockTimes> {
    let clap = ClapHost::new(clap, Class::Instrument);
    let empty = ClapHost::with_id(empty, EMPTY);
    let script = script(pace, seconds);
    let mut bare = script.clone();
    bare.settings.clear();
    let recordings = play_together(&[(&clap, &script), (&empty, &bare)])?;
    let [played, idle] = recordings.as_slice() else {
        bail!("{} plug-ins played", recordings.len());
    };
    let block = |sample: u64| sample / u64::from(BLOCK);
    let events = played.events.iter();
    let sent: BTreeSet<_> = events.map(|event| block(event.sample)).collect();
    let sending = times(played, |call| sent.contains(&block(call.first)));
    let notes = played.notes()?;
    Ok(BlockTimes {
        plugin: Spread::new(times(played, |_| true))?,
        sending: Spread::new(sending).context("the plug-in did not answer")?,
        empty: Spread::new(times(idle, |_| true))?,
        notes: notes.len(),
        late: late(&notes),
    })
}

/// A bar of call, then an answer without end, at 120 beats a minute.
fn script(pace: Pace, seconds: u32) -> Script {
    let length = FROM + Ticks::new(i64::from(seconds) * 2 * Ticks::BEAT.get());
    let mut script = Script::new(phrase(8), Metre::COMMON, length)
        .on(48_000.0, Blocks::Fixed(BLOCK))
        .set("Listen", "1")
        .set("Length", "endless");
    script.pace = pace;
    script
}

/// The times of the blocks that count: from [`FROM`] to the transport's stop.
fn times(recording: &Recording, which: impl Fn(&Call) -> bool) -> Vec<Duration> {
    let rolling = recording.timeline.stretch_at(0);
    let from = rolling.exact_sample(FROM) as u64;
    let counts = |call: &&Call| (from..rolling.end()).contains(&call.first) && which(call);
    let calls = recording.calls.iter().filter(counts);
    calls.map(|call| call.time).collect()
}
