//! How long steps took.

use serde::Deserialize;
use std::hint::black_box;
use std::time::Instant;

/// What is written between two cold steps, in bytes.
const SWEEP: usize = 96 << 20;
/// Steps that come before the hot ones.
const WARM: usize = 5;
/// Hot steps in a round.
const HOT: usize = 11;

/// A round of an engine, in nanoseconds.
#[derive(Deserialize)]
pub struct Times {
    hot: Vec<f64>,
    cold: f64,
}

/// The rounds of an engine, in nanoseconds.
#[derive(Default)]
pub struct Series {
    hot: Vec<f64>,
    cold: Vec<f64>,
}

impl Series {
    /// One more round.
    pub fn add(&mut self, times: Times) {
        self.hot.extend(times.hot);
        self.cold.push(times.cold);
    }

    /// In the middle, in microseconds.
    pub fn hot(&self) -> f64 {
        median(&self.hot)
    }

    /// In the middle, in microseconds.
    pub fn cold(&self) -> f64 {
        median(&self.cold)
    }
}

fn median(nanoseconds: &[f64]) -> f64 {
    let mut sorted = nanoseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN) / 1e3
}

/// Measures rounds.
pub struct Clock {
    sweep: Vec<u64>,
    round: u64,
}

impl Clock {
    /// With memory to sweep the caches with.
    pub fn new() -> Self {
        Self {
            sweep: vec![0; SWEEP / size_of::<u64>()],
            round: 0,
        }
    }

    /// A round of these steps.
    pub fn round(&mut self, step: &mut dyn FnMut()) -> Times {
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
        Times { hot, cold: time() }
    }
}
