//! How long the engine may wait for the worker, which in real time is not at all.
//!
//! An offline render runs far faster than the music, or slower where there is much to compute, and
//! its notes must not depend on how fast the worker is: there the engine waits. A host that says
//! that it renders offline is believed, whether it says so once (CLAP) or with each block (VST3). Not
//! all hosts do, so that it is measured as well: one that has been given more seconds of music than
//! have passed on the wall can spare the difference.

use std::time::{Duration, Instant};

/// The longest wait for one answer: in a render that is known to be offline only a worker that hangs
/// takes so long, however loaded the machine.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest wait where it is only measured that the host has time.
const LONGEST_MEASURED: Duration = Duration::from_secs(2);

/// A lead below this is a host filling its buffers.
const BUFFERS: f64 = 0.1;

/// Time in seconds in which most of a lead is forgotten, so that none outlasts the end of a render.
const MEMORY: f64 = 0.25;

/// Measures how far the host is ahead of the wall clock.
#[derive(Default)]
pub struct Pace {
    /// Whether the host has said that it renders offline.
    offline: bool,
    /// Whether it has said so of the block.
    offline_block: bool,
    /// Seconds, when the clock was last looked at.
    lead: f64,
    last: Option<Instant>,
    /// Seconds of music since then.
    given: f64,
}

impl Pace {
    /// Starts again; `offline` if the host is known to render offline.
    pub fn restart(&mut self, offline: bool, now: Instant) {
        *self = Self {
            offline,
            last: Some(now),
            ..Self::default()
        };
    }

    /// The host asks for a block of that many seconds; `offline` if it says that this one is rendered
    /// offline.
    pub fn give(&mut self, seconds: f64, offline: bool) {
        self.offline_block = offline;
        if offline {
            // Of how fast a render was nothing is left to the block after it, which may be live.
            (self.lead, self.given) = (0.0, 0.0);
        } else if seconds.is_finite() {
            // A rate of 0 or NaN tells nothing.
            self.given += seconds.max(0.0);
        }
    }

    /// How long the engine may wait `now`, within the block that was given last. To be asked only
    /// where it may: looking at the clock costs as much as the rest of an empty block.
    pub fn patience(&mut self, now: Instant) -> Duration {
        if self.offline || self.offline_block {
            return LONGEST;
        }
        let given = std::mem::take(&mut self.given);
        let passed = self.last.map_or(given, |last| {
            now.saturating_duration_since(last).as_secs_f64()
        });
        self.last = Some(now);
        self.lead = (self.lead * (-passed / MEMORY).exp() + given - passed).max(0.0);
        let spare = self.lead - BUFFERS;
        if spare > 0.0 {
            Duration::from_secs_f64(spare.min(LONGEST_MEASURED.as_secs_f64()))
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of 10 ms, each `wall` seconds after the one before, looked at each `every` blocks;
    /// the patience of each look.
    fn run(pace: &mut Pace, start: Instant, blocks: u32, wall: f64, every: u32) -> Vec<Duration> {
        let look = |n| {
            pace.give(0.01, false);
            let now = start + Duration::from_secs_f64(f64::from(n) * wall);
            (n % every == 0).then(|| pace.patience(now))
        };
        (0..blocks).filter_map(look).collect()
    }

    fn started(start: Instant) -> Pace {
        let mut pace = Pace::default();
        pace.restart(false, start);
        pace
    }

    #[test]
    fn real_time_never_waits() {
        let start = Instant::now();
        for wall in [0.01, 0.0099, 0.0101, 0.5] {
            for every in [1, 7, 900] {
                let waits = run(&mut started(start), start, 1000, wall, every);
                assert!(waits.iter().all(Duration::is_zero), "{wall} {every}");
            }
        }
        // Eight buffers at once, then steady.
        let mut pace = started(start);
        run(&mut pace, start, 8, 0.0, 1);
        let waits = run(&mut pace, start, 1000, 0.01, 3);
        assert!(waits.iter().all(Duration::is_zero));
        // Long unasked, or never started.
        let later = start + Duration::from_secs(100);
        assert_eq!(pace.patience(later), Duration::ZERO);
        let mut pace = Pace::default();
        (0..1000).for_each(|_| pace.give(0.01, false));
        assert_eq!(pace.patience(later), Duration::ZERO);
    }

    #[test]
    fn a_fast_render_waits_and_the_lead_is_forgotten_after_it() {
        let start = Instant::now();
        for every in [1, 10] {
            let mut pace = started(start);
            let waits = run(&mut pace, start, 1000, 0.0005, every);
            assert!(waits[0].is_zero());
            let late = &waits[20 / every as usize + 1..];
            assert!(
                late.iter()
                    .all(|wait| !wait.is_zero() && *wait <= LONGEST_MEASURED)
            );
            let after = start + Duration::from_millis(510);
            let after = run(&mut pace, after, 300, 0.01, every);
            assert!(after[after.len() * 2 / 3..].iter().all(Duration::is_zero));
        }
    }

    #[test]
    fn a_host_that_says_it_renders_offline_is_believed() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.restart(true, now);
        assert_eq!(pace.patience(now), LONGEST);
        pace.restart(false, now);
        pace.give(f64::NAN, false);
        assert_eq!(pace.patience(now), Duration::ZERO);
    }

    #[test]
    fn a_block_that_is_said_to_be_offline_is_believed_and_the_next_one_too() {
        let start = Instant::now();
        let mut pace = started(start);
        // Minutes of music in no time, asked for and not.
        for n in 0..10_000 {
            pace.give(0.02, true);
            if n % 2 == 0 {
                assert_eq!(pace.patience(start), LONGEST);
            }
        }
        let waits = run(&mut pace, start, 1000, 0.01, 3);
        assert!(waits.iter().all(Duration::is_zero), "it is live now");
        pace.give(0.01, true);
        assert_eq!(pace.patience(start + Duration::from_secs(100)), LONGEST);
        // Far ahead of the wall, which is then said to be none of it.
        run(&mut pace, start, 1000, 0.0, 1);
        pace.give(0.0, true);
        pace.give(0.01, false);
        assert_eq!(pace.patience(start), Duration::ZERO);
    }
}
