//! The tempo that a host's positions tell where the one that it names is another: Ardour names the
//! tempo at which a ramp begins, all the way through the ramp.
//!
//! Part of the [`super::Clock`]. A host that names the tempo of each block is taken at its word: this is
//! for positions on [`HOST_GRID`] that leave a named tempo behind while the samples run on evenly.

use super::host_time::{HOST_GRID, on_host_grid};

/// Time in seconds within which the tempo is measured, half of it at least: long enough that what the
/// host rounds off is little beside it, short enough that a ramp is nearly straight.
const WINDOW: f64 = 0.1;
/// Rounding alone moves two positions no farther apart than this, in beats.
const ROUNDED: f64 = 1.1 / HOST_GRID;
/// How many times as fast or as slow as named the song may go; beyond is no tempo but a jump.
const REACH: f64 = 4.0;

/// Where the host said that a block begins.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub samples: f64,
    pub beats: f64,
}

/// The marks of the last moment.
#[derive(Default)]
pub struct Glide {
    /// What the tempo is measured from, and the mark that takes its place.
    marks: Option<(Mark, Mark)>,
    /// As the host names it, in beats a sample.
    named: f64,
    /// As its positions tell.
    told: f64,
}

impl Glide {
    /// Beats a sample in a block at `mark`, of which the host names `named`. `flows`: no sample was left
    /// out since the block before.
    pub fn per_sample(&mut self, named: f64, mark: Option<Mark>, flows: bool, rate: f64) -> f64 {
        let (Some(mark), true) = (mark, flows && named == self.named) else {
            *self = Self {
                marks: mark.map(|mark| (mark, mark)),
                named,
                told: named,
            };
            return named;
        };
        if !on_host_grid(mark.beats) {
            return self.told;
        }
        let (old, young) = self.marks.unwrap_or((mark, mark));
        let (frames, beats) = (mark.samples - old.samples, mark.beats - old.beats);
        let told = beats / frames;
        let apart = (beats - frames * named).abs() > ROUNDED;
        let tempo = (named / REACH..=named * REACH).contains(&told) && on_host_grid(old.beats);
        let half = rate * WINDOW / 2.0;
        // A ramp that goes slowly, or through the tempo that is named, stays one until it is over.
        let ramp = apart || self.told != named && frames < half;
        self.told = if ramp && tempo { told } else { named };
        let on = mark.samples - young.samples > half;
        self.marks = Some(if on { (young, mark) } else { (old, young) });
        self.told
    }
}

#[cfg(test)]
mod tests {
    use crate::audio::clock::{Clock, HostTime};

    /// Ardour 7.3: the tempo is the one at which the ramp began, the beats go with the ramp.
    #[test]
    fn a_ramp_of_which_ardour_names_the_first_tempo_is_followed_without_a_jump() {
        let (rate, named) = (48_000.0, 120.0);
        for (end, size) in [60.0, 124.0, 180.0, 240.0]
            .into_iter()
            .flat_map(|end| [64, 256, 1024].map(|size| (end, size)))
        {
            // Straight in time, over six seconds; entered at its start and in its middle.
            let slope = (end - named) / 60.0 / 6.0;
            let beats = |samples: f64| {
                let seconds = samples / rate;
                named / 60.0 * seconds + slope * seconds * seconds / 2.0
            };
            for start in [0, 150_000] {
                let mut clock = Clock::default();
                let mut most: f64 = 0.0;
                for first in (start..300_000).step_by(size) {
                    let time = HostTime {
                        playing: true,
                        tempo: Some(named),
                        beats: Some((beats(first as f64) * 1920.0).round() / 1920.0),
                        samples: Some(first as f64),
                        ..HostTime::default()
                    };
                    let block = clock.advance(&time, size as u32, rate);
                    assert_eq!(block.jumped, first == start, "{end} in {size} at {first}");
                    // For a tenth of a second it is found out.
                    if first > start + 4_800 {
                        for sample in [0, size - 1] {
                            let exact = beats((first + sample) as f64);
                            let off = (block.position(sample as u32).get() - exact).abs();
                            most = most.max(off);
                        }
                    }
                }
                // In what Ardour rounds to; the tempo is measured over the blocks before.
                let bound = if size > 256 { 1.75 } else { 1.25 };
                let most = most * 1920.0;
                assert!(most <= bound, "{most} from {start} to {end} in {size}");
            }
        }
    }
}
