//! The mixer: many models' distributions into one.
//!
//! ```text
//! log p(c) = sum over models m of w_m log p_m(c) + judge(c) + constant
//! w_m      = sum over features f of theta[m][f] x[m][f]
//! ```
//!
//! IDyOM combines its models by a geometric mean whose weights come from their entropies (Pearce
//! 2005, section 6.2). Here the weights are learnt, and a small network ([`judge`]) is added to it,
//! by gradient descent on the surprise at notes that the models were not trained on: stacked
//! generalisation (Wolpert 1992), done as in PAQ's logistic mixing (Mahoney 2005). Called by the
//! protocol. Any thread.

mod adam;
mod judge;

use adam::Adam;

use super::opinions::{FEATURES, Opinions, View};
use crate::nn::noise::Noise;

/// Mixers whose mean is taken; they differ in their first weights and in the notes' order.
const MIXERS: u64 = 3;
/// Passes over the notes.
const PASSES: u64 = 10;
/// Notes for each step.
const BATCH: usize = 32;
/// Adam's first step size; it falls to 0 by the last pass.
const RATE: f32 = 0.003;
/// Pull of the weights towards where they began, and of the network's parameters towards 0.
const PULL: f32 = 0.01;
const NETWORK_PULL: f32 = 0.001;
/// Sum of the models' weights in the beginning. More than 1: they agree for reasons of their own.
const TOGETHER: f32 = 1.5;
/// Share of the models that the network does not hear at a note, while it learns.
const UNHEARD: f32 = 0.2;

/// Several mixers, taken together.
#[derive(Clone, Debug)]
pub struct Mixers(Vec<Mixer>);

impl Mixers {
    /// Learnt from notes of which the models knew nothing.
    pub fn learn(opinions: &Opinions, noise: Noise) -> Self {
        let all = (0..MIXERS).map(|k| {
            let noise = noise.branch(k);
            let mut mixer = Mixer::new(opinions.models, noise.branch(0));
            mixer.learn(opinions, noise.branch(1));
            mixer
        });
        Self(all.collect())
    }

    /// The distribution of a note: the geometric mean of theirs.
    pub fn predict(&self, opinions: &Opinions, note: usize) -> Vec<f32> {
        let view = opinions.view(note);
        let mut room = Room::new(opinions);
        let mut sums = vec![0.0; opinions.candidates];
        for mixer in &self.0 {
            mixer.predict(&view, &mut room);
            for (sum, p) in sums.iter_mut().zip(&room.p) {
                *sum += p.max(f32::MIN_POSITIVE).ln() / self.0.len() as f32;
            }
        }
        softmax(&mut sums);
        sums
    }
}

/// One mixer.
#[derive(Clone, Debug)]
struct Mixer {
    models: usize,
    /// The weights theta, then the network.
    parameters: Adam,
}

/// Room to compute in.
struct Room {
    p: Vec<f32>,
    heard: Vec<f32>,
    judge: judge::Room,
}

impl Room {
    fn new(opinions: &Opinions) -> Self {
        Self {
            p: vec![0.0; opinions.candidates],
            heard: vec![1.0; opinions.models],
            judge: judge::Room::default(),
        }
    }
}

impl Mixer {
    /// All of `models` models weigh the same, and the network says nothing.
    fn new(models: usize, noise: Noise) -> Self {
        let weight = TOGETHER / models.max(1) as f32;
        let theta = (0..models * FEATURES).map(|k| if k % FEATURES == 0 { weight } else { 0.0 });
        let mut values: Vec<f32> = theta.collect();
        let mut start = values.clone();
        values.extend(judge::start(models, noise));
        start.resize(values.len(), 0.0);
        let parameters = Adam::new(values, start);
        Self { models, parameters }
    }

    fn learn(&mut self, opinions: &Opinions, noise: Noise) {
        let mut room = Room::new(opinions);
        let theta = self.models * FEATURES;
        let pulls = [(theta, PULL), (self.parameters.values.len(), NETWORK_PULL)];
        for pass in 0..PASSES {
            let rate = RATE * (1.0 - pass as f32 / PASSES as f32);
            let (order, unheard) = (noise.branch(2 * pass), noise.branch(2 * pass + 1));
            for batch in order.order(opinions.notes()).chunks(BATCH) {
                for note in batch {
                    let unheard = unheard.branch(*note as u64);
                    for (k, heard) in (0..).zip(&mut room.heard) {
                        let out = unheard.below(k, 1 << 16) < (UNHEARD * 65_536.0) as u64;
                        *heard = if out { 0.0 } else { 1.0 / (1.0 - UNHEARD) };
                    }
                    self.collect(&opinions.view(*note), opinions.came(*note), &mut room);
                }
                self.parameters.step(batch.len(), rate, pulls);
            }
        }
    }

