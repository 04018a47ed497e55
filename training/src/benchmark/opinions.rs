//! What several models say of some notes, laid out for the mixer.
//!
//! Filled by the experts, read by the mixer. Pure; any thread.

use super::counts::Grounds;

/// Orders that the mixer tells apart.
const ORDERS: usize = 7;

/// Features of a model at a note: 1, which order it knows, its entropy, its own weight.
pub const FEATURES: usize = 1 + ORDERS + 2;

/// No probability is taken to be less.
const LEAST: f32 = 1e-9;

/// The models' words on some notes.
#[derive(Clone, Debug, Default)]
pub struct Opinions {
    /// Candidates that each distribution is over.
    pub candidates: usize,
    /// Models that have spoken on every note.
    pub models: usize,
    /// Logarithms of probabilities: notes × models × candidates.
    logs: Vec<f32>,
    /// Notes × models × features.
    features: Vec<f32>,
    /// Which candidate came.
    came: Vec<usize>,
}

impl Opinions {
    /// Of `models` models over `candidates` candidates.
    pub fn new(models: usize, candidates: usize) -> Self {
        Self {
            candidates,
            models,
            ..Self::default()
        }
    }

    /// Adds what the next model says of the note at hand.
    pub fn add(&mut self, distribution: &[f32], grounds: Grounds) {
        let mut entropy = 0.0;
        for p in distribution {
            let log = p.max(LEAST).ln();
            entropy -= p * log;
            self.logs.push(log);
        }
        // Of one candidate there is no doubt, nor anything to predict.
        let most = (distribution.len().max(2) as f32).ln();
        self.features.push(1.0);
        for order in 1..=ORDERS {
            let known = grounds.orders.min(ORDERS) == order;
            self.features.push(f32::from(u8::from(known)));
        }
        self.features.push(entropy / most - 0.5);
        self.features.push(grounds.weight);
    }

    /// Adds what the models of `other` said of a note.
    pub fn add_all(&mut self, other: &Self, note: usize) {
        self.logs.extend_from_slice(other.logs(note));
        self.features.extend_from_slice(other.features(note));
    }

    /// Adds all notes of `other`, which is of the same models.
    pub fn append(&mut self, other: &Self) {
        self.logs.extend_from_slice(&other.logs);
        self.features.extend_from_slice(&other.features);
        self.came.extend_from_slice(&other.came);
    }

    /// Ends the note at hand: this candidate came.
    pub fn end(&mut self, came: usize) {
        self.came.push(came);
    }

    /// How many notes there are.
    pub fn notes(&self) -> usize {
        self.came.len()
    }

    /// Which candidate came.
    pub fn came(&self, note: usize) -> usize {
        self.came[note]
    }

    /// Logarithms of the probabilities at a note, models × candidates.
    pub fn logs(&self, note: usize) -> &[f32] {
        let n = self.models * self.candidates;
        &self.logs[note * n..][..n]
    }

    /// Models × features.
    pub fn features(&self, note: usize) -> &[f32] {
        let n = self.models * FEATURES;
        &self.features[note * n..][..n]
    }
}
