//! Cadence: where melodies come to rest.
//!
//! Most tunes end on their tonic, most of the others on its third or fifth. A network hears where
//! in a tune it is, but too few ends to know that in every key. So the ends of the music that a
//! model learns from are counted by degree, above the tonic of the tune's [`Key`], and the last
//! note of an answer is drawn with both in mind: the network's logit plus ln(share of the degree among
//! last notes / share among all others), taken twice ([`EMPHASIS`]): a product of experts. Counted by
//! the trainer, kept in the checkpoint's header, used by the continuation on the worker's thread.

use serde::{Deserialize, Serialize};

use crate::key::{Key, Mode};
use crate::note::{Note, Pitch};

/// So many last notes are supposed to be like all other notes before any is counted: few tunes
/// prove little.
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
    /// Counted from whole tunes.
    pub fn learn<'a>(tunes: impl IntoIterator<Item = &'a [Note]>) -> Self {
        let (mut major, mut minor) = (Counts::default(), Counts::default());
        for tune in tunes {
            let Some((last, before)) = tune.split_last() else {
                continue;
            };
            let Some(key) = Key::of(before) else {
                continue;
            };
            let counts = match key.mode() {
                Mode::Major => &mut major,
                Mode::Minor => &mut minor,
            };
            counts.last[usize::from(key.degree(last.pitch))] += 1.0;
            for note in before {
                counts.other[usize::from(key.degree(note.pitch))] += 1.0;
            }
        }
        Self {
            major: major.weights(),
            minor: minor.weights(),
        }
    }

    /// Raises and lowers the logits of pitches for the last note of a melody, of which `before` is
    /// everything else.
    pub fn weigh(&self, before: &[Note], logits: &mut [f32]) {
        let Some(key) = Key::of(before) else { return };
        let weights = match key.mode() {
            Mode::Major => &self.major,
            Mode::Minor => &self.minor,
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
    fn weights(&self) -> [f32; 12] {
        // Added to each degree, so that none is impossible.
        let others = self.other.iter().sum::<f64>() + 12.0;
        let lasts = self.last.iter().sum::<f64>() + DOUBT;
        std::array::from_fn(|degree| {
            let other = (self.other[degree] + 1.0) / others;
            let last = (self.last[degree] + DOUBT * other) / lasts;
            (last / other).ln() as f32
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: [i64; 9] = [60, 64, 67, 65, 62, 64, 60, 67, 59];

    fn in_key(shift: i64, last: &[i64]) -> Vec<Note> {
        let keys = SCALE.iter().chain(last).map(|key| key + shift);
        Note::line(&keys.collect::<Vec<_>>(), 24)
    }

    #[test]
    fn what_ends_tunes_in_some_keys_is_expected_in_every_key() {
        let tunes: Vec<_> = (0..30).map(|i| in_key(i % 5, &[60])).collect();
        let cadence = Cadence::learn(tunes.iter().map(Vec::as_slice));
        for shift in 0..12 {
            let mut logits = [0.0; 129];
            cadence.weigh(&in_key(shift, &[]), &mut logits);
            let tonic = (60 + shift) as usize;
            assert!(logits[tonic] > 1.0, "{logits:?}");
            assert_eq!(logits[tonic], logits[tonic - 12]);
            assert!(logits[tonic + 2] < -0.5);
            assert_eq!(logits[128], 0.0, "no pitch");
        }
    }

    #[test]
    fn no_tunes_say_nothing_and_few_say_little() {
        let mut logits = [0.0; 129];
        Cadence::learn([]).weigh(&in_key(0, &[]), &mut logits);
        assert_eq!(logits, [0.0; 129]);
        let few = in_key(0, &[60]);
        Cadence::learn([&few[..]]).weigh(&few, &mut logits);
        assert!(logits[60] > 0.0 && logits[60] < 1.0);
        // Nothing before, no key.
        let mut logits = [0.0; 129];
        Cadence::learn([&few[..]]).weigh(&[], &mut logits);
        assert_eq!(logits, [0.0; 129]);
    }

    #[test]
    fn weights_from_a_file_cannot_shut_the_network_up() {
        let wild = Cadence {
            major: [f32::INFINITY; 12],
            minor: [f32::NEG_INFINITY; 12],
        };
        let mut logits = [0.0; 129];
        wild.weigh(&in_key(0, &[]), &mut logits);
        assert!(logits.iter().all(|logit| logit.abs() <= MOST));
    }
}
