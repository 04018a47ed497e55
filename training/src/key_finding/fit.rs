//! Learning the table of key finding: a softmax regression over the 24 keys.
//!
//! The probability of the written signature, that is of its two keys together, is to be as great as
//! possible, or that of the one key where the mode is known. All phrases are turned to the signature
//! without sharps and flats first, so that a table for C major and A minor, turned round, is one for
//! every key. Convex but for the unknown modes; the same phrases give the same table. Called by
//! `training key`. Main thread, the sums on rayon's.

use std::collections::BTreeMap;

use harmonai_core::music::key::KeyMode;
use harmonai_core::music::key_finding::table::KeyTable;
use rayon::prelude::*;

use super::lbfgs;
use super::phrases::{KeyPhrase, Kind};

/// Kinds of evidence by pitch class, and numbers of a phrase: 1 for the mode, these, and the moves.
const ROLES: usize = 6;
const MOVES: usize = 1 + 12 * ROLES;
const VALUES: usize = MOVES + 144;
const KEYS: usize = 24;
/// A phrase in C major or A minor may be in these keys, as numbered here: by mode and tonic.
const C_MAJOR: usize = 0;
const A_MINOR: usize = 12 + 9;

/// Holds the weights near 0 where the phrases tell little.
const DECAY: f64 = 1e-3;
const ITERATIONS: usize = 200;
/// A source with more melodies counts no more: the table is for all kinds of music.
const MOST_MELODIES: usize = 1000;
/// Phrases in a sum; whole numbers of them, so that it is the same on any number of threads.
const CHUNK: usize = 1024;

/// How much a phrase counts. Beginnings of four bars do most: they are what a player plays, and
/// what is surest to be in the written key.
fn weight(kind: Kind) -> f64 {
    match kind {
        Kind::Notes(_) => 0.5,
        Kind::Bars(1) => 0.8,
        Kind::Bars(2) => 1.2,
        Kind::Bars(4) => 8.0,
        Kind::Bars(_) => 2.8,
        Kind::Anywhere(1 | 2 | 16) => 0.2,
        Kind::Anywhere(_) => 0.8,
        Kind::Played(_) => 0.0,
    }
}

/// A phrase, turned to the signature without sharps and flats.
struct Example {
    values: [f32; VALUES],
    keys: &'static [usize],
    weight: f64,
}

/// The table that hears the phrases of these sources best, each with its number of melodies.
pub fn fit(sources: &BTreeMap<String, (usize, Vec<KeyPhrase>)>) -> KeyTable {
    let mut examples = Vec::new();
    let mut all = 0.0;
    for (melodies, phrases) in sources.values() {
        let whole: f64 = phrases.iter().map(|phrase| weight(phrase.kind)).sum();
        let share = (*melodies).min(MOST_MELODIES) as f64;
        all += share;
        let counted = phrases.iter().filter(|phrase| weight(phrase.kind) > 0.0);
        examples.extend(counted.map(|phrase| Example {
            values: turned(phrase),
            keys: match phrase.mode {
                Some(KeyMode::Major) => &[C_MAJOR],
                Some(KeyMode::Minor) => &[A_MINOR],
                None => &[C_MAJOR, A_MINOR],
            },
            weight: share * weight(phrase.kind) / whole,
        }));
    }
    examples
        .iter_mut()
        .for_each(|example| example.weight /= all);
    let loss = |x: &[f64]| loss(&examples, x);
    table(&lbfgs::minimize(vec![0.0; 2 * VALUES], ITERATIONS, loss))
}

fn turned(phrase: &KeyPhrase) -> [f32; VALUES] {
    let turn = |class: usize| (class + usize::from(phrase.major_tonic)) % 12;
    let mut values = [0.0; VALUES];
    values[0] = 1.0;
    for (role, classes) in phrase.evidence.classes.iter().enumerate() {
        for class in 0..12 {
            values[1 + 12 * role + class] = classes[turn(class)];
        }
    }
    for from in 0..12 {
        for to in 0..12 {
            values[MOVES + 12 * from + to] = phrase.evidence.moves[turn(from)][turn(to)];
        }
    }
    values
}

/// Which weight of its mode a phrase's value has in the key on a tonic.
fn place(value: usize, tonic: usize) -> usize {
    let degree = |class: usize| (class + 12 - tonic) % 12;
    match value {
        0 => 0,
        1..MOVES => {
            let class = value - 1;
            1 + class / 12 * 12 + degree(class % 12)
        }
        _ => {
            let classes = value - MOVES;
            MOVES + 12 * degree(classes / 12) + degree(classes % 12)
        }
    }
}

