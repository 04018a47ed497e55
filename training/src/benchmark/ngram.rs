//! N-gram models of several orders, one for each viewpoint.
//!
//! What was learnt of a melody can be taken back, so that the melodies learnt from can be predicted
//! as if each of them were unknown. Called by the experts. Pure; any thread.

use std::collections::HashMap;

use super::alphabet::Alphabet;
use super::counts::{Counts, Grounds, Smoothing};
use super::data::Melody;
use super::facet::NOTHING;
use super::viewpoint::Viewpoint;

/// No context of this order: the melody has just begun.
const NONE: u32 = u32::MAX;

/// For every note of some melodies, the contexts of a viewpoint by order, as numbers. A context's
/// number says nothing of what follows it.
pub struct Contexts {
    orders: usize,
    /// `orders` of them a note.
    numbers: Vec<Vec<u32>>,
    /// The symbol of pitch 0.
    origins: Vec<Vec<i32>>,
    count: u32,
}

impl Contexts {
    /// Those of `viewpoint` in `melodies`.
    pub fn new(viewpoint: &Viewpoint, melodies: &[Melody]) -> Self {
        let mut contexts = Self {
            orders: viewpoint.facets.len() + 1,
            numbers: Vec::with_capacity(melodies.len()),
            origins: Vec::with_capacity(melodies.len()),
            count: 1,
        };
        let mut known: HashMap<(u32, i32), u32> = HashMap::new();
        for melody in melodies {
            let mut numbers = Vec::with_capacity(melody.notes.len() * contexts.orders);
            for i in 0..melody.notes.len() {
                let mut number = 0;
                numbers.push(number);
                for facet in &viewpoint.facets {
                    if number != NONE {
                        let found = facet.value(melody, i);
                        let next = *known.entry((number, found)).or_insert(contexts.count);
                        contexts.count = contexts.count.max(next + 1);
                        numbers.push(next);
                        // That the melody begins here is worth knowing; beyond, there is nothing.
                        number = if found == NOTHING { NONE } else { next };
                    } else {
                        numbers.push(NONE);
                    }
                }
            }
            contexts.numbers.push(numbers);
            let origins = (0..melody.notes.len()).map(|i| viewpoint.origin(melody, i));
            contexts.origins.push(origins.collect());
        }
        contexts
    }

    /// Those of a note, from order 0 up.
    fn at(&self, melody: usize, i: usize) -> &[u32] {
        let all = &self.numbers[melody][i * self.orders..][..self.orders];
        let begun = all.iter().position(|number| *number == NONE);
        &all[..begun.unwrap_or(self.orders)]
    }

    fn symbol(&self, melody: usize, i: usize, pitch: u8) -> i16 {
        (self.origins[melody][i] + i32::from(pitch)) as i16
    }
}

/// What was counted in the contexts of a viewpoint.
#[derive(Clone)]
pub struct Ngram {
    counts: Vec<Counts>,
}

impl Ngram {
    /// Nothing counted yet.
    pub fn new(contexts: &Contexts) -> Self {
        let counts = vec![Counts::default(); contexts.count as usize];
        Self { counts }
    }

    /// Learns the pitch of a note.
    pub fn learn(&mut self, contexts: &Contexts, (melody, i): (usize, usize), pitch: u8) {
        let symbol = contexts.symbol(melody, i, pitch);
        let mut new = true;
        for number in contexts.at(melody, i).iter().rev() {
            new = self.counts[*number as usize].add(symbol, new);
        }
    }

    /// Takes back what [`Ngram::learn`] learnt.
    pub fn forget(&mut self, contexts: &Contexts, (melody, i): (usize, usize), pitch: u8) {
        let symbol = contexts.symbol(melody, i, pitch);
        let mut gone = true;
        for number in contexts.at(melody, i).iter().rev() {
            gone = self.counts[*number as usize].remove(symbol, gone);
        }
    }

    /// The distribution of a note over the alphabet, into `out`.
    pub fn predict(
        &self,
        contexts: &Contexts,
        (melody, i): (usize, usize),
        smoothing: Smoothing,
        alphabet: &Alphabet,
        out: &mut [f32],
    ) -> Grounds {
        out.fill(1.0 / out.len() as f32);
        let origin = contexts.origins[melody][i];
        let numbers = contexts.at(melody, i);
        let mut grounds = Grounds::default();
        for (order, number) in numbers.iter().enumerate() {
            let longest = order + 1 == numbers.len();
            let counts = &self.counts[*number as usize];
            let total = counts.blend(origin, longest, smoothing, alphabet, out);
            if total == 0.0 {
                break;
            }
            grounds.orders = order + 1;
            grounds.weight = total.ln_1p() / 5.0;
        }
        grounds
    }
}

