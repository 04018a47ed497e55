//! The bars as a host reports them: their length, and where they lie, which bars of another length before
//! them shift.
//!
//! Part of the [`super::Clock`]. Ardour's bar starts (seen in 7.3, VST3) are four quarters a bar whatever
//! the metre, so that multiples of four quarters say nothing until the host has given another one:
//! then it counts them as they are. Without them bars are counted from the song's start.

use harmonai_core::music::time::{Beats, Metre, TICKS_PER_BEAT, Ticks};

use super::host_time::{FARTHEST, HostTime};

/// What Ardour takes every bar for, in ticks.
const ARDOURS: i64 = 4 * TICKS_PER_BEAT;
/// A bar does not begin after the position in it; hosts round, in beats.
const ROUNDED: f64 = 0.01;
/// Bar lines lie on ticks, but for what a host rounds, in ticks.
const NEAR: f64 = 0.1;

/// What is known of the host's bars.
#[derive(Default)]
pub struct Bars {
    /// Whether it has given a bar start that is no multiple of four quarters.
    believed: bool,
}

impl Bars {
    /// The metre of a block that begins at `position`, in beats.
    pub fn metre(&mut self, host: &HostTime, position: f64) -> Metre {
        let metre = host.signature;
        let metre = metre.and_then(|(n, d)| Metre::new(n.into(), d.into()));
        let metre = metre.unwrap_or(Metre::COMMON);
        let told = host.playing.then_some(host.bar_start).flatten();
        let Some(line) = told.filter(|at| at.abs() < FARTHEST).and_then(tick) else {
            return metre;
        };
        let multiple = line.get() % ARDOURS == 0;
        let past = line.beats().get() <= position + ROUNDED;
        self.believed |= past && !multiple;
        match past && self.believed {
            true => metre.with_line(line),
            false => metre,
        }
    }
}

/// The tick at a position in beats, if there is one.
fn tick(beats: f64) -> Option<Ticks> {
    let nearest = Beats::new(beats).nearest_tick();
    let off = (beats * TICKS_PER_BEAT as f64 - nearest.get() as f64).abs();
    (off < NEAR).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First bar lines after the song's start in a host that rolls through bars of these lengths in
    /// quarters, and says that each begins where `says` does.
    fn lines(bars: &[f64], says: impl Fn(usize, f64) -> f64) -> Vec<i64> {
        let mut known = Bars::default();
        let mut start = 0.0;
        let mut found = Vec::new();
        for (bar, length) in bars.iter().enumerate() {
            let host = HostTime {
                playing: true,
                signature: Some(((length * 2.0) as i32, 8)),
                bar_start: Some(says(bar, start)),
                ..HostTime::default()
            };
            for part in [0.0, 0.4, 0.9] {
                let metre = known.metre(&host, start + part * length);
                if part == 0.0 {
                    found.push(metre.line().get());
                }
            }
            start += length;
        }
        found
    }

    #[test]
    fn a_lone_odd_bar_shifts_all_bars_after_it() {
        let honest = |_, start| start;
        let found = lines(&[4.0, 4.0, 3.5, 4.0, 4.0], honest);
        assert_eq!(found, [0, 0, 0, 84, 84], "in 7/8 from quarter 8: {found:?}");
        let found = lines(&[3.0; 9], honest);
        assert_eq!(found, [0; 9]);
        // Three fours, and then threes: on a multiple of four, before the host is known.
        let found = lines(&[4.0, 4.0, 4.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0], honest);
        assert_eq!(found, [0, 0, 0, 0, 0, 24, 24, 24, 24]);
    }

    #[test]
    fn ardours_bars_of_four_quarters_are_not_believed() {
        let ardour = |bar, _| bar as f64 * 4.0;
        for bars in [[3.0; 9], [5.0; 9], [3.5; 9], [4.0; 9]] {
            assert_eq!(lines(&bars, ardour), [0; 9], "{bars:?}");
        }
    }

    #[test]
    fn nonsense_is_not_believed() {
        for says in [f64::NAN, f64::INFINITY, -1e300, 1e8, 0.013] {
            assert_eq!(lines(&[4.0; 3], |_, _| says), [0; 3], "{says}");
        }
    }
}
