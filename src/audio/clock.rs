//! Musical time out of what a host says of its transport: where a block begins, how fast it runs,
//! whether the position jumped. Samples and ticks meet here and nowhere else.
//!
//! Audio thread; pure. Hosts differ in how exactly they say it: most report exact beats, some round
//! them (Ardour to 1/1920), some leave out what others give, and a tempo of 0 or NaN happens. The
//! clock predicts each block's start from the block before and compares.

mod bars;
mod glide;
mod host_time;

use bars::Bars;
use glide::{Glide, Mark};
use harmonai_core::music::time::{Beats, Metre, TICKS_PER_BEAT, Ticks};
pub use host_time::HostTime;
use host_time::{FARTHEST, HOST_GRID, on_host_grid};

/// What a host that gives no tempo means.
const DEFAULT_TEMPO: f64 = 120.0;
/// Tempos that are meant: with any other one time stands still.
const TEMPOS: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;
/// Sample rates that are meant.
const SLOWEST_RATE: f64 = 1000.0;

/// A report this near to the prediction is exact, and better than the prediction.
const EXACT: f64 = 1e-5;
/// A report this near to the prediction is no jump: the host rounds, at most to 1/480.
const ROUNDED: f64 = 1.0 / 900.0;
/// The same where the host's sample count says that nothing jumped.
const ROUNDED_FOR_SURE: f64 = 1.0 / 200.0;
/// Time in seconds in which most of a disagreement with the host's reports is given up.
const PULL: f64 = 0.1;
/// Seconds that a host may leave out and still mean to go on: blocks that were not computed in time.
const DROPPED: f64 = 0.2;
/// A position may be ahead by the samples of so many blocks before: nice-plug cuts a host's block
/// where a knob turns, and in CLAP, where the host also says within the block how its transport goes
/// on, it adds the samples before the cut to a position that counts them already.
const CUTS: usize = 16;
/// Sample counts made out of seconds may be one off.
const SAMPLE_SLACK: f64 = 1.5;

/// One block in musical time.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub frames: u32,
    /// Where sample 0 is, in beats.
    start: f64,
    /// Beats a sample; above 0 while rolling.
    per_sample: f64,
    pub rolling: bool,
    /// By itself, since the host's transport stands?
    pub own_clock: bool,
    /// Does it run on from elsewhere than where the block before ended? True also at each start.
    pub jumped: bool,
    /// Quarter notes a minute.
    pub tempo: f64,
    pub metre: Metre,
}

/// Notes played halfway between two ticks, as far as whole samples can say so, belong to the upper
/// one at any sample rate: positions of notes are taken this part of a sample late. More than half a
/// sample, and no fraction that tempos and sample rates come to.
const LEAN: f64 = 0.618_033_988_749_895;

impl Block {
    pub fn position(&self, sample: u32) -> Beats {
        Beats::new(self.start + f64::from(sample) * self.per_sample)
    }

    /// The sample nearest to `at`; below 0 if that was before this block.
    ///
    /// Halfway is up. Computed from each block's start alone this is the same sample at any block
    /// size: what is added beyond the half outweighs the noise of the start's last digits.
    pub fn sample_of(&self, at: Ticks) -> i64 {
        ((at.beats().get() - self.start) / self.per_sample + 0.5 + 1e-3).floor() as i64
    }

    /// The tick nearest to a note played at `sample`.
    pub fn tick_at(&self, sample: u32) -> Ticks {
        let late = f64::from(sample) + LEAN;
        Beats::new(self.start + late * self.per_sample).nearest_tick()
    }

    /// The first sample whose notes belong to ticks after `at`.
    pub fn sample_after(&self, at: Ticks) -> i64 {
        let edge = at.beats().get() + 0.5 / TICKS_PER_BEAT as f64;
        ((edge - self.start) / self.per_sample - LEAN).ceil() as i64
    }

    /// How long `ticks` are in samples.
    pub fn samples(&self, ticks: Ticks) -> f64 {
        ticks.beats().get() / self.per_sample
    }
}

/// What the block before lets expect of the next one.
#[derive(Clone, Copy)]
struct Prediction {
    /// Where the block before began.
    last: f64,
    frames: f64,
    per_sample: f64,
    samples: Option<f64>,
}

/// Follows one host's transport from block to block.
#[derive(Default)]
pub struct Clock {
    /// While rolling.
    prediction: Option<Prediction>,
    /// The host's transport stands, and time runs on.
    own: bool,
    /// Lengths of the last blocks, the newest first.
    lengths: [f64; CUTS],
    /// By how many samples the host is ahead, if by just some of them, and for how many it has been.
    ahead: (f64, f64),
    /// The tempo that the host's positions tell.
    glide: Glide,
    /// The bar lines that the host tells.
    bars: Bars,
    /// The longest block that the host may ask for.
    longest: f64,
    /// The last known position, for hosts that give none while standing.
    position: f64,
}

impl Clock {
    /// No block will be longer than that.
    pub fn expect_blocks(&mut self, longest: u32) {
        self.longest = f64::from(longest);
    }

    /// Forgets the transport: the next rolling block is a start.
    pub fn reset(&mut self) {
        self.prediction = None;
    }

