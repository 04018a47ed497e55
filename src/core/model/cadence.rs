//! Cadence: where melodies come to rest.
//!
//! Most tunes end on their tonic, most of the others on its third or fifth. A network hears where
//! in a tune it is, but too few ends to know that in every key. So the ends of the music that a
//! model learns from are counted by degree, above the tonic of the tune's key, and the last
//! note of an answer is drawn with both in mind: the network's logit plus ln(share of the degree
//! among last notes / share among all others), taken twice ([`EMPHASIS`]): a product of experts.
//! Counted by the trainer, kept in the checkpoint's header, used by the continuation on the
//! worker's thread.

use serde::{Deserialize, Serialize};

use crate::music::key::KeyMode;
use crate::music::key_finding::KeyEstimate;
use crate::music::melody::Melody;
use crate::music::note::{Note, Pitch};
use crate::music::time::Metre;

/// As many last notes as this are supposed to be as they were known to be (or like all other notes)
/// before any is counted: few tunes prove little.
const DOUBT: f64 = 12.0;

/// How many times the weight counts. After a written melody once is best, for that has prepared its
/// close; an answer, drawn note by note, has done so less, and only at twice the weight does it end
/// on the tonic triad as often as melodies do (`training/EXPERIMENTS.md`).
const EMPHASIS: f32 = 2.0;

/// Weights beyond this would leave nothing to the network.
const MOST: f32 = 6.0;

/// For each degree, from the tonic up in semitones, how much its logit is raised for a last note.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cadence {
    major: [f32; 12],
    minor: [f32; 12],
}

impl Cadence {
    /// Of which nothing is known: a last note is like any other.
    pub const UNKNOWN: Self = Self {
        major: [0.0; 12],
        minor: [0.0; 12],
    };

    /// Counted from whole tunes, by one who knew `self` before.
    pub fn learn<'a>(self, tunes: impl IntoIterator<Item = &'a Melody>) -> Self {
        let (mut major, mut minor) = (Counts::default(), Counts::default());
        for tune in tunes {
            let Some((last, before)) = tune.notes().split_last() else {
                continue;
            };
            let Some(estimate) = KeyEstimate::of(before, tune.metre()) else {
                continue;
            };
            let key = estimate.key();
            let counts = match key.mode() {
                KeyMode::Major => &mut major,
                KeyMode::Minor => &mut minor,
            };
            counts.last[usize::from(key.degree(last.pitch))] += 1.0;
            for note in before {
                counts.other[usize::from(key.degree(note.pitch))] += 1.0;
            }
        }
        Self {
            major: major.weights(&self.major),
            minor: minor.weights(&self.minor),
        }
    }

    /// Raises and lowers the logits of pitches for the last note of a melody, of which `before` is
    /// everything else.
    pub fn weigh(&self, before: &[Note], metre: Metre, logits: &mut [f32]) {
        let Some(estimate) = KeyEstimate::of(before, metre) else {
            return;
        };
        let key = estimate.key();
        let weights = match key.mode() {
            KeyMode::Major => &self.major,
            KeyMode::Minor => &self.minor,
        };
        for (pitch, logit) in (0..=127).map(Pitch::clamped).zip(logits) {
            let weight = weights[usize::from(key.degree(pitch))];
            *logit += (EMPHASIS * weight).clamp(-MOST, MOST);
        }
    }
}

/// Notes by degree.
#[derive(Default)]
struct Counts {
    last: [f64; 12],
    other: [f64; 12],
}

impl Counts {
    #[expect(clippy::disallowed_methods, reason = "counted once, by the trainer")]
    fn weights(&self, known: &[f32; 12]) -> [f32; 12] {
        // Added to each degree, so that none is impossible.
        let others = self.other.iter().sum::<f64>() + 12.0;
        let other = self.other.map(|notes| (notes + 1.0) / others);
        let lasts = self.last.iter().sum::<f64>() + DOUBT;
        let expected: [f64; 12] =
            std::array::from_fn(|degree| other[degree] * f64::from(known[degree]).exp());
        let whole = expected.iter().sum::<f64>();
        std::array::from_fn(|degree| {
            let last = (self.last[degree] + DOUBT * expected[degree] / whole) / lasts;
            (last / other[degree]).ln() as f32
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: [i64; 9] = [60, 64, 67, 65, 62, 64, 60, 67, 59];

    fn in_key(shift: i64, last: &[i64]) -> Melody {
        let keys = SCALE.iter().chain(last).map(|key| key + shift);
        let notes = Note::line(&keys.collect::<Vec<_>>(), 24);
        Melody::new(String::new(), None, Metre::COMMON, notes).unwrap()
    }

    fn weigh(cadence: Cadence, before: &Melody) -> [f32; 129] {
        let mut logits = [0.0; 129];
        cadence.weigh(before.notes(), before.metre(), &mut logits);
        logits
    }

    #[test]
    fn what_ends_tunes_in_some_keys_is_expected_in_every_key() {
        let tunes: Vec<_> = (0..30).map(|i| in_key(i % 5, &[60])).collect();
        let cadence = Cadence::UNKNOWN.learn(&tunes);
        for shift in 0..12 {
            let logits = weigh(cadence, &in_key(shift, &[]));
            let tonic = (60 + shift) as usize;
            assert!(logits[tonic] > 1.0, "{logits:?}");
            assert_eq!(logits[tonic], logits[tonic - 12]);
            assert!(logits[tonic + 2] < -0.5);
            assert_eq!(logits[128], 0.0, "no pitch");
        }
    }

    #[test]
    fn few_tunes_leave_what_was_known_and_many_do_not() {
        let ending = |pitch: i64, tunes: i64| -> Vec<Melody> {
            (0..tunes).map(|i| in_key(i % 5, &[pitch])).collect()
        };
        let on_tonic = Cadence::UNKNOWN.learn(&ending(60, 300));
        let few = on_tonic.learn(&ending(67, 3));
        let many = on_tonic.learn(&ending(67, 300));
        let (tonic, fifth) = (0, 7);
        assert!(few.major[tonic] > few.major[fifth] && few.major[fifth] > on_tonic.major[fifth]);
        assert!(many.major[fifth] > many.major[tonic]);
        let minor = few.minor.iter().zip(on_tonic.minor);
        assert!(minor.into_iter().all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn no_tunes_say_nothing_and_few_say_little() {
        let none = Cadence::UNKNOWN.learn([]);
        assert_eq!(weigh(none, &in_key(0, &[])), [0.0; 129]);
        let few = in_key(0, &[60]);
        let one = Cadence::UNKNOWN.learn([&few]);
        let logits = weigh(one, &few);
        assert!(logits[60] > 0.0 && logits[60] < 1.0);
        // Nothing before, no key.
        let mut logits = [0.0; 129];
        one.weigh(&[], Metre::COMMON, &mut logits);
        assert_eq!(logits, [0.0; 129]);
    }

    #[test]
    fn weights_from_a_file_cannot_shut_the_network_up() {
        let wild = Cadence {
            major: [f32::INFINITY; 12],
            minor: [f32::NEG_INFINITY; 12],
        };
        let logits = weigh(wild, &in_key(0, &[]));
        assert!(logits.iter().all(|logit| logit.abs() <= MOST));
    }
}
