//! Corrections to the time that comes from JACK: positions that are told twice, and nice-plug's sum
//! of bar, beat and tick. Audio thread.

use crate::audio::clock::HostTime;

/// How far ahead a late block may be told to be, in seconds.
const LATE: f64 = 0.2;

/// Compensates for blocks that are computed late. JACK tells a late client where the next block
/// begins, and then the same once more: taken as it is, time would leap ahead and back, and the
/// answer would end.
#[derive(Default)]
pub struct LateBlockFilter {
    /// Where the next block begins, in samples, unless the position is moved.
    next: Option<f64>,
    /// Whether the block before was taken for a late one.
    held: bool,
}

impl LateBlockFilter {
    /// The corrected time of a block of `frames`: a step ahead is believed once the next block
    /// confirms it.
    pub fn apply(&mut self, mut time: HostTime, frames: u32, sample_rate: f64) -> HostTime {
        let Some(samples) = time.samples.filter(|_| time.playing) else {
            *self = Self::default();
            return time;
        };
        let ahead = self.next.map_or(0.0, |next| samples - next);
        self.held = ahead > 0.0 && ahead <= LATE * sample_rate && !self.held;
        if self.held {
            time.samples = Some(samples - ahead);
            let beats = time.tempo.map(|tempo| ahead / sample_rate * tempo / 60.0);
            time.beats = time.beats.zip(beats).map(|(at, ahead)| at - ahead);
        }
        self.next = time.samples.map(|samples| samples + f64::from(frames));
        time
    }
}

/// The quarter notes from the start of the song, from what nice-plug 0.4.2 makes of JACK's bar,
/// beat and tick: it counts from 1 as JACK does, takes every bar for four quarters, and the tick
/// for a part of one. `None` in metres of eighths, where that cannot be undone: samples and tempo
/// have to do there.
pub fn quarters(beats: f64, bar: i32, (above, below): (i32, i32)) -> Option<f64> {
    let beat = 4.0 / f64::from(below);
    if !(1.0..=4.0).contains(&beat) {
        return None;
    }
    let bars = f64::from(bar) - 1.0;
    let rest = beats - 4.0 * f64::from(bar);
    // Rounding must not turn a beat into the one before.
    let whole = ((rest + 1e-9) / beat).floor();
    let part = rest - whole * beat;
    Some((bars * f64::from(above) + whole - 1.0 + part) * beat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::clock::Clock;

    #[test]
    fn bar_beat_and_tick_of_jack_are_quarters_from_the_start() {
        // As nice-plug adds them up.
        let told = |bar: i32, beat: i32, tick: f64, metre: (i32, i32)| {
            let below = f64::from(metre.1);
            let beats = f64::from(bar) * 4.0 + f64::from(beat) / below * 4.0 + tick;
            quarters(beats, bar, metre)
        };
        assert_eq!(told(1, 1, 0.0, (4, 4)), Some(0.0));
        assert_eq!(told(3, 2, 0.5, (4, 4)), Some(9.5));
        assert_eq!(told(2, 1, 0.0, (3, 4)), Some(3.0));
        assert_eq!(told(2, 5, 0.25, (5, 4)), Some(9.25));
        assert_eq!(told(2, 2, 0.75, (3, 2)), Some(9.5));
        for (below, tick) in [(2, 0.0), (4, 0.0), (2, 0.999), (4, 0.999)] {
            let exact = (6.0 + tick) * 4.0 / f64::from(below);
            let found = told(3, 1, tick, (3, below)).unwrap();
            assert!((found - exact).abs() < 1e-6, "{found}, not {exact}");
        }
        assert_eq!(told(2, 1, 0.0, (6, 8)), None);
        assert_eq!(told(2, 1, 0.0, (6, 0)), None);
    }

    /// Where the clock takes blocks of 256 to begin, in samples, that JACK says begin there; and
    /// whether it takes one of them for a jump.
    fn steadied(told: &[i32]) -> (Vec<i32>, bool) {
        let (mut steady, mut clock) = (LateBlockFilter::default(), Clock::default());
        let mut jumped = false;
        let at = told.iter().enumerate().map(|(index, samples)| {
            let time = HostTime {
                playing: true,
                tempo: Some(120.0),
                samples: Some(f64::from(*samples)),
                ..HostTime::default()
            };
            let time = steady.apply(time, 256, 48_000.0);
            let block = clock.advance(&time, 256, 48_000.0);
            jumped |= block.jumped && index > 0;
            (block.position(0).get() * 24_000.0).round() as i32
        });
        (at.collect(), jumped)
    }

    #[test]
    fn a_late_block_of_jack_is_no_leap_and_no_jump() {
        let late = [0, 512, 512, 768, 1024];
        assert_eq!(steadied(&late), (vec![0, 256, 512, 768, 1024], false));
        let lost = [0, 256, 768, 1024, 1280];
        assert_eq!(steadied(&lost), (vec![0, 256, 512, 1024, 1280], false));
        let moved = [0, 256, 48_000, 48_256];
        assert_eq!(steadied(&moved), (moved.to_vec(), true));
        let back = [48_000, 48_256, 256, 512];
        assert_eq!(steadied(&back), (back.to_vec(), true));
    }
}
