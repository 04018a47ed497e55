//! Measures steps, hot and cold.

use serde::Deserialize;
use std::hint::black_box;
use std::time::Instant;

/// Bytes that are written before a cold step.
const SWEEP: usize = 96 << 20;
/// Steps before the hot ones, to warm up.
const WARM: usize = 5;
/// Hot steps in a round.
const HOT: usize = 11;

/// A round of an engine, in nanoseconds.
#[derive(Deserialize)]
pub struct StepTimes {
    hot: Vec<f64>,
    cold: f64,
}

/// All rounds of an engine, in nanoseconds.
#[derive(Default)]
pub struct Series {
    hot: Vec<f64>,
    cold: Vec<f64>,
}

impl Series {
    pub fn add(&mut self, times: StepTimes) {
        self.hot.extend(times.hot);
        self.cold.push(times.cold);
    }

    /// Median in microseconds.
    pub fn hot(&self) -> f64 {
        median(&self.hot)
    }

    /// Median in microseconds.
    pub fn cold(&self) -> f64 {
        median(&self.cold)
    }
}

fn median(nanoseconds: &[f64]) -> f64 {
    let mut sorted = nanoseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN) / 1e3
}

pub struct Stopwatch {
    sweep: Vec<u64>,
    round: u64,
}

impl Stopwatch {
    pub fn new() -> Self {
        Self {
            sweep: vec![0; SWEEP / size_of::<u64>()],
            round: 0,
        }
    }

    /// Measures a round.
    pub fn round(&mut self, step: &mut dyn FnMut()) -> StepTimes {
        let mut time = || {
            let started = Instant::now();
            step();
            started.elapsed().as_nanos() as f64
        };
        for _ in 0..WARM {
            time();
        }
        let hot = (0..HOT).map(|_| time()).collect();
        self.round += 1;
        self.sweep.fill(self.round);
        black_box(&mut self.sweep);
        StepTimes { hot, cold: time() }
    }
}
