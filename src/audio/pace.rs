//! How long the engine may wait for the worker, which in real time is not at all.
//!
//! An offline render runs far faster than the music, and its notes must not depend on how fast the
//! worker is: there the engine waits. Whether the host renders offline is not always told, nor told
//! truly (nice-plug's VST3 wrapper hands on the mode of the activation before), so that it is
//! measured as well: a host that has been given more seconds of music than have passed on the wall
//! can spare the difference.

use std::time::{Duration, Instant};

/// The longest wait for one answer.
const LONGEST: Duration = Duration::from_secs(2);

/// A lead below this is a host filling its buffers.
const BUFFERS: f64 = 0.1;

/// Time in seconds in which most of a lead is forgotten, so that none outlasts the end of a render.
const MEMORY: f64 = 0.25;

/// Measures how far the host is ahead of the wall clock.
#[derive(Default)]
pub struct Pace {
    offline: bool,
    /// Seconds.
    lead: f64,
    last: Option<Instant>,
}

impl Pace {
    /// Starts anew; `offline` if the host is known to render offline.
    pub fn restart(&mut self, offline: bool) {
        *self = Self {
            offline,
            ..Self::default()
        };
    }

    /// How long the engine may wait within the block that begins `now` and lasts `seconds`.
    pub fn patience(&mut self, now: Instant, seconds: f64) -> Duration {
        let passed = self.last.map_or(0.0, |last| {
            now.saturating_duration_since(last).as_secs_f64()
        });
        self.last = Some(now);
        if self.offline {
            return LONGEST;
        }
        self.lead = (self.lead - passed).max(0.0) * (-passed / MEMORY).exp();
        let spare = self.lead - BUFFERS;
        // A rate of 0 or NaN tells nothing.
        self.lead += if seconds.is_finite() {
            seconds.max(0.0)
        } else {
            0.0
        };
        if spare > 0.0 {
            Duration::from_secs_f64(spare.min(LONGEST.as_secs_f64()))
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of 10 ms, each `wall` seconds after the one before; the longest patience of each.
    fn run(pace: &mut Pace, start: Instant, blocks: u32, wall: f64) -> Vec<Duration> {
        (0..blocks)
            .map(|n| pace.patience(start + Duration::from_secs_f64(f64::from(n) * wall), 0.01))
            .collect()
    }

    #[test]
    fn real_time_never_waits() {
        let start = Instant::now();
        for wall in [0.01, 0.0099, 0.0101, 0.5] {
            assert!(
                run(&mut Pace::default(), start, 1000, wall)
                    .iter()
                    .all(Duration::is_zero)
            );
        }
        // Eight buffers at once, then steady.
        let mut pace = Pace::default();
        run(&mut pace, start, 8, 0.0);
        assert!(
            run(&mut pace, start, 1000, 0.01)
                .iter()
                .all(Duration::is_zero)
        );
    }

    #[test]
    fn a_fast_render_waits_and_the_lead_is_forgotten_after_it() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let waits = run(&mut pace, start, 1000, 0.0005);
        assert!(waits[..10].iter().all(Duration::is_zero));
        assert!(
            waits[20..]
                .iter()
                .all(|wait| !wait.is_zero() && *wait <= LONGEST)
        );
        let after = run(&mut pace, start + Duration::from_millis(510), 300, 0.01);
        assert!(after[200..].iter().all(Duration::is_zero));
    }

    #[test]
    fn a_host_that_says_it_renders_offline_is_believed() {
        let mut pace = Pace::default();
        pace.restart(true);
        assert_eq!(pace.patience(Instant::now(), 0.01), LONGEST);
        pace.restart(false);
        assert_eq!(pace.patience(Instant::now(), f64::NAN), Duration::ZERO);
    }
}
