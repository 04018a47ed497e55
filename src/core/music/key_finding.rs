//! Finding the key of a phrase: a probability for each of the 24 keys.
//!
//! A log-linear model: what a phrase tells ([`evidence`]) is weighed, degree by degree, by a table
//! for the major and one for the minor keys ([`table`]), learnt from melodies whose key signature
//! is known ([`learnt`]); the softmax of the 24 sums is the probabilities. `training key` says how
//! often they are right, and learns the table again. No function of the platform's is called, so
//! that the same notes give the same bits everywhere. Pure and without allocation, some microseconds
//! for a phrase; any thread.

pub mod evidence;
pub mod learnt;
pub mod table;

use crate::music::key::{Key, KeyMode};
use crate::music::note::{Note, Pitch};
use crate::music::time::Metre;

use evidence::KeyEvidence;
use learnt::LEARNT;
use table::KeyTable;

/// How likely each key is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyEstimate {
    /// By mode, major first, and tonic.
    probabilities: [[f32; 12]; 2],
}

impl KeyEstimate {
    /// Of notes in the order of their onsets, with the metre's bar lines where they were heard.
    /// `None` without notes.
    pub fn of<'a>(notes: impl IntoIterator<Item = &'a Note>, metre: Metre) -> Option<Self> {
        let evidence = KeyEvidence::of(notes, metre);
        (evidence != KeyEvidence::default()).then(|| Self::weigh(&evidence, &LEARNT))
    }

    /// What the evidence tells by a table.
    pub fn weigh(evidence: &KeyEvidence, table: &KeyTable) -> Self {
        let mut scores = [[0.0; 12]; 2];
        for ((mode, degrees, moves), scores) in table.modes().zip(&mut scores) {
            for (tonic, score) in scores.iter_mut().enumerate() {
                // A pitch class's degree above the tonic.
                let degree = |class: usize| (class + 12 - tonic) % 12;
                *score = f32::from(mode);
                for (values, weights) in evidence.classes.iter().zip(degrees) {
                    for (class, value) in values.iter().enumerate() {
                        *score += value * f32::from(weights[degree(class)]);
                    }
                }
                for (from, values) in evidence.moves.iter().enumerate() {
                    for (to, value) in values.iter().enumerate() {
                        *score += value * f32::from(moves[degree(from)][degree(to)]);
                    }
                }
            }
        }
        Self {
            probabilities: softmax(scores.map(|scores| scores.map(|score| score / 100.0))),
        }
    }

    pub fn probability(&self, key: Key) -> f32 {
        self.probabilities[key.mode() as usize][usize::from(key.tonic())]
    }

    /// How likely its signature is: that of the key itself and of its relative.
    pub fn probability_of_signature(&self, key: Key) -> f32 {
        self.probability(key) + self.probability(key.relative())
    }

    /// The key that is heard: of the likeliest signature's two keys the likelier one.
    pub fn key(&self) -> Key {
        let signature = |key: Key| self.probability_of_signature(key);
        let c_major = Key::new(Pitch::MIDDLE_C, KeyMode::Major);
        let majors = Key::all().filter(|key| key.mode() == KeyMode::Major);
        let best = likeliest(c_major, majors, signature);
        likeliest(best, [best.relative()], |key| self.probability(key))
    }

    /// The likelier of the two keys on a tonic.
    pub fn key_on(&self, tonic: u8) -> Key {
        let tonic = Pitch::clamped(tonic.into());
        let [major, minor] = [KeyMode::Major, KeyMode::Minor].map(|mode| Key::new(tonic, mode));
        likeliest(major, [minor], |key| self.probability(key))
    }
}

/// The first of the likeliest, so that the same notes always give the same.
fn likeliest(
    first: Key,
    others: impl IntoIterator<Item = Key>,
    probability: impl Fn(Key) -> f32,
) -> Key {
    let better = |best, key| match probability(key) > probability(best) {
        true => key,
        false => best,
    };
    others.into_iter().fold(first, better)
}

fn softmax(scores: [[f32; 12]; 2]) -> [[f32; 12]; 2] {
    let most = scores
        .as_flattened()
        .iter()
        .copied()
        .fold(f32::MIN, f32::max);
    let powers = scores.map(|scores| scores.map(|score| exp(score - most)));
    let sum: f32 = powers.as_flattened().iter().sum();
    powers.map(|powers| powers.map(|power| power / sum))
}

/// e^x for x of at most 0, to six digits: a series for x / 1024, ten times squared.
fn exp(x: f32) -> f32 {
    let x = f64::from(x.max(-80.0)) / 1024.0;
    let mut power = 1.0 + x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0))));
    for _ in 0..10 {
        power *= power;
    }
    power as f32
}

#[cfg(test)]
mod tests;