#[cfg(test)]
mod tests {
    use super::super::facet::Facet;
    use super::super::viewpoint::Reference;
    use super::*;

    const SMOOTHING: Smoothing = Smoothing {
        discount: 0.5,
        escape: 1.0,
    };

    fn model(melodies: &[Melody]) -> (Contexts, Ngram) {
        let viewpoint = Viewpoint {
            reference: Reference::Absolute,
            facets: vec![Facet::Pitch(1)],
        };
        let contexts = Contexts::new(&viewpoint, melodies);
        let ngram = Ngram::new(&contexts);
        (contexts, ngram)
    }

    fn learn(ngram: &mut Ngram, contexts: &Contexts, melodies: &[Melody], which: usize) {
        for (i, note) in melodies[which].notes.iter().enumerate() {
            ngram.learn(contexts, (which, i), note.pitch);
        }
    }

    #[test]
    fn a_case_counted_by_hand() {
        // Learnt: 60 62 60 64. Asked: what comes after 60?
        let melodies = [
            Melody::of_quarters(&[60, 62, 60, 64]),
            Melody::of_quarters(&[60, 62]),
        ];
        let (contexts, mut ngram) = model(&melodies);
        learn(&mut ngram, &contexts, &melodies, 0);
        let alphabet = Alphabet::new(vec![60, 62, 64]);
        let mut out = [0.0; 3];
        let grounds = ngram.predict(&contexts, (1, 1), SMOOTHING, &alphabet, &mut out);
        // Order 0: 60 came in two contexts (the beginning and 62), 62 and 64 in one each. Four in
        // all, half of one taken off each of three kinds: the order below keeps (1 + 1.5) / 5.
        let order0 = [1.5, 0.5, 0.5].map(|count| 2.5 / 5.0 / 3.0 + count / 5.0);
        // Order 1, after 60: 62 once, 64 once; (1 + 1) / 3 for the order below.
        let expected = [
            order0[0] * 2.0 / 3.0,
            order0[1] * 2.0 / 3.0 + 0.5 / 3.0,
            order0[2] * 2.0 / 3.0 + 0.5 / 3.0,
        ];
        for (found, expected) in out.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
        assert_eq!(grounds.orders, 2);
    }

    #[test]
    fn what_is_forgotten_leaves_no_trace() {
        let melodies = [
            Melody::of_quarters(&[60, 62, 60, 64, 60, 62]),
            Melody::of_quarters(&[62, 60, 60, 64, 65]),
            Melody::of_quarters(&[60, 64, 62, 60]),
        ];
        let (contexts, mut without) = model(&melodies);
        learn(&mut without, &contexts, &melodies, 0);
        let mut with = without.clone();
        learn(&mut with, &contexts, &melodies, 1);
        for (i, note) in melodies[1].notes.iter().enumerate() {
            with.forget(&contexts, (1, i), note.pitch);
        }
        let alphabet = Alphabet::new(vec![60, 62, 64, 65]);
        for i in 0..4 {
            let (mut a, mut b) = ([0.0; 4], [0.0; 4]);
            without.predict(&contexts, (2, i), SMOOTHING, &alphabet, &mut a);
            with.predict(&contexts, (2, i), SMOOTHING, &alphabet, &mut b);
            assert_eq!(a, b, "note {i}");
        }
    }

    #[test]
    fn intervals_out_of_the_alphabet_take_no_probability() {
        let viewpoint = Viewpoint {
            reference: Reference::Previous,
            facets: vec![Facet::Interval(1)],
        };
        let melodies = [
            Melody::of_quarters(&[60, 67, 60, 67, 60]),
            Melody::of_quarters(&[64, 60, 64]),
        ];
        let contexts = Contexts::new(&viewpoint, &melodies);
        let mut ngram = Ngram::new(&contexts);
        learn(&mut ngram, &contexts, &melodies, 0);
        let alphabet = Alphabet::new(vec![60, 64, 67]);
        for i in 0..3 {
            let mut out = [0.0; 3];
            ngram.predict(&contexts, (1, i), SMOOTHING, &alphabet, &mut out);
            assert!((out.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{out:?}");
            assert!(out.iter().all(|p| *p > 0.0), "{out:?}");
        }
    }
}
