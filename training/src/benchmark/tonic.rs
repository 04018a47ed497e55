//! Predictions from a tonic that is not told but inferred, note by note.
//!
//! A hidden-state model. A whole melody's last note stands for its tonic, and the thirds above it
//! for its mode; scale degrees are counted relative to them in the melodies that are learnt from.
//! Of a melody to be predicted neither is known: a probability of each pair is carried along, from
//! the prior through the notes heard so far, by Bayes' rule. No count moves while that is done.
//! Called by the experts. Pure; any thread.

use std::collections::HashMap;

use super::alphabet::Alphabet;
use super::counts::{Counts, Grounds, Smoothing};
use super::data::Melody;
use super::facet::{Facet, NOTHING};

/// States less likely than this are given up.
const LEAST: f32 = 1e-5;
/// How many melodies' worth of doubt there is about the prior.
const DOUBT: f32 = 4.0;

/// A tonic and a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    last: u8,
    minor: bool,
}

impl Key {
    /// That of a whole melody.
    fn of(melody: &Melody) -> Option<Self> {
        let last = melody.notes.last()?.pitch;
        let above = |semitones: i32| {
            let notes = melody.notes.iter();
            let steps = notes.map(|note| i32::from(note.pitch) - i32::from(last));
            steps
                .filter(|step| step.rem_euclid(12) == semitones)
                .count()
        };
        let minor = above(3) > above(4);
        Some(Self { last, minor })
    }
}

/// Part of a context.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// The scale degree of a note, by lag.
    Degree(usize),
    /// What does not depend on the tonic.
    Plain(Facet),
}

/// The contexts of the model's views: scale degrees with what else there is to see.
fn views() -> Vec<Vec<Part>> {
    use Facet::{Ioi, Period, Position, Ratio, Strength};
    use Part::{Degree, Plain};
    vec![
        vec![Degree(1), Degree(2), Degree(3)],
        vec![Plain(Strength), Degree(1), Plain(Position), Degree(2)],
        vec![Degree(1), Plain(Ratio(0)), Degree(2), Plain(Ratio(1))],
        vec![Plain(Period), Plain(Strength), Degree(1), Degree(2)],
        vec![Plain(Ioi(0)), Plain(Position), Degree(1)],
    ]
}

/// Counts of scale degrees, and of keys.
#[derive(Clone)]
pub struct Tonic {
    views: Vec<Vec<Part>>,
    smoothing: Smoothing,
    counts: HashMap<u64, Counts>,
    keys: HashMap<Key, u32>,
}

/// What is believed of a melody's key after some of its notes.
#[derive(Clone, Debug)]
pub struct Belief {
    keys: Vec<Key>,
    shares: Vec<f32>,
    /// Of each key, the distribution of the coming note.
    words: Vec<Vec<f32>>,
}

impl Tonic {
    /// Nothing counted yet.
    pub fn new(smoothing: Smoothing) -> Self {
        Self {
            views: views(),
            smoothing,
            counts: HashMap::new(),
            keys: HashMap::new(),
        }
    }

    /// How many distributions it gives.
    pub fn views(&self) -> usize {
        self.views.len()
    }

    /// Learns a whole melody.
    pub fn learn(&mut self, melody: &Melody) {
        self.count(melody, false);
    }

    /// Takes back what [`Tonic::learn`] learnt.
    pub fn forget(&mut self, melody: &Melody) {
        self.count(melody, true);
    }

    fn count(&mut self, melody: &Melody, forget: bool) {
        let Some(key) = Key::of(melody) else { return };
        let keys = self.keys.entry(key).or_default();
        *keys = if forget { *keys - 1 } else { *keys + 1 };
        let mut contexts = Vec::new();
        for view in 0..self.views.len() {
            for (i, note) in melody.notes.iter().enumerate() {
                let plain = self.plain(view, melody, i);
                self.contexts(view, melody, i, key, &plain, &mut contexts);
                let symbol = i16::from(note.pitch) - i16::from(key.last);
                let mut changed = true;
                for context in contexts.iter().rev() {
                    let counts = self.counts.entry(*context).or_default();
                    changed = if forget {
                        counts.remove(symbol, changed)
                    } else {
                        counts.add(symbol, changed)
                    };
                }
            }
        }
    }

    /// What a view sees that does not depend on the tonic.
    fn plain(&self, view: usize, melody: &Melody, i: usize) -> Vec<i32> {
        let values = self.views[view].iter().map(|part| match part {
            Part::Plain(facet) => facet.value(melody, i),
            Part::Degree(_) => NOTHING,
        });
        values.collect()
    }