    pub fn advance(&mut self, host: &HostTime, frames: u32, sample_rate: f64) -> Block {
        let own = host.free_run && !host.playing;
        let mut tempo = host.tempo.unwrap_or(DEFAULT_TEMPO);
        if own && !TEMPOS.contains(&tempo) {
            tempo = DEFAULT_TEMPO;
        }
        let meant = TEMPOS.contains(&tempo) && sample_rate >= SLOWEST_RATE;
        let runs = (host.playing || own) && meant;
        if own != self.own {
            self.own = own;
            if let Some(prediction) = self.prediction.take() {
                self.position = prediction.start();
            }
        }
        let per_sample = if runs {
            tempo / 60.0 / sample_rate
        } else {
            0.0
        };
        let sane = |position: &f64| position.abs() < FARTHEST;
        let samples = host.samples.filter(|samples| samples.is_finite() && !own);
        let beats = host.beats.filter(|_| !own);
        let reported = beats.filter(sane).or(samples
            .map(|s| s * per_sample)
            .filter(sane)
            .filter(|_| runs));

        let prediction = self.prediction.filter(|_| runs);
        let mark = samples.zip(beats.filter(sane).filter(|_| runs));
        let mark = mark.map(|(samples, beats)| Mark { samples, beats });
        let flows = prediction.is_some_and(|prediction| prediction.flows(samples) == Some(true));
        let per_sample = (self.glide).per_sample(per_sample, mark, flows, sample_rate);
        let (start, jumped) = match (prediction, reported) {
            (Some(prediction), Some(reported)) => {
                let predicted = prediction.start();
                if self.counts_twice(reported - predicted, per_sample, frames) {
                    (predicted, false)
                } else {
                    prediction.reconcile(reported, samples, per_sample, sample_rate)
                }
            }
            // No position given: it runs on by itself.
            (Some(prediction), None) => (prediction.start(), false),
            (None, Some(reported)) if runs => (unrounded(reported, samples, per_sample), true),
            (None, reported) => (reported.unwrap_or(self.position), runs),
        };
        self.position = start;
        self.lengths.rotate_right(1);
        self.lengths[0] = f64::from(frames);
        self.prediction = runs.then_some(Prediction {
            last: start,
            frames: f64::from(frames),
            per_sample,
            samples,
        });
        Block {
            frames,
            start,
            per_sample,
            rolling: runs,
            own_clock: own && runs,
            jumped,
            tempo: if TEMPOS.contains(&tempo) { tempo } else { 0.0 },
            metre: self.bars.metre(host, start),
        }
    }

    /// Whether that error is just the length of the last block or blocks: see [`CUTS`].
    fn counts_twice(&mut self, error: f64, per_sample: f64, frames: u32) -> bool {
        let (by, since) = self.ahead;
        let is = |samples: f64| error > EXACT && (error - samples * per_sample).abs() <= EXACT;
        let mut sum = 0.0;
        let mut cut = self.lengths.iter().map(|length| {
            sum += length;
            sum
        });
        // A whole block ahead: the host could not keep up, and left some out.
        let by = if is(by) {
            Some((by, since))
        } else {
            let cut = cut.find(|sum| *sum < self.longest && is(*sum));
            cut.map(|sum| (sum, 0.0))
        };
        self.ahead = by.map_or((0.0, 0.0), |(by, since)| (by, since + f64::from(frames)));
        // No cut lasts beyond its block: then the position is meant.
        by.is_some() && self.ahead.1 < self.longest
    }
}

impl Prediction {
    /// Where the next block begins if the tempo stays.
    fn start(&self) -> f64 {
        self.last + self.frames * self.per_sample
    }

    /// Whether the host's samples run on, where it counts them.
    fn flows(&self, samples: Option<f64>) -> Option<bool> {
        let (last, now) = (self.samples?, samples?);
        Some((now - last - self.frames).abs() <= SAMPLE_SLACK)
    }

    /// Where the next block begins, now that the host has reported, and whether that is a jump.
    fn reconcile(
        &self,
        reported: f64,
        samples: Option<f64>,
        per_sample: f64,
        sample_rate: f64,
    ) -> (f64, bool) {
        let predicted = self.start();
        let error = reported - predicted;
        let flows = self.flows(samples);
        // A rounded report can come this near by chance: trusting those would let the time creep.
        let rounded = on_host_grid(reported);
        if error.abs() <= EXACT {
            return (if rounded { predicted } else { reported }, false);
        }
        if flows == Some(false) {
            let dropped = (0.0..=DROPPED * sample_rate * per_sample).contains(&error);
            return (unrounded(reported, samples, per_sample), !dropped);
        }
        if per_sample != self.per_sample {
            // The tempo changed somewhere within the block before.
            let (slow, fast) = (
                per_sample.min(self.per_sample),
                per_sample.max(self.per_sample),
            );
            let reach =
                self.last + self.frames * slow - ROUNDED..=self.last + self.frames * fast + ROUNDED;
            return (reported, !reach.contains(&reported));
        }
        let bound = if flows == Some(true) {
            ROUNDED_FOR_SURE
        } else {
            ROUNDED
        };
        if error.abs() > bound {
            return (unrounded(reported, samples, per_sample), true);
        }
        if rounded && error.abs() <= 1.0 / HOST_GRID {
            // The rounding explains it all.
            return (predicted, false);
        }
        let pull = 1.0 - (-self.frames / sample_rate / PULL).exp();
        (predicted + error * pull, false)
    }
}

/// A position that was rounded on the host's grid, as the sample count tells it exactly. That works
/// where the tempo was the same from the song's start, and shows by the two being near.
fn unrounded(reported: f64, samples: Option<f64>, per_sample: f64) -> f64 {
    samples
        .map(|samples| samples * per_sample)
        .filter(|exact| on_host_grid(reported) && (exact - reported).abs() < ROUNDED)
        .unwrap_or(reported)
}

#[cfg(test)]
mod tests;