/// -ln of the probability of what is written, in the weighted mean, and its slope.
fn loss(examples: &[Example], x: &[f64]) -> (f64, Vec<f64>) {
    let mut weights = vec![[0.0f32; KEYS]; VALUES];
    for (value, weights) in weights.iter_mut().enumerate() {
        for (key, weight) in weights.iter_mut().enumerate() {
            *weight = x[key / 12 * VALUES + place(value, key % 12)] as f32;
        }
    }
    let sums = |chunk: &[Example]| {
        let mut loss = 0.0;
        let mut slopes = vec![[0.0f32; KEYS]; VALUES];
        for example in chunk {
            let mut scores = [0.0f32; KEYS];
            let heard = example.values.iter().enumerate();
            let heard = heard.filter(|(_, value)| **value != 0.0);
            for (i, value) in heard.clone() {
                for (score, weight) in scores.iter_mut().zip(&weights[i]) {
                    *score += value * weight;
                }
            }
            let most = scores.iter().copied().fold(f32::MIN, f32::max);
            let powers = scores.map(|score| (score - most).exp());
            let all: f32 = powers.iter().sum();
            let written: f32 = example.keys.iter().map(|key| powers[*key]).sum();
            let written = written.max(f32::MIN_POSITIVE);
            loss -= example.weight * f64::from((written / all).ln());
            let mut off = powers.map(|power| power / all);
            for key in example.keys {
                off[*key] -= powers[*key] / written;
            }
            // Large enough for single precision; the mean's factor is taken out.
            let off = off.map(|off| off * (example.weight * 1e4) as f32);
            for (i, value) in heard {
                for (slope, off) in slopes[i].iter_mut().zip(&off) {
                    *slope += value * off;
                }
            }
        }
        (loss, slopes)
    };
    let chunks: Vec<_> = examples.par_chunks(CHUNK).map(sums).collect();
    let mut slope: Vec<f64> = x.iter().map(|x| DECAY * x).collect();
    let mut loss = x.iter().map(|x| DECAY * x * x / 2.0).sum();
    for (part, slopes) in chunks {
        loss += part;
        for (value, slopes) in slopes.iter().enumerate() {
            for (key, off) in slopes.iter().enumerate() {
                slope[key / 12 * VALUES + place(value, key % 12)] += f64::from(*off) / 1e4;
            }
        }
    }
    (loss, slope)
}

fn table(x: &[f64]) -> KeyTable {
    let weight = |mode: usize, place: usize| (100.0 * x[mode * VALUES + place]).round() as i16;
    let modes = [0, 1];
    KeyTable {
        mode: modes.map(|mode| weight(mode, 0)),
        degrees: modes.map(|mode| {
            std::array::from_fn(|role| {
                std::array::from_fn(|degree| weight(mode, 1 + 12 * role + degree))
            })
        }),
        moves: modes.map(|mode| {
            std::array::from_fn(|from| {
                std::array::from_fn(|to| weight(mode, MOVES + 12 * from + to))
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_finding::measure::measure;
    use harmonai_core::music::key_finding::evidence::KeyEvidence;
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::time::{Metre, Ticks};

    /// Tunes up and down the scales of all keys, from the tonic to the tonic.
    fn scales(mode: KeyMode) -> Vec<KeyPhrase> {
        let (degrees, to_major) = match mode {
            KeyMode::Major => ([0, 2, 4, 5, 7, 5, 4, 2, 0], 0),
            KeyMode::Minor => ([0, 2, 3, 5, 7, 8, 7, 11, 12], 3),
        };
        let phrase = |tonic: i64| {
            let notes = degrees.iter().zip(0..).map(|(degree, i)| Note {
                onset: Ticks::new(24 * i),
                duration: Ticks::BEAT,
                pitch: Pitch::clamped(60 + tonic + degree),
                velocity: None,
            });
            KeyPhrase {
                kind: Kind::Bars(4),
                evidence: KeyEvidence::of(&notes.collect::<Vec<_>>(), Metre::COMMON),
                major_tonic: ((tonic + to_major) % 12) as u8,
                mode: Some(mode),
            }
        };
        (0..12).map(phrase).collect()
    }

    #[test]
    fn keys_are_learnt_and_the_same_ones_again() {
        let phrases = [scales(KeyMode::Major), scales(KeyMode::Minor)].concat();
        let sources = BTreeMap::from([("scales".to_string(), (24, phrases.clone()))]);
        let learnt = fit(&sources);
        let heard = measure(&phrases, &learnt)[&Kind::Bars(4)];
        assert_eq!((heard.right, heard.right_modes), (24, 24), "{heard:?}");
        assert_eq!(fit(&sources), learnt);
    }

    #[test]
    fn the_slope_is_that_of_the_loss() {
        let examples: Vec<Example> = scales(KeyMode::Minor)
            .iter()
            .map(|phrase| Example {
                values: turned(phrase),
                keys: &[C_MAJOR, A_MINOR],
                weight: 1.0 / 12.0,
            })
            .collect();
        let mut x: Vec<f64> = (0..2 * VALUES)
            .map(|i| (i % 7) as f64 * 0.05 - 0.15)
            .collect();
        let (_, slope) = loss(&examples, &x);
        for i in [
            0,
            1,
            9,
            40,
            MOVES,
            MOVES + 30,
            VALUES,
            VALUES + 8,
            VALUES + MOVES + 100,
        ] {
            let here = x[i];
            let at = |x: &mut Vec<f64>, value: f64| {
                x[i] = value;
                loss(&examples, x).0
            };
            let rise = (at(&mut x, here + 0.01) - at(&mut x, here - 0.01)) / 0.02;
            x[i] = here;
            assert!((rise - slope[i]).abs() < 1e-3, "{i}: {rise} {}", slope[i]);
        }
    }
}