    /// The distribution of a note, into the room's `p`.
    fn predict(&self, view: &View, room: &mut Room) {
        let (theta, network) = self.parameters.values.split_at(self.models * FEATURES);
        room.p.fill(0.0);
        for ((logs, features), theta) in view
            .words()
            .zip(view.features())
            .zip(theta.chunks(FEATURES))
        {
            let weight: f32 = theta.iter().zip(features).map(|(a, b)| a * b).sum();
            for (p, log) in room.p.iter_mut().zip(logs) {
                *p += weight * log;
            }
        }
        judge::speak(network, view, &room.heard, &mut room.judge, &mut room.p);
        softmax(&mut room.p);
    }

    /// Adds the gradient of the surprise at a note.
    fn collect(&mut self, view: &View, came: usize, room: &mut Room) {
        self.predict(view, room);
        room.p[came] -= 1.0;
        let theta = self.models * FEATURES;
        let (own, network) = self.parameters.gradient.split_at_mut(theta);
        for ((logs, features), own) in view
            .words()
            .zip(view.features())
            .zip(own.chunks_mut(FEATURES))
        {
            let slope: f32 = logs.iter().zip(&room.p).map(|(log, p)| log * p).sum();
            for (gradient, feature) in own.iter_mut().zip(features) {
                *gradient += slope * feature;
            }
        }
        let values = &self.parameters.values[theta..];
        judge::learn(values, network, view, &room.heard, &mut room.judge, &room.p);
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
    use super::super::alphabet::Alphabet;
    use super::super::counts::Grounds;
    use super::super::data::{Melody, Note};
    use super::*;

    /// One model is right three times in four, the other says the opposite of it.
    fn opinions() -> Opinions {
        let note = |onset: i64| Note {
            onset,
            pitch: 60,
            duration: 1,
        };
        let melody = Melody {
            fold: 0,
            notes: (0..400).map(note).collect(),
            metre: None,
            bar_line: 0,
        };
        let alphabet = Alphabet::new(vec![60, 62]);
        let noise = Noise::new(3, 3);
        let mut opinions = Opinions::new(2, 2);
        for i in 0..400 {
            let came = noise.below(2 * i, 2) as usize;
            let right = noise.below(2 * i + 1, 4) > 0;
            let p = if (came == 0) == right { 0.75 } else { 0.25 };
            opinions.add(&[p, 1.0 - p], Grounds::default());
            opinions.add(&[1.0 - p, p], Grounds::default());
            opinions.add_clues(&melody, 7, &alphabet);
            opinions.end(came);
        }
        opinions
    }

    #[test]
    fn the_better_model_is_heard() {
        let opinions = opinions();
        let mixers = Mixers::learn(&opinions, Noise::new(1, 2));
        let bits = (0..opinions.notes()).map(|note| {
            let p = mixers.predict(&opinions, note);
            assert!((p[0] + p[1] - 1.0).abs() < 1e-6);
            -p[opinions.came(note)].log2()
        });
        let bits = bits.sum::<f32>() / opinions.notes() as f32;
        // The entropy of 3 to 1 is 0.811 bits; the chance of the draw makes it a little other.
        assert!((0.75..0.9).contains(&bits), "{bits}");
    }

    #[test]
    fn the_gradient_is_the_slope() {
        let opinions = opinions();
        let mut mixer = Mixer::new(2, Noise::new(1, 2));
        // A way out, so that the hidden layer matters.
        let n = mixer.parameters.values.len();
        for (k, value) in mixer.parameters.values[n - judge::HIDDEN..]
            .iter_mut()
            .enumerate()
        {
            *value = 0.1 * k as f32 - 0.7;
        }
        let (view, came) = (opinions.view(5), opinions.came(5));
        let mut room = Room::new(&opinions);
        room.heard = vec![0.5, 1.2];
        mixer.collect(&view, came, &mut room);
        let mut surprise = |mixer: &Mixer| {
            mixer.predict(&view, &mut room);
            -room.p[came].ln()
        };
        let mut moved = 0;
        for k in 0..n {
            let slope = mixer.parameters.gradient[k];
            let (mut up, mut down) = (mixer.clone(), mixer.clone());
            up.parameters.values[k] += 1e-2;
            down.parameters.values[k] -= 1e-2;
            let found = (surprise(&up) - surprise(&down)) / 2e-2;
            assert!((found - slope).abs() < 2e-3, "{k}: {found}, not {slope}");
            moved += usize::from(slope.abs() > 1e-3);
        }
        assert!(moved > 100, "{moved} of {n} parameters matter");
    }
}