    /// The contexts of a note in a key, from order 0 up.
    fn contexts(
        &self,
        view: usize,
        melody: &Melody,
        i: usize,
        key: Key,
        plain: &[i32],
        out: &mut Vec<u64>,
    ) {
        out.clear();
        let mut hash = mix(mix(0, view as i32), i32::from(key.minor));
        out.push(hash);
        for (part, plain) in self.views[view].iter().zip(plain) {
            let found = match part {
                Part::Degree(lag) if *lag <= i => {
                    i32::from(melody.notes[i - lag].pitch) - i32::from(key.last)
                }
                Part::Degree(_) => NOTHING,
                Part::Plain(_) => *plain,
            };
            hash = mix(hash, found);
            out.push(hash);
            if found == NOTHING {
                break;
            }
        }
    }

    /// What is believed before the first note: the keys that were learnt, and a little of all.
    pub fn prior(&self, alphabet: &Alphabet) -> Belief {
        let total: u32 = self.keys.values().sum();
        let mode = |minor: bool| {
            let own = self.keys.iter().filter(|(key, _)| key.minor == minor);
            let own: u32 = own.map(|(_, count)| count).sum();
            (own as f32 + 0.5) / (total as f32 + 1.0)
        };
        let lasts = alphabet.pitches().iter();
        let keys = lasts.flat_map(|last| [false, true].map(|minor| Key { last: *last, minor }));
        let keys: Vec<Key> = keys.collect();
        let shares = keys.iter().map(|key| {
            let count = self.keys.get(key).copied().unwrap_or(0) as f32;
            let base = mode(key.minor) / alphabet.size() as f32;
            (count + DOUBT * base) / (total as f32 + DOUBT)
        });
        Belief {
            shares: shares.collect(),
            words: vec![Vec::new(); keys.len()],
            keys,
        }
    }

    /// The distributions of note `i`, view by view, into `out`.
    pub fn predict(
        &self,
        melody: &Melody,
        i: usize,
        belief: &mut Belief,
        alphabet: &Alphabet,
        out: &mut [f32],
    ) -> Vec<Grounds> {
        let size = alphabet.size();
        out.fill(0.0);
        for words in &mut belief.words {
            words.clear();
            words.resize(size, 0.0);
        }
        let surest = belief.shares.iter().copied().fold(0.0, f32::max);
        let (mut word, mut contexts) = (vec![0.0; size], Vec::new());
        let mut all = Vec::with_capacity(self.views.len());
        for (view, out) in out.chunks_exact_mut(size).enumerate() {
            let plain = self.plain(view, melody, i);
            let mut orders = 0.0;
            let states = belief.keys.iter().zip(&belief.shares);
            for ((key, share), words) in states.zip(&mut belief.words) {
                self.contexts(view, melody, i, *key, &plain, &mut contexts);
                orders += share * self.word(&contexts, *key, alphabet, &mut word) as f32;
                for ((out, words), p) in out.iter_mut().zip(words).zip(&word) {
                    *out += share * p;
                    *words += p / self.views.len() as f32;
                }
            }
            all.push(Grounds {
                orders: orders.round() as usize,
                weight: surest,
            });
        }
        all
    }

    /// The distribution of a note in a key, and the orders that it is of.
    fn word(&self, contexts: &[u64], key: Key, alphabet: &Alphabet, out: &mut [f32]) -> usize {
        out.fill(1.0 / out.len() as f32);
        let origin = -i32::from(key.last);
        for (order, context) in contexts.iter().enumerate() {
            let Some(counts) = self.counts.get(context) else {
                return order;
            };
            let longest = order + 1 == contexts.len();
            if counts.blend(origin, longest, self.smoothing, alphabet, out) == 0.0 {
                return order;
            }
        }
        contexts.len()
    }
}

impl Belief {
    /// Hears the note that was last predicted: the one at `place` of the alphabet.
    pub fn hear(&mut self, place: usize) {
        for (share, words) in self.shares.iter_mut().zip(&self.words) {
            *share *= words[place];
        }
        let total: f32 = self.shares.iter().sum();
        self.shares.iter_mut().for_each(|share| *share /= total);
        let kept: Vec<usize> = (0..self.keys.len())
            .filter(|state| self.shares[*state] > LEAST)
            .collect();
        self.keys = kept.iter().map(|state| self.keys[*state]).collect();
        self.shares = kept.iter().map(|state| self.shares[*state]).collect();
        self.words.truncate(kept.len());
    }
}

/// A context from the one before it and the next value.
fn mix(hash: u64, value: i32) -> u64 {
    let value = u64::from(value.cast_unsigned()) + 0x1_5bd1_e995;
    let x = (hash.rotate_left(17) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^ (x >> 29)
}

#[cfg(test)]
mod tests;
