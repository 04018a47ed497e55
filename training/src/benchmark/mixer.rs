//! The mixer: many models' distributions into one, by a weighted geometric mean.
//!
//! ```text
//! p(c) ~ product over models m of p_m(c) ^ w_m,    w_m = sum over features f of theta[m][f] x[m][f]
//! ```
//!
//! IDyOM combines its models in this way with weights out of their entropies (Pearce 2005, section
//! 6.2); here the weights are learnt, by gradient descent on the surprise at notes that the models
//! were not trained on, as in PAQ's logistic mixing (Mahoney 2005). The loss is convex in theta.
//! Called by the protocol. Pure; any thread.

use super::opinions::{FEATURES, Opinions};
use crate::noise::Noise;

/// Passes over the notes.
const PASSES: u64 = 15;
/// Notes for each step.
const BATCH: usize = 32;
/// Adam's first step size; it falls to 0 by the last pass.
const RATE: f32 = 0.003;
/// Pull of the weights towards where they began.
const DECAY: f32 = 0.01;
/// Sum of the models' weights in the beginning. More than 1: they agree for reasons of their own.
const TOGETHER: f32 = 1.5;

/// Adam's means go over about 10 and 100 steps.
const MEAN: f32 = 0.9;
const MEAN_SQUARE: f32 = 0.99;

/// The weights theta, and Adam's means while they are learnt.
#[derive(Clone, Debug)]
pub struct Mixer {
    theta: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    gradient: Vec<f32>,
    steps: i32,
    start: f32,
}

impl Mixer {
    /// All of `models` models weigh the same.
    pub fn new(models: usize) -> Self {
        let n = models * FEATURES;
        let start = TOGETHER / models.max(1) as f32;
        let theta = (0..n).map(|k| if k % FEATURES == 0 { start } else { 0.0 });
        Self {
            theta: theta.collect(),
            first: vec![0.0; n],
            second: vec![0.0; n],
            gradient: vec![0.0; n],
            steps: 0,
            start,
        }
    }

    /// Learns from notes of which the models knew nothing.
    pub fn learn(&mut self, opinions: &Opinions, noise: Noise) {
        let mut p = vec![0.0; opinions.candidates];
        for pass in 0..PASSES {
            let rate = RATE * (1.0 - pass as f32 / PASSES as f32);
            for batch in noise.branch(pass).order(opinions.notes()).chunks(BATCH) {
                for note in batch {
                    self.collect(opinions, *note, &mut p);
                }
                self.step(batch.len(), rate);
            }
        }
    }

    /// The distribution of a note, into `out`.
    pub fn predict(&self, opinions: &Opinions, note: usize, out: &mut [f32]) {
        out.fill(0.0);
        let logs = opinions.logs(note).chunks_exact(out.len());
        let features = opinions.features(note).chunks_exact(FEATURES);
        let theta = self.theta.chunks_exact(FEATURES);
        for ((logs, features), theta) in logs.zip(features).zip(theta) {
            let weight: f32 = theta.iter().zip(features).map(|(a, b)| a * b).sum();
            for (out, log) in out.iter_mut().zip(logs) {
                *out += weight * log;
            }
        }
        softmax(out);
    }

    /// Adds the gradient of the surprise at a note.
    fn collect(&mut self, opinions: &Opinions, note: usize, p: &mut [f32]) {
        self.predict(opinions, note, p);
        p[opinions.came(note)] -= 1.0;
        let logs = opinions.logs(note).chunks_exact(p.len());
        let features = opinions.features(note).chunks_exact(FEATURES);
        let gradients = self.gradient.chunks_exact_mut(FEATURES);
        for ((logs, features), gradients) in logs.zip(features).zip(gradients) {
            let slope: f32 = logs.iter().zip(p.iter()).map(|(log, p)| log * p).sum();
            for (gradient, feature) in gradients.iter_mut().zip(features) {
                *gradient += slope * feature;
            }
        }
    }

    /// Moves the weights (Adam).
    fn step(&mut self, notes: usize, rate: f32) {
        self.steps += 1;
        let unbias = |mean: f32| 1.0 / (1.0 - mean.powi(self.steps));
        let (unbias_first, unbias_second) = (unbias(MEAN), unbias(MEAN_SQUARE));
        for k in 0..self.theta.len() {
            let start = if k % FEATURES == 0 { self.start } else { 0.0 };
            let slope = self.gradient[k] / notes as f32 + DECAY * (self.theta[k] - start);
            self.gradient[k] = 0.0;
            self.first[k] += (1.0 - MEAN) * (slope - self.first[k]);
            self.second[k] += (1.0 - MEAN_SQUARE) * (slope * slope - self.second[k]);
            let size = (self.second[k] * unbias_second).sqrt() + 1e-6;
            self.theta[k] -= rate * self.first[k] * unbias_first / size;
        }
    }
}

/// Logits into probabilities.
pub fn softmax(values: &mut [f32]) {
    let highest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for value in values.iter_mut() {
        *value = (*value - highest).exp();
        total += *value;
    }
    values.iter_mut().for_each(|value| *value /= total);
}

#[cfg(test)]
mod tests {
    use super::super::counts::Grounds;
    use super::*;

    /// One model is right three times in four, the other says the opposite of it.
    fn opinions() -> Opinions {
        let mut opinions = Opinions::new(2, 2);
        for note in 0..400 {
            let came = usize::from(note % 3 == 0);
            let right = note % 4 != 0;
            let p = if (came == 0) == right { 0.75 } else { 0.25 };
            opinions.add(&[p, 1.0 - p], Grounds::default());
            opinions.add(&[1.0 - p, p], Grounds::default());
            opinions.end(came);
        }
        opinions
    }

    #[test]
    fn the_better_model_is_heard() {
        let opinions = opinions();
        let bits = |mixer: &Mixer| {
            let mut p = [0.0; 2];
            let all = (0..opinions.notes()).map(|note| {
                mixer.predict(&opinions, note, &mut p);
                assert!((p[0] + p[1] - 1.0).abs() < 1e-6);
                -p[opinions.came(note)].log2()
            });
            all.sum::<f32>() / opinions.notes() as f32
        };
        let mut mixer = Mixer::new(2);
        assert!((bits(&mixer) - 1.0).abs() < 1e-5);
        mixer.learn(&opinions, Noise::new(1, 2));
        // The entropy of 3 to 1 is 0.811 bits.
        assert!((0.81..0.9).contains(&bits(&mixer)), "{}", bits(&mixer));
    }

    #[test]
    fn the_gradient_is_the_slope() {
        let opinions = opinions();
        let mut mixer = Mixer::new(2);
        let mut p = [0.0; 2];
        mixer.collect(&opinions, 5, &mut p);
        let surprise = |mixer: &Mixer| {
            let mut p = [0.0; 2];
            mixer.predict(&opinions, 5, &mut p);
            -p[opinions.came(5)].ln()
        };
        for k in 0..mixer.theta.len() {
            let (mut up, mut down) = (mixer.clone(), mixer.clone());
            up.theta[k] += 1e-2;
            down.theta[k] -= 1e-2;
            let slope = (surprise(&up) - surprise(&down)) / 2e-2;
            assert!(
                (slope - mixer.gradient[k]).abs() < 1e-3,
                "{slope}, not {}",
                mixer.gradient[k]
            );
        }
    }
}
