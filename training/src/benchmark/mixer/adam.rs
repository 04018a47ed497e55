//! A mixer's parameters while they are learnt: Adam (Kingma & Ba 2015) with a pull to the start.
//!
//! Called by the mixer. Pure; any thread.

use crate::nn::simd::vectorised;

/// The running means go over about 10 and 100 steps.
const MEAN: f32 = 0.9;
const MEAN_SQUARE: f32 = 0.99;

/// Parameters, their gradient, and Adam's means.
#[derive(Clone, Debug)]
pub struct Adam {
    /// What is learnt.
    pub values: Vec<f32>,
    /// Sums of gradients since the last step.
    pub gradient: Vec<f32>,
    start: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl Adam {
    /// Parameters that begin with `values` and are pulled towards `start`.
    pub fn new(values: Vec<f32>, start: Vec<f32>) -> Self {
        let n = values.len();
        Self {
            values,
            gradient: vec![0.0; n],
            start,
            first: vec![0.0; n],
            second: vec![0.0; n],
            steps: 0,
        }
    }

    /// Moves against the mean gradient of `notes` notes. `pulls` says up to which parameter there
    /// is which pull.
    pub fn step(&mut self, notes: usize, rate: f32, pulls: [(usize, f32); 2]) {
        self.steps += 1;
        let unbias = |mean: f32| 1.0 / (1.0 - mean.powi(self.steps));
        let (unbias_first, unbias_second) = (unbias(MEAN), unbias(MEAN_SQUARE));
        let mut from = 0;
        for (to, pull) in pulls {
            let range = from..to;
            move_all(
                &mut self.values[range.clone()],
                &mut self.gradient[range.clone()],
                &self.start[range.clone()],
                &mut self.first[range.clone()],
                &mut self.second[range],
                1.0 / notes as f32,
                pull,
                rate * unbias_first,
                unbias_second,
            );
            from = to;
        }
    }
}

vectorised! {
    fn move_all(
        values: &mut [f32],
        gradient: &mut [f32],
        start: &[f32],
        first: &mut [f32],
        second: &mut [f32],
        share: f32,
        pull: f32,
        rate: f32,
        unbias_second: f32,
    ) {
        let n = values.len();
        let (gradient, start) = (&mut gradient[..n], &start[..n]);
        let (first, second) = (&mut first[..n], &mut second[..n]);
        for k in 0..n {
            let slope = gradient[k] * share + pull * (values[k] - start[k]);
            gradient[k] = 0.0;
            first[k] += (1.0 - MEAN) * (slope - first[k]);
            second[k] += (1.0 - MEAN_SQUARE) * (slope * slope - second[k]);
            let size = (second[k] * unbias_second).sqrt() + 1e-6;
            values[k] -= rate * first[k] / size;
        }
    }
}
