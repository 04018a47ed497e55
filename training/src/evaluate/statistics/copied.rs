//! How much of a melody stands in the training music note for note, in whatever key.
//!
//! A suffix array over the steps from note to note of all melodies that were learnt from: every
//! place of the music, sorted by what follows it, so that the longest run that begins like a given
//! one is found by halving. The crates for it take bytes only, bind C code, or keep a map for every
//! state; sorting by comparison takes a
//! second for a million notes. Made and asked by the `eval` command, on several threads.

use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::Note;
use rayon::prelude::*;

use super::step;

/// Stands between two melodies; no step is it.
const BORDER: u32 = u32::MAX;
/// A run is followed so far at the most. Bounds the sorting of a melody that is all the same.
const LONGEST: usize = 512;

/// Everything that was learnt from, sorted.
#[derive(Clone, Debug)]
pub struct Index {
    steps: Vec<u32>,
    /// Places in `steps`, sorted by what stands there and after.
    sorted: Vec<u32>,
}

impl Index {
    /// `None` where there is no melody.
    pub fn new<'a>(melodies: impl IntoIterator<Item = &'a Melody>) -> Option<Self> {
        let mut steps: Vec<u32> = Vec::new();
        for melody in melodies {
            steps.extend(symbols(melody.notes()));
            steps.push(BORDER);
        }
        let places = u32::try_from(steps.len()).ok()?;
        let mut sorted: Vec<u32> = (0..places).collect();
        sorted.par_sort_unstable_by(|one, other| {
            let found = run(&steps, *one).cmp(run(&steps, *other));
            found.then(one.cmp(other))
        });
        (places > 0).then_some(Self { steps, sorted })
    }

    /// The longest run of notes that stands in the music with the same melodic intervals and the
    /// same onset intervals, 512 notes at the most. A note alone is always there: 1, and 0 of no
    /// notes.
    pub fn longest_copy(&self, notes: &[Note]) -> usize {
        let wanted: Vec<u32> = symbols(notes).collect();
        let lengths = (0..wanted.len()).map(|start| self.match_at(&wanted[start..]));
        let steps = lengths.max().unwrap_or(0);
        (steps + 1).min(notes.len())
    }

    /// How many steps at the beginning of `wanted` stand somewhere in the music.
    fn match_at(&self, wanted: &[u32]) -> usize {
        let wanted = &wanted[..wanted.len().min(LONGEST - 1)];
        let place = |place: &u32| run(&self.steps, *place);
        // What has most in common stands beside where this would stand.
        let next = self.sorted.partition_point(|found| place(found) < wanted);
        let beside = [next.checked_sub(1), Some(next)];
        let beside = beside
            .into_iter()
            .flatten()
            .filter_map(|i| self.sorted.get(i));
        let common = |found: &u32| {
            let pairs = place(found).iter().zip(wanted);
            pairs.take_while(|(one, other)| one == other).count()
        };
        beside.map(common).max().unwrap_or(0)
    }
}

/// What stands at a place and after it, as far as is looked.
fn run(steps: &[u32], place: u32) -> &[u32] {
    let start = place as usize;
    &steps[start..steps.len().min(start + LONGEST)]
}

/// The steps from each note to the next, a number each. Pauses beyond 65,535 ticks are one.
fn symbols(notes: &[Note]) -> impl Iterator<Item = u32> {
    notes.windows(2).map(|pair| {
        let (semitones, interval) = step(pair[0], pair[1]);
        let interval = interval.get().clamp(0, 0xffff);
        ((semitones + 128) as u32) << 16 | interval as u32
    })
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::time::Metre;

    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    use super::super::tests::{line, notes};
    use super::*;

    fn melody(notes: Vec<Note>) -> Melody {
        Melody::new(String::new(), None, Metre::COMMON, notes).unwrap()
    }

    fn index() -> Index {
        let music = [
            melody(line(&[60, 62, 64, 65, 67, 65, 64])),
            melody(line(&[72, 60, 72])),
        ];
        Index::new(&music).unwrap()
    }

    #[test]
    fn the_longest_run_is_found_in_any_key_and_place() {
        let index = index();
        assert_eq!(index.longest_copy(&line(&[60, 62, 64, 65, 67, 65, 64])), 7);
        assert_eq!(index.longest_copy(&line(&[67, 69, 71, 72, 74])), 5);
        // 65 67 65 64 in the middle of other things.
        let inside = line(&[50, 90, 53, 55, 53, 52, 40]);
        assert_eq!(index.longest_copy(&inside), 4);
        // Nothing of it.
        assert_eq!(index.longest_copy(&line(&[60, 63, 54])), 1);
        assert_eq!(index.longest_copy(&line(&[60])), 1);
        assert_eq!(index.longest_copy(&[]), 0);
    }

    #[test]
    fn another_rhythm_and_the_next_melody_are_no_copy() {
        let index = index();
        let slower = notes(&[(0, 60), (12, 62), (36, 64), (48, 65), (60, 67)]);
        assert_eq!(index.longest_copy(&slower), 3);
        // The end of the one melody and the beginning of the other.
        assert_eq!(index.longest_copy(&line(&[67, 65, 64, 72, 60])), 3);
    }

    #[test]
    fn agrees_with_looking_everywhere() {
        let tune = |seed: u64, length: u64| {
            let mut rng = Pcg64::seed_from_u64(seed);
            let pitch = |_| rng.random_range(60..63);
            line(&(0..length).map(pitch).collect::<Vec<_>>())
        };
        let music: Vec<Melody> = (0..30).map(|seed| melody(tune(seed, 40))).collect();
        let index = Index::new(&music).unwrap();
        let stands = |part: &[u32]| {
            let mut all = music.iter().map(|melody| symbols(melody.notes()));
            all.any(|symbols| {
                symbols
                    .collect::<Vec<_>>()
                    .windows(part.len())
                    .any(|w| w == part)
            })
        };
        for seed in 100..120 {
            let wanted = tune(seed, 25);
            let symbols: Vec<u32> = symbols(&wanted).collect();
            let longest = (1..=symbols.len()).rev();
            let mut longest = longest.filter(|n| symbols.windows(*n).any(stands));
            let expect = longest.next().unwrap_or(0) + 1;
            assert_eq!(index.longest_copy(&wanted), expect);
        }
    }

    #[test]
    fn a_melody_that_is_all_the_same_is_followed_512_notes() {
        let drone = melody(line(&[60; 5000]));
        let index = Index::new([&drone]).unwrap();
        assert_eq!(index.longest_copy(&line(&[62; 400])), 400);
        assert_eq!(index.longest_copy(&line(&[62; 4000])), LONGEST);
        assert!(Index::new([]).is_none());
    }
}
